//! A batch in the making: its body grows item by item.

use std::sync::Arc;

use super::batch::{Batch, Group, Item};
use super::numbers::Numbers;
use super::room::Rooms;
use super::{Encoded, Envelope};

/// A batch in the making.
pub(super) struct Builder {
    envelope: Arc<Envelope>,
    body: Vec<u8>,
    rooms: Rooms,
    rows: Numbers,
    items: Vec<Item>,
    groups: Vec<Group>,
    repeat_is_safe: bool,
}

impl Builder {
    pub(super) fn new(envelope: Arc<Envelope>) -> Self {
        Builder::with_room(envelope, Rooms::default(), 0)
    }

    /// The one after this: bodies are mostly of the same length, so it has room for as much at once.
    pub(super) fn next(&self) -> Self {
        let (envelope, rooms) = (Arc::clone(&self.envelope), self.rooms.clone());
        let mut next = Builder::with_room(envelope, rooms, self.body.len());
        next.items.reserve(self.items.len());
        next
    }

    fn with_room(envelope: Arc<Envelope>, rooms: Rooms, bytes: usize) -> Self {
        let mut body = rooms.take(bytes);
        body.extend_from_slice(&envelope.prefix);
        Builder {
            body,
            rooms,
            envelope,
            rows: Numbers::default(),
            items: Vec::new(),
            groups: Vec::new(),
            repeat_is_safe: true,
        }
    }

    /// Whether the item fits beside those that are there. The first one is not asked here: it fits,
    /// or it fits nowhere.
    pub(super) fn fits(&self, encoded: Encoded<'_>, one_group: bool) -> bool {
        if self.items.is_empty() {
            return true;
        }
        let caps = &self.envelope.caps;
        let comma = 1;
        let new_group = if self.shares_open_group(encoded.group) {
            0
        } else if one_group {
            return false;
        } else {
            self.envelope.group_size(encoded.group)
        };
        let size = self.size() + comma + new_group + encoded.item.len();
        self.items.len() < caps.max_items && size <= caps.max_request_bytes
    }

    /// Adds an item that fits.
    pub(super) fn add(&mut self, row: u64, encoded: Encoded<'_>) {
        let shares = self.shares_open_group(encoded.group);
        if !shares && !self.items.is_empty() {
            self.close_group();
        }
        if !self.items.is_empty() {
            self.body.push(b',');
        }
        if !shares {
            let start = self.body.len();
            self.body.extend_from_slice(encoded.group);
            self.groups.push(Group {
                opening: start..self.body.len(),
                first: self.items.len(),
            });
        }
        let start = self.body.len();
        self.body.extend_from_slice(encoded.item);
        self.rows.push(row);
        self.items.push(Item::at(&(start..self.body.len())));
        self.repeat_is_safe &= encoded.repeat_is_safe;
    }

    /// The finished batch; `None` when it holds no item.
    pub(super) fn finish(mut self) -> Option<Batch> {
        if self.items.is_empty() {
            return None;
        }
        self.close_group();
        self.body.extend_from_slice(&self.envelope.suffix);
        Some(Batch {
            envelope: self.envelope,
            body: self.rooms.body(self.body),
            rows: self.rows,
            items: self.items,
            groups: self.groups,
            repeat_is_safe: self.repeat_is_safe,
        })
    }

    /// Bytes of the request if it were finished now.
    fn size(&self) -> usize {
        let close = if self.in_a_group() {
            self.envelope.group_close.len()
        } else {
            0
        };
        self.body.len() + close + self.envelope.suffix.len()
    }

    fn shares_open_group(&self, opening: &[u8]) -> bool {
        self.groups
            .last()
            .is_some_and(|Group { opening: open, .. }| {
                // Without groups there is nothing to compare, and comparing nothing is not free: an empty
                // vector's pointer leads nowhere, at which processors stumble.
                (open.is_empty() && opening.is_empty()) || &self.body[open.clone()] == opening
            })
    }

    fn close_group(&mut self) {
        if self.in_a_group() {
            self.body.extend_from_slice(&self.envelope.group_close);
        }
    }

    /// Whether a group is open; never when the operation does not group.
    fn in_a_group(&self) -> bool {
        self.groups
            .last()
            .is_some_and(|open| !open.opening.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::{Caps, Identity};

    #[test]
    fn a_batch_leaves_its_room_to_those_after_it() {
        let caps = Caps {
            max_items: 1,
            max_request_bytes: 100,
            max_item_bytes: 100,
        };
        let mut first = Builder::new(Arc::new(Envelope {
            prefix: b"[".to_vec(),
            suffix: b"]".to_vec(),
            group_close: Vec::new(),
            caps,
        }));
        let encoded = Encoded {
            group: &[],
            item: b"1",
            identity: &Identity::none(),
            repeat_is_safe: true,
        };
        first.add(0, encoded);
        let third = first.next().next();
        drop(first.finish());
        assert_eq!(third.rooms.waiting().len(), 1);
    }
}
