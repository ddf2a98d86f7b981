//! What must not come twice in one request.

/// The keys of an item: it is a duplicate when it shares one with an earlier item. Without any, it cannot
/// collide.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// One key behind the other.
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl std::fmt::Debug for Identity {
    /// Without the keys: they are customers' data.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Identity")
            .field("keys", &self.ends.len())
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// No keys.
    #[must_use]
    pub const fn none() -> Self {
        Identity {
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Adds a key: what it is a key of, and its value.
    #[inline]
    pub fn add(&mut self, what: &str, value: &[u8]) {
        self.text.reserve(what.len() + value.len());
        self.text.extend_from_slice(what.as_bytes());
        self.text.extend_from_slice(value);
        self.ends.push(self.text.len());
    }

    /// Adds a key whose value is the same in capitals.
    pub fn add_caseless(&mut self, what: &str, value: &[u8]) {
        if value.is_ascii() {
            self.add(what, value);
            let start = self.text.len() - value.len();
            self.text[start..].make_ascii_lowercase();
        } else {
            let lower = String::from_utf8_lossy(value).to_lowercase();
            self.add(what, lower.as_bytes());
        }
    }

    /// The keys, in the order in which they were added.
    #[inline]
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let key = &self.text[start..end];
            start = end;
            key
        })
    }

    /// The keys, one behind the other.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where each key ends in that text.
    pub(super) fn ends(&self) -> impl Iterator<Item = usize> {
        self.ends.iter().copied()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets the keys and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}
