//! One request's items, within every cap.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::builder::Builder;
use super::numbers::Numbers;
use super::{Encoded, Envelope, Identity};

/// One request's items, within every cap, in the order of their rows.
#[derive(Clone)]
pub struct Batch {
    pub(super) envelope: Arc<Envelope>,
    pub(super) body: Bytes,
    pub(super) rows: Numbers,
    pub(super) items: Vec<Item>,
    pub(super) groups: Vec<Group>,
    pub(super) repeat_is_safe: bool,
}

/// No body is longer, so that places in it need few bytes: batches whose jobs are open are many.
pub(super) const MOST_BYTES: usize = u32::MAX as usize;

/// Where an item stands in a batch's body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    start: u32,
    end: u32,
}

impl Item {
    /// The item that stands there; both are at most [`MOST_BYTES`].
    pub(super) fn at(bytes: &Range<usize>) -> Self {
        let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        Item {
            start: place(bytes.start),
            end: place(bytes.end),
        }
    }

    fn bytes(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A group of items.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Where its opening stands in the body.
    pub(super) opening: Range<usize>,
    /// The index of its first item.
    pub(super) first: usize,
}

impl fmt::Debug for Batch {
    /// Without the items: they are customers' data.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Batch")
            .field("items", &self.items.len())
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Batch {
    /// The whole body of the request.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// How many items it holds; never none.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a batch is never empty")]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The row numbers of its items, in order.
    pub fn rows(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        self.rows.iter()
    }

    /// The row number of the item at `index`.
    #[must_use]
    pub fn row(&self, index: usize) -> u64 {
        self.rows.row(index)
    }

    /// The JSON of the item at `index`.
    #[must_use]
    pub fn item(&self, index: usize) -> &[u8] {
        &self.body[self.items[index].bytes()]
    }

    /// The opening of the group that the item at `index` belongs to; empty without groups.
    #[must_use]
    pub fn group(&self, index: usize) -> &[u8] {
        let behind = self.groups.partition_point(|group| group.first <= index);
        &self.body[self.groups[behind - 1].opening.clone()]
    }

    /// The JSON that stands for the item at `index` alone: itself, or its group with nothing else in it.
    #[must_use]
    pub fn entry(&self, index: usize) -> String {
        let group = self.group(index);
        let close: &[u8] = if group.is_empty() {
            &[]
        } else {
            &self.envelope.group_close
        };
        let whole = [group, self.item(index), close].concat();
        String::from_utf8_lossy(&whole).into_owned()
    }

    /// The indices of the items that the group at `group` holds; empty when there is no such group.
    #[must_use]
    pub fn items_of_group(&self, group: usize) -> Range<usize> {
        let first = |group: usize| self.groups.get(group).map_or(self.len(), |one| one.first);
        first(group)..first(group.saturating_add(1))
    }

    /// Whether a request with these items may be sent twice.
    #[must_use]
    pub fn repeat_is_safe(&self) -> bool {
        self.repeat_is_safe
    }

    /// Takes the body off, to keep it elsewhere; what is left only knows its rows.
    pub(crate) fn split_body(mut self) -> (Batch, Bytes) {
        let body = std::mem::take(&mut self.body);
        (self, body)
    }

    /// Puts the body back that [`Batch::split_body`] took off.
    pub(crate) fn with_body(mut self, body: Bytes) -> Batch {
        self.body = body;
        self
    }

    /// A batch of the items whose index `keep` takes; `None` when it takes none.
    #[must_use]
    pub fn subset(&self, mut keep: impl FnMut(usize) -> bool) -> Option<Batch> {
        let mut builder = Builder::new(Arc::clone(&self.envelope));
        for index in (0..self.len()).filter(|&index| keep(index)) {
            let encoded = Encoded {
                group: self.group(index),
                item: self.item(index),
                identity: &Identity::none(),
                repeat_is_safe: self.repeat_is_safe,
            };
            builder.add(self.row(index), encoded);
        }
        builder.finish()
    }

    /// The first and the second half of its items; `None` when it holds only one.
    #[must_use]
    pub fn halves(&self) -> Option<(Batch, Batch)> {
        let middle = self.len() / 2;
        let first = self.subset(|index| index < middle)?;
        let second = self.subset(|index| index >= middle)?;
        Some((first, second))
    }
}
