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
    const COUNT: usize = Capture::ConsentedAt as usize + 1;

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
    /// Whether it is written although the row gives no member of it.
    pub(super) wanted: bool,
    /// Whether null stands in its place.
    pub(super) null: bool,
}

/// What has been written of the row at hand.
pub(super) struct State {
    pub(super) objects: Vec<Members>,
    captures: [Option<(NodeId, Range<usize>)>; Capture::COUNT],
}

impl State {
    pub(super) fn new(layout: &Layout) -> Self {
        State {
            objects: layout.nodes.iter().map(|_| Members::default()).collect(),
            captures: Default::default(),
        }
    }

    /// Forgets the row and keeps the buffers.
    pub(super) fn clear(&mut self) {
        for object in &mut self.objects {
            object.clear();
        }
        self.captures = Default::default();
    }

    pub(super) fn capture(&mut self, what: Capture, node: NodeId, range: Range<usize>) {
        self.captures[what as usize] = Some((node, range));
    }

    /// The JSON of a captured value.
    #[inline]
    pub(super) fn captured(&self, what: Capture) -> Option<&[u8]> {
        let (node, range) = self.captures[what as usize].as_ref()?;
        Some(&self.objects[*node].bytes[range.clone()])
    }

    /// Adds a member whose value is JSON already.
    pub(super) fn push_member(&mut self, node: NodeId, name: &str, value: &[u8]) {
        let object = &mut self.objects[node];
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
    pub(super) fn is_empty(&self, layout: &Layout, node: NodeId) -> bool {
        let inside = &self.objects[node..layout.nodes[node].end];
        inside.iter().all(Members::is_empty)
    }

    /// Whether the object is written: all around it are, and it is required or not empty.
    pub(super) fn is_written(&self, layout: &Layout, node: NodeId) -> bool {
        let around = layout.nodes[node].parent;
        around.is_none_or(|around| {
            !self.is_empty(layout, node)
                || (layout.nodes[node].required && self.is_written(layout, around))
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
            let wanted = layout.nodes[child].required || !self.is_empty(layout, child);
            if wanted && Some(child) != except {
                comma(out, start);
                out.extend_from_slice(&layout.nodes[child].opening);
                self.write(layout, child, out);
            }
        }
    }
}

impl Members {
    fn is_empty(&self) -> bool {
        self.count == 0 && !self.wanted && !self.null
    }

    /// Forgets the members and keeps the buffer.
    fn clear(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        *self = Members {
            bytes,
            ..Members::default()
        };
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
