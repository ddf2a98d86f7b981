//! Rows, structs and maps: objects whose members are cells of columns.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, MapArray, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::Fields;
use serde::ser::{SerializeMap, Serializer};

use super::column::Column;

/// Columns side by side: in each row, the members of an object.
#[derive(Debug, Default)]
pub(super) struct Members {
    names: Arc<[String]>,
    columns: Vec<Column>,
}

impl Members {
    /// The names are those under which the columns are written.
    pub(super) fn of(names: Arc<[String]>, fields: &Fields, columns: &[ArrayRef]) -> Self {
        let columns = fields.iter().zip(columns);
        Members {
            names,
            columns: columns
                .map(|(field, array)| Column::of(field, array))
                .collect(),
        }
    }

    /// Writes the object of that row.
    pub(super) fn write<S: Serializer>(&self, index: usize, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_map(Some(self.names.len()))?;
        for (name, column) in self.names.iter().zip(&self.columns) {
            object.serialize_entry(name, &column.cell(index))?;
        }
        object.end()
    }
}

/// A column of structs.
#[derive(Debug)]
pub(super) struct Object {
    nulls: Option<NullBuffer>,
    members: Members,
}

impl Object {
    pub(super) fn of(array: &StructArray) -> Self {
        let names = array.fields().iter().map(|field| field.name().clone());
        Object {
            nulls: array.nulls().cloned(),
            members: Members::of(names.collect(), array.fields(), array.columns()),
        }
    }

    pub(super) fn write<S: Serializer>(&self, index: usize, to: S) -> Result<S::Ok, S::Error> {
        let nulls = self.nulls.as_ref();
        if nulls.is_some_and(|nulls| nulls.is_null(index)) {
            return to.serialize_none();
        }
        self.members.write(index, to)
    }
}

/// A column of maps, whose names are data themselves.
#[derive(Debug)]
pub(super) struct Map {
    maps: MapArray,
    names: Column,
    values: Column,
}

impl Map {
    pub(super) fn of(maps: &MapArray) -> Self {
        let fields = maps.entries().fields();
        Map {
            names: Column::of(&fields[0], maps.keys()),
            values: Column::of(&fields[1], maps.values()),
            maps: maps.clone(),
        }
    }

    pub(super) fn write<S: Serializer>(&self, index: usize, to: S) -> Result<S::Ok, S::Error> {
        if self.maps.is_null(index) {
            return to.serialize_none();
        }
        let start = self.maps.offsets()[index] as usize;
        let end = self.maps.offsets()[index + 1] as usize;
        let mut object = to.serialize_map(Some(end - start))?;
        for place in start..end {
            object.serialize_entry(&self.names.cell(place), &self.values.cell(place))?;
        }
        object.end()
    }
}
