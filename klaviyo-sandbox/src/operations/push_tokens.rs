//! Push tokens: report a device, look at devices and whose they are, forget one.

use serde_json::{Map, Value, json};

use super::{Handler, profile_body, profiles, resource};
use crate::account::{Account, Device, PushToken};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("create_push_token", create),
    ("create_client_push_token", create),
    ("unregister_client_push_token", unregister_client_push_token),
    ("get_push_tokens", get_push_tokens),
    ("get_push_token", get_push_token),
    ("delete_push_token", delete_push_token),
    ("get_profile_for_push_token", get_profile_for_push_token),
    (
        "get_profile_id_for_push_token",
        get_profile_id_for_push_token,
    ),
    ("get_push_tokens_for_profile", get_push_tokens_for_profile),
    (
        "get_push_token_ids_for_profile",
        get_push_token_ids_for_profile,
    ),
];

fn create(call: &Call<'_>) -> Result<Answer, Refusal> {
    let profile_body::Document { mut data } = call.parse()?;
    let change = data.take_profile()?;
    let device = device(&data.attributes);
    let mut account = call.account();
    if let Some(slot) = account.profiles.upsert_leniently(change, call.now) {
        account.push_tokens.record(slot, device, call.now);
    }
    Ok(Answer::accepted(None))
}

/// Reads a device. The defaults are the document's.
fn device(attributes: &Map<String, Value>) -> Device {
    let text = |name, default| text(attributes, name).unwrap_or(default).to_owned();
    Device {
        token: text("token", ""),
        platform: text("platform", ""),
        vendor: text("vendor", ""),
        enablement_status: text("enablement_status", "AUTHORIZED"),
        background: text("background", "AVAILABLE"),
        metadata: match attributes.get("device_metadata") {
            Some(Value::Object(metadata)) => metadata.clone(),
            _ => Map::new(),
        },
    }
}

fn text<'a>(attributes: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    attributes.get(name).and_then(Value::as_str)
}

fn unregister_client_push_token(call: &Call<'_>) -> Result<Answer, Refusal> {
    let profile_body::Document { mut data } = call.parse()?;
    let change = data.take_profile()?;
    let device = device(&data.attributes);
    let mut account = call.account();
    if let Ok(Some(owner)) = account.profiles.identify(&change) {
        account
            .push_tokens
            .unregister(owner, &device.token, &device.platform);
    }
    Ok(Answer::accepted(None))
}

fn get_push_tokens(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    let account = call.account();
    let passing = account.push_tokens.iter().filter(|token| {
        filter.passes(|name| match name {
            "id" => FieldValue::Text(&token.id),
            "platform" => FieldValue::Text(&token.device.platform),
            "enablement_status" => FieldValue::Text(&token.device.enablement_status),
            "profile.id" => FieldValue::Text(&account.profiles.get(token.profile).id),
            _ => FieldValue::Missing,
        })
    });
    let page = Page::of(passing, &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .iter()
        .map(|token| resource::push_token(token, &account, call))
        .collect();
    let mut body = json!({"data": data, "links": page.links});
    include(&mut body, &page.rows, &account, call);
    Ok(Answer::ok(body))
}

fn get_push_token(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let token = find(&account, call)?;
    let data = resource::push_token(token, &account, call);
    let mut body = json!({"data": data, "links": {"self": call.url()}});
    include(&mut body, &[token], &account, call);
    Ok(Answer::ok(body))
}

/// Adds the tokens' profiles, each once, where the request asks for them.
fn include(body: &mut Value, tokens: &[&PushToken], account: &Account, call: &Call<'_>) {
    if call.query.has("include", "profile") {
        let mut slots: Vec<_> = tokens.iter().map(|token| token.profile).collect();
        slots.sort_unstable();
        slots.dedup();
        body["included"] = slots
            .into_iter()
            .map(|slot| resource::profile(account.profiles.get(slot), call))
            .collect();
    }
}

fn delete_push_token(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    if call.account().push_tokens.delete(id) {
        Ok(Answer::no_content())
    } else {
        Err(not_found(id).into())
    }
}

fn get_profile_for_push_token(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let profile = account.profiles.get(find(&account, call)?.profile);
    Ok(Answer::ok(profiles::document(profile, call)))
}

fn get_profile_id_for_push_token(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let profile = account.profiles.get(find(&account, call)?.profile);
    Ok(Answer::ok(profiles::linkage(profile, call)))
}

fn get_push_tokens_for_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    for_profile(call, |token, account| {
        resource::push_token(token, account, call)
    })
}

fn get_push_token_ids_for_profile(call: &Call<'_>) -> Result<Answer, Refusal> {
    for_profile(
        call,
        |token, _| json!({"type": "push-token", "id": token.id}),
    )
}

fn for_profile(
    call: &Call<'_>,
    show: impl Fn(&PushToken, &Account) -> Value,
) -> Result<Answer, Refusal> {
    let account = call.account();
    let slot = profiles::slot(&account, call)?;
    let data: Vec<Value> = account
        .push_tokens
        .of(slot)
        .map(|token| show(token, &account))
        .collect();
    Ok(Answer::ok(
        json!({"data": data, "links": {"self": call.url()}}),
    ))
}

/// The token that the path names.
fn find<'a>(account: &'a Account, call: &Call<'_>) -> Result<&'a PushToken, Refusal> {
    let id = call.path.get("id");
    account
        .push_tokens
        .get(id)
        .ok_or_else(|| not_found(id).into())
}

fn not_found(id: &str) -> Problem {
    Problem::not_found(format!("There is no push token {id}."))
}
