//! OAuth: `POST /oauth/token` renews an access token (docs).

use std::time::Duration;

use klaviyo_gen::operations::GET_PROFILES;
use klaviyo_sandbox::{Builder, Caller, OAuthState, OnRefresh, Sandbox};
use reqwest::Method;
use serde_json::json;

use crate::desk::{Desk, Reply, stopped};

fn builder() -> Builder {
    Sandbox::builder()
        .clock(stopped())
        .window_alignment(Duration::ZERO)
}

async fn ask(desk: &Desk, secret: &str, form: &str) -> Reply {
    let request = desk
        .bare(Method::POST, "/oauth/token")
        .basic_auth("sandbox-app", Some(secret))
        .header("content-type", "application/x-www-form-urlencoded");
    Reply::to(request.body(form.to_owned())).await
}

async fn refresh(desk: &Desk, token: &str) -> Reply {
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    ask(desk, "sandbox-secret", &form).await
}

async fn get(desk: &Desk, access_token: &str) -> Reply {
    let request = desk
        .bare(Method::GET, "/api/profiles")
        .header("revision", klaviyo_gen::REVISION)
        .bearer_auth(access_token);
    Reply::to(request).await
}

#[tokio::test]
async fn an_access_token_may_never_expire() {
    let for_ever = Duration::from_secs(10_000_000_000_000);
    let desk = Desk::with(builder().access_token_lifetime(for_ever)).await;
    let reply = refresh(&desk, "rt_sandbox").await;
    let token = reply.body["access_token"].as_str().unwrap();
    desk.sandbox
        .clock()
        .advance(Duration::from_secs(10_000_000));
    assert_eq!(get(&desk, token).await.status, 200);
}

#[tokio::test]
async fn an_access_token_is_taken_until_it_expires() {
    let desk = Desk::with(builder()).await;
    let reply = refresh(&desk, "rt_sandbox").await;
    assert_eq!(reply.status, 200);
    // docs: about an hour; the refresh token is kept.
    assert_eq!(
        (&reply.body["token_type"], &reply.body["expires_in"]),
        (&"Bearer".into(), &3600.into())
    );
    assert_eq!(reply.body["refresh_token"], "rt_sandbox");
    let token = reply.body["access_token"].as_str().unwrap();
    assert_eq!(get(&desk, token).await.status, 200);
    desk.sandbox.clock().advance(Duration::from_secs(3600));
    let late = get(&desk, token).await;
    assert_eq!(
        (late.status, late.codes()),
        (401, vec!["authentication_failed"])
    );
}

#[tokio::test]
async fn a_refresh_token_can_be_good_for_one_use() {
    let builder = builder()
        .on_refresh(OnRefresh::Rotate)
        .access_token_lifetime(Duration::from_secs(60));
    let desk = Desk::with(builder).await;
    let first = refresh(&desk, "rt_sandbox").await;
    assert_eq!(first.body["expires_in"], 60);
    let again = refresh(&desk, "rt_sandbox").await;
    assert_eq!(
        (again.status, &again.body["error"]),
        (400, &"invalid_grant".into())
    );
    let next = first.body["refresh_token"].as_str().unwrap();
    assert_eq!(refresh(&desk, next).await.status, 200);
    let expected = OAuthState {
        renewals: 2,
        refused: 1,
    };
    assert_eq!(desk.sandbox.state().oauth, expected);
}

#[tokio::test]
async fn whatever_else_is_asked_for_is_refused() {
    // chosen: the errors of OAuth 2.0.
    let desk = Desk::with(builder()).await;
    let form = "grant_type=refresh_token&refresh_token=rt_sandbox";
    let reply = ask(&desk, "other", form).await;
    assert_eq!(
        (reply.status, &reply.body["error"]),
        (401, &"invalid_client".into())
    );
    for (form, error) in [
        ("grant_type=password", "unsupported_grant_type"),
        ("refresh_token=rt_sandbox", "invalid_request"),
        ("grant_type=refresh_token", "invalid_request"),
    ] {
        let reply = ask(&desk, "sandbox-secret", form).await;
        assert_eq!((reply.status, &reply.body["error"]), (400, &error.into()));
    }
    assert_eq!(get(&desk, "at_made_up").await.status, 401);
}

#[tokio::test]
async fn an_app_has_windows_of_its_own() {
    // docs: the quota is per app and account; all private keys of an account share one.
    let desk = Desk::with(builder()).await;
    let reply = refresh(&desk, "rt_sandbox").await;
    let token = reply.body["access_token"].as_str().unwrap();
    let burst = GET_PROFILES.limits.burst.unwrap();
    for _ in 0..burst {
        assert_eq!(get(&desk, token).await.status, 200);
    }
    assert_eq!(get(&desk, token).await.status, 429);
    assert_eq!(desk.get("/api/profiles").await.status, 200);

    let callers = desk.sandbox.state().requests_to("get_profiles").callers;
    assert_eq!(
        callers,
        [(Caller::Key, 1), (Caller::App, u64::from(burst) + 1)].into()
    );
    let requests = desk.bare(Method::GET, "/_sandbox/requests");
    let requests = Reply::to(requests).await.body;
    let used = |caller: &str| {
        let windows = requests["windows"].as_array().unwrap().iter();
        let seconds = windows.filter(|it| it["caller"] == caller && it["seconds"] == 1);
        seconds.map(|it| it["used"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (used("key"), used("app")),
        (vec![json!(1)], vec![json!(burst)])
    );
    let latest = requests["latest"].as_array().unwrap();
    assert_eq!(latest.last().unwrap()["caller"], "key");
    assert_eq!(latest[0]["caller"], "app");
}
