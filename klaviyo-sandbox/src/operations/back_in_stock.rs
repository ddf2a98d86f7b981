//! Wishes to hear when a variant is in stock again. The sandbox keeps the profile that wishes, and
//! sends nothing.

use serde_json::{Map, Value};

use super::{Handler, profile_body};
use crate::account::ProfileChange;
use crate::api::{Answer, Call};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("create_back_in_stock_subscription", create),
    ("create_client_back_in_stock_subscription", create),
];

const CHANNELS: [&str; 4] = ["EMAIL", "PUSH", "SMS", "WHATSAPP"];

fn create(call: &Call<'_>) -> Result<Answer, Refusal> {
    let profile_body::Document { mut data } = call.parse()?;
    data.check_type("back-in-stock-subscription")?;
    check_channels(&data.attributes)?;
    check_variant(&data.relationships)?;
    let profile = data.take_profile(profile_body::of_customer())?;
    let change = ProfileChange::from_resource(profile);
    call.account().profiles.upsert_leniently(&change, call.now);
    Ok(Answer::accepted(None))
}

fn check_channels(attributes: &Map<String, Value>) -> Result<(), Problem> {
    let channels = attributes.get("channels").and_then(Value::as_array);
    let is_known =
        |channel: &Value| matches!(channel.as_str(), Some(name) if CHANNELS.contains(&name));
    match channels {
        Some(channels) if !channels.is_empty() && channels.iter().all(is_known) => Ok(()),
        _ => {
            let detail = format!("It must be some of: {}.", CHANNELS.join(", "));
            Err(Problem::invalid("/data/attributes/channels", detail))
        }
    }
}

fn check_variant(relationships: &Map<String, Value>) -> Result<(), Problem> {
    let data = relationships
        .get("variant")
        .and_then(|variant| variant.get("data"));
    let text = |name| data.and_then(|data| data.get(name)).and_then(Value::as_str);
    if text("type") == Some("catalog-variant") && text("id").is_some_and(|id| !id.is_empty()) {
        Ok(())
    } else {
        let detail = "It must name a catalog-variant.";
        Err(Problem::invalid("/data/relationships/variant/data", detail))
    }
}
