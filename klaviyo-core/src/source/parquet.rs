//! Files of Parquet.

use std::fs::File;
use std::panic::catch_unwind;
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
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
    let reader = builder(file).and_then(|builder| builder.with_batch_size(BATCH).build());
    let source_name = path.display().to_string();
    match reader {
        Ok(reader) => Batches::new(Box::new(reader), source_name, options),
        Err(error) => Err(SourceError::Data {
            source_name,
            reason: error.to_string(),
        }),
    }
}

/// The file's reader in the making. Types that Arrow does not have, integers of 128 bits for one, make arrow-ipc
/// 59 panic where it reads what they are.
fn builder(file: File) -> Result<ParquetRecordBatchReaderBuilder<File>, ParquetError> {
    let read = catch_unwind(|| ParquetRecordBatchReaderBuilder::try_new(file));
    read.unwrap_or_else(|_| {
        let reason = "a column is of a type that Arrow does not have, as integers of 128 bits are; cast it first";
        Err(ParquetError::General(reason.to_owned()))
    })
}

/// The rows of a file, as it says itself; `None` when it cannot be read.
pub(super) fn count(path: &Path) -> Option<u64> {
    let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
    u64::try_from(reader.metadata().file_metadata().num_rows()).ok()
}
