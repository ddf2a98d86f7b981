//! How many rows a second the sandbox validates and holds, bodies sent over loopback by a client
//! with a few connections. `cargo bench -p klaviyo-sandbox`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use klaviyo_gen::operations::{BULK_CREATE_EVENTS, BULK_IMPORT_PROFILES, GET_PROFILES};
use klaviyo_gen::{Operation, REVISION};
use klaviyo_sandbox::Sandbox;
use serde_json::{Value, json};

const CONNECTIONS: usize = 4;

fn main() {
    let sandbox = Sandbox::builder()
        .limits(false)
        .job_time(Duration::ZERO)
        .start_thread()
        .expect("a free port");
    let sandbox = Arc::new(sandbox);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");

    let (customers, each) = (300_000, 10_000);
    let bodies = (0..customers / each)
        .map(|batch| profiles(batch * each, each))
        .collect();
    measure(
        &runtime,
        &sandbox,
        "profiles",
        customers,
        bodies,
        &BULK_IMPORT_PROFILES,
    );

    let (orders, each) = (100_000, 1_000);
    let bodies = (0..orders / each)
        .map(|batch| events(batch * each, each))
        .collect();
    measure(
        &runtime,
        &sandbox,
        "events",
        orders,
        bodies,
        &BULK_CREATE_EVENTS,
    );

    let requests = 20_000;
    let bodies = vec![Bytes::new(); requests];
    measure(
        &runtime,
        &sandbox,
        "small requests",
        requests,
        bodies,
        &GET_PROFILES,
    );

    let state = sandbox.state();
    assert_eq!(
        (state.profiles, state.events),
        (customers as u64, orders as u64)
    );
}

fn measure(
    runtime: &tokio::runtime::Runtime,
    sandbox: &Arc<Sandbox>,
    what: &str,
    rows: usize,
    bodies: Vec<Bytes>,
    operation: &'static Operation,
) {
    let megabytes = bodies.iter().map(Bytes::len).sum::<usize>() as f64 / 1e6;
    #[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
    let start = Instant::now();
    runtime.block_on(send(sandbox, bodies, operation));
    // Applies what the jobs hold, so that it counts too.
    let _ = sandbox.state();
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{rows} {what}, {megabytes:.0} MB: {seconds:.2} s, {:.0} a second",
        rows as f64 / seconds
    );
}

async fn send(sandbox: &Arc<Sandbox>, bodies: Vec<Bytes>, operation: &'static Operation) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let bodies = Arc::new(bodies);
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|first| {
            let (client, sandbox, bodies) =
                (client.clone(), Arc::clone(sandbox), Arc::clone(&bodies));
            tokio::spawn(async move {
                for body in bodies.iter().skip(first).step_by(CONNECTIONS) {
                    let method = operation.method.as_str().parse().expect("a method");
                    let response = client
                        .request(method, format!("{}{}", sandbox.url(), path(operation)))
                        .header(
                            "authorization",
                            format!("Klaviyo-API-Key {}", sandbox.key()),
                        )
                        .header("revision", REVISION)
                        .header("content-type", "application/vnd.api+json")
                        .body(body.clone())
                        .send()
                        .await
                        .expect("an answer");
                    assert_eq!(response.status().as_u16(), operation.success[0].status);
                    response.bytes().await.expect("a body");
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.expect("every request was answered");
    }
}

/// Small pages, so that the answers do not make the figure.
fn path(operation: &Operation) -> String {
    let is_list = operation
        .parameters
        .iter()
        .any(|parameter| parameter.name == "page[size]");
    if is_list {
        format!("{}?page[size]=1", operation.path)
    } else {
        operation.path.to_owned()
    }
}

fn profiles(first: usize, count: usize) -> Bytes {
    let rows: Vec<Value> = (first..first + count)
        .map(|number| {
            json!({"type": "profile", "attributes": {
                "external_id": format!("c-{number}"),
                "email": format!("customer{number}@shop.example"),
                "first_name": "Ada",
                "location": {"city": "Turin", "country": "Italy"},
                "properties": {"orders": number % 17, "spend": number as f64 / 7.0, "first": "1997-01-01", "vip": false},
            }})
        })
        .collect();
    let body = json!({"data": {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": rows}}}});
    body.to_string().into()
}

fn events(first: usize, count: usize) -> Bytes {
    let groups: Vec<Value> = (first..first + count)
        .map(|number| {
            json!({"type": "event-bulk-create", "attributes": {
                "profile": {"data": {"type": "profile", "attributes": {"external_id": format!("c-{}", number / 3)}}},
                "events": {"data": [{"type": "event", "attributes": {
                    "metric": {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}},
                    "time": "2025-05-01T10:00:00+00:00", "value": 19.5, "value_currency": "USD",
                    "unique_id": format!("run-{number}"), "properties": {"quantity": 2},
                }}]},
            }})
        })
        .collect();
    let body = json!({"data": {"type": "event-bulk-create-job", "attributes": {"events-bulk-create": {"data": groups}}}});
    body.to_string().into()
}
