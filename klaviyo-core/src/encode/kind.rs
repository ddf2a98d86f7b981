//! What the rows of an operation need beyond writing fields to their places.

use std::fmt;

use super::follow::Follower;
use super::layout::Layout;
use super::reason::Reason;
use super::row::RowWriter;
use super::shape::Shapes;
use crate::chunk::Identity;

/// What the rows of an operation need beyond writing fields to their places.
pub(super) trait Kind: fmt::Debug + Send + Sync {
    /// Checks the row at hand as a whole and writes its item.
    fn finish(&mut self, writer: &mut RowWriter, row: u64, out: &mut Output) -> Result<(), Reason>;

    /// A rejected row as it is kept, given as JSON: with what its number alone would have given it.
    fn kept(&self, row: u64, source: String, layout: &Layout) -> String {
        let _ = (row, layout);
        source
    }

    /// What is to be known of the shapes of rows, when a row of the same shape as another one is fine as
    /// soon as [`Kind::identify`] says so.
    fn shapes(&self) -> Option<Shapes<'_>> {
        None
    }

    /// Adds the keys of a row that has followed the shape of an earlier one; false when it is not fine after
    /// all.
    fn identify(&self, row: &Follower, identity: &mut Identity) -> bool {
        let _ = (row, identity);
        false
    }
}

/// What becomes of a row.
#[derive(Default)]
pub(super) struct Output {
    /// The opening of the item's group; empty when the operation does not group.
    pub(super) group: Vec<u8>,
    pub(super) item: Vec<u8>,
    /// What must not come twice in one request, as keys.
    pub(super) identity: Identity,
    /// Whether sending the item twice does more than sending it once.
    pub(super) adds_up: bool,
    /// The e-mail address whose profile is the item; it is still to be found.
    pub(super) address: Option<String>,
}

impl Output {
    /// Forgets the row and keeps the buffers.
    pub(super) fn clear(&mut self) {
        self.group.clear();
        self.item.clear();
        self.identity.clear();
        self.adds_up = false;
        self.address = None;
    }
}
