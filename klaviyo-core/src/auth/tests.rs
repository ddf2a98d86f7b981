//! Credentials on their way into requests.

use std::sync::Mutex as Log;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::AUTHORIZATION;
use klaviyo_gen::operations::{CREATE_CLIENT_EVENT, GET_PROFILES};
use serde_json::json;

use super::*;
use crate::call::Call;
use crate::clock::FakeClock;
use crate::testing::{Answer, Scripted, answer, client_with};
use crate::transport::Request;

fn start() -> DateTime<Utc> {
    FakeClock::new(1).utc()
}

fn oauth(expires_at: Option<DateTime<Utc>>) -> OAuth {
    let oauth = OAuth::new("app", "app-secret", "refresh me");
    match expires_at {
        Some(moment) => oauth.access_token("old", moment),
        None => oauth,
    }
}

/// Gives new tokens, and refuses requests with any but the newest.
fn klaviyo(request: &Request, before: usize) -> Answer {
    if request.target == "/oauth/token" {
        let tokens = json!({"access_token": format!("new{before}"), "expires_in": 3600});
        return answer(200, tokens.to_string());
    }
    let token = request.headers[AUTHORIZATION].to_str().unwrap();
    answer(
        if token.starts_with("Bearer new") {
            200
        } else {
            401
        },
        "{}",
    )
}

fn targets(transport: &Scripted) -> Vec<String> {
    let requests = transport.requests().into_iter();
    requests.map(|request| request.target).collect()
}

const REFRESH_TARGET: &str = "/oauth/token";
const TARGET: &str = "/api/profiles";

#[tokio::test]
async fn a_key_goes_with_every_request_but_those_of_browsers() {
    let transport = Scripted::new(|_, _| answer(200, "{}"));
    let key = Credentials::ApiKey(Secret::new("pk_test"));
    let client = client_with(&transport, &FakeClock::new(1), key);
    client.call(&GET_PROFILES, Call::default()).await.unwrap();
    let company = Call {
        parameters: vec![("company_id".to_owned(), "AbC123".to_owned())],
        ..Call::default()
    };
    client.call(&CREATE_CLIENT_EVENT, company).await.unwrap();
    let requests = transport.requests();
    assert_eq!(
        requests[0].headers[AUTHORIZATION],
        "Klaviyo-API-Key pk_test"
    );
    assert!(!requests[1].headers.contains_key(AUTHORIZATION));
}

#[tokio::test]
async fn a_token_that_is_about_to_expire_is_renewed_before_it_is_used() {
    let transport = Scripted::new(klaviyo);
    let credentials = Credentials::OAuth(oauth(Some(start() + Duration::from_secs(119))));
    let clock = FakeClock::new(1);
    let client = client_with(&transport, &clock, credentials);
    for _ in 0..2 {
        client.call(&GET_PROFILES, Call::default()).await.unwrap();
    }
    assert_eq!(targets(&transport), [REFRESH_TARGET, TARGET, TARGET]);
    let renewal = &transport.requests()[0];
    assert_eq!(
        renewal.body,
        "grant_type=refresh_token&refresh_token=refresh%20me"
    );
    assert_eq!(renewal.headers[AUTHORIZATION], "Basic YXBwOmFwcC1zZWNyZXQ=");
    clock.advance(Duration::from_secs(3500));
    client.call(&GET_PROFILES, Call::default()).await.unwrap();
    assert_eq!(targets(&transport)[3..], [REFRESH_TARGET, TARGET]);
}

#[tokio::test]
async fn a_401_renews_the_token_once() {
    let transport = Scripted::new(klaviyo);
    let credentials = Credentials::OAuth(oauth(Some(start() + Duration::from_secs(3000))));
    let client = client_with(&transport, &FakeClock::new(1), credentials);
    client.call(&GET_PROFILES, Call::default()).await.unwrap();
    assert_eq!(targets(&transport), [TARGET, REFRESH_TARGET, TARGET]);
}

#[tokio::test]
async fn a_401_with_a_new_token_is_an_error() {
    let transport = Scripted::new(|request, before| match klaviyo(request, before) {
        Ok(response) if response.body.len() > 2 => Ok(response),
        _ => answer(401, "{}"),
    });
    let client = client_with(
        &transport,
        &FakeClock::new(1),
        Credentials::OAuth(oauth(None)),
    );
    let error = client
        .call(&GET_PROFILES, Call::default())
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(401));
    assert_eq!(targets(&transport).len(), 4);
}

#[tokio::test]
async fn requests_side_by_side_renew_once_and_the_tokens_are_told_first() {
    let transport = Scripted::new(klaviyo);
    let told = Arc::new(Log::new(Vec::new()));
    let store = Arc::clone(&told);
    let seen = Arc::clone(&transport);
    let oauth = oauth(None).on_refresh(move |tokens| {
        let requests = seen.requests().len();
        store.lock().unwrap().push((tokens.clone(), requests));
    });
    let client = client_with(&transport, &FakeClock::new(1), Credentials::OAuth(oauth));
    let call = || client.call(&GET_PROFILES, Call::default());
    let (one, two, three) = futures::join!(call(), call(), call());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(targets(&transport).len(), 4);
    let told = told.lock().unwrap();
    let (tokens, requests) = &told[0];
    assert_eq!((told.len(), *requests), (1, 1));
    assert_eq!(tokens.access_token.expose(), "new0");
    assert_eq!(tokens.refresh_token.expose(), "refresh me");
    assert_eq!(tokens.expires_at, start() + Duration::from_secs(3600));
}

#[tokio::test]
async fn a_refresh_token_that_is_refused_says_so_and_shows_nothing() {
    let transport = Scripted::new(|_, _| answer(400, r#"{"error":"invalid_grant"}"#));
    let client = client_with(
        &transport,
        &FakeClock::new(1),
        Credentials::OAuth(oauth(None)),
    );
    let error = client
        .call(&GET_PROFILES, Call::default())
        .await
        .unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("oauth_token") && text.contains("invalid_grant"),
        "{text}"
    );
    assert!(!text.contains("refresh me") && !text.contains("app-secret"));
}

#[test]
fn secrets_are_not_shown() {
    let credentials = Credentials::OAuth(oauth(Some(start())));
    let shown = format!("{credentials:?} {:?}", Authorizer::new(credentials.clone()));
    assert!(
        !shown.contains("secret") && !shown.contains("refresh me"),
        "{shown}"
    );
}

#[test]
fn a_key_that_no_header_can_carry_is_refused_without_showing_it() {
    let key = Credentials::ApiKey(Secret::new("pk_\n"));
    let error = Authorizer::new(key).unwrap_err().to_string();
    assert!(
        error.contains("API key") && !error.contains("pk_"),
        "{error}"
    );
}

#[tokio::test]
async fn those_who_waited_for_a_renewal_that_failed_make_none_of_their_own() {
    let transport = Scripted::new(|_, _| answer(503, ""));
    let credentials = Credentials::OAuth(oauth(None));
    let client = client_with(&transport, &FakeClock::new(1), credentials);
    let call = || client.call(&GET_PROFILES, Call::default());
    let (one, two, three) = futures::join!(call(), call(), call());
    for error in [one, two, three].map(Result::unwrap_err) {
        assert_eq!(error.status(), Some(503));
    }
    assert_eq!(targets(&transport).len(), 12, "the attempts of one renewal");
    // Later, it is tried again.
    assert!(call().await.is_err());
    assert_eq!(targets(&transport).len(), 24);
}

#[tokio::test]
async fn a_run_that_is_not_let_in_leaves_no_row_in_doubt() {
    let transport = Scripted::new(|request, _| {
        let renewal = request.target == REFRESH_TARGET;
        answer(if renewal { 400 } else { 401 }, "{}")
    });
    let later = start() + Duration::from_secs(3000);
    let credentials = Credentials::OAuth(oauth(Some(later)));
    let client = client_with(&transport, &FakeClock::new(1), credentials);
    let rows = vec![json!({"email": "ada@shop.example"}); 3];
    let run = client.bulk().import_profiles(rows).run();
    let crate::BulkError::Stopped(stopped) = run.await.unwrap_err() else {
        panic!("it began");
    };
    let counts = stopped.report.counts;
    assert_eq!((counts.unknown, counts.total()), (0, 3));
}

#[tokio::test]
async fn a_short_lived_token_is_used_for_most_of_its_life() {
    let transport = Scripted::new(|request, _| match request.target.as_str() {
        REFRESH_TARGET => answer(200, r#"{"access_token":"new","expires_in":60}"#),
        _ => answer(200, "{}"),
    });
    let clock = FakeClock::new(1);
    let client = client_with(&transport, &clock, Credentials::OAuth(oauth(None)));
    for _ in 0..3 {
        client.call(&GET_PROFILES, Call::default()).await.unwrap();
        clock.advance(Duration::from_secs(20));
    }
    assert_eq!(
        targets(&transport),
        [REFRESH_TARGET, TARGET, TARGET, TARGET]
    );
    client.call(&GET_PROFILES, Call::default()).await.unwrap();
    assert_eq!(targets(&transport)[4..], [REFRESH_TARGET, TARGET]);
}
