//! A Klaviyo that lives on while the processes of a run die, and the journal that they leave.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::DateTime;
use futures::FutureExt;
use klaviyo_gen::Method;
use klaviyo_gen::operations::BULK_IMPORT_PROFILES;
use serde_json::json;
use tokio::sync::Notify;

use super::super::ids;
use crate::bulk::Prepared;
use crate::chunk::{Caps, Chunker, Envelope};
use crate::clock::FakeClock;
use crate::encode::Encoder;
use crate::journal::{Account, JournalSummary, Journaling, Opening, Rows};
use crate::options::RunOptions;
use crate::outcome::Outcome;
use crate::report::{Report, RunError};
use crate::run::{Packer, Run};
use crate::shared::Shared;
use crate::testing::{Answer, Scripted, answer, broken, client, refusal};
use crate::transport::{Breakage, Request};

/// How an import is answered.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reply {
    /// Taken.
    Take,
    /// Taken, but the answer is lost.
    Lose,
    /// Not taken, and no answer.
    Break,
    /// 400 with this pointer.
    Refuse(&'static str),
    Status(u16),
}

/// How a process dies.
#[derive(Debug)]
pub(super) struct Crash {
    /// At this request.
    pub(super) request: usize,
    /// Whether Klaviyo still gets it.
    pub(super) applied: bool,
    /// Whether nothing is written any more, as after kill -9; else the run is dropped in order.
    pub(super) kill: bool,
    /// How large the journal may grow.
    pub(super) pages: Option<u32>,
}

#[derive(Debug, Default)]
struct Klaviyo {
    replies: Vec<Reply>,
    next: usize,
    /// Requests of this life, and the one at which it ends.
    requests: usize,
    crash: Option<(usize, bool)>,
    /// Rows of each request that was taken.
    taken: Vec<Vec<String>>,
    /// Rows that must not come any more.
    acknowledged: BTreeSet<String>,
}

pub(super) struct World {
    klaviyo: Arc<Mutex<Klaviyo>>,
    crashed: Arc<Notify>,
    transport: Arc<Scripted>,
    folder: tempfile::TempDir,
    rows: Vec<serde_json::Value>,
    repeat_is_safe: bool,
}

impl World {
    pub(super) fn new(replies: Vec<Reply>, rows: usize, repeat_is_safe: bool) -> Self {
        let klaviyo = Arc::new(Mutex::new(Klaviyo {
            replies,
            ..Klaviyo::default()
        }));
        let crashed = Arc::<Notify>::default();
        let (state, crashes) = (Arc::clone(&klaviyo), Arc::clone(&crashed));
        let transport =
            Scripted::slow(
                move |request| match state.lock().unwrap().receive(&request) {
                    Some(answer) => futures::future::ready(answer).boxed(),
                    None => {
                        crashes.notify_one();
                        futures::future::pending().boxed()
                    }
                },
            );
        let row = |row: usize| match (row % 11, repeat_is_safe) {
            (7, _) => json!({"first_name": "Nobody"}),
            (_, true) => json!({"external_id": row.to_string()}),
            (_, false) => json!({"external_id": row.to_string(), "patch.append.tags": "vip"}),
        };
        World {
            klaviyo,
            crashed,
            transport,
            folder: tempfile::tempdir().unwrap(),
            rows: (0..rows).map(row).collect(),
            repeat_is_safe,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("run.db")
    }

    fn klaviyo(&self) -> MutexGuard<'_, Klaviyo> {
        self.klaviyo.lock().unwrap()
    }

    /// All is taken from now on.
    pub(super) fn mend(&mut self) {
        self.klaviyo().replies = vec![Reply::Take];
    }

    pub(super) fn requests(&self) -> usize {
        self.transport.requests().len()
    }

    pub(super) fn is_finished(&self) -> bool {
        JournalSummary::read(self.path()).unwrap().finished
    }

    pub(super) fn taken_batches(&self) -> u64 {
        let written = rusqlite::Connection::open(self.path()).unwrap();
        let taken = "SELECT count(*) FROM sending WHERE fate = 'taken'";
        let taken: i64 = written.query_row(taken, [], |row| row.get(0)).unwrap();
        taken.cast_unsigned()
    }

    /// One process of the run; `None` when it died.
    pub(super) async fn live(&mut self, crash: Option<&Crash>) -> Option<Result<Report, RunError>> {
        self.remember_what_was_acknowledged();
        {
            let mut klaviyo = self.klaviyo();
            klaviyo.requests = 0;
            klaviyo.crash = crash.map(|crash| (crash.request, crash.applied));
        }
        let run = self.begin(crash.and_then(|crash| crash.pages));
        let mut living = Box::pin(drive(run, &self.rows));
        let lived = tokio::select! {
            biased;
            () = self.crashed.notified() => None,
            result = &mut living => Some(result),
        };
        let kept = (lived.is_none() && crash.is_some_and(|crash| crash.kill))
            .then(|| Files::copy(&self.path()));
        drop(living);
        while JournalSummary::read(self.path()).is_err() {
            tokio::task::yield_now().await;
        }
        if let Some(kept) = kept {
            kept.put_back(&self.path());
        }
        lived
    }

    fn begin(&self, pages: Option<u32>) -> Run {
        let client = client(&self.transport, &FakeClock::new(1));
        let operation = &BULK_IMPORT_PROFILES;
        let options = RunOptions {
            max_in_flight: 3,
            ..RunOptions::default()
        };
        let journaling = match self.path().exists() {
            true => Journaling::Resume(self.path()),
            false => Journaling::Begin(self.path()),
        };
        let opening = Opening::open(&journaling, operation.id).unwrap();
        let summary = JournalSummary {
            run_id: "run".to_owned(),
            operation: operation.id.to_owned(),
            options: serde_json::Map::new(),
            began: DateTime::UNIX_EPOCH,
            finished: false,
            account: Account::default(),
        };
        if let Some(pages) = pages {
            opening.limit_pages(pages);
        }
        let journal = opening.begin(&summary).unwrap();
        let envelope = Envelope {
            prefix: br#"{"data":{"attributes":{"profiles":{"data":["#.to_vec(),
            suffix: b"]}}}}".to_vec(),
            group_close: Vec::new(),
            caps: Caps {
                max_items: 5,
                ..Caps::of(operation).unwrap()
            },
        };
        let profiles = crate::encode::Rows::Profiles;
        let encoder = Encoder::new(operation, &profiles, options.rows, DateTime::UNIX_EPOCH);
        let prepared = Prepared {
            operation,
            target: operation.path.to_owned(),
            packer: Packer::new(encoder.unwrap(), Chunker::new(envelope)),
        };
        let shared = Shared::new(&client, &prepared, &options, Some(journal));
        Run::begin(shared, prepared.packer, summary.run_id)
    }

    /// What the journal calls taken must not be sent by a later process.
    fn remember_what_was_acknowledged(&self) {
        if !self.path().exists() {
            return;
        }
        let written = rusqlite::Connection::open(self.path()).unwrap();
        let rows = "SELECT rows FROM sending WHERE fate = 'taken' UNION
                    SELECT rows FROM ending WHERE final";
        let mut rows = written.prepare(rows).unwrap();
        let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        for rows in rows {
            let rows: Rows = rows.unwrap().parse().unwrap();
            let names = rows.iter().map(|row| row.to_string());
            self.klaviyo().acknowledged.extend(names);
        }
    }

    /// What Klaviyo holds agrees with the report, row by row.
    pub(super) fn check(&self, report: &Report) {
        assert_eq!(report.rows, self.rows.len() as u64);
        let failures = super::failures(report);
        let klaviyo = self.klaviyo();
        for row in 0..report.rows {
            let name = row.to_string();
            let rows = klaviyo.taken.iter().flatten();
            let times = rows.filter(|taken| **taken == name).count();
            assert!(
                self.repeat_is_safe || times <= 1,
                "row {row} taken {times} times"
            );
            match failures.get(&row) {
                None => assert!(times >= 1, "row {row} is called completed"),
                Some((Outcome::Unknown, _)) => {}
                Some(end) => assert_eq!(times, 0, "row {row} was taken: {end:?}"),
            }
        }
    }
}

async fn drive(mut run: Run, rows: &[serde_json::Value]) -> Result<Report, RunError> {
    for row in rows {
        run.push(row);
        run.hand_over().await;
        if run.has_stopped() {
            break;
        }
    }
    run.finish().await
}

impl Klaviyo {
    /// The answer to a request, or `None` when the process dies with it.
    fn receive(&mut self, request: &Request) -> Option<Answer> {
        let number = self.requests;
        self.requests += 1;
        let dies = self.crash.filter(|(at, _)| *at <= number);
        if request.operation.method != Method::Post {
            let body = json!({"data": {"id": "job", "attributes": {"status": "complete", "failed_count": 0}}});
            return dies.is_none().then(|| answer(200, body.to_string()));
        }
        let rows = ids(request);
        for row in &rows {
            assert!(!self.acknowledged.contains(row), "row {row} is sent again");
        }
        if let Some((_, applied)) = dies {
            if applied {
                self.taken.push(rows);
            }
            return None;
        }
        let reply = self.replies[self.next % self.replies.len()];
        self.next += 1;
        Some(match reply {
            Reply::Take => {
                self.taken.push(rows);
                answer(202, json!({"data": {"id": "job"}}).to_string())
            }
            Reply::Lose => {
                self.taken.push(rows);
                broken(Breakage::Broken)
            }
            Reply::Break => broken(Breakage::Broken),
            Reply::Refuse(pointer) => refusal(400, &[pointer]),
            Reply::Status(status) => answer(status, ""),
        })
    }
}

/// A journal's files as they stand on the disk.
struct Files(Vec<(&'static str, Vec<u8>)>);

impl Files {
    fn copy(path: &Path) -> Self {
        let suffixes = ["", "-wal"].into_iter();
        let read = |suffix| Some((suffix, std::fs::read(beside(path, suffix)).ok()?));
        Files(suffixes.filter_map(read).collect())
    }

    fn put_back(self, path: &Path) {
        for (suffix, bytes) in self.0 {
            std::fs::write(beside(path, suffix), bytes).unwrap();
        }
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
