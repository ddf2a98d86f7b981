//! Keeps the items of batches whose jobs are not finished, because a job's errors must be tied to
//! rows: in memory up to a limit, beyond it in an unnamed temporary file.
//!
//! A disk may be slow, so only blocking threads wait for it: a batch stays in memory until it has been
//! written.

mod extents;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::chunk::Batch;
use extents::{Extent, Extents};

/// Where batches are kept until their jobs end.
#[derive(Debug)]
pub(crate) struct Store {
    in_memory: AtomicUsize,
    most_in_memory: usize,
    /// Batches that are being written.
    writing: AtomicUsize,
    written: Notify,
    spill: Mutex<Spill>,
}

/// So many batches may wait for the disk; each holds up to 5 MB.
const WAITING_FOR_DISK: usize = 2;

/// The temporary file, and which parts of it are in use. Its own lock is held for input and output,
/// the one around this never is.
#[derive(Debug, Default)]
struct Spill {
    file: Option<Arc<Mutex<File>>>,
    extents: Extents,
}

/// A batch that is kept.
#[derive(Debug)]
pub(crate) struct Retained {
    skeleton: Batch,
    body: Arc<Body>,
}

#[derive(Debug)]
struct Body {
    store: Arc<Store>,
    place: Mutex<Place>,
}

#[derive(Debug, Clone)]
enum Place {
    Memory(Bytes),
    File(Extent),
}

impl Store {
    pub(crate) fn new(most_in_memory: usize) -> Self {
        Store {
            in_memory: AtomicUsize::new(0),
            most_in_memory,
            writing: AtomicUsize::new(0),
            written: Notify::new(),
            spill: Mutex::default(),
        }
    }

    /// Waits while too many batches wait for the disk: a slow one holds up the sending, not the memory.
    pub(crate) async fn has_room(&self) {
        loop {
            let mut written = pin!(self.written.notified());
            written.as_mut().enable();
            if self.writing.load(Ordering::Relaxed) <= WAITING_FOR_DISK {
                return;
            }
            written.await;
        }
    }

    /// Keeps a batch; needs a tokio runtime. When the disk does not take it, it stays in memory.
    pub(crate) fn keep(self: &Arc<Self>, batch: Batch) -> Retained {
        self.keep_and_tell(batch).0
    }

    /// Keeps a batch; gives the writing of it as well, if it is to be written.
    fn keep_and_tell(self: &Arc<Self>, batch: Batch) -> (Retained, Option<JoinHandle<()>>) {
        let (skeleton, bytes) = batch.split_body();
        let length = bytes.len();
        let used = self.in_memory.fetch_add(length, Ordering::Relaxed) + length;
        let body = Arc::new(Body {
            store: Arc::clone(self),
            place: Mutex::new(Place::Memory(bytes)),
        });
        let writing = (used > self.most_in_memory).then(|| {
            let (writing, body) = (Writing::begin(self), Arc::clone(&body));
            spawn_blocking(move || {
                let _writing = writing;
                Body::spill(&body);
            })
        });
        (Retained { skeleton, body }, writing)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<Extent> {
        let (file, extent) = {
            let mut spill = self.spill();
            let file = match &spill.file {
                Some(file) => Arc::clone(file),
                None => Arc::new(Mutex::new(tempfile::tempfile()?)),
            };
            spill.file = Some(Arc::clone(&file));
            (file, spill.extents.take(bytes.len() as u64))
        };
        let mut file = locked(&file);
        let written = file.seek(SeekFrom::Start(extent.offset));
        let written = written.and_then(|_| file.write_all(bytes));
        written.inspect_err(|_| self.forget(extent))?;
        Ok(extent)
    }

    fn read(&self, extent: Extent) -> io::Result<Bytes> {
        let file = self.spill().file.clone().ok_or(io::ErrorKind::NotFound)?;
        let length = usize::try_from(extent.length).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        let mut file = locked(&file);
        file.seek(SeekFrom::Start(extent.offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }

    /// One batch less is in the file; without any it is closed, which gives its space back.
    fn forget(&self, extent: Extent) {
        let mut spill = self.spill();
        spill.extents.give_back(extent);
        if spill.extents.is_empty() {
            spill.file = None;
        }
    }

    fn spill(&self) -> MutexGuard<'_, Spill> {
        locked(&self.spill)
    }
}

impl Body {
    /// Moves it into the file, unless nobody wants it any more.
    fn spill(self: &Arc<Self>) {
        let place = self.place().clone();
        let Place::Memory(bytes) = place else { return };
        if Arc::strong_count(self) == 1 {
            return;
        }
        if let Ok(extent) = self.store.write(&bytes) {
            *self.place() = Place::File(extent);
            let in_memory = &self.store.in_memory;
            in_memory.fetch_sub(bytes.len(), Ordering::Relaxed);
        }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        locked(&self.place)
    }
}

impl Retained {
    /// How many items it holds.
    pub(crate) fn len(&self) -> usize {
        self.skeleton.len()
    }

    /// The batch with its body.
    pub(crate) async fn load(&self) -> io::Result<Batch> {
        let place = self.body.place().clone();
        let bytes = match place {
            Place::Memory(bytes) => bytes,
            Place::File(extent) => {
                // Holds the body, so that its part of the file is not given to another one meanwhile.
                let body = Arc::clone(&self.body);
                let read = spawn_blocking(move || body.store.read(extent)).await;
                read.map_err(io::Error::other)??
            }
        };
        Ok(self.skeleton.clone().with_body(bytes))
    }

    /// The row numbers of its items, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        self.skeleton.rows()
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        match &*self.place() {
            Place::Memory(bytes) => {
                let in_memory = &self.store.in_memory;
                in_memory.fetch_sub(bytes.len(), Ordering::Relaxed);
            }
            Place::File(extent) => self.store.forget(*extent),
        }
    }
}

/// A batch that is being written; however that ends, it makes room for another one.
struct Writing(Arc<Store>);

impl Writing {
    fn begin(store: &Arc<Store>) -> Self {
        store.writing.fetch_add(1, Ordering::Relaxed);
        Writing(Arc::clone(store))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.writing.fetch_sub(1, Ordering::Relaxed);
        self.0.written.notify_waiters();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::chunk::{Caps, Chunker, Encoded, Envelope, Identity};

    fn batch(item: &[u8]) -> Batch {
        let mut chunker = Chunker::new(Envelope {
            prefix: b"[".to_vec(),
            suffix: b"]".to_vec(),
            group_close: Vec::new(),
            caps: Caps {
                max_items: 10,
                max_request_bytes: 100,
                max_item_bytes: 100,
            },
        });
        let encoded = Encoded {
            group: b"",
            item,
            identity: &Identity::none(),
            repeat_is_safe: true,
        };
        chunker.push(7, encoded).unwrap();
        chunker.close().unwrap()
    }

    #[tokio::test]
    async fn a_slow_disk_holds_up_what_comes_after() {
        let store = Arc::new(Store::new(0));
        let disk = store.write(b"1").unwrap();
        let file = store.spill().file.clone().unwrap();
        let slow = file.lock().unwrap();
        let kept: Vec<_> = (0..=WAITING_FOR_DISK)
            .map(|_| store.keep_and_tell(batch(b"200")))
            .collect();
        assert!(store.has_room().now_or_never().is_none());
        drop(slow);
        store.has_room().await;
        for (_, writing) in kept {
            writing.unwrap().await.unwrap();
        }
        store.forget(disk);
    }

    #[tokio::test]
    async fn batches_come_back_from_memory_and_from_the_file() {
        let store = Arc::new(Store::new(6));
        let mut kept = Vec::new();
        for item in [b"100", b"200", b"300"] {
            let (retained, writing) = store.keep_and_tell(batch(item));
            if let Some(writing) = writing {
                writing.await.unwrap();
            }
            kept.push(retained);
        }
        assert!(matches!(*kept[0].body.place(), Place::Memory(_)));
        assert!(matches!(*kept[2].body.place(), Place::File(_)));
        for (retained, item) in kept.iter().zip([b"100", b"200", b"300"]) {
            let loaded = retained.load().await.unwrap();
            assert_eq!((loaded.item(0), loaded.row(0)), (&item[..], 7));
        }
        store.has_room().await;
        drop(kept);
        assert!(store.spill().file.is_none(), "the space is given back");
        assert_eq!(store.in_memory.load(Ordering::Relaxed), 0);
    }
}
