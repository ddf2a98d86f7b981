//! Bodies are sent here by reqwest, and what all that cost is told.

use std::error::Error;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use crate::{Body, Meter};

/// Requests under way at once, as with a client that encodes the next body meanwhile.
const IN_FLIGHT: usize = 2;

/// Whatever went wrong: there is no measurement then.
pub type Failure = Box<dyn Error>;

/// What a program is told on its command line.
#[derive(Debug)]
pub struct Given {
    /// Where the rows are.
    pub file: String,
    /// Where they go.
    pub url: String,
    /// The private key.
    pub key: String,
}

impl Given {
    /// Reads the end of the command line: `FILE URL KEY`.
    ///
    /// # Errors
    /// When something is missing.
    pub fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut next = |what: &str| arguments.next().ok_or_else(|| format!("{what} is missing"));
        Ok(Given {
            file: next("FILE")?,
            url: next("URL")?,
            key: next("KEY")?,
        })
    }
}

/// Sends the bodies, each made when its turn comes; gives how many rows there were.
///
/// # Errors
/// When one cannot be made or is refused.
pub async fn send(
    bodies: impl Iterator<Item = Result<Body, Failure>>,
    given: &Given,
) -> Result<usize, Failure> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let target = format!("{}/api/profile-bulk-import-jobs", given.url);
    let answers = stream::iter(bodies).map(|body| async {
        let Body { rows, bytes } = body?;
        let request = client
            .post(&target)
            .header("Authorization", format!("Klaviyo-API-Key {}", given.key))
            .header("Content-Type", "application/vnd.api+json")
            .header("revision", "2026-10-15")
            .body(bytes);
        request.send().await?.error_for_status()?.bytes().await?;
        Ok(rows)
    });
    answers
        .buffer_unordered(IN_FLIGHT)
        .try_fold(0, |sum, rows| async move { Ok(sum + rows) })
        .await
}

/// Prints what it cost to send so many rows, as a line of JSON.
///
/// # Errors
/// When the system gives no account of this process.
pub fn tell(rows: usize, meter: Meter) -> Result<(), Failure> {
    let mut line = json!({"rows": rows});
    if let (Value::Object(line), Value::Object(cost)) = (&mut line, meter.end()?) {
        line.extend(cost);
    }
    println!("{line}");
    Ok(())
}
