//! How a bulk run is made.

use std::time::Duration;

use crate::encode::RowOptions;
use crate::source::SourceOptions;

/// How a bulk run is made, whatever its operation.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOptions {
    /// How rows are read.
    pub rows: RowOptions,
    /// How the columns of the rows' source were read, if they were read by such options. The run itself
    /// does not: a journal keeps them, so that the run is resumed with the same ones.
    pub source: SourceOptions,
    /// Names the run; drawn at random when it is not given. Events without a `unique_id` get
    /// `<run id>-<row number>`, so a run repeated under the same id sends none of them twice.
    pub run_id: Option<String>,
    /// Whether to wait for the jobs that Klaviyo begins. `Some(false)` leaves rows `accepted`, and the
    /// jobs in [`Report::open_jobs`](crate::Report::open_jobs). `None` waits, but not for jobs that can
    /// stay open for hours after they took effect (suppress, unsuppress).
    ///
    /// Where Klaviyo lets only so many jobs of an account be unfinished (100 of coupon codes), the
    /// sending of a further batch waits for one of them to end all the same; the end of the run does not.
    pub wait: Option<bool>,
    /// Longest wait for a job after its request was answered; then its rows stay `accepted`.
    pub job_deadline: Duration,
    /// Most requests under way at once; each holds one body, 5 MB at most. Ten a second is the burst
    /// limit of the large operations, so 24 cover answers that take up to two seconds at full burst, and
    /// up to nine at the steady pace. Batches that wait for a limit are not among them: they are two.
    pub max_in_flight: usize,
    /// Bytes of items that are kept in memory until their jobs end; beyond it they go to a
    /// temporary file without a name.
    pub retain_bytes: usize,
    /// Where the run writes down what it does, so that it can be resumed after its process was
    /// killed; nowhere by default.
    #[cfg(feature = "journal")]
    pub journal: Option<crate::journal::Journaling>,
}

impl Default for RunOptions {
    fn default() -> Self {
        RunOptions {
            rows: RowOptions::default(),
            source: SourceOptions::default(),
            run_id: None,
            wait: None,
            job_deadline: Duration::from_secs(60 * 60),
            max_in_flight: 24,
            retain_bytes: 8 * 1024 * 1024,
            #[cfg(feature = "journal")]
            journal: None,
        }
    }
}
