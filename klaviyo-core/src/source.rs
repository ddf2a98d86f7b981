//! Where rows come from, beside what serde can serialize: files, and Arrow.
//!
//! A [`Source`] goes from row to row; the row at hand is a view that [`Run::push`] takes as it is. What
//! is read is bounded: a piece of a file, a batch of records. A row that is broken (a line that is no
//! JSON, a line of CSV with cells missing) is a row that rejects itself; the others go through. Each row
//! of a text file that is rejected names its line, if it is pushed by [`Run::push_from`].
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use klaviyo_core::bulk::ImportProfilesOptions;
//! use klaviyo_core::source::{self, Files, SourceOptions};
//!
//! let client = klaviyo_core::Client::from_env()?;
//! let mut customers = Files::open(["customers.ndjson"], SourceOptions::default())?;
//! let mut options = ImportProfilesOptions::default();
//! # #[cfg(feature = "journal")]
//! # {
//! // With the feature `journal`; `Journaling::Resume` goes on with it.
//! options.run.journal = Some(klaviyo_core::journal::Journaling::Begin("import.db".into()));
//! # }
//! let mut run = client.bulk().start(&options).await?;
//! let report = match source::feed(&mut customers, &mut run).await {
//!     Ok(()) => run.finish().await?,
//!     // A run that is dropped takes its report with it; this one tells of the rows until then.
//!     Err(error) => {
//!         eprintln!("{error}");
//!         run.break_off().await?
//!     }
//! };
//! # Ok(())
//! # }
//! ```
//!
//! [`files`] goes through files, whose names say what they hold ([`path`]); [`json_lines`], [`csv`],
//! [`arrow`] and [`parquet`] read one kind each.
#[cfg(feature = "arrow")]
mod arrow;
#[cfg(feature = "csv")]
mod csv;
mod error;
mod files;
mod json_lines;
mod options;
#[cfg(feature = "parquet")]
mod parquet;
mod path;
mod place;
mod separator;

use serde::{Serialize, Serializer};

pub use crate::encode::TextType;
use crate::encode::{MARK, Rejection, Unsendable};
use crate::run::Run;
#[cfg(feature = "arrow")]
pub use arrow::Batches;
pub use error::SourceError;
pub use files::Files;
pub use options::SourceOptions;
pub use separator::Separator;

/// Rows, one after the other.
pub trait Source {
    /// Goes to the next row; false when there is none. Reads, and so may block.
    ///
    /// # Errors
    /// When nothing more can be read. What is wrong with a single row rejects that row instead.
    fn advance(&mut self) -> Result<bool, SourceError>;

    /// How many rows there are in all, if that is known before they are read; for [`Run::set_total`].
    fn total(&self) -> Option<u64> {
        None
    }

    /// The row at hand; null before the first one and after the last.
    fn row(&self) -> SourceRow<'_>;

    /// Where the row at hand stands, for people (`line 7 of customers.csv`); none where rows have no
    /// such place.
    fn place(&self) -> Option<String> {
        None
    }

    /// The text of a row at hand that is broken, as far as it can be shown.
    fn broken_text(&self) -> Option<String> {
        None
    }
}

/// What is to be known of the row at hand where it is rejected: its line, and its text if it is broken.
/// The text stands where the row would, behind a mark that keeps it from being sent as one.
pub(crate) fn located<S: Source + ?Sized>(mut rejection: Rejection, source: &S) -> Rejection {
    if let Some(text) = source.broken_text() {
        let why = format!("{}: {}", rejection.code, rejection.detail);
        let row = serde_json::json!({ MARK: why, "$unsendable_line": text });
        rejection.source = Some(row.to_string());
    } else if let Some(place) = source.place() {
        rejection.detail = format!("{} ({place})", rejection.detail);
    }
    rejection
}

/// Pushes all rows of a source into a run, until the rows end or the run does. Reads on the calling
/// thread.
///
/// # Errors
/// When the source cannot be read; the run can still be finished, with the rows until then, or be
/// broken off.
pub async fn feed<S: Source + ?Sized>(source: &mut S, run: &mut Run) -> Result<(), SourceError> {
    while !run.has_stopped() && source.advance()? {
        run.push_from(source);
        if run.has_ready() {
            run.hand_over().await;
        }
    }
    Ok(())
}

/// A row of a source.
#[derive(Debug, Clone, Copy)]
pub struct SourceRow<'a>(View<'a>);

/// What a row is a view of.
#[derive(Debug, Clone, Copy)]
enum View<'a> {
    Json(json_lines::JsonRow<'a>),
    #[cfg(feature = "csv")]
    Csv(csv::CsvRow<'a>),
    #[cfg(feature = "arrow")]
    Record(arrow::Record<'a>),
    /// It cannot be read, and says why.
    Broken(&'a Unsendable),
    /// There is none.
    None,
}

impl<'a> SourceRow<'a> {
    /// The row as the text of a JSON object, as it stands in the source and under the names that it has
    /// there. It may yet turn out to be no JSON.
    pub(crate) fn json(&self) -> Option<&'a str> {
        match &self.0 {
            View::Json(row) => row.object(),
            _ => None,
        }
    }
}

impl Serialize for SourceRow<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            View::Json(row) => row.serialize(to),
            #[cfg(feature = "csv")]
            View::Csv(row) => row.serialize(to),
            #[cfg(feature = "arrow")]
            View::Record(row) => row.serialize(to),
            View::Broken(reason) => reason.serialize(to),
            View::None => to.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests;
