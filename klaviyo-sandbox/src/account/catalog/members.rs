//! Which items are in which categories.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::kind::Kind;

/// Pairs of an item and a category, found from either side.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Members {
    categories_of: BTreeMap<String, BTreeSet<String>>,
    items_of: BTreeMap<String, BTreeSet<String>>,
}

impl Members {
    /// The categories of an item, or the items of a category; by id.
    pub(super) fn of(&self, kind: Kind, id: &str) -> impl Iterator<Item = &str> {
        let side = match kind {
            Kind::Category => &self.items_of,
            _ => &self.categories_of,
        };
        side.get(id).into_iter().flatten().map(String::as_str)
    }

    /// Joins a thing with one of the other kind, or leaves them joined.
    pub(super) fn join(&mut self, kind: Kind, id: &str, other: &str) {
        let (item, category) = sides(kind, id, other);
        let pairs = [
            (&mut self.categories_of, item, category),
            (&mut self.items_of, category, item),
        ];
        for (side, key, value) in pairs {
            side.entry(key.to_owned())
                .or_default()
                .insert(value.to_owned());
        }
    }

    /// Parts a thing from one of the other kind, if they are joined.
    pub(super) fn part(&mut self, kind: Kind, id: &str, other: &str) {
        let (item, category) = sides(kind, id, other);
        let pairs = [
            (&mut self.categories_of, item, category),
            (&mut self.items_of, category, item),
        ];
        for (side, key, value) in pairs {
            if let Some(others) = side.get_mut(key) {
                others.remove(value);
                if others.is_empty() {
                    side.remove(key);
                }
            }
        }
    }

    /// Parts a thing from all of the other kind.
    pub(super) fn part_all(&mut self, kind: Kind, id: &str) {
        let others: Vec<String> = self.of(kind, id).map(str::to_owned).collect();
        for other in others {
            self.part(kind, id, &other);
        }
    }
}

fn sides<'a>(kind: Kind, id: &'a str, other: &'a str) -> (&'a str, &'a str) {
    match kind {
        Kind::Category => (other, id),
        _ => (id, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_agree() {
        let mut members = Members::default();
        members.join(Kind::Item, "shirt", "summer");
        members.join(Kind::Category, "summer", "hat");
        members.join(Kind::Item, "shirt", "sale");
        let of = |members: &Members, kind, id: &str| -> Vec<String> {
            members.of(kind, id).map(str::to_owned).collect()
        };
        assert_eq!(of(&members, Kind::Category, "summer"), ["hat", "shirt"]);
        assert_eq!(of(&members, Kind::Item, "shirt"), ["sale", "summer"]);
        members.part_all(Kind::Item, "shirt");
        assert_eq!(of(&members, Kind::Category, "summer"), ["hat"]);
        assert!(of(&members, Kind::Category, "sale").is_empty());
    }
}
