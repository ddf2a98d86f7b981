//! Room for the bodies of requests, which is used again.
//!
//! The system gives memory page by page, when it is first touched, and clears each page before: for a body of
//! some megabytes that takes about as long as to fill it. So a body that has been sent leaves its room to
//! the next one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// How many rooms wait at most: bodies come one after the other, however many are under way.
const MOST: usize = 2;

/// Where bodies that have been sent leave their room.
#[derive(Debug, Clone, Default)]
pub(super) struct Rooms(Arc<Mutex<Vec<Vec<u8>>>>);

/// A body that leaves its room when nobody needs it any more.
struct Body {
    bytes: Vec<u8>,
    rooms: Rooms,
}

impl Rooms {
    /// Nothing, with room for so many bytes.
    pub(super) fn take(&self, bytes: usize) -> Vec<u8> {
        let mut room = self.waiting().pop().unwrap_or_default();
        room.reserve(bytes);
        room
    }

    /// The finished body.
    pub(super) fn body(&self, bytes: Vec<u8>) -> Bytes {
        // It may be kept for long, and must not keep the room of a larger one.
        if bytes.len() < bytes.capacity() / 2 {
            let body = Bytes::copy_from_slice(&bytes);
            self.leave(bytes);
            return body;
        }
        let rooms = self.clone();
        Bytes::from_owner(Body { bytes, rooms })
    }

    fn leave(&self, mut room: Vec<u8>) {
        let mut waiting = self.waiting();
        if waiting.len() < MOST {
            room.clear();
            waiting.push(room);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.rooms.leave(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(rooms: &Rooms, bytes: usize) -> Vec<u8> {
        let mut body = rooms.take(bytes);
        body.resize(bytes, b'x');
        body
    }

    #[test]
    fn a_body_that_nobody_needs_leaves_its_room() {
        let rooms = Rooms::default();
        let first = rooms.body(filled(&rooms, 1_000));
        let part = first.slice(10..20);
        let room = first.as_ptr();
        drop(first);
        let other = rooms.take(1_000);
        assert_ne!(other.as_ptr(), room);
        assert_eq!(part, [b'x'; 10].as_slice());
        drop(part);
        let again = rooms.take(1_000);
        assert_eq!((again.as_ptr(), again.len()), (room, 0));
    }

    #[test]
    fn few_rooms_wait() {
        let rooms = Rooms::default();
        let bodies: Vec<Bytes> = (0..5).map(|_| rooms.body(filled(&rooms, 1_000))).collect();
        drop(bodies);
        assert_eq!(rooms.waiting().len(), MOST);
    }

    #[test]
    fn a_small_body_does_not_keep_the_room_of_a_large_one() {
        let rooms = Rooms::default();
        drop(rooms.body(filled(&rooms, 1_000)));
        let small = rooms.body(filled(&rooms, 10));
        assert_eq!(rooms.waiting().iter().map(Vec::capacity).max(), Some(1_000));
        assert_eq!(small, [b'x'; 10].as_slice());
    }
}
