//! The account's tags, their groups, and what bears them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ids::Ids;

/// What can bear a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Bearer {
    Campaign,
    Flow,
    List,
    Segment,
}

impl Bearer {
    /// The kind whose name in paths is this, in the plural.
    pub(crate) fn of_collection(name: &str) -> Option<Self> {
        let all = [Self::Campaign, Self::Flow, Self::List, Self::Segment];
        all.into_iter()
            .find(|bearer| name.strip_suffix('s') == Some(bearer.name()))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::Flow => "flow",
            Self::List => "list",
            Self::Segment => "segment",
        }
    }
}

/// A tag.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tag {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The id of its group.
    pub(crate) group: String,
    /// What bears it: the kind and the id.
    pub(crate) borne_by: BTreeSet<(Bearer, String)>,
}

/// A group of tags.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TagGroup {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Whether nothing can bear two of its tags.
    pub(crate) exclusive: bool,
    /// Whether it takes the tags that name no group.
    pub(crate) default: bool,
}

/// All tags and groups, in the order of their creation.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tags {
    ids: Ids,
    created: u64,
    groups: Vec<TagGroup>,
    tags: Vec<Tag>,
}

impl Tags {
    /// No tag, and the group that every account has.
    pub(crate) fn new(ids: Ids) -> Self {
        let mut tags = Self {
            ids,
            created: 0,
            groups: Vec::new(),
            tags: Vec::new(),
        };
        tags.create_group("Default", false).default = true;
        tags
    }

    pub(crate) fn groups(&self) -> impl Iterator<Item = &TagGroup> {
        self.groups.iter()
    }

    pub(crate) fn group(&self, id: &str) -> Option<&TagGroup> {
        self.groups.iter().find(|group| group.id == id)
    }

    pub(crate) fn group_mut(&mut self, id: &str) -> Option<&mut TagGroup> {
        self.groups.iter_mut().find(|group| group.id == id)
    }

    pub(crate) fn default_group(&self) -> Option<&TagGroup> {
        self.groups.iter().find(|group| group.default)
    }

    pub(crate) fn create_group(&mut self, name: &str, exclusive: bool) -> &mut TagGroup {
        let group = TagGroup {
            id: self.next_id(),
            name: name.to_owned(),
            exclusive,
            default: false,
        };
        let position = self.groups.len();
        self.groups.push(group);
        &mut self.groups[position]
    }

    /// Deletes a group and its tags.
    pub(crate) fn delete_group(&mut self, id: &str) {
        self.groups.retain(|group| group.id != id);
        self.tags.retain(|tag| tag.group != id);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.tags.iter()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Tag> {
        self.tags.iter().find(|tag| tag.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Tag> {
        self.tags.iter_mut().find(|tag| tag.id == id)
    }

    pub(crate) fn create(&mut self, name: &str, group: String) -> &Tag {
        let tag = Tag {
            id: self.next_id(),
            name: name.to_owned(),
            group,
            borne_by: BTreeSet::new(),
        };
        let position = self.tags.len();
        self.tags.push(tag);
        &self.tags[position]
    }

    /// Deletes a tag; says whether there was one.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let before = self.tags.len();
        self.tags.retain(|tag| tag.id != id);
        self.tags.len() < before
    }

    /// The tags that something bears.
    pub(crate) fn of(&self, bearer: &(Bearer, String)) -> impl Iterator<Item = &Tag> {
        self.tags.iter().filter(|tag| tag.borne_by.contains(bearer))
    }

    /// Whether something bears another tag of the group, where a second is not allowed.
    pub(crate) fn excludes(&self, tag: &Tag, bearer: &(Bearer, String)) -> bool {
        let is_exclusive = self.group(&tag.group).is_some_and(|group| group.exclusive);
        is_exclusive
            && self
                .of(bearer)
                .any(|other| other.group == tag.group && other.id != tag.id)
    }

    fn next_id(&mut self) -> String {
        self.created += 1;
        self.ids.uuid(self.created)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_goes_with_its_tags() {
        let mut tags = Tags::new(Ids::new(1));
        let group = tags.create_group("Season", false).id.clone();
        let default = tags.default_group().unwrap().id.clone();
        tags.create("Spring", group.clone());
        let kept = tags.create("VIP", default).id.clone();
        tags.delete_group(&group);
        let left: Vec<&str> = tags.iter().map(|tag| tag.id.as_str()).collect();
        assert_eq!((left, tags.groups().count()), (vec![kept.as_str()], 1));
    }

    #[test]
    fn of_an_exclusive_group_there_is_one() {
        let mut tags = Tags::new(Ids::new(1));
        let group = tags.create_group("Season", true).id.clone();
        let spring = tags.create("Spring", group.clone()).id.clone();
        let autumn = tags.create("Autumn", group).id.clone();
        let list = (Bearer::List, "AbCdEf".to_owned());
        let tag = tags.get_mut(&spring).unwrap();
        tag.borne_by.insert(list.clone());
        assert!(tags.excludes(tags.get(&autumn).unwrap(), &list));
        assert!(!tags.excludes(tags.get(&spring).unwrap(), &list));
    }
}
