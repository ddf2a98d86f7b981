//! What a Klaviyo account holds. Pure: no HTTP, no clock; every change takes the moment it is made.

mod bulk;
mod catalog;
mod consents;
mod coupons;
mod events;
mod identifier;
mod ids;
mod images;
mod import;
mod jobs;
mod lists;
mod objection;
mod objects;
mod patch;
mod pending;
mod profile;
mod profiles;
mod push_tokens;
mod removals;
mod segments;
mod settle;
mod subscriptions;
mod suppressions;
mod table;
mod tags;
mod verbatim;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use bulk::{Bulk, BulkError, BulkKind};
pub(crate) use catalog::{Catalog, Change, DEFAULT_CATALOG, Entry, Kind};
pub(crate) use consents::{Asked, Subscribing, SubscribingRow, Unsubscribing, UnsubscribingRow};
pub(crate) use coupons::{CodeChange, CodeStatus, Coupon, CouponCode, Coupons};
pub(crate) use events::{Events, Metric, NewEvent, StoredEvent};
pub use identifier::Identifier;
pub(crate) use ids::Ids;
pub(crate) use images::{Format, Image, Images};
pub(crate) use import::{Import, ImportError, ImportRow};
pub(crate) use jobs::{Job, Jobs, Pace, Status};
pub(crate) use lists::{DEFAULT_OPT_IN, DOUBLE_OPT_IN, List, Lists};
pub(crate) use objection::{Objection, Reason};
pub(crate) use objects::{
    About, DataSource, Definition, IngestionLog, Naming, ObjectRecord, ObjectSchema, ObjectType,
    ObjectWork, Objects, Property, RelatedTo, SchemaStatus, SourceMapping,
};
pub(crate) use pending::{Pending, Work};
pub use profile::Profile;
pub(crate) use profile::{Nulls, ProfileChange};
pub(crate) use profiles::{Conflict, Profiles, Slot};
pub(crate) use push_tokens::{Device, PushToken, PushTokens};
pub(crate) use segments::{Segment, Segments};
pub use subscriptions::{Channel, ConsentState, Suppression, SuppressionReason};
pub(crate) use subscriptions::{Consent, ListSuppression, Subscriptions};
pub(crate) use suppressions::{Direction, Suppressing, Target};
pub(crate) use tags::{Bearer, Tag, TagGroup, Tags};

/// Domains whose events Klaviyo drops silently.
const TEST_DOMAINS: [&str; 2] = ["@example.com", "@test.com"];

/// Everything that an account holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) profiles: Profiles,
    pub(crate) lists: Lists,
    pub(crate) events: Events,
    pub(crate) import_jobs: Jobs<Import>,
    pub(crate) catalog: Catalog,
    pub(crate) coupons: Coupons,
    pub(crate) objects: Objects,
    /// The jobs of the catalog and of coupon codes.
    pub(crate) bulk_jobs: Jobs<Bulk>,
    ids: Ids,
    pub(crate) segments: Segments,
    pub(crate) push_tokens: PushTokens,
    pub(crate) suppressions: Jobs<Suppressing>,
    pub(crate) pending: Pending,
    pub(crate) tags: Tags,
    pub(crate) images: Images,
    /// The campaigns whose recipients are being estimated, and since when.
    pub(crate) estimations: BTreeMap<String, DateTime<Utc>>,
}

/// An event that the sandbox holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Klaviyo's own id of the event.
    pub id: String,
    /// Klaviyo's own id of the profile that it belongs to.
    pub profile_id: String,
    /// The metric's name.
    pub metric: String,
    /// The id that tells a repeat from another event; the time to the second when none was given.
    pub unique_id: String,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// Its value.
    pub value: Option<f64>,
    /// The currency of its value.
    pub value_currency: Option<String>,
    /// Its properties.
    pub properties: Map<String, Value>,
}

impl Account {
    pub(crate) fn new(seed: u64) -> Self {
        let ids = Ids::new(seed);
        Self {
            profiles: Profiles::new(ids),
            lists: Lists::new(ids),
            events: Events::new(ids),
            import_jobs: Jobs::new(ids, "bulk_import"),
            catalog: Catalog::default(),
            coupons: Coupons::default(),
            objects: Objects::new(ids),
            bulk_jobs: Jobs::new(ids, "bulk"),
            ids,
            segments: Segments::new(ids),
            push_tokens: PushTokens::new(ids),
            suppressions: Jobs::new(ids, "suppression"),
            pending: Pending::default(),
            tags: Tags::new(ids),
            images: Images::default(),
            estimations: BTreeMap::new(),
        }
    }

    /// Makes the profiles with these ids the members of a segment; says how many there are.
    pub(crate) fn set_segment_members<'a>(
        &mut self,
        segment: &str,
        ids: impl IntoIterator<Item = &'a str>,
        now: DateTime<Utc>,
    ) -> usize {
        let profiles = &self.profiles;
        let slots = ids
            .into_iter()
            .filter_map(|id| profiles.slot(Identifier::Id, id));
        self.segments.get_mut(segment).map_or(0, |segment| {
            segment.set_members(slots, now);
            segment.members.len()
        })
    }

    /// Takes the events of one profile, creating or changing it. Nothing is refused here: what
    /// cannot be taken is dropped, and only counted.
    pub(crate) fn take_events(
        &mut self,
        mut change: ProfileChange,
        events: impl ExactSizeIterator<Item = NewEvent>,
        now: DateTime<Utc>,
    ) {
        let given = is_at_test_domain(change.identifiers.get(Identifier::Email));
        let place = self.profiles.identify_leniently(&mut change);
        if given || place.is_ok_and(|place| is_at_test_domain(self.address(&change, place))) {
            self.events.dropped.test_domains += events.len() as u64;
            return;
        }
        let Ok(place) = place else {
            self.events.dropped.unknown_profiles += events.len() as u64;
            return;
        };
        let slot = self.profiles.put(place, change, Nulls::Ignore, now);
        for event in events {
            let time = event.time;
            if self.events.take(slot, event, now) {
                let last = &mut self.profiles.get_mut(slot).last_event;
                *last = (*last).max(Some(time));
            }
        }
    }

    /// The e-mail address that a profile has after a change.
    fn address<'a>(&'a self, change: &'a ProfileChange, place: Option<Slot>) -> Option<&'a str> {
        let stored = || self.profiles.get(place?).email();
        change.identifiers.get(Identifier::Email).or_else(stored)
    }

    /// Ends a job of any kind before its work is done; says whether there was one that had not ended.
    pub(crate) fn cancel_job(&mut self, id: &str) -> bool {
        self.import_jobs.cancel(id) || self.bulk_jobs.cancel(id) || self.suppressions.cancel(id)
    }

    /// Whether any of the profile's events has that metric and unique id.
    pub(crate) fn knows_event(
        &self,
        change: &ProfileChange,
        metric: &str,
        unique_id: &str,
    ) -> bool {
        self.profiles
            .identify(change)
            .ok()
            .flatten()
            .is_some_and(|slot| self.events.is_taken(slot, metric, unique_id))
    }

    /// A part of the events of a metric given by name.
    pub(crate) fn events_of(&self, metric: &str, offset: usize, limit: usize) -> Vec<Event> {
        let Some(slot) = self.events.metric_slot(metric) else {
            return Vec::new();
        };
        self.events
            .iter()
            .filter(|(_, event)| event.metric == slot)
            .skip(offset)
            .take(limit)
            .map(|(number, event)| self.event(number, event))
            .collect()
    }

    fn event(&self, number: usize, event: &StoredEvent) -> Event {
        Event {
            id: self.events.id(number),
            profile_id: self.profiles.get(event.profile).id.clone(),
            metric: self.events.metric(event.metric).name.clone(),
            unique_id: event.unique_id.as_ref().to_owned(),
            time: event.time,
            value: event.value,
            value_currency: event.value_currency.as_deref().map(str::to_owned),
            properties: event.properties(),
        }
    }
}

fn is_at_test_domain(email: Option<&str>) -> bool {
    email.is_some_and(|email| {
        let email = email.to_ascii_lowercase();
        TEST_DOMAINS.iter().any(|domain| email.ends_with(domain))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use serde_json::json;

    use super::*;
    use crate::settings::OnTakenPhoneNumber;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn change(resource: Value) -> ProfileChange {
        match resource {
            Value::Object(resource) => ProfileChange::from_resource(resource),
            other => panic!("not an object: {other}"),
        }
    }

    fn import(
        account: &mut Account,
        rows: Vec<Value>,
        lists: Vec<String>,
        policy: OnTakenPhoneNumber,
    ) -> String {
        let rows = rows
            .into_iter()
            .enumerate()
            .map(|(index, row)| ImportRow {
                index,
                original: Bytes::from(row.to_string()),
                change: change(json!({"attributes": row})),
            })
            .collect();
        let id = account
            .import_jobs
            .create(Import::new(rows, lists), Pace::queued(Duration::ZERO), NOW)
            .id
            .clone();
        account.settle(policy, NOW);
        id
    }

    fn two_customers_one_phone() -> Vec<Value> {
        vec![
            json!({"email": "a@shop.example", "phone_number": "+390110000000"}),
            json!({"email": "b@shop.example", "phone_number": "+390110000000", "title": "B"}),
        ]
    }

    #[test]
    fn a_conflict_fails_its_row_alone() {
        let mut account = Account::new(1);
        let list = account.lists.create("L", NOW).id.clone();
        let id = import(
            &mut account,
            two_customers_one_phone(),
            vec![list.clone()],
            OnTakenPhoneNumber::ImportError,
        );
        let job = &account.import_jobs.get(&id, NOW).unwrap().work;
        assert_eq!((job.total, job.profiles.len(), job.errors.len()), (2, 1, 1));
        assert_eq!(
            job.errors[0].pointer,
            "/data/attributes/profiles/data/1/attributes/phone_number"
        );
        assert_eq!(
            job.errors[0].original,
            two_customers_one_phone()[1].to_string()
        );
        assert_eq!(account.profiles.len(), 1);
        assert_eq!(account.lists.get(&list).unwrap().members.len(), 1);
    }

    #[test]
    fn an_import_error_does_not_keep_the_requests_body() {
        let mut account = Account::new(1);
        let body = Bytes::from("the body of a request".to_owned());
        let rows = two_customers_one_phone().into_iter().enumerate();
        let rows = rows.map(|(index, row)| ImportRow {
            index,
            original: body.slice(4..8),
            change: change(json!({"attributes": row})),
        });
        let work = Import::new(rows.collect(), Vec::new());
        let pace = Pace::queued(Duration::ZERO);
        account.import_jobs.create(work, pace, NOW);
        account.settle(OnTakenPhoneNumber::ImportError, NOW);
        let job = account.import_jobs.iter(NOW).next().unwrap();
        assert_eq!(job.work.errors[0].original, "body");
        assert!(body.is_unique());
    }

    #[test]
    fn a_conflicting_number_can_be_dropped_instead() {
        let mut account = Account::new(1);
        import(
            &mut account,
            two_customers_one_phone(),
            Vec::new(),
            OnTakenPhoneNumber::DropNumber,
        );
        let second = account
            .profiles
            .find(Identifier::Email, "b@shop.example")
            .unwrap();
        assert_eq!(
            (second.phone_number(), &second.attributes["title"]),
            (None, &json!("B"))
        );
    }

    fn event() -> NewEvent {
        NewEvent {
            metric: "Placed Order".to_owned(),
            time: NOW,
            value: None,
            value_currency: None,
            unique_id: None,
            properties: Map::new(),
        }
    }

    #[test]
    fn events_at_test_domains_leave_no_trace() {
        let mut account = Account::new(1);
        for address in ["a@example.com", "b@TEST.com"] {
            account.take_events(
                change(json!({"attributes": {"email": address}})),
                [event()].into_iter(),
                NOW,
            );
        }
        assert_eq!((account.profiles.len(), account.events.len()), (0, 0));
        assert_eq!(account.events.dropped.test_domains, 2);
    }

    #[test]
    fn an_address_at_a_test_domain_is_known_by_any_identifier() {
        let mut account = Account::new(1);
        let rows = vec![json!({"email": "a@example.com", "external_id": "7"})];
        import(&mut account, rows, Vec::new(), OnTakenPhoneNumber::Refuse);
        let by_number = || change(json!({"attributes": {"external_id": "7"}}));
        account.take_events(by_number(), [event()].into_iter(), NOW);
        assert_eq!(
            (account.events.len(), account.events.dropped.test_domains),
            (0, 1)
        );

        let slot = account.profiles.slot(Identifier::ExternalId, "7").unwrap();
        let moved = change(json!({"attributes": {"email": "a@shop.example"}}));
        account.profiles.put(Some(slot), moved, Nulls::Ignore, NOW);
        account.take_events(by_number(), [event()].into_iter(), NOW);
        assert_eq!(account.events.len(), 1);
    }

    #[test]
    fn an_events_profile_is_never_a_conflict() {
        let mut account = Account::new(1);
        import(
            &mut account,
            two_customers_one_phone(),
            Vec::new(),
            OnTakenPhoneNumber::DropNumber,
        );
        let torn = json!({"attributes": {"email": "b@shop.example", "phone_number": "+390110000000", "title": "C"}});
        account.take_events(change(torn), [event()].into_iter(), NOW);
        let second = account
            .profiles
            .find(Identifier::Email, "b@shop.example")
            .unwrap();
        assert_eq!(
            (second.last_event, &second.attributes["title"]),
            (Some(NOW), &json!("C"))
        );
        assert_eq!((second.phone_number(), account.profiles.len()), (None, 2));

        account.take_events(
            change(json!({"id": "nobody", "attributes": {}})),
            [event()].into_iter(),
            NOW,
        );
        assert_eq!(
            (
                account.events.len(),
                account.events.dropped.unknown_profiles
            ),
            (1, 1)
        );
    }
}
