//! The crate `klaviyo` over the same rows: each line read into its types, 10,000 rows a request, two
//! requests under way at once. No checks of rows, limits or retries: the crate has none.
//!
//! `klaviyo-crate-peer FILE URL KEY`: each line of the file is a profile's attributes. Prints a line
//! of JSON.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};

use futures::{StreamExt, TryStreamExt, stream};
use klaviyo::Client;
use klaviyo::types::ProfileImportJobCreateQuery;
use klaviyo_benches::Meter;
use serde_json::{Value, json};

/// Klaviyo's cap on the profiles of one request.
const BATCH: usize = 10_000;
/// Requests under way at once.
const IN_FLIGHT: usize = 2;

type Failure = Box<dyn Error>;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, url, key] = &arguments[..] else {
        return Err("klaviyo-crate-peer FILE URL KEY".into());
    };
    let client = Client::builder()
        .api_key(key.as_str())
        .base_url(url.as_str())
        .build()?;

    let meter = Meter::begin()?;
    let rows = stream::iter(requests(file)?)
        .map(|request| async {
            let request = request?;
            client.profiles().bulk_import(&request).send().await?;
            Ok::<_, Failure>(request.data.attributes.profiles.data.len())
        })
        .buffered(IN_FLIGHT)
        .try_fold(0, |sum, rows| async move { Ok(sum + rows) })
        .await?;
    let mut line = json!({"subject": "crate klaviyo 0.4", "rows": rows});
    if let (Value::Object(line), Value::Object(cost)) = (&mut line, meter.end()?) {
        line.extend(cost);
    }
    println!("{line}");
    Ok(())
}

/// The requests, each made when its turn comes.
fn requests(
    file: &str,
) -> Result<impl Iterator<Item = Result<ProfileImportJobCreateQuery, Failure>>, Failure> {
    let mut lines = BufReader::new(File::open(file)?).lines().peekable();
    Ok(std::iter::from_fn(move || {
        lines.peek()?;
        Some(lines.by_ref().take(BATCH).try_fold(
            ProfileImportJobCreateQuery::default(),
            |mut request, line| {
                let rows = &mut request.data.attributes.profiles.data;
                rows.push(Default::default());
                if let Some(row) = rows.last_mut() {
                    row.attributes = serde_json::from_str(&line?)?;
                }
                Ok(request)
            },
        ))
    }))
}
