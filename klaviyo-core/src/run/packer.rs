//! Rows into batches: numbers them, encodes them, packs them.

use serde::Serialize;

use crate::chunk::{Batch, Chunker, Envelope};
use crate::encode::{Encoder, Rejection};

/// Rows into batches. What it makes of the same rows with the same options is always the same.
#[derive(Debug)]
pub(super) struct Packer {
    encoder: Encoder,
    chunker: Chunker,
    rows: u64,
}

impl Packer {
    pub(super) fn new(encoder: Encoder, envelope: Envelope) -> Self {
        Packer {
            encoder,
            chunker: Chunker::new(envelope),
            rows: 0,
        }
    }

    /// Takes the next row; gives the batch that it did not fit into any more, if any, or the reason
    /// why the row cannot be sent.
    pub(super) fn push<R: Serialize + ?Sized>(
        &mut self,
        row: &R,
    ) -> Result<Option<Batch>, Rejection> {
        let number = self.rows;
        self.rows += 1;
        let encoded = self.encoder.encode(number, row)?;
        let pushed = self.chunker.push(number, encoded);
        pushed.map_err(|unfit| Rejection::unfit(number, unfit, row))
    }

    /// Gives the open batch, if it holds a row.
    pub(super) fn close(&mut self) -> Option<Batch> {
        self.chunker.close()
    }

    /// Rows taken so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }
}
