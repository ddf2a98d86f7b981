//! Permission in its order, and what it is refused for.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU32};

use futures::future::BoxFuture;

use super::*;
use crate::clock::FakeClock;
use klaviyo_gen::operations::{BULK_CREATE_EVENTS, CREATE_LIST};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn twenty_requests_take_a_second_more_than_ten() {
    let clock = FakeClock::new(1);
    let limiter = Limiter::new(LimitOptions::default(), Arc::new(clock.clone()));
    for _ in 0..20 {
        let permit = limiter.reserve(&BULK_CREATE_EVENTS, HOUR).await.unwrap();
        permit.answered(&Signals::default());
    }
    let waited = clock.now().since(Moment::ORIGIN);
    assert!(waited >= Duration::from_secs(1) && waited < Duration::from_millis(1100));
}

#[tokio::test]
async fn a_used_up_daily_limit_says_when_it_opens() {
    let clock = FakeClock::new(1);
    let limiter = Limiter::new(LimitOptions::default(), Arc::new(clock.clone()));
    let daily = CREATE_LIST.limits.daily.unwrap();
    for _ in 0..daily {
        let permit = limiter.reserve(&CREATE_LIST, HOUR).await.unwrap();
        permit.answered(&Signals::default());
    }
    clock.advance(Duration::from_secs(120));
    let refused = limiter.reserve(&CREATE_LIST, HOUR).await.unwrap_err();
    assert!(refused.wait > Duration::from_secs(86_000));
}

#[tokio::test]
async fn a_long_closure_is_told_to_everybody_at_once() {
    let clock = FakeClock::new(1);
    let limiter = Limiter::new(LimitOptions::default(), Arc::new(clock.clone()));
    let permit = limiter.reserve(&CREATE_LIST, HOUR).await.unwrap();
    permit.answered(&Signals {
        retry_after: Some(Duration::from_secs(40_000)),
        ..Signals::default()
    });
    let refused = limiter.reserve(&CREATE_LIST, HOUR).await.unwrap_err();
    assert_eq!(refused.wait, Duration::from_secs(40_000));
    assert!(clock.slept().is_empty());
}

/// Lets one request in at a time, and counts the answers.
#[derive(Debug, Default)]
struct OneAtATime {
    under_way: AtomicBool,
    answers: AtomicU32,
}

impl LimitState for OneAtATime {
    fn reserve<'a>(&'a self, _: &'static Operation, now: Moment) -> BoxFuture<'a, Decision> {
        let taken = self.under_way.swap(true, Relaxed);
        let wait = Decision::NotBefore(now + Duration::from_secs(5));
        Box::pin(async move { if taken { wait } else { Decision::Granted } })
    }

    fn answered(&self, _: &'static Operation, _: Moment, _: Moment, _: &Signals) {
        self.under_way.store(false, Relaxed);
        self.answers.fetch_add(1, Relaxed);
    }
}

#[tokio::test]
async fn requests_can_be_counted_elsewhere() {
    let (clock, state) = (FakeClock::new(1), Arc::new(OneAtATime::default()));
    let options = LimitOptions {
        state: Some(Arc::clone(&state) as Arc<dyn LimitState>),
        ..LimitOptions::default()
    };
    let limiter = Limiter::new(options, Arc::new(clock.clone()));
    let first = limiter.reserve(&CREATE_LIST, HOUR).await.unwrap();
    let second = async { drop(limiter.reserve(&CREATE_LIST, HOUR).await.unwrap()) };
    let end_first = async {
        clock.sleep(Duration::from_secs(7)).await;
        drop(first);
    };
    futures::join!(second, end_first);
    assert_eq!(clock.now(), Moment::at(Duration::from_secs(10)));
    assert_eq!(
        state.answers.load(Relaxed),
        2,
        "dropped permits count as answered"
    );
}

#[tokio::test]
async fn a_part_counts_with_the_whole_and_does_not_hold_it_up() {
    let clock = FakeClock::new(1);
    let limiter = Limiter::new(LimitOptions::default(), Arc::new(clock.clone()));
    let part = limiter.part(0.5).unwrap();
    for _ in 0..6 {
        drop(limiter.reserve(&BULK_CREATE_EVENTS, HOUR).await.unwrap());
    }
    let (start, second) = (clock.now(), Duration::from_secs(1));
    let patient = async {
        drop(part.reserve(&BULK_CREATE_EVENTS, HOUR).await.unwrap());
        clock.now().since(start)
    };
    let eager = async {
        drop(limiter.reserve(&BULK_CREATE_EVENTS, HOUR).await.unwrap());
        clock.now().since(start)
    };
    let (patient, eager) = futures::join!(patient, eager);
    assert!(
        patient >= second,
        "5 of 10 are all that it may see: {patient:?}"
    );
    assert_eq!(eager, Duration::ZERO);
}

#[tokio::test]
async fn a_part_is_woken_by_answers_to_the_whole() {
    let clock = FakeClock::new(1);
    let limiter = Limiter::new(LimitOptions::default(), Arc::new(clock.clone()));
    let part = limiter.part(0.01).unwrap();
    let first = limiter.reserve(&BULK_CREATE_EVENTS, HOUR).await.unwrap();
    let waiting = async { part.reserve(&BULK_CREATE_EVENTS, HOUR).await };
    let answer = async {
        tokio::task::yield_now().await;
        drop(first);
    };
    let (granted, ()) = futures::join!(waiting, answer);
    granted.unwrap().answered(&Signals::default());
    assert!(clock.now() > Moment::ORIGIN);
}

#[test]
fn a_part_is_no_more_than_the_whole() {
    let options = LimitOptions {
        share: 0.5,
        ..LimitOptions::default()
    };
    let limiter = Limiter::new(options, Arc::new(FakeClock::new(1)));
    assert!(limiter.part(0.5).is_ok());
    for share in [0.0, 0.6, f64::NAN] {
        let refused = limiter.part(share).unwrap_err().to_string();
        assert!(refused.contains("at most 0.5"), "{refused}");
    }
    let elsewhere = LimitOptions {
        state: Some(Arc::new(OneAtATime::default())),
        ..LimitOptions::default()
    };
    let elsewhere = Limiter::new(elsewhere, Arc::new(FakeClock::new(1)));
    assert!(elsewhere.part(0.5).is_err());
}

#[tokio::test]
async fn limits_can_be_overridden() {
    let clock = FakeClock::new(1);
    let higher = Limits {
        burst: Some(20),
        steady: Some(300),
        daily: None,
    };
    let options = LimitOptions {
        overrides: [(BULK_CREATE_EVENTS.id.to_owned(), higher)].into(),
        ..LimitOptions::default()
    };
    let limiter = Limiter::new(options, Arc::new(clock.clone()));
    for _ in 0..20 {
        drop(limiter.reserve(&BULK_CREATE_EVENTS, HOUR).await.unwrap());
    }
    assert_eq!(clock.now(), Moment::ORIGIN);
}
