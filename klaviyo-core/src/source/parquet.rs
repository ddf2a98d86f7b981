//! Files of Parquet.

use std::fs::File;
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::arrow::Batches;
use super::{SourceError, SourceOptions};

/// Rows that are decoded at once: enough to spread the cost of a batch, and few enough that wide rows
/// of 100 KB, the most that Klaviyo takes, fit into memory.
const BATCH: usize = 1024;

/// The rows of a file; row groups are read page by page.
pub(super) fn open(path: &Path, options: &SourceOptions) -> Result<Batches, SourceError> {
    let file = File::open(path).map_err(|error| SourceError::Io {
        path: path.to_owned(),
        error,
    })?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file);
    let reader = builder.and_then(|builder| builder.with_batch_size(BATCH).build());
    let source_name = path.display().to_string();
    match reader {
        Ok(reader) => Batches::new(Box::new(reader), source_name, options),
        Err(error) => Err(SourceError::Data {
            source_name,
            reason: error.to_string(),
        }),
    }
}

/// The rows of a file, as it says itself; `None` when it cannot be read.
pub(super) fn count(path: &Path) -> Option<u64> {
    let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
    u64::try_from(reader.metadata().file_metadata().num_rows()).ok()
}
