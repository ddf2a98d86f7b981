//! Things that belong to one process. A fork copies their memory, but not the threads that keep
//! their connections alive, so in the child they must be neither used nor taken down.

use std::sync::{Mutex, PoisonError};
use std::{fmt, io, process};

/// A thing of the process that made it.
pub(crate) struct OfProcess<T> {
    owner: u32,
    /// `None` only while it is being dropped.
    thing: Option<T>,
}

/// Somebody asked for a thing of the process that this one was forked from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forked;

impl<T> OfProcess<T> {
    pub(crate) fn new(thing: T) -> Self {
        OfProcess {
            owner: process::id(),
            thing: Some(thing),
        }
    }

    /// The thing, if this is its process.
    pub(crate) fn get(&self) -> Result<&T, Forked> {
        let here = self.owner == process::id();
        self.thing.as_ref().filter(|_| here).ok_or(Forked)
    }

    /// The thing, to change it, if this is its process.
    pub(crate) fn get_mut(&mut self) -> Result<&mut T, Forked> {
        let here = self.owner == process::id();
        self.thing.as_mut().filter(|_| here).ok_or(Forked)
    }
}

impl<T> Drop for OfProcess<T> {
    fn drop(&mut self) {
        if self.owner != process::id() {
            // To join its threads would never end, and to close its connections would disturb the
            // parent's. The memory goes with the process.
            std::mem::forget(self.thing.take());
        }
    }
}

impl<T> fmt::Debug for OfProcess<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OfProcess({})", self.owner)
    }
}

/// A thing that each process has one of, made when it is first asked for. It is leaked on purpose: it
/// lives as long as the process, and a forked child must not take its parent's down.
pub(crate) struct OnePerProcess<T: 'static>(Mutex<Option<(u32, &'static T)>>);

impl<T> OnePerProcess<T> {
    pub(crate) const fn new() -> Self {
        OnePerProcess(Mutex::new(None))
    }

    /// The thing of this process.
    ///
    /// # Errors
    /// When it could not be made.
    pub(crate) fn get(&self, make: impl FnOnce() -> io::Result<T>) -> io::Result<&'static T> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *slot {
            Some((owner, thing)) if owner == process::id() => Ok(thing),
            _ => {
                let thing: &'static T = Box::leak(Box::new(make()?));
                *slot = Some((process::id(), thing));
                Ok(thing)
            }
        }
    }
}
