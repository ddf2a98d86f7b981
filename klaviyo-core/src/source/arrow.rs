//! Records of Arrow as rows: each column a field, by its name.
//!
//! Each column of a batch is resolved once into a typed [`column`]; [`object`], [`list`] and [`repeated`]
//! hold columns of their own. Values that are not in JSON what they are in Arrow are [`rare`].
mod column;
mod list;
mod object;
mod rare;
mod repeated;
mod text;

use std::fmt;
use std::sync::Arc;

use arrow_array::RecordBatchReader;
use arrow_schema::Schema;
use serde::ser::{Serialize, Serializer};

use super::{Source, SourceError, SourceOptions, SourceRow, View};
use object::Members;

/// The rows of batches of records, one batch in memory at a time.
pub struct Batches {
    reader: Box<dyn RecordBatchReader + Send>,
    source_name: String,
    /// The columns that are of the rows; none when all are.
    kept: Option<Vec<usize>>,
    /// The operation's names for them.
    names: Arc<[String]>,
    /// The batch at hand, and how many rows it has.
    batch: Members,
    rows: usize,
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
        let kept = without_row_labels(&schema, options);
        let schema = match &kept {
            Some(kept) => Arc::new(schema.project(kept).map_err(|error| SourceError::Data {
                source_name: source_name.clone(),
                reason: error.to_string(),
            })?),
            None => schema,
        };
        let given: Vec<&str> = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        options.check_untyped(&source_name)?;
        options.check_columns(&given, &source_name)?;
        let names = given.iter().map(|name| options.name(name).to_owned());
        Ok(Batches {
            kept,
            names: names.collect(),
            batch: Members::default(),
            rows: 0,
            reader,
            source_name,
            next: 0,
        })
    }

    /// Says whether there was one more.
    fn next_batch(&mut self) -> Result<bool, SourceError> {
        // One batch is dropped before another is read: they may be large.
        self.batch = Members::default();
        (self.rows, self.next) = (0, 0);
        let next = self.reader.next().map(|batch| match &self.kept {
            Some(kept) => batch?.project(kept),
            None => batch,
        });
        let next = next.transpose().map_err(|error| SourceError::Data {
            source_name: self.source_name.clone(),
            reason: error.to_string(),
        })?;
        let Some(batch) = next else {
            return Ok(false);
        };
        let names = Arc::clone(&self.names);
        self.batch = Members::of(names, batch.schema_ref().fields(), batch.columns());
        self.rows = batch.num_rows();
        Ok(true)
    }
}

/// All columns but the labels of rows that pandas writes for an index without a name (after sorting, say):
/// nobody made those. None when there are no such columns.
fn without_row_labels(schema: &Schema, options: &SourceOptions) -> Option<Vec<usize>> {
    let is_label = |name: &str| {
        let level = name.strip_prefix("__index_level_");
        let level = level.and_then(|rest| rest.strip_suffix("__"));
        level.is_some_and(|level| level.bytes().all(|digit| digit.is_ascii_digit()))
            && !options.columns.contains_key(name)
    };
    let fields = schema.fields();
    let kept: Vec<usize> = (0..fields.len())
        .filter(|&index| !is_label(fields[index].name()))
        .collect();
    (kept.len() < fields.len()).then_some(kept)
}

impl Source for Batches {
    fn advance(&mut self) -> Result<bool, SourceError> {
        while self.next >= self.rows {
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
    batch: &'a Members,
    index: usize,
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.batch.write(self.index, to)
    }
}
