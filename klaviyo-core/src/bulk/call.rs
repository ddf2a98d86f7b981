//! A run over an iterator of rows.

use serde::Serialize;

use super::{Bulk, BulkError, BulkOptions, OutcomeStream};
use crate::error::Error;
use crate::options::RunOptions;
use crate::progress::{Hook, Progress, Telling};
use crate::report::{Report, RunError};
use crate::run::{Plan, Run};

/// A run over an iterator of rows, not begun yet. `O` are the options of its operation.
#[derive(Debug)]
#[must_use = "nothing is sent until it is run"]
pub struct BulkCall<'a, I, O> {
    bulk: Bulk<'a>,
    rows: I,
    hook: Option<Hook<'a>>,
    pub(super) options: O,
}

impl<'a, I, O: BulkOptions> BulkCall<'a, I, O> {
    pub(super) fn new(bulk: Bulk<'a>, rows: I, options: O) -> Self {
        BulkCall {
            bulk,
            rows,
            hook: None,
            options,
        }
    }

    /// With these options, in place of all that were set.
    pub fn options(mut self, options: O) -> Self {
        self.options = options;
        self
    }

    /// With these of the options that all bulk operations have.
    pub fn run_options(mut self, run: RunOptions) -> Self {
        *self.options.run_mut() = run;
        self
    }

    /// Calls `hook` with how far the run has come: ten times a second at most, and once at the end.
    ///
    /// It is called between two rows, and while the run waits; what it does holds the reading of rows
    /// up. How many rows there are is known when their iterator knows it ([`Iterator::size_hint`]).
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client, rows: Vec<serde_json::Value>)
    /// # -> Result<(), klaviyo_core::BulkError> {
    /// let import = client.bulk().import_profiles(rows).progress(|progress| {
    ///     eprintln!("{} of {:?} rows, {:?} left", progress.rows, progress.total, progress.eta);
    /// });
    /// let report = import.run().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn progress(mut self, hook: impl FnMut(&Progress) + Send + 'a) -> Self {
        self.hook = Some(Hook::new(hook));
        self
    }

    /// Writes down in a new file what the run does, so that it can be resumed after its process was
    /// killed.
    #[cfg(feature = "journal")]
    pub fn journal(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        let begin = crate::journal::Journaling::Begin(path.into());
        self.options.run_mut().journal = Some(begin);
        self
    }

    /// Resumes the run of this journal, with the same rows and options.
    #[cfg(feature = "journal")]
    pub fn resume(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        let resume = crate::journal::Journaling::Resume(path.into());
        self.options.run_mut().journal = Some(resume);
        self
    }

    /// Sends all rows and waits for all answers; for jobs too, where that was asked for.
    ///
    /// # Errors
    /// When the options cannot be used, or the run stopped; then the error carries the report.
    pub async fn run(self) -> Result<Report, BulkError>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let run = self.bulk.start(&self.options).await?;
        Ok(drive(run, self.rows, self.hook).await?)
    }

    /// Sends all rows as the stream of their ends is read.
    ///
    /// # Errors
    /// As [`Bulk::start`].
    pub async fn stream(
        self,
    ) -> Result<OutcomeStream<impl Future<Output = Result<Report, RunError>>>, Error>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let mut run = self.bulk.start(&self.options).await?;
        let outcomes = run.outcomes();
        Ok(OutcomeStream::new(
            outcomes,
            drive(run, self.rows, self.hook),
        ))
    }

    /// Reads and checks all rows, sends nothing, and says what a run would send.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn plan(self) -> Result<Plan, Error>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let mut planning = self.bulk.planning(&self.options)?;
        for row in self.rows {
            planning.push(&row);
        }
        Ok(planning.finish())
    }
}

/// Pushes all rows into a run and finishes it. Stops reading when the run has stopped.
async fn drive<I>(mut run: Run, rows: I, hook: Option<Hook<'_>>) -> Result<Report, RunError>
where
    I: IntoIterator,
    I::Item: Serialize,
{
    let rows = rows.into_iter();
    if let (least, Some(most)) = rows.size_hint()
        && least == most
    {
        run.set_total(most as u64);
    }
    let mut telling = Telling::new(run.gauge(), hook);
    for row in rows {
        run.push(&row);
        telling.if_due();
        if run.has_ready() {
            telling.during(run.hand_over()).await;
        }
        if run.has_stopped() {
            break;
        }
    }
    let result = telling.during(run.finish()).await;
    telling.at_the_end();
    result
}
