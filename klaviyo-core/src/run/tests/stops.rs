//! What stops a run, what does not, and what its rows are then.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use serde_json::json;

use super::{create, events, failures, ids, import, profiles};
use crate::bulk::CreateEventsOptions;
use crate::clock::FakeClock;
use crate::options::RunOptions;
use crate::outcome::Outcome;
use crate::retry::RetryOptions;
use crate::testing::{Scripted, answer, broken, client, refusal};
use crate::transport::Breakage;

#[tokio::test]
async fn a_wrong_key_stops_the_run_at_the_first_answer() {
    let transport = Scripted::new(|_, _| answer(401, ""));
    let stopped = create(&transport, events(100_000)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(401));
    assert!(transport.requests().len() <= RunOptions::default().max_in_flight);
    assert!(
        stopped.report.rows < 100_000,
        "the source is not read to its end"
    );
    assert_eq!(stopped.report.counts.unknown, 0);
    failures(&stopped.report);
}

#[tokio::test]
async fn an_account_that_others_use_up_stops_the_run_in_the_end() {
    let transport = Scripted::new(|_, _| answer(429, ""));
    let stopped = create(&transport, events(3)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(429));
    let not_sent = (Outcome::Rejected, "not_sent".to_owned());
    assert_eq!(failures(&stopped.report)[&2], not_sent);
    assert!(stopped.report.elapsed >= Duration::from_secs(59 * 60));
}

#[tokio::test]
async fn an_outage_leaves_rows_unknown_and_stops_the_run() {
    let transport = Scripted::new(|_, _| answer(503, ""));
    let stopped = create(&transport, events(30_000)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(503));
    let report = stopped.report;
    failures(&report);
    assert!(report.counts.unknown >= 3000, "{:?}", report.counts);
    assert_eq!(report.counts.unknown + report.counts.rejected, report.rows);
}

#[tokio::test]
async fn a_small_run_that_is_never_answered_ends_with_the_error_too() {
    let transport = Scripted::new(|_, _| answer(500, ""));
    let stopped = import(&transport, profiles(1)).await.unwrap_err();
    assert_eq!(stopped.error.status(), Some(500));
    assert_eq!(
        (stopped.report.counts.unknown, stopped.read_whole),
        (1, true)
    );

    // An answer that refuses rows is one.
    let refusing = |request: &crate::transport::Request, _| match ids(request).len() {
        1000 => answer(500, ""),
        _ => refusal(400, &["/data/attributes/events-bulk-create/data/0"]),
    };
    let report = create(&Scripted::new(refusing), events(1001))
        .await
        .unwrap();
    assert_eq!((report.counts.unknown, report.counts.failed), (1000, 1));
}

#[tokio::test]
async fn one_batch_that_klaviyo_stumbles_over_does_not_stop_the_run() {
    let transport = Scripted::new(|request, _| {
        if ids(request).contains(&"0".to_owned()) {
            answer(500, "")
        } else {
            answer(202, "")
        }
    });
    let report = create(&transport, events(3000)).await.unwrap();
    assert_eq!(
        (report.counts.unknown, report.counts.accepted),
        (1000, 2000)
    );
    let [warning] = report.warnings.as_slice() else {
        panic!("{:?}", report.warnings)
    };
    assert!(
        warning.contains("failed for a batch") && warning.contains("500"),
        "{warning}"
    );
}

#[tokio::test]
async fn an_answer_that_is_none_of_the_operations_is_not_trusted() {
    let transport = Scripted::new(|_, _| answer(200, "<html>Welcome to our Wi-Fi"));
    let report = create(&transport, events(2)).await.unwrap();
    assert_eq!(report.counts.unknown, 2);
}

#[tokio::test]
async fn a_run_that_is_dropped_sends_nothing_more() {
    let transport = Scripted::new(|_, _| answer(202, ""));
    let client = client(&transport, &FakeClock::new(1));
    let options = CreateEventsOptions::default();
    let mut run = client.bulk().start(&options).await.unwrap();
    for row in events(1500) {
        run.push(&row);
    }
    drop(run.finish());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn appending_is_not_repeated_after_an_answer_was_lost() {
    let lost = || Scripted::new(|_, _| broken(Breakage::Broken));
    let (transport, row) = (
        lost(),
        json!({"external_id": "1", "patch.append.tags": "vip"}),
    );
    let report = import(&transport, vec![row]).await.unwrap();
    assert_eq!((transport.requests().len(), report.counts.unknown), (1, 1));

    let (transport, row) = (lost(), json!({"external_id": "1", "properties.tag": "vip"}));
    let stopped = import(&transport, vec![row]).await.unwrap_err();
    assert_eq!(
        (transport.requests().len(), stopped.report.counts.unknown),
        (RetryOptions::default().attempts as usize, 1)
    );
}

#[tokio::test]
async fn cancelling_says_what_was_under_way_and_what_was_never_sent() {
    let (entered, mut sent) = tokio::sync::mpsc::unbounded_channel();
    let transport = Scripted::slow(move |_| {
        entered.send(()).unwrap();
        futures::future::pending().boxed()
    });
    let client = client(&transport, &FakeClock::new(1));
    let mut options = CreateEventsOptions::default();
    options.run.max_in_flight = 2;
    let mut run = client.bulk().start(&options).await.unwrap();
    // Two batches under way, one held by the engine, one in the queue, one open.
    for row in events(4500) {
        run.push(&row);
        run.hand_over().await;
    }
    sent.recv().await.unwrap();
    sent.recv().await.unwrap();
    let report = run.cancel().await;
    assert_eq!(
        (report.counts.unknown, report.counts.rejected),
        (2000, 2500)
    );
    let ends = failures(&report);
    assert_eq!(ends[&0], (Outcome::Unknown, "in_doubt".to_owned()));
    assert_eq!(ends[&4499], (Outcome::Rejected, "not_sent".to_owned()));
}

#[tokio::test]
async fn a_slow_klaviyo_stops_the_reading_of_the_source() {
    let open: Arc<Mutex<Vec<tokio::sync::oneshot::Sender<()>>>> = Arc::default();
    let gates = Arc::clone(&open);
    let transport = Scripted::slow(move |_| {
        let (opener, gate) = tokio::sync::oneshot::channel();
        gates.lock().unwrap().push(opener);
        async move {
            gate.await.unwrap();
            answer(202, "")
        }
        .boxed()
    });
    let client = client(&transport, &FakeClock::new(1));
    let mut options = CreateEventsOptions::default();
    options.run.max_in_flight = 1;
    let mut run = client.bulk().start(&options).await.unwrap();
    let rows_left = AtomicUsize::new(10_000);
    let reading = async {
        for row in events(10_000) {
            run.push(&row);
            rows_left.fetch_sub(1, Ordering::Relaxed);
            run.hand_over().await;
        }
    };
    // Reads as far as it can while nothing is answered: until it yields for good.
    {
        let mut reading = std::pin::pin!(reading);
        for _ in 0..1000 {
            assert!(futures::poll!(reading.as_mut()).is_pending());
            tokio::task::yield_now().await;
        }
    }
    let read = 10_000 - rows_left.load(Ordering::Relaxed);
    assert!((2000..=5000).contains(&read), "{read} rows read");
    let report = run.cancel().await;
    failures(&report);
}

#[tokio::test]
async fn a_stop_tells_whether_rows_were_left_unread() {
    let refusing = || Scripted::new(|_, _| answer(401, ""));
    let whole = create(&refusing(), events(3)).await.unwrap_err();
    assert!(whole.read_whole);
    assert!(!whole.to_string().contains("not read"), "{whole}");

    let broken_off = create(&refusing(), events(50_000)).await.unwrap_err();
    assert!(!broken_off.read_whole && broken_off.report.rows < 50_000);
    let words = "never sent; rows behind them may not have been read): ";
    assert!(broken_off.to_string().contains(words), "{broken_off}");
}
