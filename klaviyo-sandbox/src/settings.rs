//! What can be chosen about a sandbox.
//!
//! Where nobody could verify what Klaviyo does, the behaviour is a setting here; its default is
//! the reading that asks more of a client.

mod named;
mod scopes;
mod text;

use std::fmt;
use std::time::Duration;

use crate::clock::Clock;
use crate::oauth::OnRefresh;
pub(crate) use named::check;
pub use named::{NamedSetting, SettingError};
pub use text::Takes;

/// What can be chosen about a sandbox; [`Settings::default`] is a careful Klaviyo.
#[derive(Clone)]
pub struct Settings {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The private key that requests must carry (`Authorization: Klaviyo-API-Key …`).
    pub key: String,
    /// The company's id, which requests from a shop's pages and apps (`/client/…`) name in place of
    /// a key. A request with another one is answered 400: what Klaviyo answers is unverified.
    pub company: String,
    /// The id of the app that the account let in, for `POST /oauth/token`.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: String,
    /// The app's first refresh token.
    pub refresh_token: String,
    /// How long an access token lives.
    pub access_token_lifetime: Duration,
    /// What becomes of the refresh token when it is used.
    pub on_refresh: OnRefresh,
    /// The scopes that the key has; `None` gives it all. A request to an operation that needs
    /// another one is answered 403.
    pub scopes: Option<Vec<String>>,
    /// Whether the rate limits of the operation table hold.
    pub limits: bool,
    /// Whether requests that ask for predictive analytics spend a limit of their own, beside that of
    /// their operation. That they can is documented; that all operations share it is not.
    pub predictive_analytics_limits: bool,
    /// How far every fixed window is shifted against the clock. `None` draws a shift for each
    /// operation and window, since a client cannot know Klaviyo's.
    pub window_alignment: Option<Duration>,
    /// Whether a request answered 429 counts against the windows. Unverified; the default says no,
    /// as an impatient client is then only refused, not locked out.
    pub refused_requests_count: bool,
    /// Which code a 401 has. Unverified.
    pub unauthorized_code: UnauthorizedCode,
    /// What becomes of a body that says that it is compressed. Unverified.
    pub compressed_body: OnCompressedBody,
    /// What the 413 says to which a body over its cap comes. Unverified.
    pub oversized_body: OnOversizedBody,
    /// How many values `any` takes in a filter; `None` takes as many as the URL holds. No figure is
    /// known.
    pub filter_any_values: Option<u64>,
    /// How long an import job takes from its creation to its end. It is `queued` for the first
    /// half and `processing` for the second. Subscribing, suppressing, merging and deleting take
    /// effect after as long.
    pub job_time: Duration,
    /// What becomes of an event whose `unique_id` was used before in the same request, for the same
    /// profile and metric. Klaviyo's specification and documentation disagree.
    pub repeated_event: OnRepeatedEvent,
    /// What becomes of an event whose `unique_id` was taken in an earlier request. Unverified.
    pub known_event: OnKnownEvent,
    /// What becomes of an imported row whose phone number belongs to another profile. More than
    /// one behaviour has been seen.
    pub taken_phone_number: OnTakenPhoneNumber,
    /// Where the errors point that stand in a job: those of catalogs and coupon codes. Unverified;
    /// the document's default is the request as a whole.
    pub job_error_pointer: JobErrorPointer,
    /// How long a suppression job still shows `processing` after it took effect; Klaviyo's may do
    /// so for hours.
    pub suppression_lag: Duration,
    /// What becomes of a subscription that the owner of the address has to confirm.
    pub confirmation: Confirmation,
    /// Whether the bodies of bulk profile imports and bulk events are read, counted and hashed, but
    /// neither parsed nor kept: for benchmarks, where the sandbox must not be the slow part.
    pub sink: bool,
    /// What ids, window alignments and faults are drawn from. `None` draws a new seed.
    pub seed: Option<u64>,
    /// The time that the sandbox goes by.
    pub clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            key: "pk_sandbox".to_owned(),
            company: "SNDBX1".to_owned(),
            client_id: "sandbox-app".to_owned(),
            client_secret: "sandbox-secret".to_owned(),
            refresh_token: "rt_sandbox".to_owned(),
            access_token_lifetime: Duration::from_secs(3600),
            on_refresh: OnRefresh::Keep,
            scopes: None,
            limits: true,
            predictive_analytics_limits: true,
            window_alignment: None,
            refused_requests_count: false,
            unauthorized_code: UnauthorizedCode::ByCause,
            compressed_body: OnCompressedBody::Refuse,
            oversized_body: OnOversizedBody::JsonApi,
            filter_any_values: None,
            job_time: Duration::from_secs(1),
            repeated_event: OnRepeatedEvent::Refuse,
            known_event: OnKnownEvent::Drop,
            taken_phone_number: OnTakenPhoneNumber::ImportError,
            job_error_pointer: JobErrorPointer::Row,
            suppression_lag: Duration::ZERO,
            confirmation: Confirmation::Awaited,
            sink: false,
            seed: None,
            clock: Clock::system(),
        }
    }
}

impl fmt::Debug for Settings {
    /// Shows everything but the key and the app's secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("port", &self.port)
            .field("key", &"…")
            .field("company", &self.company)
            .field("client_id", &self.client_id)
            .field("client_secret", &"…")
            .field("refresh_token", &"…")
            .field("access_token_lifetime", &self.access_token_lifetime)
            .field("on_refresh", &self.on_refresh)
            .field("scopes", &self.scopes)
            .field("limits", &self.limits)
            .field(
                "predictive_analytics_limits",
                &self.predictive_analytics_limits,
            )
            .field("window_alignment", &self.window_alignment)
            .field("refused_requests_count", &self.refused_requests_count)
            .field("unauthorized_code", &self.unauthorized_code)
            .field("compressed_body", &self.compressed_body)
            .field("oversized_body", &self.oversized_body)
            .field("filter_any_values", &self.filter_any_values)
            .field("job_time", &self.job_time)
            .field("repeated_event", &self.repeated_event)
            .field("known_event", &self.known_event)
            .field("taken_phone_number", &self.taken_phone_number)
            .field("job_error_pointer", &self.job_error_pointer)
            .field("suppression_lag", &self.suppression_lag)
            .field("confirmation", &self.confirmation)
            .field("sink", &self.sink)
            .field("seed", &self.seed)
            .field("clock", &self.clock)
            .finish()
    }
}

/// Which code a 401 has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnauthorizedCode {
    /// `not_authenticated` without credentials, `authentication_failed` with wrong ones.
    ByCause,
    /// Always `authentication_failed`.
    AuthenticationFailed,
    /// Always `not_authenticated`.
    NotAuthenticated,
}

/// What becomes of a body that says that it is compressed with gzip. Other encodings are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCompressedBody {
    /// It is refused with 415.
    Refuse,
    /// It is decompressed; its cap is that of what comes out.
    Take,
}

/// What the 413 says to which a body over its cap comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnOversizedBody {
    /// A JSON:API error, as all others.
    JsonApi,
    /// A gateway's page, in HTML.
    Html,
    /// Nothing.
    Empty,
}

/// What becomes of an event whose `unique_id` was used before in the same request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnRepeatedEvent {
    /// The whole request is refused with 400, as the specification says.
    Refuse,
    /// The first one is taken, the others are dropped silently, as the documentation says.
    Drop,
}

/// What becomes of an event whose `unique_id` was taken in an earlier request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnKnownEvent {
    /// It is dropped silently.
    Drop,
    /// The whole request is refused with 400.
    Refuse,
}

/// What becomes of an imported row whose phone number belongs to another profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTakenPhoneNumber {
    /// The job goes on and reports the row as an import error.
    ImportError,
    /// The row is taken without its phone number, silently.
    DropNumber,
    /// The whole request is refused with 400, and there is no job.
    Refuse,
}

/// Where an error points that stands in a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobErrorPointer {
    /// At the row that failed.
    Row,
    /// At `/data`, the request as a whole: no row can be told from it.
    Request,
}

/// What becomes of a subscription that the owner of the address has to confirm, because its list,
/// or without a list the account, asks for a double opt-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Nobody answers Klaviyo's message: nothing changes.
    Awaited,
    /// Everybody confirms at once.
    Given,
}
