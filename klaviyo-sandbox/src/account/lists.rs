//! The account's lists and who is on them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::Ids;
use super::profiles::Slot;

/// A list and its members.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct List {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) opt_in_process: Cow<'static, str>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
    /// Who is on it, and since when.
    pub(crate) members: BTreeMap<Slot, DateTime<Utc>>,
}

/// All lists, in the order of their creation.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Lists {
    ids: Ids,
    created: u64,
    lists: Vec<List>,
    by_id: HashMap<String, usize>,
}

/// Whoever subscribes to the list confirms it in a message of their own.
pub(crate) const DOUBLE_OPT_IN: &str = "double_opt_in";

/// What Klaviyo gives a list that is created without saying so, and an account.
pub(crate) const DEFAULT_OPT_IN: &str = DOUBLE_OPT_IN;

impl Lists {
    pub(crate) fn new(ids: Ids) -> Self {
        Self {
            ids,
            created: 0,
            lists: Vec::new(),
            by_id: HashMap::new(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &List> {
        self.lists.iter()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&List> {
        self.by_id.get(id).map(|position| &self.lists[*position])
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut List> {
        self.by_id
            .get(id)
            .map(|position| &mut self.lists[*position])
    }

    pub(crate) fn create(&mut self, name: &str, now: DateTime<Utc>) -> &mut List {
        let id = self.ids.list(self.created);
        self.created += 1;
        let position = self.lists.len();
        self.by_id.insert(id.clone(), position);
        self.lists.push(List {
            id,
            name: name.to_owned(),
            opt_in_process: DEFAULT_OPT_IN.into(),
            created: now,
            updated: now,
            members: BTreeMap::new(),
        });
        &mut self.lists[position]
    }

    /// Deletes a list; says whether there was one.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let Some(position) = self.by_id.remove(id) else {
            return false;
        };
        self.lists.remove(position);
        for later in self.by_id.values_mut().filter(|other| **other > position) {
            *later -= 1;
        }
        true
    }

    /// The lists that a profile is on.
    pub(crate) fn of(&self, slot: Slot) -> impl Iterator<Item = &List> {
        self.lists
            .iter()
            .filter(move |list| list.members.contains_key(&slot))
    }

    /// Puts a profile in the place of another on every list.
    pub(crate) fn hand_over(&mut self, from: Slot, to: Slot) {
        for list in &mut self.lists {
            if let Some(joined) = list.members.remove(&from) {
                list.add(to, joined);
            }
        }
    }

    /// Takes a profile off every list.
    pub(crate) fn forget(&mut self, slot: Slot) {
        for list in &mut self.lists {
            list.remove(slot);
        }
    }
}

impl List {
    /// Puts a profile on the list, or leaves it there as it is.
    pub(crate) fn add(&mut self, slot: Slot, now: DateTime<Utc>) {
        self.members.entry(slot).or_insert(now);
    }

    /// Takes a profile off the list; says whether it was on it.
    pub(crate) fn remove(&mut self, slot: Slot) -> bool {
        self.members.remove(&slot).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_list_leaves_the_others_where_they_are() {
        let mut lists = Lists::new(Ids::new(3));
        let now = DateTime::UNIX_EPOCH;
        let [first, second, third] = ["a", "b", "c"].map(|name| lists.create(name, now).id.clone());
        assert!(lists.delete(&second));
        assert!(!lists.delete(&second));
        assert!(lists.get(&second).is_none());
        assert_eq!(lists.get(&first).map(|list| list.name.as_str()), Some("a"));
        assert_eq!(lists.get(&third).map(|list| list.name.as_str()), Some("c"));
        let fourth = lists.create("d", now).id.clone();
        assert!(![first, second, third].contains(&fourth));
    }
}
