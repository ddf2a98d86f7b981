//! How many people a campaign would reach: a job that counts them, and its result.

use std::time::Duration;

use klaviyo_gen::Operation;
use klaviyo_gen::operations::{
    GET_CAMPAIGN_RECIPIENT_ESTIMATION, GET_CAMPAIGN_RECIPIENT_ESTIMATION_JOB,
    REFRESH_CAMPAIGN_RECIPIENT_ESTIMATION,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::with_body;
use crate::call::Call;
use crate::client::Client;
use crate::error::Error;

/// Wait before the job is first looked at; it grows by half from look to look.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Document<T> {
    data: Resource<T>,
}

#[derive(Deserialize)]
struct Resource<T> {
    attributes: T,
}

#[derive(Deserialize)]
struct Job {
    status: String,
}

#[derive(Deserialize)]
struct Estimation {
    estimated_recipient_count: u64,
}

pub(super) async fn estimate(
    client: &Client,
    campaign_id: &str,
    deadline: Duration,
) -> Result<u64, Error> {
    let body = json!({"data": {"type": "campaign-recipient-estimation-job", "id": campaign_id}});
    let operation = &REFRESH_CAMPAIGN_RECIPIENT_ESTIMATION;
    client.call(operation, with_body(body.to_string())).await?;
    wait_for_job(client, campaign_id, deadline).await?;
    let result: Estimation = read(client, &GET_CAMPAIGN_RECIPIENT_ESTIMATION, campaign_id).await?;
    Ok(result.estimated_recipient_count)
}

/// Looks at the job until it is complete.
async fn wait_for_job(client: &Client, id: &str, deadline: Duration) -> Result<(), Error> {
    let operation = &GET_CAMPAIGN_RECIPIENT_ESTIMATION_JOB;
    let clock = &client.exchange().clock;
    let began = clock.now();
    let mut wait = FIRST_LOOK;
    loop {
        let job: Job = read(client, operation, id).await?;
        let waited = clock.now().since(began);
        match job.status.as_str() {
            "complete" => return Ok(()),
            "queued" | "processing" if waited + wait <= deadline => clock.sleep(wait).await,
            _ => {
                return Err(Error::JobUnfinished {
                    operation: operation.id,
                    status: job.status,
                    waited,
                });
            }
        }
        wait = wait.mul_f64(1.5).min(LONGEST_WAIT);
    }
}

async fn read<T: DeserializeOwned>(
    client: &Client,
    operation: &'static Operation,
    id: &str,
) -> Result<T, Error> {
    let call = Call {
        parameters: vec![("id".to_owned(), id.to_owned())],
        ..Call::default()
    };
    let answer = client.call(operation, call).await?;
    let document: Result<Document<T>, _> = serde_json::from_slice(&answer.body);
    match document {
        Ok(document) => Ok(document.data.attributes),
        Err(error) => Err(Error::UnreadableAnswer {
            operation: operation.id,
            detail: error.to_string(),
        }),
    }
}
