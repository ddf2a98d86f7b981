//! Much goes wrong at once, and the report tells the truth about every row.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use klaviyo_core::bulk::{BulkOptions, options};
use klaviyo_core::jobs::{JobReport, JobStatus};
use klaviyo_core::{Counts, Outcome, Report};
use klaviyo_gen::OPERATIONS;
use klaviyo_sandbox::{Confirmation, Sandbox};
use klaviyo_tests::{Damage, STORMS, World};

use crate::family::Family;

const HOUR: Duration = Duration::from_secs(3600);

/// Runs a family through storms. In each:
///
/// - every row that was read ends exactly once;
/// - `completed` rows are in the sandbox's state, and so are `accepted` ones; where those wait for a
///   job that was left open, its handle tells;
/// - `rejected` and `failed` rows are not in it, nor are rows that were never read;
/// - no row is in it twice; only an `unknown` one may be in it or not;
/// - only rows of requests that the storm really left in doubt, or of jobs that it lost, are `unknown`;
/// - no row is `unknown` where requests may be sent again and no job is waited for, as long as the run
///   goes on.
///
/// In all of them together, rows that Klaviyo cannot take end as they should, handles of jobs that
/// were left open tell of rows, and there was every kind of misfortune.
pub(crate) async fn storms<F: Family>(family: impl Fn() -> F) {
    let (mut through, mut read, mut repeats) = (0, 0, 0);
    let (mut refused, mut left, mut told, mut jobs) = (0, 0, 0, 0);
    let mut seen = BTreeSet::new();
    for seed in 1..=STORMS {
        let family = family();
        let expected = family.refused();
        let Aftermath {
            report,
            left_open,
            damage,
        } = storm(family, seed).await;
        through += report.counts.completed + report.counts.accepted;
        read += report.rows;
        repeats += report.usage.retries;
        refused += expected.map_or(1, |outcome| count(&report.counts, outcome));
        left += left_open.len();
        told += left_open.values().flatten().count();
        jobs += report.jobs;
        seen.extend(damage.seen);
    }
    for misfortune in World::misfortunes() {
        assert!(seen.contains(&misfortune), "never: {misfortune}");
    }
    assert!(
        jobs == 0 || seen.contains("a job is cancelled"),
        "no job was cancelled"
    );
    assert!(repeats > 0, "no storm");
    assert!(
        refused > 0,
        "all rows that cannot be taken are called something else"
    );
    assert!(
        told > 0 || left == 0,
        "no handle told anything of {left} rows"
    );
    assert!(
        through > read / 5,
        "{through} of {read} rows got through: it shows little"
    );
}

/// What is left after a storm.
struct Aftermath {
    report: Report,
    left_open: BTreeMap<u64, Option<bool>>,
    damage: Damage,
}

fn count(counts: &Counts, outcome: Outcome) -> u64 {
    match outcome {
        Outcome::Rejected => counts.rejected,
        Outcome::Failed => counts.failed,
        Outcome::Accepted => counts.accepted,
        Outcome::Completed => counts.completed,
        Outcome::Unknown => counts.unknown,
    }
}

async fn storm<F: Family>(mut family: F, seed: u64) -> Aftermath {
    let builder = Sandbox::builder()
        .seed(seed)
        .job_time(Duration::from_secs(20))
        .confirmation(Confirmation::Given);
    let world = World::with(builder, None).await;
    family.arrange(&world).await;
    world.storm(seed);
    // Every second run leaves its jobs to be asked about later.
    let wait = !seed.is_multiple_of(2);
    let (ends, report, stopped) = run(&world, &family, wait).await;
    let loses_nothing = is_repeated(&report) && !stopped && !(wait && report.jobs > 0);
    let damage = world.damage();
    world.calm();
    let jobs = world.client.jobs().wait(&report.open_jobs, HOUR).await;
    let left_open = left_open(&jobs.unwrap());
    let done = family.done(&world).await;
    agrees(&ends, &report, &left_open, &done)
        .unwrap_or_else(|lie| panic!("{}, seed {seed}: {lie}", family.verb()));
    let texts = damage.texts_in_doubt(stopped);
    let in_doubt: BTreeSet<u64> = texts
        .iter()
        .filter_map(|text| family.row_in(text))
        .collect();
    for (row, outcome) in &ends {
        assert!(
            *outcome != Outcome::Unknown || in_doubt.contains(row),
            "{}, seed {seed}: row {row} is unknown, and nothing happened to it",
            family.verb()
        );
    }
    let unknown = report.counts.unknown;
    assert!(
        unknown == 0 || !loses_nothing,
        "{}, seed {seed}: {unknown} rows are unknown, and could have been sent again",
        family.verb()
    );
    Aftermath {
        report,
        left_open,
        damage,
    }
}

/// Whether requests whose answer was lost are sent again.
fn is_repeated(report: &Report) -> bool {
    let mut operations = OPERATIONS.iter();
    let operation = operations.find(|operation| operation.id == report.operation);
    operation.unwrap().repeat.safe
}

/// The ends of rows as they became known, the report, and whether the run stopped.
async fn run<F: Family>(
    world: &World,
    family: &F,
    wait: bool,
) -> (Vec<(u64, Outcome)>, Report, bool) {
    let mut options = options(&family.verb(), family.options()).unwrap();
    options.run_mut().wait = Some(wait);
    let bulk = world.client.bulk();
    let mut run = bulk
        .start(options.as_ref() as &dyn BulkOptions)
        .await
        .unwrap();
    let ends = run.outcomes().map(|end| (end.row, end.outcome));
    let ends = tokio::spawn(ends.collect::<Vec<_>>());
    for row in family.rows() {
        run.push(&row);
        run.hand_over().await;
        if run.has_stopped() {
            break;
        }
    }
    let (report, stopped) = match run.finish().await {
        Ok(report) => (report, false),
        Err(stopped) => (*stopped.report, true),
    };
    (ends.await.unwrap(), report, stopped)
}

/// What the handles of jobs that were left open say of their rows: whether they are done, where that
/// can be told.
fn left_open(jobs: &[JobReport]) -> BTreeMap<u64, Option<bool>> {
    let mut rows = BTreeMap::new();
    for job in jobs {
        assert!(job.status.has_ended(), "{:?}", job.status);
        let failed = job.errors.iter().filter_map(|error| error.row);
        let failed: BTreeSet<u64> = failed.collect();
        let is_told = job.status == JobStatus::Complete && job.counts.unknown == 0;
        for row in job.handle.rows.iter() {
            rows.insert(row, is_told.then(|| !failed.contains(&row)));
        }
    }
    rows
}

fn agrees(
    ends: &[(u64, Outcome)],
    report: &Report,
    left_open: &BTreeMap<u64, Option<bool>>,
    done: &[u64],
) -> Result<(), String> {
    let mut counts = Counts::default();
    for (_, outcome) in ends {
        match outcome {
            Outcome::Rejected => counts.rejected += 1,
            Outcome::Failed => counts.failed += 1,
            Outcome::Accepted => counts.accepted += 1,
            Outcome::Completed => counts.completed += 1,
            Outcome::Unknown => counts.unknown += 1,
        }
    }
    let rows: BTreeMap<u64, Outcome> = ends.iter().copied().collect();
    if !rows.keys().copied().eq(0..report.rows) || rows.len() != ends.len() {
        return Err(format!("{} ends of {} rows", ends.len(), report.rows));
    }
    if counts != report.counts {
        return Err(format!(
            "{counts:?} were told, {:?} reported",
            report.counts
        ));
    }
    let held: BTreeSet<u64> = done.iter().copied().collect();
    if held.len() != done.len() {
        return Err(format!("{} rows came {} times", held.len(), done.len()));
    }
    if let Some(row) = held.range(report.rows..).next() {
        return Err(format!("row {row} is done and was never read"));
    }
    for (&row, &outcome) in &rows {
        let expected = match outcome {
            Outcome::Completed => Some(true),
            Outcome::Accepted => left_open.get(&row).copied().unwrap_or(Some(true)),
            Outcome::Rejected | Outcome::Failed => Some(false),
            Outcome::Unknown => None,
        };
        if expected.is_some_and(|expected| expected != held.contains(&row)) {
            let held = held.contains(&row);
            return Err(format!("row {row} is {outcome:?}, and done: {held}"));
        }
    }
    Ok(())
}
