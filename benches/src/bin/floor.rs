//! The floor: bodies that were put together beforehand, sent by reqwest. What a client that reads,
//! checks and encodes nothing costs on this machine.
//!
//! `floor FILE URL KEY`: each line of the file is a profile's attributes. Prints a line
//! of JSON.

use std::error::Error;
use std::fs;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use klaviyo_benches::Meter;
use serde_json::{Value, json};

/// Klaviyo's cap on the profiles of one request.
const BATCH: usize = 10_000;
/// Requests under way at once, as with a client that encodes the next body meanwhile.
const IN_FLIGHT: usize = 2;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, url, key] = &arguments[..] else {
        return Err("floor FILE URL KEY".into());
    };
    let (rows, bodies) = bodies(&fs::read_to_string(file)?);
    let client = reqwest::Client::builder().no_proxy().build()?;
    let target = format!("{url}/api/profile-bulk-import-jobs");

    let meter = Meter::begin()?;
    let answers = stream::iter(bodies).map(|body| {
        let request = client
            .post(&target)
            .header("Authorization", format!("Klaviyo-API-Key {key}"))
            .header("Content-Type", "application/vnd.api+json")
            .header("revision", "2026-10-15")
            .body(body);
        async { request.send().await?.error_for_status()?.bytes().await }
    });
    answers
        .buffer_unordered(IN_FLIGHT)
        .try_for_each(|_| async { Ok(()) })
        .await?;
    let mut line = json!({"subject": "floor", "rows": rows});
    if let (Value::Object(line), Value::Object(cost)) = (&mut line, meter.end()?) {
        line.extend(cost);
    }
    println!("{line}");
    Ok(())
}

/// How many rows there are, and the bodies that hold them.
fn bodies(lines: &str) -> (usize, Vec<Bytes>) {
    let rows: Vec<&str> = lines.lines().collect();
    let body = |rows: &[&str]| {
        let items = rows
            .iter()
            .map(|row| format!(r#"{{"type":"profile","attributes":{row}}}"#));
        let items = items.collect::<Vec<_>>().join(",");
        Bytes::from(format!(
            r#"{{"data":{{"type":"profile-bulk-import-job","attributes":{{"profiles":{{"data":[{items}]}}}}}}}}"#
        ))
    };
    (rows.len(), rows.chunks(BATCH).map(body).collect())
}
