//! Plumbing, from Parquet: record batches of a request's worth are written as JSON by arrow-json. Names,
//! identifiers, caps in bytes and what becomes of a row are nobody's business.
//!
//! `parquet_arrow_json FILE URL KEY`: each row of the file is a profile's attributes. Prints a line of
//! JSON.

use std::fs::File;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, StructArray};
use arrow_json::ArrayWriter;
use klaviyo_benches::{Body, Failure, Given, MOST_ROWS, Meter, send, tell};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

const HEAD: &[u8] =
    br#"{"data":{"type":"profile-bulk-import-job","attributes":{"profiles":{"data":"#;
const TAIL: &[u8] = b"}}}}";

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let given = Given::from_arguments(std::env::args().skip(1))?;
    let meter = Meter::begin()?;
    let batches = ParquetRecordBatchReaderBuilder::try_new(File::open(&given.file)?)?
        .with_batch_size(MOST_ROWS)
        .build()?;
    let rows = send(batches.map(|batch| body(batch?)), &given).await?;
    tell(rows, meter)
}

/// The body of a request with the rows of a batch.
fn body(batch: RecordBatch) -> Result<Body, Failure> {
    let rows = batch.num_rows();
    let types: ArrayRef = Arc::new(StringArray::from_iter_values(std::iter::repeat_n(
        "profile", rows,
    )));
    let attributes: ArrayRef = Arc::new(StructArray::from(batch));
    let items = RecordBatch::try_from_iter([("type", types), ("attributes", attributes)])?;
    let mut writer = ArrayWriter::new(HEAD.to_vec());
    writer.write(&items)?;
    writer.finish()?;
    let mut bytes = writer.into_inner();
    bytes.extend_from_slice(TAIL);
    Ok(Body {
        rows,
        bytes: bytes.into(),
    })
}
