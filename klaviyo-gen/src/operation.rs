//! The operation table's vocabulary: what is known of an operation before any request is made.
//!
//! The table itself is generated (`generated/operations.rs`) from the documents in `openapi/`;
//! this file only says what an entry holds. Everything is `'static`, so an entry costs nothing
//! to look at and can be passed around freely.

/// One entry of Klaviyo's specification, known by its `operationId`.
#[derive(Debug, PartialEq)]
pub struct Operation {
    /// The `operationId`, for example `bulk_import_profiles`.
    pub id: &'static str,
    /// Earlier names of the operation, oldest knowledge last; empty when it never changed.
    pub aliases: &'static [&'static str],
    /// The section of Klaviyo's reference that the operation belongs to, for example `Profiles`.
    pub tag: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the base URL, with `{name}` where a path parameter goes.
    pub path: &'static str,
    /// Path, query and header parameters, in the document's order; `revision` is not among them.
    pub parameters: &'static [&'static Parameter],
    /// The media type of the request body; `None` when the operation takes no body.
    pub body: Option<MediaType>,
    /// The fields of a multipart body, sorted by name; empty when the body is none. A file is a string
    /// of the format `binary`.
    pub form: &'static [Field],
    /// The successful answers, in ascending order of status.
    pub success: &'static [Success],
    /// Requests allowed per window, for each account and operation.
    pub limits: Limits,
    /// OAuth and API-key scopes that the operation needs.
    pub scopes: &'static [&'static str],
    /// Fields that the `filter` parameter takes; empty when there is none.
    pub filters: &'static [Filter],
    /// Batch and size caps; `None` when Klaviyo states none for the operation.
    pub caps: Option<&'static Caps>,
    /// Whether sending the same request twice does the same as sending it once.
    pub repeat: Repeat,
    /// Whether the operation needs the account's key (or token); `/client/…` ones do not.
    pub authenticated: bool,
    /// What the operation lists; `None` when its answer is no list.
    pub listed: Option<&'static Listed>,
    /// The first revision known to have the operation; `None` when the oldest known one has it.
    pub since: Option<&'static str>,
}

impl Operation {
    /// Whether the operation takes an array of items under a cap of more than one.
    #[must_use]
    pub fn is_bulk(&self) -> bool {
        self.caps
            .is_some_and(|caps| caps.items.is_some() && caps.max_items.is_some_and(|most| most > 1))
    }
}

/// The resources that an operation lists, as far as the document knows them.
#[derive(Debug, PartialEq)]
pub struct Listed {
    /// The resources' `type`, for example `profile`; empty when the document leaves it open.
    pub resource: &'static str,
    /// Their attributes, sorted by name.
    pub attributes: &'static [Attribute],
    /// Their relationships, sorted by name.
    pub relationships: &'static [Relationship],
}

/// An attribute of a listed resource.
#[derive(Debug, PartialEq)]
pub struct Attribute {
    /// The name; the fields of a known object stand one by one, under dotted names (`location.city`).
    pub name: &'static str,
    /// A text, a number, a boolean, an array of these, or [`Kind::Any`] for everything else: free-form
    /// objects, arrays of objects, and what may be of several kinds.
    pub kind: Kind,
}

/// A relationship of a listed resource.
#[derive(Debug, PartialEq)]
pub struct Relationship {
    /// The name on the wire, for example `push-tokens`.
    pub name: &'static str,
    /// Whether it leads to several resources.
    pub many: bool,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// The media type of a request body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/vnd.api+json`
    JsonApi,
    /// `multipart/form-data`
    Multipart,
}

impl MediaType {
    /// The value of the `Content-Type` header (without a multipart boundary).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MediaType::JsonApi => "application/vnd.api+json",
            MediaType::Multipart => "multipart/form-data",
        }
    }
}

/// A path, query or header parameter.
#[derive(Debug, PartialEq)]
pub struct Parameter {
    /// The name on the wire, for example `page[size]`.
    pub name: &'static str,
    /// The name as an identifier, for example `page_size`.
    pub identifier: &'static str,
    /// Where it goes.
    pub place: Place,
    /// Whether a request without it is refused.
    pub required: bool,
    /// What it takes. An array goes out as one comma-joined value.
    pub schema: Schema,
    /// The least value of an integer.
    pub minimum: Option<i64>,
    /// The greatest value of an integer, for example the largest page.
    pub maximum: Option<i64>,
    /// The value that Klaviyo takes when it is left out, as JSON text.
    pub default: Option<&'static str>,
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Into the path, percent-encoded.
    Path,
    /// Into the query string.
    Query,
    /// Into a header.
    Header,
}

/// A successful answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Success {
    /// The HTTP status.
    pub status: u16,
    /// Whether the document gives the answer a body.
    pub body: bool,
}

/// Requests allowed per window, for each account and operation. `None`: Klaviyo states no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests in one second.
    pub burst: Option<u32>,
    /// Requests in 60 seconds.
    pub steady: Option<u32>,
    /// Requests in 86,400 seconds.
    pub daily: Option<u32>,
}

/// A field that the `filter` parameter takes.
#[derive(Debug, PartialEq)]
pub struct Filter {
    /// The field, for example `email`.
    pub field: &'static str,
    /// The operators that it can be used with, for example `equals`.
    pub operators: &'static [&'static str],
    /// What it is compared with: strings are quoted in a filter, dates and numbers are not.
    pub value: Schema,
}

/// Batch and size caps of an operation, in items and bytes of the uncompressed JSON body.
#[derive(Debug, PartialEq)]
pub struct Caps {
    /// JSON pointer to the array of items in the body; `*` stands for each group.
    pub items: Option<&'static str>,
    /// JSON pointer to the array of groups that hold the items, when items are grouped.
    pub group: Option<&'static str>,
    /// Most items in one request.
    pub max_items: Option<u32>,
    /// Most bytes in one request.
    pub max_request_bytes: u64,
    /// Most bytes in one item.
    pub max_item_bytes: Option<u64>,
    /// Most bytes in one string.
    pub max_string_bytes: Option<u64>,
    /// `operationId` of the operation that reads the job which the request starts.
    pub job: Option<&'static str>,
    /// `operationId` of the operation that lists those jobs with their counts, in pages whose size
    /// can be chosen, newest first on request: many at once cost fewer requests than one by one.
    pub job_listing: Option<&'static str>,
    /// Whether a job can stay unfinished for hours after it took effect.
    pub long_jobs: bool,
    /// The status of that job in the answer to the request, where it was seen.
    pub initial_job_status: Option<&'static str>,
    /// Most jobs of the operation that may be unfinished at once.
    pub max_jobs_in_progress: Option<u32>,
    /// Where the errors of single items are found.
    pub item_errors: ItemErrors,
    /// Whether the change is made by the time of the answer; else Klaviyo makes it later.
    pub synchronous: bool,
    /// What one item looks like; of operations that take exactly one, what stands under `data`.
    pub item: Option<&'static Schema>,
    /// What one group looks like, when items are grouped.
    pub group_item: Option<&'static Schema>,
    /// What the whole body looks like; `None` when the operation takes no array of items.
    pub body: Option<&'static Schema>,
}

/// Where the errors of single items are found after the request was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemErrors {
    /// Nowhere.
    None,
    /// In the answer to the request itself.
    Answer,
    /// In `attributes.errors` of the job.
    Job,
    /// In the pages of another operation, given by its `operationId`.
    Pages(&'static str),
    /// Not for each item: the job only counts those that it skipped.
    Skipped,
    /// In the ingestion log of the record's object type.
    IngestionLog,
}

/// Whether sending the same request twice does the same as sending it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// Whether a repeat is safe when the first answer was lost.
    pub safe: bool,
    /// Why, in one sentence.
    pub why: &'static str,
}

/// The shape of a JSON value, as far as encoding a row needs it.
#[derive(Debug, PartialEq)]
pub struct Schema {
    /// What kind of value it is.
    pub kind: Kind,
    /// Whether `null` is allowed too.
    pub nullable: bool,
}

/// The kinds of JSON value.
#[derive(Debug, PartialEq)]
pub enum Kind {
    /// Anything.
    Any,
    /// A string, with the document's `format` (`date-time`, `date`, `uri` …) and the values that it
    /// may take (empty: any).
    String {
        /// The document's `format`.
        format: Option<&'static str>,
        /// The values that it may take; empty when any is allowed.
        values: &'static [&'static str],
    },
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An array, and what its elements are.
    Array(&'static Schema),
    /// An object with known fields, sorted by name. Without any it is free-form: it takes every name.
    Object(&'static [Field]),
    /// One of several.
    OneOf(&'static [Schema]),
}

/// A field of an object.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// The name on the wire.
    pub name: &'static str,
    /// Whether the object is refused without it.
    pub required: bool,
    /// What it takes.
    pub schema: Schema,
}

/// Limits of single fields, from `[fields]` of `openapi/caps.toml`, where each stands with its
/// source and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldLimits {
    /// Most characters in an e-mail address.
    pub email_chars: usize,
    /// Most characters in a metric's name.
    pub metric_name_chars: usize,
    /// Most characters in an event's `unique_id`.
    pub unique_id_chars: usize,
    /// Most properties of an event.
    pub event_properties: usize,
    /// Most elements in an array.
    pub array_items: usize,
    /// Deepest nesting of a property.
    pub nesting: usize,
    /// Most bytes of an event's profile object.
    pub event_profile_bytes: usize,
    /// Earliest year of an event's time.
    pub event_first_year: i32,
    /// How many days an event's time may lie in the future.
    pub event_future_days: i64,
    /// Requests in one second that ask for profiles' predictive analytics, beside the limit of their
    /// operation.
    pub predictions_burst: u32,
    /// Such requests in 60 seconds.
    pub predictions_steady: u32,
}
