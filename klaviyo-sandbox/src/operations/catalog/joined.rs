//! Which items are in which categories, and the variants of items: look at, add, set, remove.

use serde_json::{Value, json};

use super::{find, include_variants, page, resource};
use crate::account::{Account, Catalog, Entry, Kind};
use crate::api::{Answer, Call};
use crate::operations::{Handler, linkage};
use crate::problem::Refusal;

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("get_items_for_catalog_category", |call| {
        related(call, Kind::Category, Kind::Item)
    }),
    ("get_item_ids_for_catalog_category", |call| {
        related_ids(call, Kind::Category, Kind::Item)
    }),
    ("add_items_to_catalog_category", |call| {
        change(call, Kind::Category, Catalog::join)
    }),
    ("update_items_for_catalog_category", |call| {
        change(call, Kind::Category, Catalog::join_only)
    }),
    ("remove_items_from_catalog_category", |call| {
        change(call, Kind::Category, Catalog::part)
    }),
    ("get_categories_for_catalog_item", |call| {
        related(call, Kind::Item, Kind::Category)
    }),
    ("get_category_ids_for_catalog_item", |call| {
        related_ids(call, Kind::Item, Kind::Category)
    }),
    ("add_categories_to_catalog_item", |call| {
        change(call, Kind::Item, Catalog::join)
    }),
    ("update_categories_for_catalog_item", |call| {
        change(call, Kind::Item, Catalog::join_only)
    }),
    ("remove_categories_from_catalog_item", |call| {
        change(call, Kind::Item, Catalog::part)
    }),
    ("get_variants_for_catalog_item", |call| {
        related(call, Kind::Item, Kind::Variant)
    }),
    ("get_variant_ids_for_catalog_item", |call| {
        related_ids(call, Kind::Item, Kind::Variant)
    }),
];

/// The things of one kind that belong to the one that the path names.
fn others<'a>(
    account: &'a Account,
    call: &Call<'_>,
    owner: Kind,
    kind: Kind,
) -> Result<Vec<&'a Entry>, Refusal> {
    let catalog = &account.catalog;
    let id = &find(account, call, owner)?.id;
    Ok(match kind {
        Kind::Variant => catalog.variants_of(id).collect(),
        _ => catalog
            .members(owner, id)
            .filter_map(|other| catalog.of(kind).get(other))
            .collect(),
    })
}

fn related(call: &Call<'_>, owner: Kind, kind: Kind) -> Result<Answer, Refusal> {
    let account = call.account();
    let others = others(&account, call, owner, kind)?;
    let page = page(call, kind, &account, others.into_iter())?;
    let mut body = json!({"links": page.links});
    include_variants(&mut body, &page.rows, &account, call);
    let data = page.rows.into_iter();
    body["data"] = data
        .map(|entry| resource::entry(kind, entry, call))
        .collect();
    Ok(Answer::ok(body))
}

fn related_ids(call: &Call<'_>, owner: Kind, kind: Kind) -> Result<Answer, Refusal> {
    let account = call.account();
    let others = others(&account, call, owner, kind)?;
    let page = page(call, kind, &account, others.into_iter())?;
    let data: Vec<Value> = page
        .rows
        .into_iter()
        .map(|entry| json!({"type": kind.resource(), "id": entry.id}))
        .collect();
    Ok(Answer::ok(json!({"data": data, "links": page.links})))
}

/// Changes what the thing that the path names is joined with, as the body says.
fn change(
    call: &Call<'_>,
    owner: Kind,
    change: fn(&mut Catalog, Kind, &str, &[String]),
) -> Result<Answer, Refusal> {
    let mut account = call.account();
    find(&account, call, owner)?;
    let Some(other) = owner.joined_with() else {
        return Ok(Answer::no_content());
    };
    let catalog = &account.catalog;
    let named = linkage::named(call, other.resource(), |id| {
        catalog.of(other).contains(id).then(|| id.to_owned())
    })?;
    change(&mut account.catalog, owner, call.path.get("id"), &named);
    Ok(Answer::no_content().with_rows(named.len()))
}
