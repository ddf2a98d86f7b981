//! The cells of a column while its batch is being filled.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int64Builder, NullBufferBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, ListArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::ArrowError;

use super::columns::{Content, element_field};
use super::value::Value;

/// The cells of a column, or the elements of its lists.
pub(super) enum Cells {
    Text(StringBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Boolean(BooleanBuilder),
    Time(TimestampMicrosecondBuilder),
    List {
        lengths: Vec<usize>,
        present: NullBufferBuilder,
        elements: Box<Cells>,
    },
}

impl Cells {
    /// No cells yet.
    pub(super) fn new(content: &Content) -> Self {
        match content {
            Content::Text | Content::Json | Content::Id => Cells::Text(StringBuilder::new()),
            Content::Integer => Cells::Integer(Int64Builder::new()),
            Content::Number => Cells::Number(Float64Builder::new()),
            Content::Boolean => Cells::Boolean(BooleanBuilder::new()),
            Content::Time => {
                let times = TimestampMicrosecondBuilder::new();
                Cells::Time(times.with_data_type(content.data_type()))
            }
            Content::List(element) => Cells::list(element),
            Content::Ids => Cells::list(&Content::Text),
        }
    }

    fn list(element: &Content) -> Self {
        Cells::List {
            lengths: Vec::new(),
            present: NullBufferBuilder::new(0),
            elements: Box::new(Cells::new(element)),
        }
    }

    /// Appends a cell. A value that was read for another column is null.
    pub(super) fn append(&mut self, value: Value<'_>) {
        match (self, value) {
            (Cells::Text(cells), Value::Text(text)) => cells.append_value(text),
            (Cells::Integer(cells), Value::Integer(integer)) => cells.append_value(integer),
            (Cells::Number(cells), Value::Number(number)) => cells.append_value(number),
            (Cells::Boolean(cells), Value::Boolean(is)) => cells.append_value(is),
            (Cells::Time(cells), Value::Time(micros)) => cells.append_value(micros),
            (
                Cells::List {
                    lengths,
                    present,
                    elements,
                },
                Value::List(values),
            ) => {
                lengths.push(values.len());
                present.append_non_null();
                for value in values {
                    elements.append(value);
                }
            }
            (cells, _) => cells.append_null(),
        }
    }

    fn append_null(&mut self) {
        match self {
            Cells::Text(cells) => cells.append_null(),
            Cells::Integer(cells) => cells.append_null(),
            Cells::Number(cells) => cells.append_null(),
            Cells::Boolean(cells) => cells.append_null(),
            Cells::Time(cells) => cells.append_null(),
            Cells::List {
                lengths, present, ..
            } => {
                lengths.push(0);
                present.append_null();
            }
        }
    }

    /// The cells as an array; there are none any more.
    ///
    /// # Errors
    /// When lists have more elements than Arrow can count.
    pub(super) fn take(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Cells::Text(cells) => Arc::new(cells.finish()),
            Cells::Integer(cells) => Arc::new(cells.finish()),
            Cells::Number(cells) => Arc::new(cells.finish()),
            Cells::Boolean(cells) => Arc::new(cells.finish()),
            Cells::Time(cells) => Arc::new(cells.finish()),
            Cells::List {
                lengths,
                present,
                elements,
            } => {
                let elements = elements.take()?;
                let field = element_field(elements.data_type().clone());
                let offsets = OffsetBuffer::from_lengths(lengths.drain(..));
                let present = present.finish();
                Arc::new(ListArray::try_new(field, offsets, elements, present)?)
            }
        })
    }
}
