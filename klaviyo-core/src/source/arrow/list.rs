//! Lists of all layouts: arrays whose elements are cells of one column.

use std::ops::Range;

use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, GenericListArray, GenericListViewArray, OffsetSizeTrait,
};
use arrow_schema::FieldRef;
use serde::ser::{SerializeSeq, Serializer};

use super::column::Column;

/// A column of lists.
#[derive(Debug)]
pub(super) struct List {
    lists: Box<dyn Lists>,
    elements: Box<Column>,
}

impl List {
    /// The field is that of the elements.
    pub(super) fn of<L: Lists + Clone + 'static>(element: &FieldRef, lists: &L) -> Self {
        List {
            elements: Box::new(Column::of(element, lists.elements())),
            lists: Box::new(lists.clone()),
        }
    }

    pub(super) fn write<S: Serializer>(&self, index: usize, to: S) -> Result<S::Ok, S::Error> {
        let Some(places) = self.lists.places(index) else {
            return to.serialize_none();
        };
        let mut sequence = to.serialize_seq(Some(places.len()))?;
        for place in places {
            sequence.serialize_element(&self.elements.cell(place))?;
        }
        sequence.end()
    }
}

/// A layout of lists.
pub(super) trait Lists: Array {
    /// The elements of all lists.
    fn elements(&self) -> &ArrayRef;

    /// Where the elements of one list stand; none when it is null.
    fn places(&self, index: usize) -> Option<Range<usize>>;
}

impl<O: OffsetSizeTrait> Lists for GenericListArray<O> {
    fn elements(&self) -> &ArrayRef {
        self.values()
    }

    fn places(&self, index: usize) -> Option<Range<usize>> {
        let offsets = self.value_offsets();
        self.is_valid(index)
            .then(|| offsets[index].as_usize()..offsets[index + 1].as_usize())
    }
}

impl<O: OffsetSizeTrait> Lists for GenericListViewArray<O> {
    fn elements(&self) -> &ArrayRef {
        self.values()
    }

    fn places(&self, index: usize) -> Option<Range<usize>> {
        self.is_valid(index).then(|| {
            let start = self.value_offset(index).as_usize();
            start..start + self.value_size(index).as_usize()
        })
    }
}

impl Lists for FixedSizeListArray {
    fn elements(&self) -> &ArrayRef {
        self.values()
    }

    fn places(&self, index: usize) -> Option<Range<usize>> {
        self.is_valid(index).then(|| {
            let length = usize::try_from(self.value_length()).unwrap_or_default();
            index * length..(index + 1) * length
        })
    }
}
