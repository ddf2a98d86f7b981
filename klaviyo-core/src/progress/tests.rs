//! Whole runs that are watched, on a fake clock.

use std::sync::Mutex;

use futures::{FutureExt, StreamExt};
use serde_json::{Value, json};

use super::*;
use crate::bulk::CreateEventsOptions;
use crate::clock::FakeClock;
use crate::testing::{Scripted, answer, client, refusal};

fn events(count: usize) -> Vec<Value> {
    (0..count)
        .map(|row| json!({"metric": "Seen", "external_id": row.to_string()}))
        .collect()
}

/// Answers that each take half a second of the clock.
fn slow(clock: &FakeClock) -> Arc<Scripted> {
    let clock = clock.clone();
    Scripted::slow(move |_| {
        let answered = clock.sleep(Duration::from_millis(500));
        async move {
            answered.await;
            answer(202, "")
        }
        .boxed()
    })
}

#[tokio::test]
async fn a_hook_sees_the_run_go_by_and_its_end() {
    let clock = FakeClock::new(1);
    let client = client(&slow(&clock), &clock);
    let seen = Mutex::new(Vec::new());
    let call = client.bulk().create_events(events(40_000));
    let call = call.progress(|progress| seen.lock().unwrap().push(*progress));
    let report = call.run().await.unwrap();
    let seen = seen.into_inner().unwrap();

    let [.., before, last] = seen.as_slice() else {
        panic!("{seen:?}")
    };
    assert!(before.counts.total() < 40_000, "{before:?}");
    assert_eq!(
        (last.rows, last.total, last.sent),
        (40_000, Some(40_000), 40_000)
    );
    assert_eq!((last.counts, last.usage), (report.counts, report.usage));
    assert_eq!(
        (last.elapsed, last.eta),
        (report.elapsed, Some(Duration::ZERO))
    );
    assert_eq!((last.batches_open, last.jobs_open), (0, 0));
    assert!(last.ended && !before.ended);
    for pair in seen.windows(2) {
        let [earlier, later] = pair else { continue };
        assert!(earlier.counts.total() <= later.counts.total() && earlier.sent <= later.sent);
        let is_last = later == last;
        let apart = later.elapsed - earlier.elapsed;
        assert!(is_last || apart >= Duration::from_millis(100), "{apart:?}");
    }
    // 40 requests, ten a second, the last answer after half a second.
    let half_way = seen.iter().find(|seen| seen.sent >= 20_000).unwrap();
    let end = (half_way.elapsed + half_way.eta.unwrap()).as_secs_f64();
    assert!(
        (end / report.elapsed.as_secs_f64() - 1.0).abs() < 0.25,
        "{half_way:?}, {report:?}"
    );
}

#[tokio::test]
async fn a_stream_calls_its_hook_too() {
    let clock = FakeClock::new(1);
    let client = client(&slow(&clock), &clock);
    let last = Mutex::new(None);
    let call = client.bulk().create_events(events(2500));
    let call = call.progress(|progress| *last.lock().unwrap() = Some(*progress));
    let ends = call.stream().await.unwrap().count().await;
    assert_eq!(ends, 2500);
    assert_eq!(last.into_inner().unwrap().unwrap().counts.accepted, 2500);
}

#[tokio::test]
async fn a_gauge_can_be_read_while_the_run_is_finished_and_after() {
    let (entered, mut sent) = tokio::sync::mpsc::unbounded_channel();
    let (opener, gate) = tokio::sync::oneshot::channel();
    let gate = gate.map(|opened| opened.unwrap()).shared();
    let transport = Scripted::slow(move |_| {
        entered.send(()).unwrap();
        gate.clone().map(|()| answer(202, "")).boxed()
    });
    let clock = FakeClock::new(1);
    let client = client(&transport, &clock);
    let mut run = client
        .bulk()
        .start(&CreateEventsOptions::default())
        .await
        .unwrap();
    let gauge = run.gauge();
    for row in events(1500) {
        run.push(&row);
    }
    run.push(&json!({"metric": "Seen"}));
    assert_eq!((gauge.read().rows, gauge.read().total), (1501, None));
    assert_eq!(
        gauge.read().eta,
        None,
        "nobody knows how many rows there are"
    );
    let finishing = tokio::spawn(run.finish());
    sent.recv().await.unwrap();
    sent.recv().await.unwrap();
    clock.advance(Duration::from_secs(3));
    let now = gauge.read();
    assert_eq!(
        (now.total, now.sent, now.batches_open),
        (Some(1501), 1500, 2)
    );
    assert_eq!((now.counts.total(), now.counts.rejected), (1, 1));
    assert_eq!((now.elapsed, now.eta), (Duration::from_secs(3), None));
    opener.send(()).unwrap();
    let report = finishing.await.unwrap().unwrap();
    clock.advance(Duration::from_secs(60));
    let end = gauge.read();
    assert_eq!((end.counts, end.elapsed), (report.counts, report.elapsed));
    assert_eq!(end.batches_open, 0);
    assert!((end.rate() - 1501.0 / 3.0).abs() < 1e-9, "{}", end.rate());
}

#[tokio::test]
async fn a_row_that_is_sent_again_counts_once() {
    let transport = Scripted::new(|_, before| match before {
        0 => answer(413, ""),
        1 => refusal(400, &["/data/attributes/events-bulk-create/data/0"]),
        2 => answer(503, ""),
        _ => answer(202, ""),
    });
    let client = client(&transport, &FakeClock::new(1));
    let last = Mutex::new(None);
    let call = client.bulk().create_events(events(8));
    let call = call.progress(|progress| *last.lock().unwrap() = Some(*progress));
    call.run().await.unwrap();
    let last = last.into_inner().unwrap().unwrap();
    assert_eq!(
        (last.sent, last.counts.failed, last.counts.accepted),
        (8, 1, 7)
    );
    assert_eq!(transport.requests().len(), 5);
}

#[tokio::test]
async fn a_total_that_was_too_small_is_given_up() {
    let transport = Scripted::new(|_, _| answer(202, ""));
    let client = client(&transport, &FakeClock::new(1));
    let mut run = client
        .bulk()
        .start(&CreateEventsOptions::default())
        .await
        .unwrap();
    run.set_total(1);
    let [first, second] = [&events(2)[0], &events(2)[1]];
    run.push(first);
    assert_eq!(run.progress().total, Some(1));
    run.push(second);
    assert_eq!((run.progress().total, run.progress().eta), (None, None));
    run.finish().await.unwrap();
}

#[test]
fn the_end_is_foreseen_by_the_share_of_the_limits() {
    use crate::client::ChangedOptions;
    use klaviyo_gen::operations::BULK_CREATE_EVENTS;
    let transport = Scripted::new(|_, _| panic!("nothing may be sent"));
    let whole = client(&transport, &FakeClock::new(1));
    let part = |share| {
        let share = ChangedOptions {
            share: Some(share),
            ..ChangedOptions::default()
        };
        whole.with_options(share).unwrap()
    };
    let third = part(1.0 / 3.0);
    let limits = |client: &crate::Client| client.exchange().limiter.limits(&BULK_CREATE_EVENTS);
    assert_eq!(limits(&whole), BULK_CREATE_EVENTS.limits);
    assert_eq!(
        (limits(&third).burst, limits(&third).steady),
        (Some(3), Some(50))
    );
    assert_eq!(limits(&third).daily, None);
    assert_eq!(limits(&part(0.01)).burst, Some(1), "one is always left");
}

#[tokio::test]
async fn jobs_are_open_until_their_end_is_seen() {
    let transport = Scripted::new(|request, before| match request.operation.id {
        "bulk_import_profiles" => answer(202, json!({"data": {"id": "job"}}).to_string()),
        _ => {
            let status = if before < 4 { "processing" } else { "complete" };
            let attributes = json!({"status": status, "total_count": 1, "completed_count": 1});
            let job = json!({"data": {"id": "job", "attributes": attributes}});
            answer(200, job.to_string())
        }
    });
    let client = client(&transport, &FakeClock::new(1));
    let seen = Mutex::new(Vec::new());
    let call = client.bulk().import_profiles([json!({"external_id": "1"})]);
    let call = call.progress(|progress| seen.lock().unwrap().push(*progress));
    call.run().await.unwrap();
    let seen = seen.into_inner().unwrap();
    let open = |progress: &Progress| (progress.batches_open, progress.jobs_open);
    assert!(seen.iter().any(|seen| open(seen) == (0, 1)), "{seen:?}");
    assert_eq!(seen.last().map(open), Some((0, 0)));
}

#[cfg(feature = "journal")]
#[tokio::test]
async fn what_an_earlier_process_sent_is_not_sent_now_and_not_expected_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("run.db");
    let transport = Scripted::new(|_, before| match before {
        2.. => answer(401, ""),
        _ => answer(202, ""),
    });
    let one = |transport| client(transport, &FakeClock::new(1));
    let mut options = CreateEventsOptions::default();
    options.run.max_in_flight = 1;
    let first = one(&transport);
    let call = first.bulk().create_events(events(4000)).options(options);
    call.journal(&journal).run().await.unwrap_err();

    let transport = Scripted::new(|_, _| answer(202, ""));
    let last = Mutex::new(None);
    let second = one(&transport);
    let call = second.bulk().create_events(events(4000)).resume(&journal);
    let call = call.progress(|progress| *last.lock().unwrap() = Some(*progress));
    call.run().await.unwrap();
    let last = last.into_inner().unwrap().unwrap();
    assert_eq!((last.sent, last.counts.accepted), (2000, 4000));
}
