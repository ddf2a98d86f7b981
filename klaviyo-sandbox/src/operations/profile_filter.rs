//! Which profiles pass a filter.

use crate::account::{Identifier, ListSuppression, Profile, Suppression};
use crate::api::{FieldValue, Filter};

/// What comes before the fields of a profile's suppressions.
const SUPPRESSION: &str = "subscriptions.email.marketing.suppression.";

/// What comes before the fields of a profile's suppressions for one list.
const LIST_SUPPRESSION: &str = "subscriptions.email.marketing.list_suppressions.";

/// Whether a profile passes. `own` knows fields that are not the profile's alone. Conditions on
/// suppressions must all hold for the same one.
pub(super) fn passes<'a>(
    filter: &Filter,
    profile: &'a Profile,
    own: impl Fn(&str) -> Option<FieldValue<'a>>,
) -> bool {
    either(profile.suppressions()).any(|suppression| {
        either(list_suppressions(profile)).any(|left| {
            filter
                .passes(|name| own(name).unwrap_or_else(|| field(profile, suppression, left, name)))
        })
    })
}

/// None of them, which passes where no condition is about them, and each of them.
fn either<T>(all: &[T]) -> impl Iterator<Item = Option<&T>> {
    std::iter::once(None).chain(all.iter().map(Some))
}

fn list_suppressions(profile: &Profile) -> &[ListSuppression] {
    profile
        .subscriptions
        .as_deref()
        .map_or(&[], |all| &all.list_suppressions)
}

fn field<'a>(
    profile: &'a Profile,
    suppression: Option<&Suppression>,
    left: Option<&'a ListSuppression>,
    name: &str,
) -> FieldValue<'a> {
    if let Some(name) = name.strip_prefix(SUPPRESSION) {
        return suppression.map_or(FieldValue::Missing, |it| match name {
            "reason" => FieldValue::Text(it.reason.as_str()),
            _ => FieldValue::Moment(it.since),
        });
    }
    if let Some(name) = name.strip_prefix(LIST_SUPPRESSION) {
        return left.map_or(FieldValue::Missing, |it| match name {
            "list_id" => FieldValue::Text(&it.list),
            "reason" => FieldValue::Text(ListSuppression::REASON.as_str()),
            _ => FieldValue::Moment(it.since),
        });
    }
    match name {
        "email" => profile
            .email()
            .map_or(FieldValue::Missing, FieldValue::Email),
        "created" => FieldValue::Moment(profile.created),
        "updated" => FieldValue::Moment(profile.updated),
        _ => FieldValue::text(Identifier::from_name(name).and_then(|by| profile.identifier(by))),
    }
}

/// Profiles in the order that the request names.
pub(super) fn sorted<'a>(
    profiles: impl Iterator<Item = &'a Profile>,
    by: &str,
) -> Vec<&'a Profile> {
    let mut profiles: Vec<&Profile> = profiles.collect();
    match by.trim_start_matches('-') {
        "id" => profiles.sort_by(|one, other| one.id.cmp(&other.id)),
        "email" => profiles.sort_by(|one, other| one.email().cmp(&other.email())),
        "updated" => profiles.sort_by_key(|profile| profile.updated),
        "subscriptions.email.marketing.suppression.timestamp" => {
            profiles.sort_by_key(|profile| profile.suppressions().iter().map(|it| it.since).max());
        }
        "subscriptions.email.marketing.list_suppressions.timestamp" => {
            profiles
                .sort_by_key(|profile| list_suppressions(profile).iter().map(|it| it.since).max());
        }
        // They stand in the order of their creation.
        _ => {}
    }
    if by.starts_with('-') {
        profiles.reverse();
    }
    profiles
}
