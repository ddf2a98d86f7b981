//! Watches jobs until they end: each by itself while they are few, by pages of a listing when they
//! are many.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use klaviyo_gen::Operation;
use tokio::sync::mpsc::UnboundedReceiver;

use super::answer::State;
use super::pace::{at_steady_pace, wait_before_look};
use super::read::{Listed, Reader};
use super::room::JobRoom;
use crate::clock::Moment;
use crate::error::Error;

/// Above so many unfinished jobs their listing is read, where there is one: 400 imports of a minute
/// each take 178 looks, not 644, and the last end is seen after 4 s, not 37.
const MANY: usize = 20;
/// The least between two readings of the listing.
const LISTING_PAUSE: Duration = Duration::from_secs(2);
/// So many looks in a row without an answer, each with all its attempts, and the looking ends.
const PATIENCE: u32 = 3;
/// So long after its beginning a job may not be known everywhere yet.
pub(super) const SPREADING: Duration = Duration::from_secs(10);

/// A job to be watched.
#[derive(Debug)]
pub(crate) struct Watched<T> {
    pub(super) id: String,
    pub(super) began: Moment,
    /// When it is looked at first; `None` leaves that to the watch.
    pub(super) first_look: Option<Moment>,
    /// Whether it must be known by now, so that a 404 says that it is gone.
    pub(super) known: bool,
    pub(super) expires: Option<DateTime<Utc>>,
    /// Whose job it is.
    pub(super) subject: T,
}

/// How the watching of a job ended.
#[derive(Debug)]
pub(super) enum End {
    /// It is complete.
    Complete(State),
    /// Klaviyo cancelled it.
    Cancelled,
    /// It was not finished by the time at which Klaviyo forgets it.
    Expired,
    /// Klaviyo does not know it any more.
    Vanished,
    /// The deadline has passed, and it is not finished.
    Open(State),
    /// It could not be looked at.
    Unseen(Error),
}

/// Whether anybody wants to know how the jobs are doing.
#[derive(Debug, Clone)]
pub(super) enum Attention {
    /// Somebody waits for every job's end.
    Always,
    /// Only while there is no room for more jobs, of this run or another. When no more come, the watch
    /// ends, however many are unfinished.
    WhenFull(Arc<JobRoom>),
}

impl Attention {
    fn is_there(&self) -> bool {
        match self {
            Attention::Always => true,
            Attention::WhenFull(room) => room.is_full(),
        }
    }

    /// Whether jobs are watched on when no more come.
    fn lasts(&self) -> bool {
        matches!(self, Attention::Always)
    }

    /// Ends when somebody wants to know.
    async fn comes(&self) {
        if let Attention::WhenFull(room) = self {
            room.filled().await;
        }
    }
}

/// A job that has not ended yet.
#[derive(Debug)]
struct Unfinished<T> {
    job: Watched<T>,
    /// When it is looked at next; `None` while somebody looks.
    due: Option<Moment>,
    /// Looks in a row without an answer.
    missed: u32,
}

/// What came of a request.
enum Seen {
    One(u64, Result<State, Error>),
    Many(Result<Listed, Error>),
}

/// How the listing stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Listing {
    NotBefore(Moment),
    UnderWay,
    /// There is none, or it failed: each job is looked at by itself.
    Unusable,
}

/// Watches jobs of one kind.
pub(super) struct Watch<'a, T> {
    reader: Reader<'a>,
    /// Longest watching of a job since its beginning.
    deadline: Duration,
    jobs: BTreeMap<u64, Unfinished<T>>,
    next_key: u64,
    looks: FuturesUnordered<BoxFuture<'a, Seen>>,
    listing: Listing,
}

impl<'a, T> Watch<'a, T> {
    pub(super) fn new(reader: Reader<'a>, deadline: Duration) -> Self {
        let listing = match reader.kind.listing {
            Some(_) => Listing::NotBefore(Moment::ORIGIN),
            None => Listing::Unusable,
        };
        Watch {
            reader,
            deadline,
            jobs: BTreeMap::new(),
            next_key: 0,
            looks: FuturesUnordered::new(),
            listing,
        }
    }

    /// Watches the jobs that come until each of them has ended, as `end` is told, or as long as there is
    /// attention.
    ///
    /// A stop ends the watching; what is left is dropped.
    pub(super) async fn run(
        mut self,
        mut begun: UnboundedReceiver<Watched<T>>,
        attention: Attention,
        end: impl Fn(T, End) -> BoxFuture<'a, ()>,
    ) {
        let Reader { stop, exchange, .. } = self.reader;
        let mut ending = FuturesUnordered::new();
        let mut more = true;
        loop {
            let wanted = attention.is_there();
            let over = self.jobs.is_empty() || !attention.lasts();
            if !more && over && ending.is_empty() {
                return;
            }
            let due = self.next_due().filter(|_| wanted);
            let wait = due.map(|due| due.since(exchange.clock.now()));
            tokio::select! {
                biased;
                () = stop.raised() => break,
                job = begun.recv(), if more => match job {
                    Some(job) => self.add(job),
                    None => more = false,
                },
                Some(seen) = self.looks.next() => {
                    for (subject, how) in self.note(seen) {
                        ending.push(end(subject, how));
                    }
                }
                Some(()) = ending.next() => {}
                () = attention.comes(), if !wanted => {}
                () = exchange.clock.sleep(wait.unwrap_or_default()), if due.is_some() => self.look(),
            }
        }
        drop(self);
        while ending.next().await.is_some() {}
    }

    fn now(&self) -> Moment {
        self.reader.exchange.clock.now()
    }

    fn add(&mut self, job: Watched<T>) {
        let wait = wait_before_look(Duration::ZERO, self.apart(self.jobs.len()));
        let due = job.first_look.unwrap_or(self.now() + wait);
        let unfinished = Unfinished {
            job,
            due: Some(due),
            missed: 0,
        };
        self.jobs.insert(self.next_key, unfinished);
        self.next_key += 1;
    }

    /// How far apart looks at one job have to be, so that those at the others have room.
    fn apart(&self, others: usize) -> Duration {
        match self.listing() {
            Some(_) => Duration::ZERO,
            None => at_steady_pace(&self.reader.kind.read.limits, others),
        }
    }

    /// The listing, when there are so many jobs that it is to be read.
    fn listing(&self) -> Option<&'static Operation> {
        let many = self.jobs.len() > MANY && self.listing != Listing::Unusable;
        self.reader.kind.listing.filter(|_| many)
    }

    /// When the next request is due, if not only answers are waited for.
    fn next_due(&self) -> Option<Moment> {
        let due = self.jobs.values().filter_map(|job| job.due).min()?;
        match (self.listing(), self.listing) {
            (Some(_), Listing::NotBefore(moment)) => Some(due.max(moment)),
            (Some(_), _) => None,
            (None, _) => Some(due),
        }
    }

    /// Looks at the jobs that are due: all of them by their listing, or each by itself.
    fn look(&mut self) {
        let now = self.now();
        let Some(listing) = self.listing() else {
            let due = |job: &Unfinished<T>| job.due.is_some_and(|due| due <= now);
            let keys: Vec<u64> = (self.jobs.iter())
                .filter_map(|(&key, job)| due(job).then_some(key))
                .collect();
            return keys.into_iter().for_each(|key| self.look_at(key));
        };
        let waiting = self.jobs.values().filter(|job| job.due.is_some());
        let wanted: HashSet<String> = waiting.map(|job| job.job.id.clone()).collect();
        let reader = self.reader;
        self.listing = Listing::UnderWay;
        self.looks.push(Box::pin(async move {
            Seen::Many(reader.listed(listing, wanted).await)
        }));
    }

    fn look_at(&mut self, key: u64) {
        let Some(job) = self.jobs.get_mut(&key) else {
            return;
        };
        job.due = None;
        let id = job.job.id.clone();
        let reader = self.reader;
        self.looks.push(Box::pin(
            async move { Seen::One(key, reader.job(&id).await) },
        ));
    }

    /// Takes in what came of a request; gives the jobs that have ended.
    fn note(&mut self, seen: Seen) -> Vec<(T, End)> {
        match seen {
            Seen::One(key, result) => self.note_one(key, result).into_iter().collect(),
            Seen::Many(Ok(listed)) => self.note_listed(&listed),
            Seen::Many(Err(_)) => {
                self.listing = Listing::Unusable;
                Vec::new()
            }
        }
    }

    /// Takes a listing in; the jobs that are not in it are looked at by themselves.
    fn note_listed(&mut self, listed: &Listed) -> Vec<(T, End)> {
        if let Some(listing) = self.reader.kind.listing {
            // At most half of what the limit lets through.
            let pause = at_steady_pace(&listing.limits, 2 * listed.pages);
            self.listing = Listing::NotBefore(self.now() + pause.max(LISTING_PAUSE));
        }
        let waiting = self.jobs.iter().filter(|(_, job)| job.due.is_some());
        let keys: Vec<u64> = waiting.map(|(&key, _)| key).collect();
        let mut ended = Vec::new();
        for key in keys {
            let id = self.jobs.get(&key).map(|job| job.job.id.as_str());
            match id.and_then(|id| listed.jobs.get(id)) {
                Some(state) => ended.extend(self.note_one(key, Ok(state.clone()))),
                None => self.look_at(key),
            }
        }
        ended
    }

    /// Takes a look at a job in; gives the job when it has ended.
    fn note_one(&mut self, key: u64, result: Result<State, Error>) -> Option<(T, End)> {
        let (now, utc) = (self.now(), self.reader.exchange.clock.utc());
        let others = self.jobs.len().saturating_sub(1);
        let (apart, deadline) = (self.apart(others), self.deadline);
        let unfinished = self.jobs.get_mut(&key)?;
        let age = now.since(unfinished.job.began);
        let is_late = age >= deadline;
        let end = match result {
            Ok(state) => unfinished.see(state, utc, is_late),
            Err(error) => unfinished.miss(error, utc, age, is_late),
        };
        if let Some(end) = end {
            let ended = self.jobs.remove(&key)?;
            return Some((ended.job.subject, end));
        }
        // The last look is at the deadline.
        let wait = wait_before_look(age, apart).min(deadline.saturating_sub(age));
        unfinished.due = Some(now + wait);
        None
    }
}

impl<T> Unfinished<T> {
    fn has_expired(&self, utc: DateTime<Utc>) -> bool {
        self.job.expires.is_some_and(|expires| expires <= utc)
    }

    /// The job was seen in this state.
    fn see(&mut self, state: State, utc: DateTime<Utc>, is_late: bool) -> Option<End> {
        self.missed = 0;
        self.job.known = true;
        self.job.expires = state.expires_at.or(self.job.expires);
        match state.status.as_deref() {
            Some("complete") => Some(End::Complete(state)),
            Some("cancelled") => Some(End::Cancelled),
            _ if self.has_expired(utc) => Some(End::Expired),
            _ => is_late.then_some(End::Open(state)),
        }
    }

    /// Nobody could say how the job is doing.
    fn miss(
        &mut self,
        error: Error,
        utc: DateTime<Utc>,
        age: Duration,
        is_late: bool,
    ) -> Option<End> {
        self.missed += 1;
        let impatient = self.missed >= PATIENCE;
        match error.status() {
            Some(404) if self.has_expired(utc) => Some(End::Expired),
            Some(404) if self.job.known || (impatient && age >= SPREADING) => Some(End::Vanished),
            Some(404) => is_late.then_some(End::Unseen(error)),
            // Looking again would fare no better: a key without the scope to read jobs, say.
            Some(400..=499) => Some(End::Unseen(error)),
            _ => (impatient || is_late).then_some(End::Unseen(error)),
        }
    }
}

#[cfg(test)]
mod tests;
