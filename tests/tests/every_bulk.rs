//! What holds for the requests of each of the 21 bulk operations, whatever the rows.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use jsonschema::Validator;
use klaviyo_core::Secret;
use klaviyo_core::auth::{Authorizer, Credentials};
use klaviyo_core::bulk::{BulkOptions, options, verb};
use klaviyo_core::client::Client;
use klaviyo_core::clock::FakeClock;
use klaviyo_core::limit::LimitOptions;
use klaviyo_core::retry::RetryOptions;
use klaviyo_core::transport::{Request, Response, Transport, TransportError};
use klaviyo_gen::{Caps, OPERATIONS, Operation, schema};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

/// For each operation.
const CASES: u32 = 24;

/// Takes every request and keeps it.
#[derive(Debug, Default)]
struct Taker(Mutex<Vec<Request>>);

impl Transport for Taker {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let status = request.operation.success[0].status;
        self.0.lock().unwrap().push(request);
        let body = json!({"data": {"type": "job", "id": "job"}}).to_string();
        let response = Response {
            status,
            headers: http::HeaderMap::new(),
            body: body.into(),
        };
        async { Ok(response) }.boxed()
    }
}

fn own_options(operation: &Operation) -> Value {
    match verb(operation) {
        "create_client_events" => json!({"company_id": "ABC123"}),
        "subscribe_profiles" => json!({"consent": true, "channels": ["email"], "list_id": "L"}),
        "unsubscribe_profiles" => json!({"everywhere": true, "channels": ["email"]}),
        "add_profiles_to_list" | "remove_profiles_from_list" => json!({"list_id": "L"}),
        "create_coupon_codes" => json!({"coupon_id": "SAVE"}),
        "create_data_source_records" => json!({"data_source_id": "01A"}),
        _ => json!({}),
    }
}

/// A row that is known by its number, with about so many bytes where its operation takes any text.
fn row(operation: &Operation, number: usize, bytes: usize) -> Value {
    let (name, text) = (number.to_string(), "x".repeat(bytes));
    let catalog = || {
        json!({"external_id": name, "title": text, "description": "D",
            "url": "https://shop.example", "categories": ["C"]})
    };
    match verb(operation) {
        "import_profiles" => json!({"external_id": name, "properties.text": text}),
        "create_events" | "create_client_events" => json!({
            "metric": "Seen", "external_id": (number / 7).to_string(), "unique_id": name,
            "properties.text": text,
        }),
        "create_coupon_codes" => json!({"unique_code": name, "expires_at": "2027-01-31"}),
        "create_data_source_records" => json!({"name": name, "text": text}),
        "create_catalog_items" => catalog(),
        "create_catalog_variants" => {
            let mut row = catalog();
            row.as_object_mut().unwrap().remove("categories");
            row["item"] = "S".into();
            row["sku"] = "1".into();
            row["price"] = 1.into();
            row["inventory_quantity"] = 2.into();
            row
        }
        "create_catalog_categories" => json!({"external_id": name, "name": text}),
        "update_catalog_items" | "update_catalog_variants" => {
            json!({"external_id": name, "description": text})
        }
        "update_catalog_categories" => json!({"external_id": name, "name": text}),
        other if other.contains("catalog") => json!({"external_id": name}),
        other if other.contains("scribe") || other.contains("suppress") => {
            json!({"email": format!("{name}@shop.example")})
        }
        _ => json!({"id": name}),
    }
}

/// The number of the row that an item was made of.
fn number(item: &Value) -> usize {
    let attributes = &item["attributes"];
    let named = ["unique_id", "external_id", "unique_code", "email"];
    let of_attributes = named.iter().map(|name| &attributes[name]);
    let mut places = of_attributes.chain([&attributes["record"]["name"], &item["id"]]);
    let text = places.find_map(Value::as_str).unwrap();
    let text = text.rsplit(":::").next().unwrap();
    text.split('@').next().unwrap().parse().unwrap()
}

fn items<'a>(caps: &Caps, body: &'a Value) -> Vec<&'a Value> {
    let array = |value: &'a Value| value.as_array().unwrap().iter();
    let pointer = caps.items.unwrap();
    match pointer.split_once("/*") {
        None => array(body.pointer(pointer).unwrap()).collect(),
        Some((groups, inside)) => {
            let groups = array(body.pointer(groups).unwrap());
            groups
                .flat_map(|group| array(group.pointer(inside).unwrap()))
                .collect()
        }
    }
}

fn longest_string(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(longest_string).max().unwrap_or(0),
        Value::Object(members) => members.values().map(longest_string).max().unwrap_or(0),
        _ => 0,
    }
}

/// How long the text is that fills a row, wherever it stands in it or in its item.
fn filling(value: &Value) -> usize {
    match value {
        Value::String(text) => {
            let runs = text.split(|letter| letter != 'x');
            runs.map(str::len).max().unwrap_or(0)
        }
        Value::Array(values) => values.iter().map(filling).max().unwrap_or(0),
        Value::Object(members) => members.values().map(filling).max().unwrap_or(0),
        _ => 0,
    }
}

/// Sends the rows; gives the requests and the numbers of the rows that were rejected.
fn send(operation: &'static Operation, rows: &[Value]) -> (Vec<Request>, BTreeSet<usize>) {
    let taker = Arc::new(Taker::default());
    let transport: Arc<dyn Transport> = Arc::<Taker>::clone(&taker);
    let clock = Arc::new(FakeClock::new(1));
    let client = Client::over(
        transport,
        clock,
        Authorizer::new(Credentials::ApiKey(Secret::new("pk_test"))).unwrap(),
        LimitOptions::default(),
        RetryOptions::default(),
    );
    let mut options = options(verb(operation), own_options(operation)).unwrap();
    options.run_mut().wait = Some(false);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let report = runtime.block_on(async {
        let mut run = client
            .bulk()
            .start(options.as_ref() as &dyn BulkOptions)
            .await
            .unwrap();
        for row in rows {
            run.push(row);
            run.hand_over().await;
        }
        run.finish().await.unwrap()
    });
    assert_eq!(report.counts.total(), rows.len() as u64);
    let failures = report.failures.iter().map(Result::unwrap);
    let rejected = failures.map(|failure| {
        assert!(
            ["too_large", "string_too_long"].contains(&failure.code.as_str()),
            "{failure:?}"
        );
        usize::try_from(failure.row).unwrap()
    });
    let rejected = rejected.collect();
    let mut requests = taker.0.lock().unwrap().clone();
    requests.sort_by_key(|request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        number(items(operation.caps.unwrap(), &body)[0])
    });
    (requests, rejected)
}

static SCHEMA: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(schema::SCHEMA).unwrap());

fn validator(operation: &Operation) -> Validator {
    let mut whole = SCHEMA.clone();
    whole["$ref"] = schema::request(operation).unwrap().into();
    jsonschema::validator_for(&whole).unwrap()
}

fn check(operation: &'static Operation, validator: &Validator, rows: &[Value]) {
    let caps = operation.caps.unwrap();
    let (requests, rejected) = send(operation, rows);
    let mut sent = Vec::new();
    for request in &requests {
        assert!(
            request.body.len() as u64 <= caps.max_request_bytes,
            "{}",
            operation.id
        );
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        if let Some(error) = validator.iter_errors(&body).next() {
            panic!("{}: {error} at {}", operation.id, error.instance_path());
        }
        let items = items(caps, &body);
        assert!(
            items.len() <= caps.max_items.unwrap() as usize,
            "{}",
            operation.id
        );
        let longest = longest_string(&body) as u64;
        assert!(caps.max_string_bytes.is_none_or(|most| longest <= most));
        for item in items {
            let bytes = item.to_string().len() as u64;
            assert!(caps.max_item_bytes.is_none_or(|most| bytes <= most));
            let row = number(item);
            assert_eq!(filling(item), filling(&rows[row]), "{}", operation.id);
            sent.push(row);
        }
    }
    let expected: Vec<usize> = (0..rows.len())
        .filter(|row| !rejected.contains(row))
        .collect();
    assert_eq!(sent, expected, "{}", operation.id);
}

fn bulk() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().copied().filter(|one| one.is_bulk())
}

/// Sizes of rows: many small ones, which fill a request by their number; large ones, which fill it by
/// their bytes; and, where the caps can take one, huge ones.
fn sizes(caps: &Caps) -> impl Strategy<Value = Vec<usize>> {
    let many = caps.max_items.unwrap().min(1_000) as usize;
    let takes_huge = caps.max_item_bytes.is_none_or(|most| most > 400_000);
    let large = prop_oneof![0_usize..1_000, 90_000_usize..130_000];
    prop_oneof![
        4 => prop::collection::vec(0_usize..100, 0..many + many / 4),
        2 => prop::collection::vec(large, 0..60),
        u32::from(takes_huge) => prop::collection::vec(400_000_usize..600_000, 0..8),
    ]
}

#[test]
fn every_row_is_sent_once_in_order_within_every_cap() {
    for operation in bulk() {
        let validator = validator(operation);
        let config = ProptestConfig::with_cases(CASES);
        let found = TestRunner::new(config).run(&sizes(operation.caps.unwrap()), |sizes| {
            let rows = sizes.iter().enumerate();
            let rows: Vec<Value> = rows
                .map(|(number, &bytes)| row(operation, number, bytes))
                .collect();
            check(operation, &validator, &rows);
            Ok(())
        });
        found.unwrap_or_else(|failure| panic!("{}: {failure}", operation.id));
    }
}

#[test]
fn a_full_request_is_one_request() {
    for operation in bulk() {
        let most = operation.caps.unwrap().max_items.unwrap() as usize;
        let requests = |count: usize| {
            let rows = (0..count).map(|number| of_one_profile(operation, number));
            send(operation, &rows.collect::<Vec<_>>()).0.len()
        };
        let full = (requests(most), requests(most + 1));
        assert_eq!(full, (1, 2), "{}", operation.id);
    }
}

/// A small row; those of one operation share the profile that would part them.
fn of_one_profile(operation: &Operation, number: usize) -> Value {
    let mut row = row(operation, number, 1);
    if verb(operation) == "create_client_events" {
        row["external_id"] = "0".into();
    }
    row
}

#[test]
fn requests_go_where_their_operation_says() {
    for operation in bulk() {
        let (requests, _) = send(operation, &[row(operation, 0, 1)]);
        let request = &requests[0];
        assert_eq!(request.operation.id, operation.id);
        let expected = match verb(operation) {
            "create_client_events" => "/client/event-bulk-create?company_id=ABC123".to_owned(),
            _ => operation.path.replace("{id}", "L"),
        };
        assert_eq!(request.target, expected);
        assert_eq!(operation.authenticated, !operation.id.contains("client"));
    }
}
