//! The crate `klaviyo` over the same rows: each line read into its types, 10,000 rows a request, two
//! requests under way at once. No checks of rows, limits or retries: the crate has none.
//!
//! `crate_klaviyo FILE URL KEY`: each line of the file is a profile's attributes. Prints a line
//! of JSON.

use std::fs::File;
use std::io::{BufRead, BufReader};

use futures::{StreamExt, TryStreamExt, stream};
use klaviyo::Client;
use klaviyo::types::ProfileImportJobCreateQuery;
use klaviyo_benches::{Failure, Given, MOST_ROWS, Meter, tell};

/// Requests under way at once.
const IN_FLIGHT: usize = 2;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let given = Given::from_arguments(std::env::args().skip(1))?;
    let client = Client::builder()
        .api_key(given.key.as_str())
        .base_url(given.url.as_str())
        .build()?;

    let meter = Meter::begin()?;
    let rows = stream::iter(requests(&given.file)?)
        .map(|request| async {
            let request = request?;
            client.profiles().bulk_import(&request).send().await?;
            Ok::<_, Failure>(request.data.attributes.profiles.data.len())
        })
        .buffered(IN_FLIGHT)
        .try_fold(0, |sum, rows| async move { Ok(sum + rows) })
        .await?;
    tell(rows, meter)
}

/// The requests, each made when its turn comes.
fn requests(
    file: &str,
) -> Result<impl Iterator<Item = Result<ProfileImportJobCreateQuery, Failure>>, Failure> {
    let mut lines = BufReader::new(File::open(file)?).lines().peekable();
    Ok(std::iter::from_fn(move || {
        lines.peek()?;
        Some(lines.by_ref().take(MOST_ROWS).try_fold(
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
