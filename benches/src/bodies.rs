//! Rows become the bodies of requests here, by copying: neither checked nor understood.

use bytes::Bytes;

/// Klaviyo's cap on the profiles of one request.
pub const MOST_ROWS: usize = 10_000;
/// Its cap on the bytes of one request.
const MOST_BYTES: usize = 5_000_000;
const HEAD: &[u8] =
    br#"{"data":{"type":"profile-bulk-import-job","attributes":{"profiles":{"data":["#;
const TAIL: &[u8] = b"]}}}}";
const ITEM_HEAD: &[u8] = br#"{"type":"profile","attributes":"#;
const ITEM_TAIL: &[u8] = b"}";

/// The body of a request.
#[derive(Debug)]
pub struct Body {
    /// How many profiles stand in it.
    pub rows: usize,
    /// As it is sent.
    pub bytes: Bytes,
}

/// Puts rows into bodies under both caps of a request.
#[derive(Debug, Default)]
pub struct Bodies {
    open: Vec<u8>,
    rows: usize,
}

impl Bodies {
    /// Takes a row, the attributes of a profile as JSON; gives the body that it had no room in.
    pub fn push(&mut self, attributes: &[u8]) -> Option<Body> {
        let item = ITEM_HEAD.len() + attributes.len() + ITEM_TAIL.len();
        let full =
            self.rows == MOST_ROWS || self.open.len() + ",".len() + item + TAIL.len() > MOST_BYTES;
        let body = if full { self.take() } else { None };
        if self.rows == 0 {
            self.open.reserve(MOST_BYTES);
            self.open.extend_from_slice(HEAD);
        } else {
            self.open.push(b',');
        }
        self.open.extend_from_slice(ITEM_HEAD);
        self.open.extend_from_slice(attributes);
        self.open.extend_from_slice(ITEM_TAIL);
        self.rows += 1;
        body
    }

    /// The body that is being filled; `None` when nothing is in it.
    pub fn take(&mut self) -> Option<Body> {
        if self.rows == 0 {
            return None;
        }
        self.open.extend_from_slice(TAIL);
        Some(Body {
            rows: std::mem::take(&mut self.rows),
            bytes: std::mem::take(&mut self.open).into(),
        })
    }
}
