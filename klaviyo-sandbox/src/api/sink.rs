//! The sink: for benchmarks, where the sandbox must never be the slow part. Bodies of the operations
//! that carry most rows are read, counted and hashed as they come, neither parsed nor kept.

use std::ops::Range;

use axum::body::Body;
use klaviyo_gen::{Kind, Operation};
use memchr::memmem::Finder;
use xxhash_rust::xxh3::Xxh3Default;

use super::pour::{Encoding, Unread, pour};

/// What went down the sink with a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sunk {
    pub(crate) bytes: u64,
    /// How often the marker of a row was seen.
    pub(crate) rows: usize,
    /// The body's XXH3.
    pub(crate) hash: u64,
}

/// Reads a body to its end, which may be at most `most` bytes long.
pub(super) async fn swallow(
    operation: &'static Operation,
    encoding: Encoding,
    body: Body,
    most: u64,
) -> Result<Sunk, Unread> {
    let kind = kind(operation);
    let mut sink = Sink::new(&kind);
    pour(encoding, body, most, |bytes| sink.take(bytes)).await?;
    Ok(sink.end())
}

/// The member in front of a row's type.
const TYPE: &[u8] = br#""type":"#;

/// The text that stands once in each row: its JSON:API type, with its quotation marks. A row that
/// has the same type in its own data is counted more than once.
fn kind(operation: &Operation) -> String {
    let item = operation.caps.and_then(|caps| caps.item);
    let kind = item.and_then(|item| match item.kind {
        Kind::Object(fields) => fields.iter().find(|field| field.name == "type"),
        _ => None,
    });
    match kind.map(|field| &field.schema.kind) {
        Some(Kind::String { values, .. }) => format!("\"{}\"", values.first().unwrap_or(&"")),
        _ => String::new(),
    }
}

/// A body on its way down.
struct Sink<'a> {
    kind: Finder<'a>,
    hash: Xxh3Default,
    bytes: u64,
    rows: usize,
    /// The end of what came, too short for a marker, and the beginning of what comes next.
    seam: Vec<u8>,
}

impl<'a> Sink<'a> {
    fn new(kind: &'a str) -> Self {
        Self {
            kind: Finder::new(kind),
            hash: Xxh3Default::new(),
            bytes: 0,
            rows: 0,
            seam: Vec::with_capacity(2 * (TYPE.len() + " ".len() + kind.len())),
        }
    }

    fn take(&mut self, chunk: &[u8]) {
        self.hash.update(chunk);
        self.bytes += chunk.len() as u64;
        self.rows += self.markers(chunk).count();
        // A marker that lies over the seam has at least one byte on either side of it.
        let one_less = TYPE.len() + " ".len() + self.kind.needle().len() - 1;
        let seam = self.seam.len();
        self.seam
            .extend_from_slice(&chunk[..chunk.len().min(one_less)]);
        let over = |marker: &Range<usize>| marker.start < seam && seam < marker.end;
        self.rows += self.markers(&self.seam).filter(over).count();
        if chunk.len() >= one_less {
            self.seam.clear();
            self.seam
                .extend_from_slice(&chunk[chunk.len() - one_less..]);
        } else {
            let over = self.seam.len().saturating_sub(one_less);
            self.seam.drain(..over);
        }
    }

    /// Where rows say their type, with or without the space that some encoders put in front of it.
    fn markers(&self, bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
        let length = self.kind.needle().len();
        self.kind.find_iter(bytes).filter_map(move |at| {
            let before = &bytes[..at];
            let before = before.strip_suffix(b" ").unwrap_or(before);
            Some(before.strip_suffix(TYPE)?.len()..at + length)
        })
    }

    fn end(self) -> Sunk {
        Sunk {
            bytes: self.bytes,
            rows: self.rows,
            hash: self.hash.digest(),
        }
    }
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::{BULK_CREATE_EVENTS, BULK_IMPORT_PROFILES};
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    /// Two rows, in two hands, among what is none.
    const BODY: &str =
        r#"[{"type":"profile","id":1},{"type": "profile"},{"type":"profiles"},"profile"]"#;

    #[test]
    fn a_marker_is_a_rows_type() {
        assert_eq!(kind(&BULK_IMPORT_PROFILES), r#""profile""#);
        assert_eq!(kind(&BULK_CREATE_EVENTS), r#""event""#);
    }

    #[test]
    fn chunks_of_any_length_add_up_to_the_same() {
        let whole = Sunk {
            bytes: BODY.len() as u64,
            rows: 2,
            hash: xxh3_64(BODY.as_bytes()),
        };
        let kind = kind(&BULK_IMPORT_PROFILES);
        for length in 1..=BODY.len() {
            let mut sink = Sink::new(&kind);
            BODY.as_bytes()
                .chunks(length)
                .for_each(|chunk| sink.take(chunk));
            assert_eq!(sink.end(), whole, "in chunks of {length}");
        }
    }
}
