//! The catalog's items, variants and categories: create, look at, update, delete.

mod joined;
pub(super) mod resource;
pub(super) mod shape;

use klaviyo_gen::Operation;
use serde_json::{Map, Value, json};

use super::{Handler, items};
use crate::account::{Account, Change, Entry, Kind};
use crate::api::{Answer, Call, Filter, Page};
use crate::problem::{Problem, Refusal};
use crate::validate::Pointer;

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_catalog_items", |call| list(call, Kind::Item)),
    ("create_catalog_item", |call| create(call, Kind::Item)),
    ("get_catalog_item", |call| get(call, Kind::Item)),
    ("update_catalog_item", |call| update(call, Kind::Item)),
    ("delete_catalog_item", |call| delete(call, Kind::Item)),
    ("get_catalog_variants", |call| list(call, Kind::Variant)),
    ("create_catalog_variant", |call| create(call, Kind::Variant)),
    ("get_catalog_variant", |call| get(call, Kind::Variant)),
    ("update_catalog_variant", |call| update(call, Kind::Variant)),
    ("delete_catalog_variant", |call| delete(call, Kind::Variant)),
    ("get_catalog_categories", |call| list(call, Kind::Category)),
    ("create_catalog_category", |call| {
        create(call, Kind::Category)
    }),
    ("get_catalog_category", |call| get(call, Kind::Category)),
    ("update_catalog_category", |call| {
        update(call, Kind::Category)
    }),
    ("delete_catalog_category", |call| {
        delete(call, Kind::Category)
    }),
];

pub(super) const JOINED: &[(&str, Handler)] = joined::OPERATIONS;

fn list(call: &Call<'_>, kind: Kind) -> Result<Answer, Refusal> {
    let account = call.account();
    let page = page(call, kind, &account, account.catalog.of(kind).iter())?;
    let mut body = json!({"links": page.links});
    include_variants(&mut body, &page.rows, &account, call);
    let data = page.rows.into_iter();
    body["data"] = data
        .map(|entry| resource::entry(kind, entry, call))
        .collect();
    Ok(Answer::ok(body))
}

/// Of things of one kind, the page that a request asks for.
fn page<'a>(
    call: &Call<'_>,
    kind: Kind,
    account: &'a Account,
    entries: impl Iterator<Item = &'a Entry>,
) -> Result<Page<&'a Entry>, Refusal> {
    let filter = Filter::of(call)?;
    let mut entries: Vec<&Entry> = entries
        .filter(|entry| filter.passes(|name| resource::field(&account.catalog, kind, entry, name)))
        .collect();
    entries.sort_by_key(|entry| entry.created);
    if call.query.get("sort") == Some("-created") {
        entries.reverse();
    }
    Page::of(entries.into_iter(), &call.query, &call.url())
}

/// Adds the variants of items, where the request asks for them.
fn include_variants(body: &mut Value, entries: &[&Entry], account: &Account, call: &Call<'_>) {
    if !call.query.has("include", Kind::Variant.plural()) {
        return;
    }
    let variants = entries
        .iter()
        .flat_map(|entry| account.catalog.variants_of(&entry.id));
    body["included"] = variants
        .map(|variant| resource::entry(Kind::Variant, variant, call))
        .collect();
}

fn get(call: &Call<'_>, kind: Kind) -> Result<Answer, Refusal> {
    let account = call.account();
    let entry = find(&account, call, kind)?;
    let mut body = document(entry, call, kind);
    include_variants(&mut body, &[entry], &account, call);
    Ok(Answer::ok(body))
}

fn create(call: &Call<'_>, kind: Kind) -> Result<Answer, Refusal> {
    let resource = read(call, kind, Change::Create)?;
    let mut account = call.account();
    let id = account
        .catalog
        .apply(Change::Create, kind, resource, call.now)?;
    let entry = entry(&account, kind, &id)?;
    Ok(Answer::created(document(entry, call, kind)))
}

fn update(call: &Call<'_>, kind: Kind) -> Result<Answer, Refusal> {
    let resource = read(call, kind, Change::Update)?;
    let id = call.path.get("id");
    let mut account = call.account();
    find(&account, call, kind)?;
    items::check_id(resource.get("id").and_then(Value::as_str), call)?;
    account
        .catalog
        .apply(Change::Update, kind, resource, call.now)?;
    Ok(Answer::ok(document(entry(&account, kind, id)?, call, kind)))
}

fn delete(call: &Call<'_>, kind: Kind) -> Result<Answer, Refusal> {
    call.account().catalog.delete(kind, call.path.get("id"))?;
    Ok(Answer::no_content())
}

fn read(call: &Call<'_>, kind: Kind, change: Change) -> Result<Map<String, Value>, Refusal> {
    let like: &'static Operation = shape::bulk_operation(change, kind);
    let resource = items::single(call, like)?;
    let mut problems = Vec::new();
    shape::check(kind, &resource, &Pointer::new("/data"), &mut problems);
    Refusal::unless_empty(problems)?;
    Ok(resource)
}

/// The thing that the path names.
fn find<'a>(account: &'a Account, call: &Call<'_>, kind: Kind) -> Result<&'a Entry, Refusal> {
    entry(account, kind, call.path.get("id"))
}

fn entry<'a>(account: &'a Account, kind: Kind, id: &str) -> Result<&'a Entry, Refusal> {
    account.catalog.of(kind).get(id).ok_or_else(|| {
        let detail = format!("There is no {} {id}.", kind.resource());
        Problem::not_found(detail).into()
    })
}

fn document(entry: &Entry, call: &Call<'_>, kind: Kind) -> Value {
    json!({"data": resource::entry(kind, entry, call), "links": {"self": call.url()}})
}
