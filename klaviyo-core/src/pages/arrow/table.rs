//! Items become rows here: one for each, whatever stands in it.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use klaviyo_gen::Operation;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::cells::Cells;
use super::columns::{Column, Columns};
use super::resource::{Parts, Places};
use super::value::{Value, read};
use crate::error::Error;

/// The rows of a batch while it is being filled.
pub(super) struct Table {
    operation: &'static Operation,
    schema: SchemaRef,
    columns: Vec<Column>,
    places: Places,
    cells: Vec<Cells>,
    unmapped: StringBuilder,
    rows: usize,
}

/// What is read of a page.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow, default)]
    data: Option<Vec<&'a RawValue>>,
}

impl Table {
    pub(super) fn new(columns: Columns, operation: &'static Operation) -> Self {
        Table {
            operation,
            schema: columns.schema(),
            places: Places::of(&columns),
            cells: columns
                .0
                .iter()
                .map(|one| Cells::new(&one.content))
                .collect(),
            columns: columns.0,
            unmapped: StringBuilder::new(),
            rows: 0,
        }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// How many rows wait to be taken.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Appends the items of a page.
    ///
    /// # Errors
    /// [`Error::UnreadableAnswer`] when they are no list; nothing is appended then.
    pub(super) fn append(&mut self, page: &[u8]) -> Result<(), Error> {
        let page: Document<'_> =
            serde_json::from_slice(page).map_err(|error| self.unreadable(&error))?;
        let items = page.data.unwrap_or_default();
        let mut parts = Parts::of_width(self.columns.len());
        for item in items {
            parts.clear();
            if self.places.take_apart(item, &mut parts).is_ok() {
                self.append_parts(&mut parts);
            } else {
                // The whole of it is left over.
                parts.clear();
                self.append_cells(&mut parts);
                self.unmapped.append_value(item.get());
            }
            self.rows += 1;
        }
        Ok(())
    }

    fn append_parts(&mut self, parts: &mut Parts<'_>) {
        self.append_cells(parts);
        if parts.rest.is_empty() {
            self.unmapped.append_null();
        } else {
            self.unmapped.append_value(object(&parts.rest));
        }
    }

    /// Appends a cell to each column; what does not fit one is left over.
    fn append_cells(&mut self, parts: &mut Parts<'_>) {
        let columns = self.columns.iter().zip(&mut self.cells);
        for (index, (column, cells)) in columns.enumerate() {
            let Some(json) = parts.cells[index] else {
                cells.append(Value::Null);
                continue;
            };
            cells.append(read(&column.content, json).unwrap_or_else(|| {
                parts.keep(column.name.clone(), json);
                Value::Null
            }));
        }
    }

    /// The rows as a batch; there are none any more.
    ///
    /// # Errors
    /// [`Error::UnreadableAnswer`] when they are more than Arrow can count.
    pub(super) fn take(&mut self) -> Result<RecordBatch, Error> {
        let batch = self.batch();
        self.rows = 0;
        batch.map_err(|error| self.unreadable(&error))
    }

    fn batch(&mut self) -> Result<RecordBatch, ArrowError> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.cells.len() + 1);
        for cells in &mut self.cells {
            arrays.push(cells.take()?);
        }
        arrays.push(Arc::new(self.unmapped.finish()));
        RecordBatch::try_new(self.schema(), arrays)
    }

    fn unreadable(&self, why: &dyn std::error::Error) -> Error {
        Error::UnreadableAnswer {
            operation: self.operation.id,
            detail: why.to_string(),
        }
    }
}

/// An object of these members, as JSON.
fn object(members: &[(String, &RawValue)]) -> String {
    let members = members.iter().map(|(name, value)| {
        let name = serde_json::Value::from(name.as_str());
        format!("{name}:{value}")
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}
