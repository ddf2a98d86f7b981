//! Records of Arrow as rows: each column a field, by its name.
mod text;
mod value;

use std::fmt;

use arrow_array::{RecordBatch, RecordBatchReader};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Source, SourceError, SourceOptions, SourceRow, View};
use value::Value;

/// The rows of batches of records, one batch in memory at a time.
pub struct Batches {
    reader: Box<dyn RecordBatchReader + Send>,
    source_name: String,
    /// The operation's names for the columns.
    names: Vec<String>,
    batch: RecordBatch,
    /// The row after the one at hand, in the batch.
    next: usize,
}

impl fmt::Debug for Batches {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Batches")
            .field("source_name", &self.source_name)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl Batches {
    /// The rows of these batches; `source_name` is what errors call them.
    ///
    /// # Errors
    /// When the options name a column that is not there.
    pub fn new(
        reader: Box<dyn RecordBatchReader + Send>,
        source_name: impl Into<String>,
        options: &SourceOptions,
    ) -> Result<Self, SourceError> {
        let source_name = source_name.into();
        let schema = reader.schema();
        let given: Vec<&str> = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        options.check_untyped(&source_name)?;
        options.check_columns(&given, &source_name)?;
        let names = given.iter().map(|name| options.name(name).to_owned());
        Ok(Batches {
            names: names.collect(),
            batch: RecordBatch::new_empty(schema),
            reader,
            source_name,
            next: 0,
        })
    }

    /// Whether a column, or something inside one, can only be null.
    #[must_use]
    pub fn has_null_type(&self) -> bool {
        let schema = self.batch.schema();
        let mut fields = schema.flattened_fields().into_iter();
        fields.any(|field| field.data_type().is_null())
    }

    /// Says whether there was one more.
    fn next_batch(&mut self) -> Result<bool, SourceError> {
        self.next = 0;
        let next = self.reader.next().transpose();
        let next = next.map_err(|error| SourceError::Data {
            source_name: self.source_name.clone(),
            reason: error.to_string(),
        })?;
        let more = next.is_some();
        let schema = self.batch.schema();
        self.batch = next.unwrap_or_else(|| RecordBatch::new_empty(schema));
        Ok(more)
    }
}

impl Source for Batches {
    fn advance(&mut self) -> Result<bool, SourceError> {
        while self.next >= self.batch.num_rows() {
            if !self.next_batch()? {
                return Ok(false);
            }
        }
        self.next += 1;
        Ok(true)
    }

    fn row(&self) -> SourceRow<'_> {
        SourceRow(match self.next.checked_sub(1) {
            Some(index) => View::Record(Record {
                names: &self.names,
                batch: &self.batch,
                index,
            }),
            None => View::None,
        })
    }
}

/// One row of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    names: &'a [String],
    batch: &'a RecordBatch,
    index: usize,
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.names.len()))?;
        for (name, column) in self.names.iter().zip(self.batch.columns()) {
            map.serialize_entry(name, &Value::at(column.as_ref(), self.index))?;
        }
        map.end()
    }
}
