//! `/_sandbox/snapshot`: what an account holds goes into a file and comes back.

use std::time::Duration;

use klaviyo_sandbox::{Builder, Identifier, Sandbox, State};
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, ids, order, stopped};
use crate::subscriptions::{agrees, subscribe};
use crate::{bulk_jobs, catalog, coupons, images, objects, push_tokens, suppressions, tags};

const JOB_TIME: Duration = Duration::from_secs(60);

/// An account with something of everything, among it a job that has not ended.
pub(crate) async fn filled() -> Desk {
    let builder = Sandbox::builder().limits(false).job_time(JOB_TIME).seed(1);
    let desk = Desk::with(builder.clock(stopped())).await;
    let list = desk.sandbox.create_list("News");
    let phone = "+390110000000";
    let rows = [
        json!({"email": "a@shop.example", "phone_number": phone, "properties": {"spend": 0.1 + 0.2}}),
        json!({"email": "b@shop.example", "phone_number": phone}),
    ];
    desk.import(&rows).await;
    desk.sandbox.clock().advance(JOB_TIME);
    let found = desk.get("/api/profiles").await;
    let member = json!({"data": [{"type": "profile", "id": found.body["data"][0]["id"]}]});
    let members = format!("/api/lists/{list}/relationships/profiles");
    desk.post(&members, member).await;
    for value in [0.1, 0.7] {
        let event = order(Some(&value.to_string()), "2026-05-01T10:00:00Z", value);
        desk.send_events(&json!({"external_id": "7"}), &[event])
            .await;
    }
    let everyone: Vec<String> = ids(&found.body["data"]);
    let segment = desk.sandbox.create_segment("VIP");
    desk.sandbox
        .set_segment_members(&segment, everyone.iter().map(String::as_str));
    let agreed = [agrees("a@shop.example")];
    subscribe(&desk, &agreed, Some(&list), json!({})).await;
    suppressions::start_for(
        &desk,
        "profile-suppression-bulk-create-job",
        &["a@shop.example"],
    )
    .await;
    with_a_catalog(&desk).await;
    with_what_people_add(&desk, &list).await;
    desk.import(&[json!({"email": "c@shop.example", "first_name": "Ada"})])
        .await;
    desk
}

async fn with_a_catalog(desk: &Desk) {
    catalog::create(desk, catalog::item("shirt")).await;
    let mut shirts = catalog::category("shirts");
    let item = json!([{"type": "catalog-item", "id": "$custom:::$default:::shirt"}]);
    shirts["relationships"] = json!({"items": {"data": item}});
    catalog::create(desk, shirts).await;
    bulk_jobs::start(desk, "catalog-item", "create", vec![catalog::item("hat")]).await;
    coupons::coupon(desk, "TEN").await;
    coupons::code(desk, "TEN", json!({"unique_code": "TEN-1"})).await;
    // The record still waits to be mapped.
    objects::arrange(desk, true).await;
}

/// A device, a tag on a list, an image.
async fn with_what_people_add(desk: &Desk, list: &str) {
    let owner = json!({"email": "a@shop.example"});
    let device = push_tokens::report("t1", "android", &owner);
    assert_eq!(desk.post("/api/push-tokens", device).await.status, 202);
    let tag = tags::create_tag(desk, "VIP", None).await;
    let joined = tags::join(desk, Method::POST, tag.id(), "list", list).await;
    assert_eq!(joined.status, 204);
    let image = images::upload(desk, b"\x89PNG\r\n\x1A\n", "true").await;
    assert_eq!(image.status, 201);
}

/// An account with other ids and nothing in it, at the same time.
async fn empty(like: &Desk) -> Desk {
    empty_from(2, like).await
}

/// An account with nothing in it whose ids come from a seed, at the same time.
pub(crate) async fn empty_from(seed: u64, like: &Desk) -> Desk {
    let clock = like.sandbox.clock().clone();
    Desk::with(Sandbox::builder().limits(false).seed(seed).clock(clock)).await
}

pub(crate) async fn file_of(desk: &Desk) -> String {
    let answer = desk.bare(Method::GET, "/_sandbox/snapshot").send().await;
    answer.unwrap().text().await.unwrap()
}

async fn restore(desk: &Desk, file: String) -> u16 {
    let request = desk.bare(Method::PUT, "/_sandbox/snapshot").body(file);
    request.send().await.unwrap().status().as_u16()
}

fn held(desk: &Desk) -> State {
    State {
        requests: Default::default(),
        ..desk.sandbox.state()
    }
}

/// What stands in a file, arrays in one order: some of them are sets.
fn tree(file: &str) -> Value {
    fn sorted(value: &mut Value) {
        match value {
            Value::Array(elements) => {
                elements.iter_mut().for_each(sorted);
                elements.sort_by_cached_key(Value::to_string);
            }
            Value::Object(fields) => fields.values_mut().for_each(sorted),
            _ => {}
        }
    }
    let mut tree = serde_json::from_str(file).unwrap();
    sorted(&mut tree);
    tree
}

#[tokio::test]
async fn everything_comes_back() {
    let before = filled().await;
    let after = empty(&before).await;
    let file = file_of(&before).await;
    assert_eq!(restore(&after, file.clone()).await, 204);

    assert_eq!(held(&after), held(&before));
    assert_eq!(after.sandbox.profiles(), before.sandbox.profiles());
    let orders = before.sandbox.events("Placed Order");
    assert_eq!(
        (orders.len(), after.sandbox.events("Placed Order")),
        (2, orders)
    );
    assert_eq!(tree(&file_of(&after).await), tree(&file));
    for path in [
        "/api/profiles",
        "/api/lists",
        "/api/segments",
        "/api/events",
        "/api/metrics",
        "/api/profile-bulk-import-jobs",
        "/api/catalog-items",
        "/api/catalog-categories/$custom:::$default:::shirts/items",
        "/api/catalog-item-bulk-create-jobs",
        "/api/coupons",
        "/api/coupon-codes?filter=equals(coupon.id,\"TEN\")",
    ] {
        let (before, after) = (before.get(path).await, after.get(path).await);
        let before = ids(&before.body["data"]);
        assert!(!before.is_empty(), "{path}");
        assert_eq!(ids(&after.body["data"]), before, "{path}");
    }
}

/// What an answer has under `data`, each with its attributes; links name the sandbox, so not them.
fn attributes(reply: &Reply) -> Vec<Value> {
    let data = reply.body["data"].as_array().unwrap();
    data.iter().map(|one| one["attributes"].clone()).collect()
}

#[tokio::test]
async fn devices_tags_and_images_come_back_whole() {
    let before = filled().await;
    let after = empty(&before).await;
    restore(&after, file_of(&before).await).await;

    let list = before.sandbox.state().lists[0].id.clone();
    let owner = before.sandbox.profiles()[0].id.clone();
    for (path, of) in [
        (format!("/api/profiles/{owner}/push-tokens"), "token"),
        ("/api/push-tokens".to_owned(), "token"),
        ("/api/tag-groups".to_owned(), "name"),
        (format!("/api/lists/{list}/tags"), "name"),
        ("/api/images".to_owned(), "image_url"),
    ] {
        let (before, after) = (before.get(&path).await, after.get(&path).await);
        let known = attributes(&before);
        assert!(known.iter().all(|one| one[of].is_string()), "{path}");
        assert_eq!((known.len(), attributes(&after)), (1, known), "{path}");
        assert_eq!(ids(&after.body["data"]), ids(&before.body["data"]));
    }
}

#[tokio::test]
async fn a_restored_account_goes_on() {
    let before = filled().await;
    let after = empty(&before).await;
    restore(&after, file_of(&before).await).await;

    let jobs = after.sandbox.state().jobs;
    assert_eq!((jobs.queued, jobs.complete), (1, 1));
    after.sandbox.clock().advance(JOB_TIME);
    assert_eq!(after.sandbox.state().jobs.complete, 2);
    let ada = after
        .sandbox
        .profile(Identifier::Email, "c@shop.example")
        .unwrap();
    assert_eq!(ada.attributes["first_name"], "Ada");

    // What was taken is still taken, and no id is given out twice.
    let event = order(Some("0.1"), "2026-05-01T10:00:00Z", 0.1);
    after
        .send_events(&json!({"external_id": "7"}), &[event])
        .await;
    assert_eq!(after.sandbox.state().dropped_events.repeats, 1);
    let list = after.sandbox.create_list("More");
    assert!(before.sandbox.state().list(&list).is_none());
}

#[tokio::test]
async fn what_is_no_snapshot_changes_nothing() {
    let desk = filled().await;
    let before = held(&desk);
    let file = file_of(&desk).await;
    let newer = file.replacen("snapshot\":1", "snapshot\":2", 1);
    for other in [
        String::new(),
        "{}".to_owned(),
        file[..file.len() / 2].to_owned(),
        newer,
    ] {
        assert_eq!(restore(&desk, other).await, 400);
    }
    assert_eq!(held(&desk), before);
}

#[tokio::test]
async fn a_snapshot_may_be_large() {
    let desk = Desk::open().await;
    let rows: Vec<Value> = (0..6000)
        .map(|number| json!({"external_id": format!("{number:0>500}")}))
        .collect();
    desk.import(&rows).await;
    let file = file_of(&desk).await;
    assert!(file.len() > 3_000_000);
    desk.sandbox.reset();
    assert_eq!(restore(&desk, file).await, 204);
    assert_eq!(desk.sandbox.state().profiles, 6000);
}

/// An account with an import that takes a minute, restored into a sandbox with other settings.
async fn moved_to(builder: Builder) -> Desk {
    let before = filled().await;
    let clock = before.sandbox.clock().clone();
    let after = Desk::with(builder.limits(false).clock(clock)).await;
    assert_eq!(restore(&after, file_of(&before).await).await, 204);
    assert_eq!(after.sandbox.state().jobs.queued, 1);
    after
}

#[tokio::test]
async fn restored_jobs_do_not_hold_up_new_ones() {
    let desk = moved_to(Sandbox::builder().job_time(Duration::ZERO)).await;
    let new = desk.import(&[json!({"external_id": "new"})]).await;
    let path = format!("/api/profile-bulk-import-jobs/{}", new.id());
    let job = desk.get(&path).await;
    assert_eq!(job.body["data"]["attributes"]["status"], "complete");
    assert!(
        desk.sandbox
            .profile(Identifier::ExternalId, "new")
            .is_some()
    );
    assert_eq!(desk.sandbox.state().jobs.queued, 1);
}

#[tokio::test]
async fn a_sink_goes_on_with_restored_jobs() {
    let desk = moved_to(Sandbox::builder().sink(true)).await;
    let reply = desk.import(&[json!({"external_id": "new"})]).await;
    assert_eq!(reply.status, 202);
    assert_eq!(reply.body["data"]["attributes"]["status"], "complete");
    assert_eq!(reply.body["data"]["attributes"]["total_count"], 1);
}

/// An array in an array in an array …
fn nested(levels: usize) -> Value {
    (1..levels).fold(json!([]), |inner, _| json!([inner]))
}

#[tokio::test]
async fn what_is_taken_can_be_read_back() {
    // chosen: 100 levels in a body; the document says nothing of free-form fields.
    let desk = Desk::open().await;
    let source = objects::source(&desk, "Shop").await;
    let send = async |levels: usize| {
        let mut shirt = catalog::item("shirt");
        shirt["attributes"]["custom_metadata"] = json!({"deep": nested(levels - 4)});
        let record = json!({"id": "1", "deep": nested(levels - 8)});
        let row = json!({"external_id": "1"});
        let patch = json!({"patch_properties": {"append": {"deep": nested(levels - 4)}}});
        let item = json!({"type": "profile", "attributes": row, "meta": patch});
        let import = json!({"data": {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": [item]}}}});
        [
            catalog::create(&desk, shirt).await.status,
            objects::send(&desk, &source, &[record]).await.status,
            desk.post("/api/profile-bulk-import-jobs", import)
                .await
                .status,
        ]
    };
    assert_eq!(send(101).await, [400; 3]);
    assert_eq!(send(100).await, [201, 204, 202]);
    assert_eq!(restore(&desk, file_of(&desk).await).await, 204);
}
