//! Keeps the items of batches whose jobs are not finished, because a job's errors must be tied to
//! rows: in memory up to a limit, beyond it in an unnamed temporary file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::chunk::Batch;

/// Where batches are kept until their jobs end.
#[derive(Debug)]
pub(crate) struct Store {
    in_memory: AtomicUsize,
    most_in_memory: usize,
    file: Mutex<Option<File>>,
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
            file: Mutex::new(None),
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
        self.with_file(|file| {
            let offset = file.seek(SeekFrom::End(0))?;
            file.write_all(body)?;
            Ok(offset)
        })
    }

    fn read(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        self.with_file(|file| {
            let mut body = vec![0; length];
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(&mut body)?;
            Ok(body.into())
        })
    }

    fn with_file<T>(&self, work: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *file {
            Some(file) => work(file),
            None => work(file.insert(tempfile::tempfile()?)),
        }
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
    pub(crate) fn rows(&self) -> impl Iterator<Item = u64> + '_ {
        self.skeleton.rows()
    }
}

impl Drop for Retained {
    fn drop(&mut self) {
        if let Body::Memory(body) = &self.body {
            self.store
                .in_memory
                .fetch_sub(body.len(), Ordering::Relaxed);
        }
    }
}
