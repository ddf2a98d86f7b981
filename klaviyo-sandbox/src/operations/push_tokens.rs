//! Push tokens: report a device, look at devices and whose they are, forget one.

use serde_json::{Map, Value, json};

use super::{Handler, profile_body, profiles, resource};
use crate::account::{Account, Device, ProfileChange, PushToken};
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

const PLATFORMS: &[&str] = &["android", "ios"];
const VENDORS: &[&str] = &["apns", "fcm"];
const BACKGROUNDS: &[&str] = &["AVAILABLE", "DENIED", "RESTRICTED"];
const STATES: &[&str] = &[
    "AUTHORIZED",
    "DENIED",
    "NOT_DETERMINED",
    "PROVISIONAL",
    "UNAUTHORIZED",
];

fn create(call: &Call<'_>) -> Result<Answer, Refusal> {
    let profile_body::Document { mut data } = call.parse()?;
    data.check_type("push-token")?;
    let profile = data.take_profile(profile_body::of_customer())?;
    let device = device(&mut data.attributes)?;
    let mut account = call.account();
    let change = ProfileChange::from_resource(profile);
    if let Some(slot) = account.profiles.upsert_leniently(&change, call.now) {
        account.push_tokens.record(slot, device, call.now);
    }
    Ok(Answer::accepted(None))
}

/// Reads a device. Defaults are the document's.
fn device(attributes: &mut Map<String, Value>) -> Result<Device, Refusal> {
    let device = Device {
        token: token(attributes)?,
        platform: choice(attributes, "platform", PLATFORMS, None)?,
        vendor: choice(attributes, "vendor", VENDORS, None)?,
        enablement_status: choice(attributes, "enablement_status", STATES, Some("AUTHORIZED"))?,
        background: choice(attributes, "background", BACKGROUNDS, Some("AVAILABLE"))?,
        metadata: match attributes.remove("device_metadata") {
            Some(Value::Object(metadata)) => metadata,
            _ => Map::new(),
        },
    };
    match attributes.keys().next() {
        Some(unknown) => {
            let pointer = format!("/data/attributes/{unknown}");
            Err(Problem::invalid(&pointer, "The field is not known here.").into())
        }
        None => Ok(device),
    }
}

fn token(attributes: &mut Map<String, Value>) -> Result<String, Problem> {
    match attributes.remove("token") {
        Some(Value::String(token)) if !token.is_empty() => Ok(token),
        _ => Err(Problem::invalid(
            "/data/attributes/token",
            "It must be a text.",
        )),
    }
}

/// One of some texts; null and nothing stand for the default.
fn choice(
    attributes: &mut Map<String, Value>,
    name: &str,
    known: &[&str],
    default: Option<&str>,
) -> Result<String, Problem> {
    let given = match attributes.remove(name) {
        None | Some(Value::Null) => default.map(str::to_owned),
        Some(value) => value.as_str().map(str::to_owned),
    };
    given
        .filter(|text| known.contains(&text.as_str()))
        .ok_or_else(|| {
            let detail = format!("It must be one of: {}.", known.join(", "));
            Problem::invalid(&format!("/data/attributes/{name}"), detail)
        })
}

fn unregister_client_push_token(call: &Call<'_>) -> Result<Answer, Refusal> {
    let profile_body::Document { mut data } = call.parse()?;
    data.check_type("push-token-unregister")?;
    let profile = data.take_profile(profile_body::of_customer())?;
    let token = token(&mut data.attributes)?;
    let platform = choice(&mut data.attributes, "platform", PLATFORMS, None)?;
    let mut account = call.account();
    let owner = account
        .profiles
        .identify(&ProfileChange::from_resource(profile));
    if let Ok(Some(owner)) = owner {
        account.push_tokens.unregister(owner, &token, &platform);
    }
    Ok(Answer::accepted(None))
}

fn get_push_tokens(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call.operation, &call.query)?;
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
