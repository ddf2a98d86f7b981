//! Runs over e-mail addresses that are killed and resumed, while profiles come and go.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::failures;
use crate::bulk::BulkError;
use crate::clock::FakeClock;
use crate::error::Error;
use crate::journal::{JournalError, JournalSummary};
use crate::outcome::Outcome;
use crate::report::{Report, RunError};
use crate::testing::{Answer, Scripted, answer, client};
use crate::transport::Request;

/// More than a round of lookups, and more than two requests of members.
const ROWS: usize = 2_300;

fn rows() -> Vec<Value> {
    (0..ROWS)
        .map(|row| json!({"email": format!("{row}@shop.example")}))
        .collect()
}

/// A Klaviyo in which other addresses have profiles in each life of the process.
#[derive(Default)]
struct Klaviyo {
    life: usize,
    /// The request of this life that is never answered, and whether it takes effect all the same.
    dies_at: Option<(usize, bool)>,
    requests: usize,
    lookups: usize,
    /// The rows of each request that was taken.
    taken: Vec<BTreeSet<usize>>,
    /// Those of them whose answer was sent.
    answered: Vec<BTreeSet<usize>>,
}

impl Klaviyo {
    fn receive(&mut self, request: &Request) -> Option<Answer> {
        let number = self.requests;
        self.requests += 1;
        let dies = self.dies_at.filter(|(at, _)| *at == number);
        if request.operation.id == "get_profiles" {
            self.lookups += 1;
            return dies.is_none().then(|| self.profiles(request));
        }
        let rows = members(request);
        if dies.is_none_or(|(_, applied)| applied) {
            self.taken.push(rows.clone());
        }
        if dies.is_some() {
            return None;
        }
        self.answered.push(rows);
        Some(answer(204, ""))
    }

    /// Each life lacks other addresses.
    fn profiles(&self, request: &Request) -> Answer {
        let url = reqwest::Url::parse(&format!("http://localhost{}", request.target)).unwrap();
        let filter = url.query_pairs().find(|(name, _)| name == "filter");
        let filter = filter.unwrap().1.into_owned();
        let list = filter.strip_prefix("any(email,").unwrap();
        let asked: Vec<String> = serde_json::from_str(list.strip_suffix(')').unwrap()).unwrap();
        let row = |address: &str| address.split('@').next().unwrap().parse::<usize>().unwrap();
        let held = asked
            .iter()
            .filter(|address| row(address) % 7 != self.life % 7);
        let data: Vec<Value> = held
            .map(|address| json!({"id": format!("P{}", row(address)), "attributes": {"email": address}}))
            .collect();
        answer(200, json!({"data": data}).to_string())
    }
}

fn members(request: &Request) -> BTreeSet<usize> {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let members = body["data"].as_array().unwrap().iter();
    members
        .map(|member| member["id"].as_str().unwrap()[1..].parse().unwrap())
        .collect()
}

struct World {
    klaviyo: Arc<Mutex<Klaviyo>>,
    died: Arc<Notify>,
    transport: Arc<Scripted>,
}

impl World {
    fn new() -> Self {
        let klaviyo = Arc::<Mutex<Klaviyo>>::default();
        let died = Arc::<Notify>::default();
        let (state, dying) = (Arc::clone(&klaviyo), Arc::clone(&died));
        let transport =
            Scripted::slow(
                move |request| match state.lock().unwrap().receive(&request) {
                    Some(answer) => futures::future::ready(answer).boxed(),
                    None => {
                        dying.notify_one();
                        futures::future::pending().boxed()
                    }
                },
            );
        World {
            klaviyo,
            died,
            transport,
        }
    }

    /// One process of the run; `None` when it died.
    async fn live(
        &self,
        path: &Path,
        dies_at: Option<(usize, bool)>,
        rows: Vec<Value>,
    ) -> Option<Result<Report, BulkError>> {
        {
            let mut klaviyo = self.klaviyo.lock().unwrap();
            klaviyo.life += 1;
            (klaviyo.requests, klaviyo.dies_at) = (0, dies_at);
        }
        let client = client(&self.transport, &FakeClock::new(1));
        let call = client.bulk().add_profiles_to_list("XyZ", rows);
        let call = if path.exists() {
            call.resume(path)
        } else {
            call.journal(path)
        };
        let mut living = Box::pin(call.run());
        let lived = tokio::select! {
            biased;
            () = self.died.notified() => None,
            result = &mut living => Some(result),
        };
        drop(living);
        while matches!(JournalSummary::read(path), Err(JournalError::InUse { .. })) {
            tokio::task::yield_now().await;
        }
        lived
    }
}

#[tokio::test]
async fn wherever_the_process_dies_the_same_rows_make_the_same_batches() {
    // 23 lookups and 2 requests of members: it dies at each of them.
    for dies_at in 0..26 {
        for applied in [false, true] {
            let world = World::new();
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("members.db");
            let first = world.live(&path, Some((dies_at, applied)), rows()).await;
            assert_eq!(first.is_none(), dies_at < 25, "at {dies_at}");
            let answered = world.klaviyo.lock().unwrap().answered.clone();
            let report = world.live(&path, None, rows()).await.unwrap().unwrap();
            check(&world, &report, &answered, dies_at);

            let before = world.transport.requests().len();
            let again = world.live(&path, None, rows()).await.unwrap().unwrap();
            assert_eq!(world.transport.requests().len(), before, "all is known");
            assert_eq!(failures(&again), failures(&report));
        }
    }
}

fn check(world: &World, report: &Report, answered: &[BTreeSet<usize>], dies_at: usize) {
    let klaviyo = world.klaviyo.lock().unwrap();
    let unknown = (Outcome::Rejected, "unknown_profile".to_owned());
    let ends = failures(report);
    assert!(ends.values().all(|end| *end == unknown), "at {dies_at}");
    let missing: BTreeSet<usize> = ends
        .keys()
        .map(|row| usize::try_from(*row).unwrap())
        .collect();
    let taken: BTreeSet<usize> = klaviyo.taken.iter().flatten().copied().collect();
    assert!(taken.is_disjoint(&missing), "at {dies_at}");
    assert_eq!(taken.len() + missing.len(), ROWS, "at {dies_at}");
    // What was acknowledged is not sent again, in whatever company.
    for batch in answered {
        let times = klaviyo
            .taken
            .iter()
            .filter(|taken| !taken.is_disjoint(batch));
        assert_eq!(times.count(), 1, "at {dies_at}");
    }
    // Only lookups that nobody had answered are made again: at most a round of them.
    assert!(
        (23..=33).contains(&klaviyo.lookups),
        "{} lookups",
        klaviyo.lookups
    );
}

#[tokio::test]
async fn other_addresses_are_refused_with_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("members.db");
    let world = World::new();
    assert!(world.live(&path, Some((24, false)), rows()).await.is_none());
    let mut changed = rows();
    changed[150] = json!({"email": "somebody@shop.example"});
    let stopped = world.live(&path, None, changed).await.unwrap().unwrap_err();
    let BulkError::Stopped(RunError { error, report, .. }) = stopped else {
        panic!("{stopped}");
    };
    let expected = JournalError::OtherAddresses {
        first_row: 100,
        last_row: 199,
    };
    assert!(
        matches!(&error, Error::Journal(error) if *error == expected),
        "{error}"
    );
    let ends = failures(&report);
    assert_eq!(ends[&150], (Outcome::Unknown, "not_resumed".to_owned()));
    // It has spoilt nothing.
    let report = world.live(&path, None, rows()).await.unwrap().unwrap();
    assert_eq!(
        report.counts.completed + report.counts.rejected,
        ROWS as u64
    );
}

/// As dead letters of such a run are: addresses that nobody had, and members that were not taken. These
/// are packed at once, and those before them in the source only when they have been looked up.
#[tokio::test]
async fn members_that_overtake_addresses_are_resumed_as_well() {
    const ADDRESSES: usize = 1_000;
    let member = |row: usize| json!({"type": "profile", "id": format!("P{row}")});
    let members = (ADDRESSES..ADDRESSES + 200).map(member);
    let rows: Vec<Value> = rows().into_iter().take(ADDRESSES).chain(members).collect();
    // 10 lookups and 2 requests of members.
    for dies_at in [10, 11] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("members.db");
        let world = World::new();
        let first = world.live(&path, Some((dies_at, false)), rows.clone());
        assert!(first.await.is_none());
        let report = world.live(&path, None, rows.clone()).await.unwrap();
        let report = report.unwrap();
        let unknown = (Outcome::Rejected, "unknown_profile".to_owned());
        assert!(failures(&report).values().all(|end| *end == unknown));
        let taken: Vec<BTreeSet<usize>> = world.klaviyo.lock().unwrap().taken.clone();
        assert_eq!(taken.len(), 2);
        let taken: BTreeSet<usize> = taken.into_iter().flatten().collect();
        assert_eq!(taken.len() as u64, report.counts.completed);
    }
}
