//! The thread that writes a journal.
//!
//! SQLite blocks, and a sync takes as long as the disk takes, so neither may happen on a runtime's
//! threads. What waits when a commit begins is committed together.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::oneshot;

use super::super::{
    Answer, Fingerprint, Journal, JournalError, LookedUp, Past, Recalled, Rows, SendingId,
};
use super::Database;

/// Most that is committed together, so that who waits for the first is answered in time.
const GROUP: usize = 256;

type Reply<T> = oneshot::Sender<T>;

/// What the thread is asked to do.
enum Command {
    Sending(Fingerprint, Rows, Reply<SendingId>),
    Answer(Answer),
    Recall(u64, Reply<Option<Recalled>>),
    Found(LookedUp),
    RecallLookup(u64, Reply<Option<LookedUp>>),
    Close { finished: bool, reply: Reply<()> },
}

/// What came of it.
enum Done {
    Sending(SendingId),
    Recall(Option<Recalled>),
    RecallLookup(Option<LookedUp>),
    Nothing,
}

/// A journal that a thread of its own writes.
#[derive(Debug)]
pub(super) struct Committer {
    past: Option<Past>,
    /// `None` only while it is dropped.
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
    /// What the thread ended on, if it ended on an error.
    broken: Arc<OnceLock<JournalError>>,
}

impl Committer {
    pub(super) fn start(database: Database, past: Option<Past>) -> Result<Self, JournalError> {
        let (commands, work) = channel();
        let broken = Arc::<OnceLock<JournalError>>::default();
        let breaks = Arc::clone(&broken);
        let thread = std::thread::Builder::new()
            .name("klaviyo-journal".to_owned())
            .spawn(move || commit_all(database, &work, &breaks))
            .map_err(|error| JournalError::Failed(error.to_string()))?;
        Ok(Committer {
            past,
            commands: Some(commands),
            thread: Some(thread),
            broken,
        })
    }

    fn ask<T: Send + 'static>(
        &self,
        command: impl FnOnce(Reply<T>) -> Command,
    ) -> BoxFuture<'_, Result<T, JournalError>> {
        let (reply, answer) = oneshot::channel();
        self.tell(command(reply));
        async move { answer.await.map_err(|_| self.why_broken()) }.boxed()
    }

    fn tell(&self, command: Command) {
        if let Some(commands) = &self.commands {
            // When the thread has ended, the next sending or the close says so.
            _ = commands.send(command);
        }
    }

    fn why_broken(&self) -> JournalError {
        let closed = || JournalError::Failed("it is closed already".to_owned());
        self.broken.get().cloned().unwrap_or_else(closed)
    }
}

impl Journal for Committer {
    fn past(&self) -> Option<&Past> {
        self.past.as_ref()
    }

    fn recall(&self, number: u64) -> BoxFuture<'_, Result<Option<Recalled>, JournalError>> {
        self.ask(|reply| Command::Recall(number, reply))
    }

    fn recall_lookup(&self, number: u64) -> BoxFuture<'_, Result<Option<LookedUp>, JournalError>> {
        self.ask(|reply| Command::RecallLookup(number, reply))
    }

    fn found(&self, found: LookedUp) {
        self.tell(Command::Found(found));
    }

    fn sending(
        &self,
        batch: &Fingerprint,
        rows: Rows,
    ) -> BoxFuture<'_, Result<SendingId, JournalError>> {
        self.ask(|reply| Command::Sending(batch.clone(), rows, reply))
    }

    fn answer(&self, answer: Answer) {
        self.tell(Command::Answer(answer));
    }

    fn close(&self, finished: bool) -> BoxFuture<'_, Result<(), JournalError>> {
        self.ask(|reply| Command::Close { finished, reply })
    }
}

impl Drop for Committer {
    /// Waits for what is still to be written, so that the file is free afterwards.
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed; here it would only abort.
            _ = thread.join();
        }
    }
}

/// Does what is asked, until nobody can ask any more, the journal is closed, or a commit fails.
fn commit_all(database: Database, work: &Receiver<Command>, broken: &OnceLock<JournalError>) {
    while let Ok(first) = work.recv() {
        let mut group = vec![first];
        group.extend(work.try_iter().take(GROUP - 1));
        let commit = database.transaction(|database| {
            let commands = group.iter();
            commands
                .map(|command| apply(database, command))
                .collect::<rusqlite::Result<Vec<Done>>>()
        });
        let done = match commit {
            Ok(done) => done,
            Err(error) => {
                tracing::error!("the journal failed: {error}");
                // Said before those who wait are let go, with `group`.
                let first = broken.set(error.into());
                debug_assert!(first.is_ok(), "the thread ends on its first error");
                return;
            }
        };
        let replies = group.into_iter().zip(done);
        let closed = replies
            .filter_map(|(command, done)| reply(command, done))
            .last();
        if let Some(closed) = closed {
            // Closed before it is said to be: whoever waits may open the file again.
            drop(database);
            _ = closed.send(());
            return;
        }
    }
}

fn apply(database: &Database, command: &Command) -> rusqlite::Result<Done> {
    match command {
        Command::Sending(batch, rows, _) => Ok(Done::Sending(database.sending(batch, rows)?)),
        Command::Answer(answer) => database.answer(answer).map(|()| Done::Nothing),
        Command::Recall(number, _) => Ok(Done::Recall(database.recall(*number)?)),
        Command::Found(found) => database.found(found).map(|()| Done::Nothing),
        Command::RecallLookup(number, _) => {
            Ok(Done::RecallLookup(database.recall_lookup(*number)?))
        }
        Command::Close { finished: true, .. } => database.finish_run().map(|()| Done::Nothing),
        Command::Close { .. } => Ok(Done::Nothing),
    }
}

/// Says what came of a command, now that it is on the disk; gives back who waits for the close.
fn reply(command: Command, done: Done) -> Option<Reply<()>> {
    // Nobody waits any more when a send fails: a run that was cancelled.
    match (command, done) {
        (Command::Sending(.., reply), Done::Sending(id)) => drop(reply.send(id)),
        (Command::Recall(_, reply), Done::Recall(recalled)) => drop(reply.send(recalled)),
        (Command::RecallLookup(_, reply), Done::RecallLookup(found)) => drop(reply.send(found)),
        (Command::Close { reply, .. }, _) => return Some(reply),
        _ => {}
    }
    None
}
