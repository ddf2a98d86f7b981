//! Single requests against a scripted Klaviyo.

use std::time::Duration;

use httpmock::prelude::*;
use klaviyo_gen::Operation;
use klaviyo_gen::operations::{BULK_CREATE_COUPON_CODES, BULK_CREATE_EVENTS, DELETE_LIST};

use super::*;
use crate::auth::Credentials;
use crate::client::Client;
use crate::clock::FakeClock;
use crate::limit::LimitOptions;
use crate::testing::{Answer, Scripted, answer, broken, client, with_header};
use crate::transport::{Breakage, HttpOptions, HttpTransport, Origin};

/// Sends one request; gives the result, the meter, and the time that it took.
async fn send(
    operation: &'static Operation,
    script: impl Fn(usize) -> Answer + Send + Sync + 'static,
) -> (Result<Response, Failure>, Meter, Duration) {
    send_as(false, operation, script).await
}

/// The same as somebody who waits for daily limits, or does not.
async fn send_as(
    wait_for_daily: bool,
    operation: &'static Operation,
    script: impl Fn(usize) -> Answer + Send + Sync + 'static,
) -> (Result<Response, Failure>, Meter, Duration) {
    let clock = FakeClock::new(1);
    let transport = Scripted::new(move |_, before| script(before));
    let meter = Meter::default();
    let request = Request::new(operation, operation.path.to_owned(), "12345".into());
    let context = Context {
        meter: &meter,
        stop: &Stop::default(),
        repeat_is_safe: operation.repeat.safe,
        in_doubt: &AtomicBool::new(false),
        herald: None,
    };
    let client = client_that(wait_for_daily, &transport, &clock);
    let result = client.exchange().send(&request, context).await;
    (result, meter, clock.now().since(Moment::ORIGIN))
}

fn client_that(wait_for_daily: bool, transport: &Arc<Scripted>, clock: &FakeClock) -> Client {
    let limits = LimitOptions {
        wait_for_daily,
        ..LimitOptions::default()
    };
    Client::over(
        Arc::<Scripted>::clone(transport),
        Arc::new(clock.clone()),
        Authorizer::new(Credentials::ApiKey(Secret::new("test-key"))).unwrap(),
        limits,
        RetryOptions::default(),
    )
}

#[tokio::test]
async fn a_429_is_waited_for_as_told_and_does_not_count_as_a_failure() {
    let throttled = || with_header(answer(429, ""), "retry-after", "17");
    let script = move |before| {
        if before < 20 {
            throttled()
        } else {
            answer(202, "")
        }
    };
    let (result, meter, took) = send(&BULK_CREATE_EVENTS, script).await;
    assert_eq!(result.unwrap().status, 202);
    let usage = meter.usage();
    assert_eq!(
        (usage.requests, usage.throttled, usage.retries),
        (21, 20, 20)
    );
    assert_eq!(usage.bytes_sent, 21 * 5);
    assert_eq!(took, Duration::from_secs(20 * 17));
}

/// Over HTTP, by virtual time: a server that refuses without a word on how long is asked each second.
#[tokio::test]
async fn a_429_without_retry_after_is_waited_for_a_second_at_a_time_and_not_for_ever() {
    let server = MockServer::start_async().await;
    let refusing = server
        .mock_async(|when, then| {
            when.method(POST).path(BULK_CREATE_EVENTS.path);
            then.status(429).body("{}");
        })
        .await;
    let transport = HttpTransport::new(HttpOptions {
        origin: Origin::parse(&server.base_url()).unwrap(),
        revision: klaviyo_gen::REVISION.to_owned(),
        connect_timeout: Duration::from_secs(10),
        attempt_timeout: Duration::from_secs(60),
        proxy: None,
        ca_bundle: None,
    });
    let clock = FakeClock::new(1);
    let client = Client::over(
        Arc::new(transport.unwrap()),
        Arc::new(clock.clone()),
        Authorizer::new(Credentials::ApiKey(Secret::new("test-key"))).unwrap(),
        LimitOptions::default(),
        RetryOptions {
            longest_throttling: Duration::from_secs(5),
            ..RetryOptions::default()
        },
    );
    let path = BULK_CREATE_EVENTS.path.to_owned();
    let request = Request::new(&BULK_CREATE_EVENTS, path, "{}".into());
    let error = client.send(&request).await.unwrap_err();
    assert_eq!((error.status(), error.maybe_applied()), (Some(429), false));
    refusing.assert_calls_async(6).await;
    let took = clock.now().since(Moment::ORIGIN);
    assert_eq!(took, Duration::from_secs(5));
}

/// An operation whose daily limit is no other limit's figure.
fn daily() -> (&'static Operation, u32) {
    let mut found = klaviyo_gen::OPERATIONS.iter().filter_map(|operation| {
        let limits = operation.limits;
        let daily = limits.daily.filter(|_| limits.daily != limits.steady)?;
        Some((*operation, daily))
    });
    found.next().unwrap()
}

/// What comes of the first request that finds the daily limit used up, how many were sent until
/// then, and how long it took.
async fn beyond_the_day(
    wait_for_daily: bool,
    script: fn(usize) -> Answer,
) -> (Result<(), Error>, usize, Duration) {
    let (operation, most) = daily();
    let clock = FakeClock::new(1);
    let transport = Scripted::new(move |_, before| script(before));
    let client = client_that(wait_for_daily, &transport, &clock);
    let request = Request::new(operation, operation.path.to_owned(), "".into());
    for sent in 0..=most {
        let before = clock.now();
        let result = client.send(&request).await.map(drop);
        let took = clock.now().since(before);
        if result.is_err() || took > Duration::from_secs(3600) {
            return (result, transport.requests().len(), took);
        }
        assert!(sent < most, "more than the day's");
    }
    unreachable!("the day has a limit");
}

/// As Klaviyo answers: with no word of it, so our own count has to tell; with a `Retry-After` of
/// hours; with headers that count the day's requests.
const KNOWN_FROM: [fn(usize) -> Answer; 3] = [
    |_| answer(200, "{}"),
    |before| match before {
        5 => with_header(answer(429, ""), "retry-after", "40000"),
        // Somebody else is quicker once more.
        6 => with_header(answer(429, ""), "retry-after", "1"),
        _ => answer(200, "{}"),
    },
    |before| {
        let limit: &str = Box::leak(daily().1.to_string().into_boxed_str());
        let left = if before == 5 { "0" } else { "50" };
        let answer = with_header(answer(200, "{}"), "ratelimit-limit", limit);
        with_header(answer, "ratelimit-remaining", left)
    },
];

#[tokio::test]
async fn a_daily_limit_used_up_is_the_same_error_whoever_says_so() {
    for script in KNOWN_FROM {
        let (result, _, took) = beyond_the_day(false, script).await;
        let Err(Error::RateLimit {
            operation, wait, ..
        }) = result
        else {
            panic!("{result:?}");
        };
        assert_eq!(operation, daily().0.id);
        assert!(wait >= Duration::from_secs(40_000), "{wait:?}");
        assert!(took < Duration::from_secs(60), "{took:?}");
    }
}

#[tokio::test]
async fn a_daily_limit_used_up_is_waited_for_when_asked_whoever_says_so() {
    for script in KNOWN_FROM {
        let (result, sent, took) = beyond_the_day(true, script).await;
        assert!(result.is_ok(), "{result:?}");
        assert!(sent > 6 && took >= Duration::from_secs(40_000), "{took:?}");
    }
}

/// Who waits for a daily limit does not wait for ever where there is none.
#[tokio::test]
async fn an_operation_that_is_closed_again_and_again_is_given_up_also_by_who_waits_for_daily() {
    let closed = |_| with_header(answer(429, ""), "retry-after", "900");
    let (result, _, took) = send_as(true, &BULK_CREATE_EVENTS, closed).await;
    let failure = result.unwrap_err();
    assert!(
        matches!(failure.error, Error::RateLimit { .. }),
        "{failure:?}"
    );
    assert_eq!(took, Duration::from_secs(60 * 60));
}

#[tokio::test]
async fn a_closed_operation_does_not_hide_that_an_earlier_attempt_may_have_worked() {
    let script = |before| match before {
        0 => broken(Breakage::Timeout),
        _ => with_header(answer(429, ""), "retry-after", "90000"),
    };
    for waits in [false, true] {
        let (result, ..) = send_as(waits, &BULK_CREATE_EVENTS, script).await;
        let failure = result.unwrap_err();
        assert!(
            matches!(failure.error, Error::RateLimit { attempts: 2, .. }),
            "{failure:?}"
        );
        assert!(failure.error.maybe_applied());
    }
}

#[tokio::test]
async fn outages_are_sat_out_with_growing_waits() {
    let script = |before| match before {
        0 => answer(503, ""),
        1 => broken(Breakage::Broken),
        2 => broken(Breakage::Timeout),
        _ => answer(202, ""),
    };
    let (result, meter, took) = send(&BULK_CREATE_EVENTS, script).await;
    assert!(result.is_ok());
    assert_eq!(meter.usage().requests, 4);
    // 0.5 + 1 + 2 s, of which half is drawn.
    assert!(took >= Duration::from_millis(1750) && took <= Duration::from_millis(3500));
}

/// Somebody else used the account up for longer than a request may fail for the time being.
#[tokio::test]
async fn an_outage_behind_a_long_throttling_is_sat_out_as_any_other() {
    let script = |before| match before {
        0..60 => with_header(answer(429, ""), "retry-after", "17"),
        60..63 => answer(503, ""),
        _ => answer(202, ""),
    };
    let (result, meter, took) = send(&BULK_CREATE_EVENTS, script).await;
    assert_eq!(result.unwrap().status, 202);
    assert_eq!(meter.usage().requests, 64);
    assert!(took > RetryOptions::default().deadline);
}

#[tokio::test]
async fn what_may_have_worked_is_not_repeated_where_that_is_unsafe() {
    let (result, meter, _) = send(&BULK_CREATE_COUPON_CODES, |_| broken(Breakage::Timeout)).await;
    let failure = result.unwrap_err();
    assert!(failure.maybe_applied);
    assert!(failure.error.is_timeout());
    assert_eq!(meter.usage().requests, 1);
}

#[tokio::test]
async fn what_never_arrived_is_repeated_even_there() {
    let script = |before| {
        if before == 0 {
            broken(Breakage::Connect)
        } else {
            answer(202, "")
        }
    };
    let (result, meter, _) = send(&BULK_CREATE_COUPON_CODES, script).await;
    assert!(result.is_ok());
    assert_eq!(meter.usage().requests, 2);
}

#[tokio::test]
async fn a_wrong_key_ends_it_at_the_first_answer() {
    let (result, meter, took) = send(&BULK_CREATE_EVENTS, |_| answer(401, "")).await;
    let failure = result.unwrap_err();
    assert_eq!(failure.error.status(), Some(401));
    assert!(!failure.maybe_applied);
    assert_eq!((meter.usage().requests, took), (1, Duration::ZERO));
}

#[tokio::test]
async fn it_gives_up_after_the_attempts_and_says_how_many() {
    let (result, meter, _) = send(&BULK_CREATE_EVENTS, |_| answer(500, "<html>")).await;
    let Error::Api(error) = result.unwrap_err().error else {
        panic!("not an answer");
    };
    assert_eq!((error.attempts, error.body_head.as_str()), (12, "<html>"));
    assert_eq!(meter.usage().requests, 12);
}

#[tokio::test]
async fn a_stop_ends_it_before_the_next_attempt() {
    let clock = FakeClock::new(1);
    let stop = Arc::new(Stop::default());
    let raised = Arc::clone(&stop);
    let transport = Scripted::new(move |_, _| {
        raised.raise(Error::Cancelled);
        answer(503, "")
    });
    let request = Request::new(&BULK_CREATE_EVENTS, String::new(), "".into());
    let context = Context {
        meter: &Meter::default(),
        stop: &stop,
        repeat_is_safe: true,
        in_doubt: &AtomicBool::new(false),
        herald: None,
    };
    let result = client(&transport, &clock)
        .exchange()
        .send(&request, context)
        .await;
    let failure = result.unwrap_err();
    assert!(matches!(failure.error, Error::Cancelled));
    assert!(
        failure.maybe_applied,
        "a 503 does not say that nothing happened"
    );
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn a_refusal_after_a_lost_answer_says_that_it_may_be_an_echo() {
    let script = |before| match before {
        0 => broken(Breakage::Broken),
        _ => answer(404, ""),
    };
    let (result, _, _) = send(&DELETE_LIST, script).await;
    let error = result.unwrap_err().error;
    assert_eq!((error.status(), error.maybe_applied()), (Some(404), true));
    assert!(error.to_string().ends_with("may have worked"), "{error}");
    let (result, _, _) = send(&DELETE_LIST, |_| answer(404, "")).await;
    assert!(!result.unwrap_err().error.maybe_applied());
}
