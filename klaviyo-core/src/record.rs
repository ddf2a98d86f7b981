//! Where the ends of one sending's rows go: the run's ledger, and its journal if it has one.

use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::chunk::Batch;
use crate::error::Error;
use crate::jobs::JobHandle;
use crate::journal::{Answer, Ending, Fate, Fingerprint, Journal, Rows, SendingId};
use crate::outcome::Outcome;
use crate::report::{Ledger, RowFailure};

/// Where the ends of one sending's rows go.
#[derive(Debug)]
pub(crate) struct Record {
    ledger: Arc<Ledger>,
    journaled: Option<Box<Journaled>>,
}

#[derive(Debug)]
struct Journaled {
    journal: Arc<dyn Journal>,
    batch: Arc<Fingerprint>,
    /// Once it is announced; a part of a batch begins with the whole's.
    sending: Mutex<Option<SendingId>>,
}

/// Ends of rows that are entered together.
#[must_use = "the journal learns of it when it is written"]
pub(crate) struct Entry<'a> {
    ledger: &'a Ledger,
    journal: Option<(&'a dyn Journal, Answer)>,
}

impl Record {
    /// A record in the ledger alone.
    pub(crate) fn new(ledger: Arc<Ledger>) -> Self {
        Record {
            ledger,
            journaled: None,
        }
    }

    /// A record in the journal, too.
    pub(crate) fn journaled(
        ledger: Arc<Ledger>,
        journal: Arc<dyn Journal>,
        batch: Arc<Fingerprint>,
    ) -> Self {
        Record {
            ledger,
            journaled: Some(Box::new(Journaled {
                journal,
                batch,
                sending: Mutex::default(),
            })),
        }
    }

    /// The record of a part of the batch.
    pub(crate) fn part(&self) -> Self {
        let journaled = self.journaled.as_ref().map(|journaled| {
            Box::new(Journaled {
                journal: Arc::clone(&journaled.journal),
                batch: Arc::clone(&journaled.batch),
                sending: Mutex::new(journaled.sending()),
            })
        });
        Record {
            ledger: Arc::clone(&self.ledger),
            journaled,
        }
    }

    /// The record of what an earlier process sent.
    pub(crate) fn of_sending(&self, sending: SendingId) -> Self {
        let record = self.part();
        if let Some(journaled) = &record.journaled {
            *journaled.lock() = Some(sending);
        }
        record
    }

    /// The batch as the journal knows it, when there is one.
    pub(crate) fn fingerprint(&self) -> Option<&Fingerprint> {
        self.journaled.as_ref().map(|journaled| &*journaled.batch)
    }

    /// Writes down that the batch, or this part of it, is about to be sent.
    pub(crate) fn announce(&self, part: &Batch) -> BoxFuture<'_, Result<(), Error>> {
        let Some(journaled) = &self.journaled else {
            return futures::future::ready(Ok(())).boxed();
        };
        let rows = part.rows().collect();
        let written = journaled.journal.sending(&journaled.batch, rows);
        async move {
            *journaled.lock() = Some(written.await?);
            Ok(())
        }
        .boxed()
    }

    /// Begins to enter ends. `fate` is what became of the sending, if that is known now; `is_final`
    /// says that an answer of Klaviyo's brought the ends, so that they hold when the run is resumed.
    pub(crate) fn entry(&self, fate: Option<Fate>, is_final: bool) -> Entry<'_> {
        let journal = self.journaled.as_ref().and_then(|journaled| {
            let sending = journaled.sending();
            // Of what was never announced, a resumed run need not know that it was not sent.
            (sending.is_some() || is_final).then(|| {
                let answer = Answer {
                    batch: journaled.batch.number,
                    sending,
                    fate,
                    endings: Vec::new(),
                    is_final,
                };
                (&*journaled.journal, answer)
            })
        });
        Entry {
            ledger: &self.ledger,
            journal,
        }
    }
}

impl Journaled {
    fn sending(&self) -> Option<SendingId> {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<SendingId>> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry<'_> {
    /// Enters rows of which nothing more is to be said.
    pub(crate) fn pass(&mut self, outcome: Outcome, rows: impl Iterator<Item = u64> + Clone) {
        if let Some((_, answer)) = &mut self.journal {
            let rows: Rows = rows.clone().collect();
            if !rows.is_empty() {
                answer.endings.push(Ending {
                    rows,
                    outcome,
                    reason: None,
                });
            }
        }
        self.ledger.pass(outcome, rows);
    }

    /// Enters a row with the reason why it did not get through.
    pub(crate) fn fail(&mut self, failure: RowFailure) {
        if let Some((_, answer)) = &mut self.journal {
            Ending::add(&mut answer.endings, &failure);
        }
        self.ledger.fail(failure);
    }

    /// The job that would bring ends is looked at no more.
    pub(crate) fn leave_open(&self, job: JobHandle) {
        self.ledger.leave_open(job);
    }

    /// Tells the journal.
    pub(crate) fn write(self) {
        if let Some((journal, answer)) = self.journal {
            journal.answer(answer);
        }
    }
}
