//! What stands around the items of a request, and how large the whole may be.

use klaviyo_gen::Operation;

use super::Encoded;
use crate::error::Error;

/// The caps of one operation, in items and bytes of the uncompressed body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Most items in a request.
    pub max_items: usize,
    /// Most bytes in a request.
    pub max_request_bytes: usize,
    /// Most bytes in an item.
    pub max_item_bytes: usize,
}

impl Caps {
    /// The caps that the operation table states.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it states none.
    pub fn of(operation: &Operation) -> Result<Self, Error> {
        let table = operation.caps.ok_or_else(|| {
            Error::Configuration(format!(
                "the operation table has no caps of {}",
                operation.id
            ))
        })?;
        let bytes = |most: u64| usize::try_from(most).unwrap_or(usize::MAX);
        Ok(Caps {
            max_items: table.max_items.map_or(usize::MAX, |most| most as usize),
            max_request_bytes: bytes(table.max_request_bytes),
            max_item_bytes: table.max_item_bytes.map_or(usize::MAX, bytes),
        })
    }
}

/// What stands around the items of a request: `prefix`, the items or groups with commas between
/// them, `suffix`. A group is its opening, its items with commas between them, `group_close`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// From the beginning of the body into the array of items, or of groups.
    pub prefix: Vec<u8>,
    /// From the end of that array to the end of the body.
    pub suffix: Vec<u8>,
    /// From the end of a group's items to the end of the group; empty when there are no groups.
    pub group_close: Vec<u8>,
    /// How large a request may be.
    pub caps: Caps,
}

impl Envelope {
    /// Bytes of a request that holds this item alone.
    pub(super) fn size_of_one(&self, encoded: Encoded<'_>) -> usize {
        self.empty_size() + self.group_size(encoded.group) + encoded.item.len()
    }

    /// Bytes of a request without any item.
    pub(super) fn empty_size(&self) -> usize {
        self.prefix.len() + self.suffix.len()
    }

    /// Bytes that a group adds beside its items.
    pub(super) fn group_size(&self, opening: &[u8]) -> usize {
        if opening.is_empty() {
            0
        } else {
            opening.len() + self.group_close.len()
        }
    }
}
