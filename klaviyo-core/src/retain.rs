//! Keeps the items of batches whose jobs are not finished, because a job's errors must be tied to
//! rows: in memory up to a limit, beyond it in an unnamed temporary file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::chunk::Batch;

/// Where batches are kept until their jobs end.
#[derive(Debug)]
pub(crate) struct Store {
    in_memory: AtomicUsize,
    most_in_memory: usize,
    file: Mutex<Spill>,
}

/// The temporary file, and how many batches it keeps.
#[derive(Debug, Default)]
struct Spill {
    file: Option<File>,
    batches: usize,
}

/// A batch that is kept.
#[derive(Debug)]
pub(crate) struct Retained {
    store: Arc<Store>,
    skeleton: Batch,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Memory(Bytes),
    File { offset: u64, length: usize },
}

impl Store {
    pub(crate) fn new(most_in_memory: usize) -> Self {
        Store {
            in_memory: AtomicUsize::new(0),
            most_in_memory,
            file: Mutex::default(),
        }
    }

    /// Keeps a batch. When the disk does not take it, it stays in memory.
    pub(crate) fn keep(self: &Arc<Self>, batch: Batch) -> Retained {
        let (skeleton, body) = batch.split_body();
        let length = body.len();
        let used = self.in_memory.fetch_add(length, Ordering::Relaxed) + length;
        let body = match (used > self.most_in_memory).then(|| self.append(&body)) {
            Some(Ok(offset)) => {
                self.in_memory.fetch_sub(length, Ordering::Relaxed);
                Body::File { offset, length }
            }
            Some(Err(_)) | None => Body::Memory(body),
        };
        Retained {
            store: Arc::clone(self),
            skeleton,
            body,
        }
    }

    fn append(&self, body: &[u8]) -> io::Result<u64> {
        let mut spill = self.spill();
        let file = match &mut spill.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let offset = file.seek(SeekFrom::End(0))?;
        file.write_all(body)?;
        spill.batches += 1;
        Ok(offset)
    }

    fn read(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        let mut spill = self.spill();
        let file = spill.file.as_mut().ok_or(io::ErrorKind::NotFound)?;
        let mut body = vec![0; length];
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut body)?;
        Ok(body.into())
    }

    /// One batch less is in the file; without any it is closed, which gives its space back.
    fn forget(&self) {
        let mut spill = self.spill();
        spill.batches -= 1;
        if spill.batches == 0 {
            spill.file = None;
        }
    }

    fn spill(&self) -> MutexGuard<'_, Spill> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Retained {
    /// How many items it holds.
    pub(crate) fn len(&self) -> usize {
        self.skeleton.len()
    }

    /// The batch with its body.
    pub(crate) fn load(&self) -> io::Result<Batch> {
        let body = match &self.body {
            Body::Memory(body) => body.clone(),
            Body::File { offset, length } => self.store.read(*offset, *length)?,
        };
        Ok(self.skeleton.clone().with_body(body))
    }

    /// The row numbers of its items, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        self.skeleton.rows()
    }
}

impl Drop for Retained {
    fn drop(&mut self) {
        match &self.body {
            Body::Memory(body) => {
                let in_memory = &self.store.in_memory;
                in_memory.fetch_sub(body.len(), Ordering::Relaxed);
            }
            Body::File { .. } => self.store.forget(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::{Caps, Chunker, Encoded, Envelope};

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
            identity: b"",
            repeat_is_safe: true,
        };
        chunker.push(7, encoded).unwrap();
        chunker.close().unwrap()
    }

    #[test]
    fn batches_come_back_from_memory_and_from_the_file() {
        let store = Arc::new(Store::new(6));
        let kept: Vec<Retained> = [b"100", b"200", b"300"]
            .iter()
            .map(|item| store.keep(batch(*item)))
            .collect();
        assert!(matches!(kept[0].body, Body::Memory(_)));
        assert!(matches!(kept[2].body, Body::File { .. }));
        for (retained, item) in kept.iter().zip([b"100", b"200", b"300"]) {
            let loaded = retained.load().unwrap();
            assert_eq!((loaded.item(0), loaded.row(0)), (&item[..], 7));
        }
        drop(kept);
        assert!(store.spill().file.is_none(), "the space is given back");
        assert_eq!(store.in_memory.load(Ordering::Relaxed), 0);
    }
}
