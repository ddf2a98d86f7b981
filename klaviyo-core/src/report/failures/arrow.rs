//! Failures as record batches of Arrow, read as they are asked for.

use std::fmt;
use std::sync::{Arc, LazyLock};

use arrow_array::builder::{StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use super::{Failures, Position};
use crate::report::RowFailure;

/// Rows after which a batch is full ...
const ROWS: usize = 4096;

/// ... or bytes of items, of which one may have 100 kB.
const BYTES: usize = 8 * 1024 * 1024;

/// The columns, in the order of [`RowFailure`]'s fields.
static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let text = |name| Field::new(name, DataType::Utf8, false);
    Arc::new(Schema::new(vec![
        Field::new("row", DataType::UInt64, false),
        text("outcome"),
        text("code"),
        text("detail"),
        text("pointer"),
        Field::new("item", DataType::Utf8, true),
    ]))
});

/// Failures as record batches, some thousand in each: `row` (unsigned, from 0), `outcome`, `code`,
/// `detail`, `pointer`, and `item`, the row as JSON text. The fields of [`RowFailure`] say more of each.
///
/// Failures that are in a file are read from there batch by batch.
pub struct FailureBatches {
    failures: Failures,
    position: Position,
}

impl fmt::Debug for FailureBatches {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FailureBatches")
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

impl Failures {
    /// The failures as record batches, from the first one on.
    #[must_use]
    pub fn record_batches(&self) -> FailureBatches {
        FailureBatches {
            failures: self.share(),
            position: Position::default(),
        }
    }
}

impl Iterator for FailureBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch = Batch::default();
        while batch.rows < ROWS && batch.bytes < BYTES {
            match self.failures.next_at(&mut self.position) {
                Some(Ok(failure)) => batch.append(&failure),
                Some(Err(cause)) => {
                    let message = format!("the failures could not be read: {cause}");
                    return Some(Err(ArrowError::IoError(message, cause)));
                }
                None => break,
            }
        }
        (batch.rows > 0).then(|| batch.finish())
    }
}

impl RecordBatchReader for FailureBatches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&SCHEMA)
    }
}

/// A batch while it is being filled.
#[derive(Default)]
struct Batch {
    rows: usize,
    bytes: usize,
    numbers: UInt64Builder,
    /// `outcome`, `code`, `detail` and `pointer`.
    texts: [StringBuilder; 4],
    items: StringBuilder,
}

impl Batch {
    fn append(&mut self, failure: &RowFailure) {
        self.rows += 1;
        self.bytes += failure.item.as_ref().map_or(0, String::len);
        self.numbers.append_value(failure.row);
        let RowFailure {
            code,
            detail,
            pointer,
            ..
        } = failure;
        let texts = [failure.outcome.as_str(), code, detail, pointer];
        for (cells, text) in self.texts.iter_mut().zip(texts) {
            cells.append_value(text);
        }
        self.items.append_option(failure.item.as_ref());
    }

    fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(self.numbers.finish())];
        for cells in &mut self.texts {
            arrays.push(Arc::new(cells.finish()));
        }
        arrays.push(Arc::new(self.items.finish()));
        RecordBatch::try_new(Arc::clone(&SCHEMA), arrays)
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::UInt64Type;

    use super::*;
    use crate::outcome::Outcome;

    fn failure(row: u64, item: Option<String>) -> RowFailure {
        RowFailure {
            row,
            outcome: Outcome::Rejected,
            code: "invalid".to_owned(),
            detail: "why".to_owned(),
            pointer: "email".to_owned(),
            item,
        }
    }

    #[test]
    fn every_failure_is_a_row_and_can_be_read_again() {
        let several: Failures = (0..5000).map(|row| failure(row, None)).collect();
        for _ in 0..2 {
            let batches: Vec<RecordBatch> = several.record_batches().map(Result::unwrap).collect();
            let sizes: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
            assert_eq!(sizes, [4096, 904]);
            let rows = batches.iter().flat_map(|batch| {
                let rows = batch["row"].as_primitive::<UInt64Type>();
                rows.values().to_vec()
            });
            assert!(rows.eq(0..5000));
            assert_eq!(batches[0].schema(), several.record_batches().schema());
            assert_eq!(batches[0]["pointer"].as_string::<i32>().value(7), "email");
            assert_eq!(batches[0]["item"].null_count(), 4096);
        }
        assert_eq!(Failures::default().record_batches().count(), 0);
    }

    #[test]
    fn large_rows_make_small_batches() {
        let item = "x".repeat(BYTES / 2);
        let large: Failures = (0..3).map(|row| failure(row, Some(item.clone()))).collect();
        let batches: Vec<RecordBatch> = large.record_batches().map(Result::unwrap).collect();
        let sizes: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(sizes, [2, 1]);
        assert_eq!(batches[1]["item"].as_string::<i32>().value(0), item);
    }
}
