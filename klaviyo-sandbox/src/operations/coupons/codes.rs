//! Codes of coupons: create, look at, update, delete; and the way from a code to its coupon and back.

use chrono::{DateTime, Utc};
use klaviyo_gen::operations::BULK_CREATE_COUPON_CODES;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use crate::account::{Account, CodeChange, CodeStatus, CouponCode};
use crate::api::{Answer, Call, FieldValue, Filter, Page};
use crate::operations::body::{Document, Resource};
use crate::operations::resource::{link, moment, related};
use crate::operations::sparse::sparse;
use crate::operations::{Handler, items};
use crate::problem::{Problem, Refusal};
use crate::validate::Pointer;

pub(in crate::operations) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_coupon_codes", get_coupon_codes),
    ("create_coupon_code", create_coupon_code),
    ("get_coupon_code", get_coupon_code),
    ("update_coupon_code", update_coupon_code),
    ("delete_coupon_code", delete_coupon_code),
    ("get_coupon_for_coupon_code", get_coupon_for_coupon_code),
    (
        "get_coupon_id_for_coupon_code",
        get_coupon_id_for_coupon_code,
    ),
    ("get_coupon_codes_for_coupon", get_coupon_codes_for_coupon),
    (
        "get_coupon_code_ids_for_coupon",
        get_coupon_code_ids_for_coupon,
    ),
];

/// Checks what the shape of a new code does not say.
pub(in crate::operations) fn check(
    resource: &Map<String, Value>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    items::require_related(resource, "coupon", at, problems);
}

/// Of some codes, the page that a request asks for.
fn page<'a>(
    call: &Call<'_>,
    codes: impl Iterator<Item = &'a CouponCode>,
) -> Result<Page<&'a CouponCode>, Refusal> {
    let filter = Filter::of(call)?;
    let passing = codes.filter(|code| {
        filter.passes(|field| match field {
            "coupon.id" => FieldValue::Text(&code.coupon),
            "status" => FieldValue::Text(code.status.as_str()),
            "expires_at" => FieldValue::Moment(code.expires_at),
            // Codes are given to profiles by campaigns and flows, which the sandbox does not run.
            _ => FieldValue::Missing,
        })
    });
    Page::of(passing, &call.query, &call.url())
}

fn get_coupon_codes(call: &Call<'_>) -> Result<Answer, Refusal> {
    let filter = Filter::of(call)?;
    if filter.wanted(&["coupon.id", "profile.id"]).is_none() {
        let detail = "It must name coupons or profiles.";
        return Err(Problem::parameter("filter", detail).into());
    }
    let account = call.account();
    let page = page(call, account.coupons.codes.iter())?;
    let mut body = json!({"links": page.links});
    include(&mut body, &page.rows, &account, call);
    let data = page.rows.into_iter();
    body["data"] = data.map(|code| resource(code, call)).collect();
    Ok(Answer::ok(body))
}

/// Adds the coupons of codes, each once, where the request asks for them.
fn include(body: &mut Value, codes: &[&CouponCode], account: &Account, call: &Call<'_>) {
    if !call.query.has("include", "coupon") {
        return;
    }
    let mut ids: Vec<&str> = codes.iter().map(|code| code.coupon.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    body["included"] = ids
        .into_iter()
        .filter_map(|id| account.coupons.coupons.get(id))
        .map(|coupon| super::resource(coupon, call))
        .collect();
}

fn create_coupon_code(call: &Call<'_>) -> Result<Answer, Refusal> {
    let resource = items::single(call, &BULK_CREATE_COUPON_CODES)?;
    let mut problems = Vec::new();
    check(&resource, &Pointer::new("/data"), &mut problems);
    Refusal::unless_empty(problems)?;
    let mut account = call.account();
    let id = account.coupons.create_code(&resource, call.now)?;
    let code = find(&account, &id)?;
    // The document says 200 here, and 201 for coupons.
    Ok(Answer::ok(document(code, call)))
}

fn get_coupon_code(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let code = find(&account, call.path.get("id"))?;
    let mut body = document(code, call);
    include(&mut body, &[code], &account, call);
    Ok(Answer::ok(body))
}

#[derive(Deserialize)]
struct Changes {
    status: Option<CodeStatus>,
    #[serde(default, deserialize_with = "given")]
    expires_at: Option<Option<DateTime<Utc>>>,
}

/// Tells null from what is not there.
fn given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<DateTime<Utc>>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn update_coupon_code(call: &Call<'_>) -> Result<Answer, Refusal> {
    let Document {
        data:
            Resource {
                r#type,
                id: sent,
                attributes: Changes { status, expires_at },
            },
    } = call.parse()?;
    items::check_type(&r#type, "coupon-code")?;
    let id = call.path.get("id");
    let mut account = call.account();
    find(&account, id)?;
    items::check_id(sent.as_deref(), call)?;
    let change = CodeChange { status, expires_at };
    account.coupons.update_code(id, &change, call.now)?;
    Ok(Answer::ok(document(find(&account, id)?, call)))
}

fn delete_coupon_code(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.path.get("id");
    let mut account = call.account();
    find(&account, id)?;
    account.coupons.codes.remove(id);
    Ok(Answer::no_content())
}

fn get_coupon_for_coupon_code(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let code = find(&account, call.path.get("id"))?;
    let coupon = super::find(&account, &code.coupon)?;
    Ok(Answer::ok(super::document(coupon, call)))
}

fn get_coupon_id_for_coupon_code(call: &Call<'_>) -> Result<Answer, Refusal> {
    let account = call.account();
    let code = find(&account, call.path.get("id"))?;
    let data = json!({"type": "coupon", "id": code.coupon});
    Ok(Answer::ok(
        json!({"data": data, "links": {"self": call.url()}}),
    ))
}

fn get_coupon_codes_for_coupon(call: &Call<'_>) -> Result<Answer, Refusal> {
    of_coupon(call, |code| resource(code, call))
}

fn get_coupon_code_ids_for_coupon(call: &Call<'_>) -> Result<Answer, Refusal> {
    of_coupon(call, |code| json!({"type": "coupon-code", "id": code.id}))
}

fn of_coupon(call: &Call<'_>, show: impl Fn(&CouponCode) -> Value) -> Result<Answer, Refusal> {
    let account = call.account();
    let coupon = super::find(&account, call.path.get("id"))?;
    let page = page(call, account.coupons.codes_of(&coupon.id))?;
    let data: Vec<Value> = page.rows.into_iter().map(show).collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

fn find<'a>(account: &'a Account, id: &str) -> Result<&'a CouponCode, Refusal> {
    account
        .coupons
        .codes
        .get(id)
        .ok_or_else(|| Problem::not_found(format!("There is no coupon-code {id}.")).into())
}

fn document(code: &CouponCode, call: &Call<'_>) -> Value {
    json!({"data": resource(code, call), "links": {"self": call.url()}})
}

pub(in crate::operations) fn resource(code: &CouponCode, call: &Call<'_>) -> Value {
    let attributes = Map::from_iter([
        ("unique_code".to_owned(), code.unique_code.as_str().into()),
        ("expires_at".to_owned(), moment(code.expires_at).into()),
        ("status".to_owned(), code.status.as_str().into()),
    ]);
    let mut coupon = related(call, "coupon-codes", &code.id, "coupon");
    coupon["data"] = json!({"type": "coupon", "id": code.coupon});
    json!({
        "type": "coupon-code",
        "id": code.id,
        "attributes": sparse(attributes, "coupon-code", call),
        "relationships": {"coupon": coupon},
        "links": {"self": link(call, "coupon-codes", &code.id, "")},
    })
}
