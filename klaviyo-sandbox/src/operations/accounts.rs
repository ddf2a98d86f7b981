//! The account itself. There is one, and its id is the company's.

use serde_json::{Map, Value, json};

use super::resource::link;
use super::sparse::sparse;
use super::{Handler, document};
use crate::api::{Answer, Call};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] =
    &[("get_accounts", get_accounts), ("get_account", get_account)];

fn get_accounts(call: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::ok(document(json!([account(call)]), call)))
}

fn get_account(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    if id != call.settings().company {
        return Err(Problem::not_found(format!("There is no account {id}.")).into());
    }
    Ok(Answer::ok(document(account(call), call)))
}

fn account(call: &Call<'_>) -> Value {
    let id = &call.settings().company;
    let contact = json!({
        "default_sender_name": "Sandbox",
        "default_sender_email": "sandbox@shop.example",
        "website_url": "https://shop.example",
        "organization_name": "Sandbox",
        "street_address": {
            "address1": null, "address2": null, "city": null,
            "region": null, "country": null, "zip": null,
        },
    });
    let attributes = Map::from_iter([
        ("test_account".to_owned(), true.into()),
        ("contact_information".to_owned(), contact),
        ("industry".to_owned(), Value::Null),
        ("timezone".to_owned(), "UTC".into()),
        ("preferred_currency".to_owned(), "EUR".into()),
        ("public_api_key".to_owned(), id.as_str().into()),
        ("locale".to_owned(), "en-US".into()),
    ]);
    json!({
        "type": "account",
        "id": id,
        "attributes": sparse(attributes, "account", call),
        "links": {"self": link(call, "accounts", id, "")},
    })
}
