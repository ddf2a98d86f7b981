//! Items into batches that never exceed a cap. Pure: no clock, no IO, no HTTP.
//!
//! A [`Batch`] can only be made here, so a batch over a cap cannot exist. The chunker is greedy,
//! which for contiguous batches is also minimal.
mod batch;
mod builder;
mod duplicates;
mod envelope;
mod identity;
mod numbers;
mod numbers_by_hash;
mod room;

pub use batch::Batch;
use builder::Builder;
use duplicates::Duplicates;
pub use envelope::{Caps, Envelope};
pub use identity::Identity;
use std::fmt;
use std::sync::Arc;

/// A row in its encoded form.
#[derive(Clone, Copy)]
pub struct Encoded<'a> {
    /// The opening of the group that the item belongs to, up to its array of items; empty when the
    /// operation does not group. Consecutive items with the same opening share a group.
    pub group: &'a [u8],
    /// The item's JSON.
    pub item: &'a [u8],
    /// What must not come twice in one request.
    pub identity: &'a Identity,
    /// Whether a request with this item may be sent twice.
    pub repeat_is_safe: bool,
}

/// Why an item cannot be part of any batch, or of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The item is larger than an item may be, in bytes.
    ItemTooLarge {
        /// Its size.
        bytes: usize,
        /// The most that is allowed.
        most: usize,
    },
    /// The item does not fit into a request even when it is alone there, in bytes.
    RequestTooLarge {
        /// The size of the request.
        bytes: usize,
        /// The most that is allowed.
        most: usize,
    },
    /// The open batch holds an item of the same identity already.
    Duplicate {
        /// The row of that item.
        first_row: u64,
    },
}

/// What a batch is made like, beside the caps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// Whether a batch holds one group only, so that another group closes it.
    pub one_group: bool,
    /// What is done with an item that shares a key with an earlier one of its batch.
    pub duplicates: DuplicateRule,
}

/// What is done with an item that shares a key with an earlier one of its batch. Items of different
/// batches are not compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DuplicateRule {
    /// It is refused.
    #[default]
    Refuse,
    /// It is taken, and counted.
    Count,
}

/// Items that were taken although they share a key with an earlier one of their batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DuplicateCount {
    /// How many there were.
    pub count: u64,
    /// The row of the first of them, and the earlier row that it shares a key with.
    pub first: Option<(u64, u64)>,
}

/// Packs items, in order, into as few batches as the caps allow.
pub struct Chunker {
    envelope: Arc<Envelope>,
    rules: Rules,
    open: Builder,
    duplicates: Duplicates,
    counted: DuplicateCount,
}

impl fmt::Debug for Encoded<'_> {
    /// Without the bytes: they are customers' data.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.group.len() + self.item.len();
        formatter
            .debug_struct("Encoded")
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Chunker {
    /// Without the items: they are customers' data.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let caps = &self.envelope.caps;
        formatter
            .debug_struct("Chunker")
            .field("caps", caps)
            .finish_non_exhaustive()
    }
}

impl Chunker {
    /// A chunker without any item yet, which refuses duplicates.
    #[must_use]
    pub fn new(envelope: Envelope) -> Self {
        Self::with_rules(envelope, Rules::default())
    }

    /// A chunker without any item yet.
    #[must_use]
    pub fn with_rules(mut envelope: Envelope, rules: Rules) -> Self {
        let caps = &mut envelope.caps;
        caps.max_request_bytes = caps.max_request_bytes.min(batch::MOST_BYTES);
        let envelope = Arc::new(envelope);
        Chunker {
            open: Builder::new(Arc::clone(&envelope)),
            envelope,
            rules,
            duplicates: Duplicates::default(),
            counted: DuplicateCount::default(),
        }
    }

    /// Takes the item of `row`; gives back the batch that it did not fit into any more, if any.
    ///
    /// # Errors
    /// When the item cannot be sent; it is then in no batch, and the open batch stays as it was.
    pub fn push(&mut self, row: u64, encoded: Encoded<'_>) -> Result<Option<Batch>, Unfit> {
        self.check_size(encoded)?;
        let one_group = self.rules.one_group;
        let full = if self.open.fits(encoded, one_group) {
            None
        } else {
            self.close()
        };
        // In a batch that has just begun there is none to be found.
        self.check_duplicate(row, encoded)?;
        self.open.add(row, encoded);
        Ok(full)
    }

    fn check_duplicate(&mut self, row: u64, encoded: Encoded<'_>) -> Result<(), Unfit> {
        let Some(first_row) = self.duplicates.enter(row, encoded.identity) else {
            return Ok(());
        };
        if self.rules.duplicates == DuplicateRule::Refuse {
            self.duplicates.take_back();
            return Err(Unfit::Duplicate { first_row });
        }
        self.counted.count += 1;
        self.counted.first.get_or_insert((row, first_row));
        Ok(())
    }

    /// The items that were taken although they share a key with an earlier one of their batch.
    #[must_use]
    pub fn duplicates(&self) -> DuplicateCount {
        self.counted
    }

    /// Gives the open batch; `None` when it holds no item.
    pub fn close(&mut self) -> Option<Batch> {
        self.duplicates.clear();
        let next = self.open.next();
        std::mem::replace(&mut self.open, next).finish()
    }

    fn check_size(&self, encoded: Encoded<'_>) -> Result<(), Unfit> {
        let caps = &self.envelope.caps;
        let bytes = encoded.item.len();
        if bytes > caps.max_item_bytes {
            return Err(Unfit::ItemTooLarge {
                bytes,
                most: caps.max_item_bytes,
            });
        }
        let bytes = self.envelope.size_of_one(encoded);
        if bytes > caps.max_request_bytes {
            return Err(Unfit::RequestTooLarge {
                bytes,
                most: caps.max_request_bytes,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
