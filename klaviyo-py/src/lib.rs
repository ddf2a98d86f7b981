//! The Python face of klaviyo-core: converts and forwards, and decides nothing.
//!
//! Each verb has its rows pulled by [`source`], read by [`row`], and driven to a report by [`drive`];
//! [`work`] is the only place where Python waits for Rust, blocked or awaiting. Classes that only hold data (reports,
//! failures, exceptions) are Python's own, in `python/klaviyo_py/`.
mod actions;
mod batches;
mod bulk;
mod capsules;
mod client;
mod credentials;
mod drive;
mod ending;
mod errors;
mod failures;
mod jobs;
mod logs;
mod operations;
mod options;
mod plan;
mod process;
mod report;
mod row;
mod runtime;
mod sandbox;
mod source;
mod stream;
mod watched;
mod work;

/// The native half of `klaviyo_py`; import from there instead.
#[pyo3::pymodule]
mod _klaviyo {
    #[pymodule_export]
    use crate::actions::{
        create_event, create_list, create_profile, estimate_recipients, upsert_client_profile,
        upsert_profile,
    };
    #[pymodule_export]
    use crate::batches::{
        AsyncRecordBatchIterator, AsyncRecordBatches, RecordBatch, RecordBatchIterator,
        RecordBatches, async_record_batches, record_batches,
    };
    #[pymodule_export]
    use crate::bulk::{async_stream, change_members, journal_verb, plan, run, stream};
    #[pymodule_export]
    use crate::client::Client;
    #[pymodule_export]
    use crate::failures::{Failures, FailuresIterator};
    #[pymodule_export]
    use crate::jobs::Jobs;
    #[pymodule_export]
    use crate::operations::{Answer, call, current_name, page, page_from};
    #[pymodule_export]
    use crate::sandbox::{SandboxServer, check_sandbox_settings, sandbox_settings};
    #[pymodule_export]
    use crate::stream::{AsyncOutcomeStream, OutcomeStream};
    #[pymodule_export]
    use crate::work::Work;

    /// The API revision that is asked for.
    #[pymodule_export]
    const REVISION: &str = klaviyo_gen::REVISION;

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
