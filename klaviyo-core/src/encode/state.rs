//! What has been written of the row at hand: one buffer for each object of the layout.

use std::ops::Range;

use super::key;
use super::layout::{Layout, NodeId};

/// A value that is needed again when the row is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Capture {
    Id,
    Email,
    PhoneNumber,
    ExternalId,
    AnonymousId,
    Exchange,
    Metric,
    UniqueId,
    Code,
    Channels,
    ConsentedAt,
}

impl Capture {
    /// How many there are.
    pub(super) const COUNT: usize = Capture::ConsentedAt as usize + 1;

    /// What identifies a profile, in the order in which an identity is put together.
    pub(super) const IDENTIFIERS: [Capture; 6] = [
        Capture::Id,
        Capture::Email,
        Capture::PhoneNumber,
        Capture::ExternalId,
        Capture::AnonymousId,
        Capture::Exchange,
    ];
}

/// The members written into one object.
#[derive(Default)]
pub(super) struct Members {
    /// Members with commas between them.
    pub(super) bytes: Vec<u8>,
    pub(super) count: usize,
    /// How many of them were taken over from an object without looking their names up.
    pub(super) unlooked: usize,
    /// How often the row gave the object as one.
    pub(super) entered: usize,
    /// Whether null stands in its place.
    pub(super) null: bool,
    /// Whether there is something of it, or of an object inside it, to write.
    filled: bool,
    /// Whether it is among those that the row has touched.
    touched: bool,
}

/// What has been written of the row at hand.
pub(super) struct State {
    pub(super) objects: Vec<Members>,
    /// The objects that the row has come to; all others are as they were made.
    touched: Vec<NodeId>,
    captures: [(NodeId, Range<usize>); Capture::COUNT],
    /// Which of the captures are of this row, as bits.
    captured: u32,
}

impl State {
    pub(super) fn new(layout: &Layout) -> Self {
        State {
            objects: layout.nodes.iter().map(|_| Members::default()).collect(),
            touched: Vec::new(),
            captures: Default::default(),
            captured: 0,
        }
    }

    /// Forgets the row and keeps the buffers.
    pub(super) fn clear(&mut self) {
        for node in self.touched.drain(..) {
            self.objects[node].clear();
        }
        self.captured = 0;
    }

    /// The object, to write into it; it is cleared before the next row.
    #[inline]
    pub(super) fn touch(&mut self, node: NodeId) -> &mut Members {
        let object = &mut self.objects[node];
        if !object.touched {
            object.touched = true;
            self.touched.push(node);
        }
        object
    }

    /// There is something of the object to write: a member, or the object itself.
    #[inline]
    pub(super) fn fill(&mut self, layout: &Layout, node: NodeId) {
        if !self.objects[node].filled {
            self.fill_with_those_around(layout, node);
        }
    }

    fn fill_with_those_around(&mut self, layout: &Layout, node: NodeId) {
        let mut around = Some(node);
        while let Some(node) = around.filter(|&node| !self.objects[node].filled) {
            self.touch(node).filled = true;
            around = layout.nodes[node].parent;
        }
    }

    /// Null stands in the object's place.
    pub(super) fn set_null(&mut self, layout: &Layout, node: NodeId) {
        self.fill(layout, node);
        self.objects[node].null = true;
    }

    #[inline]
    pub(super) fn capture(&mut self, what: Capture, node: NodeId, range: Range<usize>) {
        self.captures[what as usize] = (node, range);
        self.captured |= 1 << what as u32;
    }

    /// The JSON of a captured value.
    #[inline]
    pub(super) fn captured(&self, what: Capture) -> Option<&[u8]> {
        if self.captured & 1 << what as u32 == 0 {
            return None;
        }
        let (node, range) = &self.captures[what as usize];
        Some(&self.objects[*node].bytes[range.clone()])
    }

    /// Adds a member whose value is JSON already.
    pub(super) fn push_member(&mut self, layout: &Layout, node: NodeId, name: &str, value: &[u8]) {
        self.fill(layout, node);
        let object = self.touch(node);
        object.begin_member();
        key::write(name, &mut object.bytes);
        object.bytes.extend_from_slice(value);
        object.count += 1;
    }

    /// The text of a captured value that is one.
    pub(super) fn text(&self, what: Capture) -> Option<String> {
        serde_json::from_slice(self.captured(what)?).ok()
    }

    /// Whether there is nothing of the object to write, nor of any inside it.
    #[inline]
    pub(super) fn is_empty(&self, node: NodeId) -> bool {
        !self.objects[node].filled
    }

    /// Whether the object is written: all around it are, and it is required or not empty.
    pub(super) fn is_written(&self, layout: &Layout, node: NodeId) -> bool {
        let around = layout.nodes[node].parent;
        around.is_none_or(|around| {
            !self.is_empty(node) || (layout.nodes[node].required && self.is_written(layout, around))
        })
    }

    /// Writes the object with all that is in it.
    pub(super) fn write(&self, layout: &Layout, node: NodeId, out: &mut Vec<u8>) {
        if self.objects[node].null {
            return out.extend_from_slice(b"null");
        }
        self.open(layout, node, None, out);
        out.push(b'}');
    }

    /// Writes the object up to where its last member could follow, leaving out the child `except`.
    pub(super) fn open(
        &self,
        layout: &Layout,
        node: NodeId,
        except: Option<NodeId>,
        out: &mut Vec<u8>,
    ) {
        out.push(b'{');
        let start = out.len();
        out.extend_from_slice(layout.nodes[node].constant.as_bytes());
        if self.objects[node].count > 0 {
            comma(out, start);
            out.extend_from_slice(&self.objects[node].bytes);
        }
        for &child in &layout.nodes[node].children {
            let wanted = layout.nodes[child].required || !self.is_empty(child);
            if wanted && Some(child) != except {
                comma(out, start);
                out.extend_from_slice(&layout.nodes[child].opening);
                self.write(layout, child, out);
            }
        }
    }
}

impl Members {
    /// Forgets the members and keeps the buffer.
    fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
        self.unlooked = 0;
        self.entered = 0;
        self.null = false;
        self.filled = false;
        self.touched = false;
    }

    /// Makes room for a member; gives where it begins, to take it back.
    #[inline]
    pub(super) fn begin_member(&mut self) -> usize {
        let start = self.bytes.len();
        comma(&mut self.bytes, 0);
        start
    }
}

#[inline]
fn comma(out: &mut Vec<u8>, start: usize) {
    if out.len() > start {
        out.push(b',');
    }
}
