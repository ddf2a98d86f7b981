//! Lists as record batches: columns, batches, and what does not fit.

mod odd;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_schema::DataType;
use futures::TryStreamExt;
use klaviyo_gen::operations::{
    GET_CATALOG_ITEMS, GET_EVENTS, GET_LIST, GET_LIST_IDS_FOR_PROFILE, GET_PROFILES,
};
use klaviyo_gen::{OPERATIONS, Operation};
use serde_json::{Value, json};

use super::*;
use crate::call::Call;
use crate::clock::FakeClock;
use crate::testing::{Answer, Scripted, answer, client};

/// A list that is answered with this body.
fn list(operation: &'static Operation, parameters: &[(&str, &str)], body: &Value) -> RecordBatches {
    let body = body.to_string();
    let transport = Scripted::new(move |_, _| answer(200, body.clone()));
    let parameters = parameters.iter();
    let call = Call {
        parameters: parameters
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Call::default()
    };
    let pages = client(&transport, &FakeClock::new(1)).pages(operation, call);
    pages.unwrap().record_batches().unwrap()
}

/// The only batch of a list of these items.
async fn batch(operation: &'static Operation, items: &[Value]) -> RecordBatch {
    let mut batches = list(operation, &[], &json!({ "data": items }));
    let batch = batches.next().await.unwrap().unwrap();
    assert!(batches.next().await.unwrap().is_none());
    assert_eq!(batch.num_rows(), items.len());
    batch
}

/// The texts of a column; empty ones for nulls.
fn texts<'a>(batch: &'a RecordBatch, column: &str) -> Vec<&'a str> {
    let cells = batch[column].as_string::<i32>();
    cells.iter().map(Option::unwrap_or_default).collect()
}

/// What has no column, of each row.
fn unmapped(batch: &RecordBatch) -> Vec<Value> {
    let rest = texts(batch, "unmapped").into_iter();
    rest.map(|text| serde_json::from_str(text).unwrap_or_default())
        .collect()
}

fn names(batches: &RecordBatches) -> Vec<String> {
    let schema = batches.schema();
    schema
        .fields()
        .iter()
        .map(|one| one.name().clone())
        .collect()
}

#[tokio::test]
async fn attributes_have_columns_of_their_types() {
    let profile = json!({
        "id": "01", "type": "profile", "links": {"self": "https://shop.example"},
        "attributes": {
            "email": "ada@shop.example",
            "created": "2026-10-31T12:00:00.25+01:00",
            "location": {"city": "S\u{e3}o \"P\"", "latitude": 1.5, "zip": null},
            "properties": {"ltv": 12.50},
            "last_name": null,
        },
        "relationships": {
            "lists": {"data": [{"type": "list", "id": "a"}, {"type": "list", "id": "b"}]},
            "segments": {"links": {"related": "https://shop.example"}},
        },
    });
    let batch = batch(
        &GET_PROFILES,
        &[profile, json!({"id": "02", "attributes": {}})],
    )
    .await;
    assert_eq!(texts(&batch, "id"), ["01", "02"]);
    assert_eq!(texts(&batch, "email"), ["ada@shop.example", ""]);
    assert_eq!(texts(&batch, "location.city")[0], "S\u{e3}o \"P\"");
    let properties: Value = serde_json::from_str(texts(&batch, "properties")[0]).unwrap();
    assert_eq!(properties, json!({"ltv": 12.5}));
    let created = batch["created"].as_primitive::<TimestampMicrosecondType>();
    assert_eq!(created.value(0), 1_793_444_400_250_000);
    assert_eq!(created.timezone(), Some("UTC"));
    assert!(batch["location.zip"].is_null(0) && batch["last_name"].is_null(0));
    let lists = batch["relationships.lists"].as_list::<i32>();
    let ids: Vec<Option<&str>> = lists.values().as_string::<i32>().iter().collect();
    assert_eq!(ids, [Some("a"), Some("b")]);
    assert_eq!((lists.is_null(0), lists.is_null(1)), (false, true));
    assert!(batch["relationships.segments"].is_null(0));
    assert_eq!(batch["unmapped"].null_count(), 2);
}

#[tokio::test]
async fn numbers_lists_and_single_relationships_have_columns_too() {
    let event = json!({
        "id": "e", "attributes": {"timestamp": 1_793_444_400, "event_properties": {"a": [1]}},
        "relationships": {"metric": {"data": {"type": "metric", "id": "M"}}, "profile": {"data": null}},
    });
    let events = batch(&GET_EVENTS, &[event]).await;
    let timestamps = events["timestamp"].as_primitive::<Int64Type>();
    assert_eq!(timestamps.value(0), 1_793_444_400);
    assert_eq!(texts(&events, "event_properties"), ["{\"a\":[1]}"]);
    assert_eq!(texts(&events, "relationships.metric"), ["M"]);
    assert!(events["relationships.profile"].is_null(0));
    let item = json!({"attributes": {"images": ["a", null], "price": 2, "published": true}});
    let items = batch(&GET_CATALOG_ITEMS, &[item]).await;
    let images = items["images"].as_list::<i32>().value(0);
    let images: Vec<Option<&str>> = images.as_string::<i32>().iter().collect();
    assert_eq!(images, [Some("a"), None]);
    assert_eq!(items["price"].as_primitive::<Float64Type>().value(0), 2.0);
    assert!(items["published"].as_boolean().value(0));
}

#[tokio::test]
async fn lists_of_ids_have_no_attributes() {
    let body = json!({"data": [{"type": "list", "id": "a"}]});
    let mut batches = list(&GET_LIST_IDS_FOR_PROFILE, &[("id", "01")], &body);
    assert_eq!(names(&batches), ["id", "type", "unmapped"]);
    let batch = batches.next().await.unwrap().unwrap();
    assert_eq!(texts(&batch, "type"), ["list"]);
}

#[test]
fn there_are_columns_for_what_is_asked_for() {
    let of = |parameters: &[(&str, &str)]| names(&list(&GET_PROFILES, parameters, &json!({})));
    let relationships = ["conversations", "lists", "push-tokens", "segments"];
    let relationships = relationships.map(|name| format!("relationships.{name}"));
    let expected = |attributes: &[&str]| {
        let names = ["id", "type"].iter().chain(attributes);
        let names = names.map(|name| (*name).to_owned());
        let names = names.chain(relationships.clone());
        names.chain(["unmapped".to_owned()]).collect::<Vec<_>>()
    };
    let fields = [("fields[profile]", "email,location.city")];
    assert_eq!(of(&fields), expected(&["email", "location.city"]));
    let whole = of(&[("fields[profile]", "location")]);
    assert!(whole.contains(&"location.zip".to_owned()) && !whole.contains(&"email".to_owned()));
    // Those of another resource concern only what is included.
    let all = of(&[("fields[push-token]", "token")]);
    assert!(all.contains(&"email".to_owned()) && all == of(&[]));
    let marketing = "subscriptions.email.marketing.consent".to_owned();
    assert!(!all.contains(&marketing));
    let subscriptions = ("additional-fields[profile]", "subscriptions");
    let more = of(&[subscriptions]);
    assert!(more.contains(&marketing) && more.contains(&"email".to_owned()));
    let both = of(&[subscriptions, fields[0]]);
    assert!(both.contains(&marketing) && !both.contains(&"first_name".to_owned()));
}

#[tokio::test]
async fn every_list_has_columns_with_names_of_their_own() {
    let lists = OPERATIONS.iter().filter(|one| one.listed.is_some());
    let mut count = 0;
    for operation in lists {
        let columns = Columns::of(operation, operation.path).unwrap();
        let mut names: Vec<&str> = columns.0.iter().map(|one| one.name.as_str()).collect();
        names.push("unmapped");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), columns.0.len() + 1, "{}", operation.id);
        // Every column can be made, and takes nulls.
        let mut table = Table::new(columns, operation);
        table.append(br#"{"data": [{}]}"#).unwrap();
        assert_eq!(table.take().unwrap().num_rows(), 1);
        count += 1;
    }
    assert_eq!(count, 130);
}

/// Full pages of profiles, as many as the clock and the test say.
fn paged(request: &crate::transport::Request, pages: u32, size: u32) -> Answer {
    let cursor = request.target.rsplit_once('=').map(|(_, cursor)| cursor);
    let number: u32 = cursor.map_or(0, |cursor| cursor.parse().unwrap());
    let ids = number * size..(number + 1) * size;
    let items: Vec<Value> = ids.map(|id| json!({"id": id.to_string()})).collect();
    let next = (number + 1 < pages).then(|| format!("/api/profiles?cursor={}", number + 1));
    answer(
        200,
        json!({"data": items, "links": {"next": next}}).to_string(),
    )
}

fn batches_over(transport: &Arc<Scripted>, clock: &FakeClock) -> RecordBatches {
    let pages = client(transport, clock).pages(&GET_PROFILES, Call::default());
    pages.unwrap().record_batches().unwrap()
}

async fn sizes(batches: RecordBatches) -> Vec<usize> {
    let batches: Vec<RecordBatch> = batches.into_stream().try_collect().await.unwrap();
    batches.iter().map(RecordBatch::num_rows).collect()
}

#[tokio::test]
async fn pages_are_gathered_until_a_batch_is_full() {
    let transport = Scripted::new(|request, _| paged(request, 60, 100));
    let batches = batches_over(&transport, &FakeClock::new(1));
    assert_eq!(transport.requests().len(), 0);
    assert_eq!(sizes(batches).await, [4100, 1900]);
    assert_eq!(transport.requests().len(), 60);
}

#[tokio::test]
async fn a_reader_does_not_wait_long_for_more_pages() {
    let clock = FakeClock::new(1);
    let slow = clock.clone();
    let transport = Scripted::new(move |request, _| {
        slow.advance(PATIENCE / 2);
        paged(request, 5, 10)
    });
    assert_eq!(sizes(batches_over(&transport, &clock)).await, [20, 20, 10]);
}

#[tokio::test]
async fn a_page_that_was_read_is_not_asked_for_again() {
    let transport = Scripted::new(|request, _| paged(request, 3, 10));
    let client = client(&transport, &FakeClock::new(1));
    let mut pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
    let first = pages.next().await.unwrap().unwrap();
    assert_eq!(sizes(first.record_batches(&client).unwrap()).await, [30]);
    assert_eq!(transport.requests().len(), 3);
    let last = client.pages_from(&GET_PROFILES, "/api/profiles?cursor=2");
    let last = last.unwrap().next().await.unwrap().unwrap();
    assert_eq!(sizes(last.record_batches(&client).unwrap()).await, [10]);
    assert_eq!(transport.requests().len(), 4);
}

#[tokio::test]
async fn rows_before_an_error_come_first_and_reading_can_go_on() {
    let transport = Scripted::new(|request, before| match before {
        1 => answer(403, ""),
        _ => paged(request, 2, 10),
    });
    let mut batches = batches_over(&transport, &FakeClock::new(1));
    assert_eq!(batches.next().await.unwrap().unwrap().num_rows(), 10);
    assert_eq!(batches.next().await.unwrap_err().status(), Some(403));
    assert_eq!(batches.next().await.unwrap().unwrap()["id"].len(), 10);
    assert!(batches.next().await.unwrap().is_none());
}

#[tokio::test]
async fn an_empty_list_has_a_schema_and_no_batch() {
    for body in [json!({"data": []}), json!({"data": null}), json!({})] {
        let mut batches = list(&GET_PROFILES, &[], &body);
        let schema = batches.schema();
        let created = schema.field_with_name("created").unwrap();
        assert!(matches!(created.data_type(), DataType::Timestamp(..)));
        assert!(batches.next().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn what_is_no_list_is_told() {
    let mut odd = list(&GET_PROFILES, &[], &json!({"data": {"id": "1"}}));
    let error = odd.next().await.unwrap_err().to_string();
    assert!(
        error.contains("get_profiles") && error.contains("sequence"),
        "{error}"
    );
    let error = Columns::of(&GET_LIST, "/api/lists/1").unwrap_err();
    assert!(
        error.to_string().contains("get_list is not a list"),
        "{error}"
    );
}
