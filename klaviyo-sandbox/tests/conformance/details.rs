//! What the details of errors tell: what came, and what is taken in its place. The words are the
//! sandbox's own; codes, titles and places are tested where they belong.

use klaviyo_gen::REVISION;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::desk::{Desk, JSON_API, Reply};

async fn detail(request: RequestBuilder) -> String {
    let reply = Reply::to(request).await;
    reply.errors("/detail")[0].to_owned()
}

#[tokio::test]
async fn a_header_that_is_missing_is_told_as_it_is_sent() {
    let desk = Desk::open().await;
    let told = detail(desk.bare(Method::GET, "/api/lists")).await;
    assert!(
        told.contains("send `Authorization: Klaviyo-API-Key`"),
        "{told}"
    );
    let key = format!("Klaviyo-API-Key {}", desk.sandbox.key());
    let keyed = desk.bare(Method::GET, "/api/lists");
    let told = detail(keyed.header("authorization", key)).await;
    assert!(
        told.contains(&format!("send `revision: {REVISION}`")),
        "{told}"
    );
}

#[tokio::test]
async fn a_media_type_is_told_beside_the_one_that_is_taken() {
    let desk = Desk::open().await;
    let post = || desk.request(Method::POST, "/api/lists").body("{}");
    let told = detail(post().header("content-type", "text/csv")).await;
    let taken = format!("the operation takes {JSON_API}.");
    assert_eq!(told, format!("The body is text/csv; {taken}"));
    let told = detail(post()).await;
    assert_eq!(told, format!("The body has no Content-Type; {taken}"));
}

#[tokio::test]
async fn what_a_query_says_wrong_is_told_with_what_is_right() {
    let desk = Desk::open().await;
    for (path, told) in [
        (
            "/api/profiles?page[size]=1000",
            "1000 is above the maximum, 100.",
        ),
        ("/api/profiles?page[size]=0", "0 is below the minimum, 1."),
        ("/api/profiles?page_size=5", "did you mean page[size]?"),
        ("/api/accounts?nonsense=5", "it has fields[account]"),
        ("/api/profiles?sort=creatd", "did you mean created?"),
        (
            r#"/api/profiles?filter=equals(emial,"a")"#,
            "did you mean email?",
        ),
        (
            r#"/api/profiles?filter=equal(email,"a")"#,
            "did you mean equals?",
        ),
    ] {
        let detail = detail(desk.request(Method::GET, path)).await;
        assert!(detail.contains(told), "{path}: {detail}");
    }
    let told = detail(desk.request(Method::PUT, "/api/profiles")).await;
    assert!(told.starts_with("The path takes "), "{told}");
    assert!(told.ends_with(", not PUT."), "{told}");
}

#[tokio::test]
async fn a_type_is_told_in_words() {
    let desk = Desk::open().await;
    let body = json!({"data": {"type": "profile", "attributes": {"email": 7}}});
    let created = desk.post("/api/profiles", body).await;
    assert_eq!(created.errors("/detail"), ["It must be a string or null."]);
}

#[tokio::test]
async fn what_cannot_be_suppressed_is_told_with_its_place() {
    let desk = Desk::open().await;
    for (body, place, told) in [
        (
            json!({"email": "ada@shop.example", "reason": "HARD_BUONCE"}),
            "/reason",
            "There is no reason HARD_BUONCE (did you mean HARD_BOUNCE?); there are HARD_BOUNCE,",
        ),
        (
            json!({"email": "ada@shop.example"}),
            "/reason",
            "The field is required.",
        ),
        (
            json!({"email": 7, "reason": "HARD_BOUNCE"}),
            "/email",
            "It must be a string.",
        ),
        (
            json!({"emial": ""}),
            "/emial",
            "There is no field emial (did you mean email?)",
        ),
    ] {
        let request = desk.bare(Method::POST, "/_sandbox/suppressions");
        let reply = Reply::to(request.body(body.to_string())).await;
        assert_eq!((reply.status, reply.pointers()), (400, vec![place]));
        assert!(
            reply.errors("/detail")[0].starts_with(told),
            "{}",
            reply.body
        );
    }
    assert_eq!(desk.sandbox.profiles(), []);
}
