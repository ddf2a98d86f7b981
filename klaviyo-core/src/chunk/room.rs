//! Room for the bodies of requests, which is used again.
//!
//! The system gives memory page by page, when it is first touched, and clears each page before: for a body of
//! some megabytes that takes about as long as to fill it. So a body that has been sent leaves its room to
//! the next one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;

/// How many rooms wait at most: bodies come one after the other, however many are under way.
const MOST: usize = 2;

/// Where bodies that have been sent leave their room.
#[derive(Clone, Default)]
pub(super) struct Rooms(Arc<Waiting>);

type Waiting = Mutex<Vec<Vec<u8>>>;

/// A body that leaves its room when nobody needs it any more.
struct Body {
    bytes: Vec<u8>,
    /// When all rows are packed there is nobody to leave it to.
    rooms: Weak<Waiting>,
}

/// Bodies differ in length: with an eighth on top, the next one mostly fits.
fn with_reserve(bytes: usize) -> usize {
    bytes + bytes / 8
}

impl Rooms {
    /// Nothing, with room for a body of about so many bytes.
    pub(super) fn take(&self, bytes: usize) -> Vec<u8> {
        let room = self.waiting().pop();
        let room = room.filter(|room| room.capacity() >= bytes);
        room.unwrap_or_else(|| Vec::with_capacity(with_reserve(bytes)))
    }

    /// The finished body.
    pub(super) fn body(&self, mut bytes: Vec<u8>) -> Bytes {
        // It may be kept for long, and must not keep the room of a much larger one.
        if bytes.len() < bytes.capacity() / 2 {
            bytes.shrink_to(with_reserve(bytes.len()));
        }
        let rooms = Arc::downgrade(&self.0);
        Bytes::from_owner(Body { bytes, rooms })
    }

    /// The rooms that nobody has.
    pub(super) fn waiting(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        waiting(&self.0)
    }
}

fn waiting(rooms: &Waiting) -> MutexGuard<'_, Vec<Vec<u8>>> {
    rooms.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let Some(rooms) = self.rooms.upgrade() else {
            return;
        };
        let mut waiting = waiting(&rooms);
        if waiting.len() < MOST {
            let mut room = std::mem::take(&mut self.bytes);
            room.clear();
            waiting.push(room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(rooms: &Rooms, bytes: usize) -> Bytes {
        let mut body = rooms.take(bytes);
        body.resize(bytes, b'x');
        rooms.body(body)
    }

    #[test]
    fn a_body_that_nobody_needs_leaves_its_room() {
        let rooms = Rooms::default();
        let first = body(&rooms, 1_000);
        let part = first.slice(10..20);
        let place = first.as_ptr();
        drop(first);
        assert!(rooms.waiting().is_empty());
        assert_eq!(part, [b'x'; 10].as_slice());
        drop(part);
        assert_eq!(rooms.waiting().len(), 1);
        let again = rooms.take(1_000);
        assert_eq!((again.as_ptr(), again.len()), (place, 0));
    }

    #[test]
    fn bodies_of_about_the_same_length_have_the_same_room() {
        let rooms = Rooms::default();
        let only_room = || {
            let waiting = rooms.waiting();
            assert_eq!(waiting.len(), 1);
            (waiting[0].as_ptr(), waiting[0].capacity())
        };
        drop(body(&rooms, 1_000));
        let (place, capacity) = only_room();
        for length in [1_001, 999, 1_120, capacity / 2, capacity] {
            drop(body(&rooms, length));
            assert_eq!(only_room(), (place, capacity), "{length}");
        }
    }

    #[test]
    fn few_rooms_wait() {
        let rooms = Rooms::default();
        let bodies: Vec<Bytes> = (0..5).map(|_| body(&rooms, 1_000)).collect();
        drop(bodies);
        assert_eq!(rooms.waiting().len(), MOST);
    }

    #[test]
    fn a_small_body_does_not_keep_the_room_of_a_large_one() {
        let rooms = Rooms::default();
        drop(body(&rooms, 1_000));
        let small = body(&rooms, 80);
        assert_eq!(small, [b'x'; 80].as_slice());
        drop(small);
        assert!(rooms.waiting()[0].capacity() < 500);
    }

    #[test]
    fn bodies_outlive_those_who_would_want_their_room() {
        let rooms = Rooms::default();
        let last = body(&rooms, 1_000);
        let waiting = Arc::downgrade(&rooms.0);
        drop(rooms);
        assert!(waiting.upgrade().is_none());
        assert_eq!(last, [b'x'; 1_000].as_slice());
    }
}
