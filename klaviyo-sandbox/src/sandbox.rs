//! Starting, looking into and stopping a sandbox.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::account::{Event, Identifier, Profile, SuppressionReason};
use crate::clock::Clock;
use crate::faults::{Fault, FaultError, FaultKind};
use crate::inside::{SnapshotError, State};
use crate::oauth::OnRefresh;
use crate::serve::serve;
use crate::service::Service;
use crate::settings::{
    Confirmation, JobErrorPointer, OnCompressedBody, OnKnownEvent, OnOversizedBody,
    OnRepeatedEvent, OnTakenPhoneNumber, Settings, UnauthorizedCode, check,
};

/// A running sandbox. Dropping it stops it and cuts what connections are open.
#[derive(Debug)]
pub struct Sandbox {
    service: Arc<Service>,
    url: String,
    /// Dropping the sender is the sign to stop.
    stop: Option<oneshot::Sender<()>>,
    runs: Runs,
}

/// Where a sandbox runs.
#[derive(Debug)]
enum Runs {
    /// On the runtime that started it.
    Task(Option<tokio::task::JoinHandle<()>>),
    /// On a thread of its own.
    Thread(Option<JoinHandle<()>>),
}

impl Sandbox {
    /// Starts a sandbox with all defaults, on a free port, as a task of the current tokio runtime.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// What is to be chosen before the start.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The address without a path, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The private key that requests must carry.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.service.settings().key
    }

    /// The company's id, which requests to `/client/…` must name in place of a key.
    #[must_use]
    pub fn company(&self) -> &str {
        &self.service.settings().company
    }

    /// The clock that the sandbox goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.service.settings().clock
    }

    /// A summary of what the sandbox holds and of the requests that it answered.
    #[must_use]
    pub fn state(&self) -> State {
        self.service.state()
    }

    /// The profile with an identifier; e-mail addresses are found in any case.
    #[must_use]
    pub fn profile(&self, by: Identifier, value: &str) -> Option<Profile> {
        self.service
            .with_account(|account| account.profiles.find(by, value).cloned())
    }

    /// All profiles, in the order of their creation.
    #[must_use]
    pub fn profiles(&self) -> Vec<Profile> {
        self.service
            .with_account(|account| account.profiles.iter().cloned().collect())
    }

    /// The events of a metric given by name, in the order in which they came.
    #[must_use]
    pub fn events(&self, metric: &str) -> Vec<Event> {
        self.service
            .with_account(|account| account.events_of(metric, 0, usize::MAX))
    }

    /// Creates a list and returns its id.
    pub fn create_list(&self, name: &str) -> String {
        let now = self.clock().now();
        self.service
            .with_account(|account| account.lists.create(name, now).id.clone())
    }

    /// Creates a segment without members and returns its id.
    pub fn create_segment(&self, name: &str) -> String {
        let now = self.clock().now();
        self.service
            .with_account(|account| account.segments.create(name, now).id.clone())
    }

    /// Makes the profiles with these ids the members of a segment: the sandbox does not evaluate
    /// definitions. Returns how many there are; ids of no profile are left out, and without the
    /// segment there are none.
    pub fn set_segment_members<'a>(
        &self,
        segment: &str,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> usize {
        let now = self.clock().now();
        self.service
            .with_account(|account| account.set_segment_members(segment, ids, now))
    }

    /// Suppresses an address, as a bounce or a complaint would; its profile is created if there is
    /// none.
    pub fn suppress(&self, email: &str, reason: SuppressionReason) {
        let now = self.clock().now();
        self.service
            .with_account(|account| account.suppress(email, reason, now));
    }

    /// Cancels an import, a bulk job of the catalog or of coupon codes, or a suppression job: none of
    /// its work is done. Says whether there was one with this id that had not ended.
    pub fn cancel_job(&self, id: &str) -> bool {
        self.service.with_account(|account| account.cancel_job(id))
    }

    /// Lets something go wrong from now on. Of several faults, the first that strikes a request
    /// wins, in the order in which they were asked for. One that finds nothing to strike, because
    /// the request was refused before, does not count as struck.
    ///
    /// # Errors
    /// When it could never strike: there is no such operation, or a figure is out of its range.
    pub fn inject(&self, fault: Fault) -> Result<(), FaultError> {
        self.service.faults().add(fault)
    }

    /// How often faults of this kind have struck, of those that are still asked for.
    #[must_use]
    pub fn struck(&self, kind: &FaultKind) -> u64 {
        self.service.faults().struck(kind)
    }

    /// Lets nothing go wrong any more.
    pub fn clear_faults(&self) {
        self.service.faults().clear();
    }

    /// All that the account holds, as the content of a file; see [`Sandbox::restore`].
    ///
    /// Requests counted, windows and faults belong to a run and are not in it.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        self.service.snapshot()
    }

    /// Puts what a snapshot holds in the place of what the account holds.
    ///
    /// # Errors
    /// When it is no snapshot, or one of another version; the account is as it was then.
    pub fn restore(&self, snapshot: &[u8]) -> Result<(), SnapshotError> {
        self.service.restore(snapshot)
    }

    /// Forgets everything: what the account holds, the requests and windows counted, the
    /// faults asked for.
    pub fn reset(&self) {
        self.service.reset();
    }

    /// Stops the sandbox and waits until its port is free.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        match &mut self.runs {
            Runs::Task(task) => {
                if let Some(task) = task.take() {
                    // It ends by itself; an error could only be a panic, which has been printed.
                    let _ = task.await;
                }
            }
            Runs::Thread(thread) => {
                if let Some(thread) = thread.take() {
                    let _ = tokio::task::spawn_blocking(move || thread.join()).await;
                }
            }
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Runs::Thread(thread) = &mut self.runs
            && let Some(thread) = thread.take()
        {
            let _ = thread.join();
        }
    }
}

/// What is to be chosen before a sandbox starts. Each method sets the field of [`Settings`] of the
/// same name.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    settings: Settings,
}

impl From<Settings> for Builder {
    fn from(settings: Settings) -> Self {
        Self { settings }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $kind:ty => $value:expr),+ $(,)?) => {
        impl Builder {
            $($(#[$doc])* #[must_use]
            pub fn $name(mut self, $name: $kind) -> Self {
                self.settings.$name = $value;
                self
            })+
        }
    };
}

setters! {
    /// The port on 127.0.0.1; 0, the default, takes a free one.
    port: u16 => port,
    /// The private key that requests must carry.
    key: impl Into<String> => key.into(),
    /// The company's id, which requests to `/client/…` must name.
    company: impl Into<String> => company.into(),
    /// The id of the app that may renew its access token at `/oauth/token`.
    client_id: impl Into<String> => client_id.into(),
    /// The app's secret.
    client_secret: impl Into<String> => client_secret.into(),
    /// The app's first refresh token.
    refresh_token: impl Into<String> => refresh_token.into(),
    /// How long an access token lives; an hour by default.
    access_token_lifetime: Duration => access_token_lifetime,
    /// What becomes of the refresh token when it is used; it is kept by default.
    on_refresh: OnRefresh => on_refresh,
    /// The scopes that the key has, such as `profiles:read`; all by default.
    scopes: impl IntoIterator<Item = impl Into<String>> => Some(scopes.into_iter().map(Into::into).collect()),
    /// Whether rate limits hold; on by default.
    limits: bool => limits,
    /// Whether predictive analytics spend a limit of their own; on by default.
    predictive_analytics_limits: bool => predictive_analytics_limits,
    /// How far every fixed window is shifted against the clock; drawn by default.
    window_alignment: Duration => Some(window_alignment),
    /// Whether a request answered 429 counts against the windows; off by default.
    refused_requests_count: bool => refused_requests_count,
    /// Which code a 401 has; by its cause unless chosen.
    unauthorized_code: UnauthorizedCode => unauthorized_code,
    /// What becomes of a compressed body; refused by default.
    compressed_body: OnCompressedBody => compressed_body,
    /// What the 413 says that a body over its cap gets; a JSON:API error by default.
    oversized_body: OnOversizedBody => oversized_body,
    /// How many values `any` takes in a filter; without end by default.
    filter_any_values: u64 => Some(filter_any_values),
    /// How long an import job takes; one second by default.
    job_time: Duration => job_time,
    /// What becomes of an event repeated inside one request; refused by default.
    repeated_event: OnRepeatedEvent => repeated_event,
    /// What becomes of an event taken in an earlier request; dropped by default.
    known_event: OnKnownEvent => known_event,
    /// What becomes of a row with another profile's phone number; an import error by default.
    taken_phone_number: OnTakenPhoneNumber => taken_phone_number,
    /// Where errors point that stand in a job; at their rows by default.
    job_error_pointer: JobErrorPointer => job_error_pointer,
    /// How long a suppression job shows `processing` after its effect; not at all by default.
    suppression_lag: Duration => suppression_lag,
    /// What becomes of a subscription to be confirmed; nobody confirms by default.
    confirmation: Confirmation => confirmation,
    /// Whether bulk profiles and events are counted and hashed instead of held; off by default.
    sink: bool => sink,
    /// What everything random is drawn from; drawn itself by default.
    seed: u64 => Some(seed),
    /// The time that the sandbox goes by; the system's by default.
    clock: Clock => clock,
}

impl Builder {
    /// Starts the sandbox as a task of the current tokio runtime.
    ///
    /// # Errors
    /// When the port cannot be bound, a text is empty, or there is no such scope as the
    /// key is to have.
    pub async fn start(self) -> io::Result<Sandbox> {
        let listener = bind(&self.settings).await?;
        let url = url_of(&listener)?;
        let service = Service::new(self.settings, &url);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(listener, Arc::clone(&service), stopped));
        Ok(Sandbox {
            service,
            url,
            stop: Some(stop),
            runs: Runs::Task(Some(task)),
        })
    }

    /// Starts the sandbox on a thread of its own, for callers without a tokio runtime.
    ///
    /// # Errors
    /// When the thread, its runtime or the port cannot be had, a text is empty, or there is no such
    /// scope as the key is to have.
    pub fn start_thread(self) -> io::Result<Sandbox> {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("klaviyo-sandbox".to_owned())
            .spawn(move || {
                run_on_this_thread(self.settings, &tell, stopped);
            })?;
        let (service, url) = told
            .recv()
            .map_err(|_| io::Error::other("the sandbox's thread ended before it started"))??;
        Ok(Sandbox {
            service,
            url,
            stop: Some(stop),
            runs: Runs::Thread(Some(thread)),
        })
    }
}

type Started = io::Result<(Arc<Service>, String)>;

/// Runs a sandbox until `stopped`; tells its address, or why there is none, as soon as it is known.
fn run_on_this_thread(
    settings: Settings,
    tell: &mpsc::SyncSender<Started>,
    stopped: oneshot::Receiver<()>,
) {
    // Two workers: while one parses a bulk body, the other goes on accepting and deciding.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("klaviyo-sandbox")
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return tell.send(Err(error)).unwrap_or_default(),
    };
    runtime.block_on(async {
        let bound = async {
            let listener = bind(&settings).await?;
            let url = url_of(&listener)?;
            Ok((listener, url))
        };
        match bound.await {
            Ok((listener, url)) => {
                let service = Service::new(settings, &url);
                if tell.send(Ok((Arc::clone(&service), url))).is_ok() {
                    serve(listener, service, stopped).await;
                }
            }
            Err(error) => tell.send(Err(error)).unwrap_or_default(),
        }
    });
}

async fn bind(settings: &Settings) -> io::Result<TcpListener> {
    check(settings).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, settings.port));
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| {
        let why = format!("cannot listen on {address}: {error}; port 0 takes a free one");
        io::Error::new(error.kind(), why)
    })
}

fn url_of(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}
