//! Things with an id of their own, kept in the order of their creation.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

/// Rows by their ids. Deleting one costs no more than finding it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Table<T> {
    /// How many rows were ever put in.
    count: u64,
    rows: BTreeMap<u64, T>,
    by_id: HashMap<String, u64>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            count: 0,
            rows: BTreeMap::new(),
            by_id: HashMap::new(),
        }
    }
}

impl<T> Table<T> {
    /// All rows, in the order of their creation.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.rows.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(self.by_id.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(self.by_id.get(id)?)
    }

    /// Puts a row in, in place of the one that has the id, if there is one.
    pub(crate) fn put(&mut self, id: &str, row: T) {
        let count = &mut self.count;
        let number = *self.by_id.entry(id.to_owned()).or_insert_with(|| {
            *count += 1;
            *count
        });
        self.rows.insert(number, row);
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        self.rows.remove(&self.by_id.remove(id)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stay_in_order_whatever_is_deleted_and_put_back() {
        let mut table = Table::default();
        for id in ["b", "a", "c"] {
            table.put(id, id);
        }
        assert_eq!(table.remove("b"), Some("b"));
        assert_eq!(table.remove("b"), None);
        table.put("b", "b");
        table.put("a", "A");
        assert_eq!(table.iter().copied().collect::<Vec<_>>(), ["A", "c", "b"]);
        assert_eq!(
            (table.get("c"), table.get("d"), table.len()),
            (Some(&"c"), None, 3)
        );
    }
}
