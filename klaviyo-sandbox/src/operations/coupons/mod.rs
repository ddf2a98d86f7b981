//! Coupons: create, look at, update, delete.

pub(super) mod codes;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::Document;
use super::resource::link;
use super::sparse::sparse;
use super::{Handler, items};
use crate::account::{Account, Coupon};
use crate::api::{Answer, Call, Page};
use crate::problem::{Problem, Refusal};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_coupons", get_coupons),
    ("create_coupon", create_coupon),
    ("get_coupon", get_coupon),
    ("update_coupon", update_coupon),
    ("delete_coupon", delete_coupon),
];

/// Attributes that a coupon shows as null when it has none.
const DESCRIPTION: &str = "description";
const MONITOR: &str = "monitor_configuration";
/// Left out when there is none: it cannot be null.
const ASSIGNER: &str = "assigner_configuration";

#[derive(Deserialize)]
struct NewCoupon {
    external_id: String,
    #[serde(flatten)]
    attributes: Map<String, Value>,
}

fn get_coupons(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let coupons = account.coupons.coupons.iter();
    let page = Page::of(coupons, &call.query, &call.url())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|coupon| resource(coupon, call))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn create_coupon(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse::<Document<NewCoupon>>()?;
    items::check_type(&data.r#type, "coupon")?;
    let NewCoupon {
        external_id: id,
        attributes,
    } = data.attributes;
    let mut account = call.account();
    account.coupons.create(&id, attributes)?;
    let coupon = find(&account, &id)?;
    Ok(Answer::created(document(coupon, call)))
}

fn get_coupon(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let coupon = find(&account, call.path.get("id"))?;
    Ok(Answer::ok(document(coupon, call)))
}

fn update_coupon(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document { data } = call.parse::<Document<Map<String, Value>>>()?;
    items::check_type(&data.r#type, "coupon")?;
    let id = call.path.get("id");
    let mut account = call.account();
    find(&account, id)?;
    items::check_id(data.id.as_deref(), call)?;
    if let Some(coupon) = account.coupons.coupons.get_mut(id) {
        coupon.attributes.extend(data.attributes);
    }
    Ok(Answer::ok(document(find(&account, id)?, call)))
}

fn delete_coupon(call: &Call<'_>) -> Result<Answer, Refusal> {
    call.account().coupons.delete(call.path.get("id"))?;
    Ok(Answer::no_content())
}

fn find<'a>(account: &'a Account, id: &str) -> Result<&'a Coupon, Refusal> {
    account
        .coupons
        .coupons
        .get(id)
        .ok_or_else(|| Problem::not_found(format!("There is no coupon {id}.")).into())
}

fn document(coupon: &Coupon, call: &Call<'_>) -> Value {
    json!({"data": resource(coupon, call), "links": {"self": call.url()}})
}

fn resource(coupon: &Coupon, call: &Call<'_>) -> Value {
    let given = |name: &str| coupon.attributes.get(name).cloned();
    let mut attributes = Map::from_iter([
        ("external_id".to_owned(), coupon.id.as_str().into()),
        (
            DESCRIPTION.to_owned(),
            given(DESCRIPTION).unwrap_or_default(),
        ),
        (MONITOR.to_owned(), given(MONITOR).unwrap_or_default()),
    ]);
    if let Some(assigner) = given(ASSIGNER) {
        attributes.insert(ASSIGNER.to_owned(), assigner);
    }
    json!({
        "type": "coupon",
        "id": coupon.id,
        "attributes": sparse(attributes, "coupon", call),
        "links": {"self": link(call, "coupons", &coupon.id, "")},
    })
}
