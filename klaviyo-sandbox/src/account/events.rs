//! The account's events and metrics.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use klaviyo_gen::FIELD_LIMITS;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::Ids;
use super::profiles::Slot;

/// Where a metric stands; it never changes.
pub(crate) type MetricSlot = u32;

/// How many properties of a metric are summed: as many as one event may have. Names can come from
/// data, such as an order's number, and there is no end to those.
pub(crate) const SUMMED_PROPERTIES: usize = FIELD_LIMITS.event_properties;

/// An event as it came, validated.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewEvent {
    /// The metric's name.
    pub(crate) metric: String,
    pub(crate) time: DateTime<Utc>,
    pub(crate) value: Option<f64>,
    pub(crate) value_currency: Option<String>,
    pub(crate) unique_id: Option<String>,
    pub(crate) properties: Map<String, Value>,
}

impl NewEvent {
    /// The id that tells a repeat from another event: without one of its own it is the event's
    /// time to the second, so that two events in one second are one.
    pub(crate) fn effective_unique_id(&self) -> String {
        self.unique_id
            .clone()
            .unwrap_or_else(|| self.time.timestamp().to_string())
    }
}

/// An event as the sandbox holds it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredEvent {
    pub(crate) profile: Slot,
    pub(crate) metric: MetricSlot,
    pub(crate) time: DateTime<Utc>,
    pub(crate) value: Option<f64>,
    pub(crate) value_currency: Option<Box<str>>,
    pub(crate) unique_id: Arc<str>,
    /// The properties as JSON text: half the memory of a tree, and they are only given back.
    pub(crate) properties: Box<str>,
}

impl StoredEvent {
    /// The properties as a tree.
    pub(crate) fn properties(&self) -> Map<String, Value> {
        serde_json::from_str(&self.properties).expect("the text was made from a map")
    }
}

/// A metric and what its events add up to.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Metric {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) count: u64,
    pub(crate) value: f64,
    /// The sums of the first [`SUMMED_PROPERTIES`] properties that were numbers, over all events.
    pub(crate) property_sums: BTreeMap<String, f64>,
    /// Numbers under other names than those.
    #[serde(default)]
    pub(crate) unsummed: u64,
}

/// Events that were accepted but are not held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dropped {
    /// Their `unique_id` was taken before.
    pub(crate) repeats: u64,
    /// Their profile's address is at a test domain.
    pub(crate) test_domains: u64,
    /// They name a profile by an id that no profile has.
    pub(crate) unknown_profiles: u64,
}

/// All events, in the order in which they came.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Events {
    ids: Ids,
    /// `None` where the event of a profile stood that is forgotten.
    events: Vec<Option<StoredEvent>>,
    metrics: Vec<Metric>,
    metric_by_name: HashMap<String, MetricSlot>,
    taken: HashSet<(Slot, MetricSlot, Arc<str>)>,
    /// How many of them are forgotten.
    forgotten: usize,
    pub(crate) dropped: Dropped,
}

impl Events {
    pub(crate) fn new(ids: Ids) -> Self {
        Self {
            ids,
            events: Vec::new(),
            metrics: Vec::new(),
            metric_by_name: HashMap::new(),
            taken: HashSet::new(),
            forgotten: 0,
            dropped: Dropped::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.events.len() - self.forgotten
    }

    /// With their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &StoredEvent)> {
        self.events
            .iter()
            .enumerate()
            .filter_map(|(number, event)| Some((number, event.as_ref()?)))
    }

    pub(crate) fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    pub(crate) fn metric(&self, slot: MetricSlot) -> &Metric {
        &self.metrics[slot as usize]
    }

    pub(crate) fn metric_slot(&self, name: &str) -> Option<MetricSlot> {
        self.metric_by_name.get(name).copied()
    }

    /// The id of the event with this number.
    pub(crate) fn id(&self, number: usize) -> String {
        self.ids.event(number as u64)
    }

    /// The UUID of the event with this number.
    pub(crate) fn uuid(&self, number: usize) -> String {
        self.ids.uuid(number as u64)
    }

    /// The event with this id, and its number.
    pub(crate) fn find(&self, id: &str) -> Option<(usize, &StoredEvent)> {
        let number = usize::try_from(self.ids.event_number(id)?).ok()?;
        let event = self.events.get(number)?.as_ref()?;
        Some((number, event))
    }

    /// Whether the profile has an event of that metric and unique id.
    pub(crate) fn is_taken(&self, profile: Slot, metric: &str, unique_id: &str) -> bool {
        self.metric_slot(metric)
            .is_some_and(|metric| self.taken.contains(&(profile, metric, unique_id.into())))
    }

    /// Takes an event, unless it is a repeat; says whether it was taken.
    pub(crate) fn take(&mut self, profile: Slot, event: NewEvent, now: DateTime<Utc>) -> bool {
        let unique_id: Arc<str> = event.effective_unique_id().into();
        let metric = self.metric_or_new(&event.metric, now);
        if !self.taken.insert((profile, metric, Arc::clone(&unique_id))) {
            self.dropped.repeats += 1;
            return false;
        }
        self.metrics[metric as usize].add(&event);
        self.events.push(Some(StoredEvent {
            profile,
            metric,
            time: event.time,
            value: event.value,
            value_currency: event.value_currency.map(Into::into),
            unique_id,
            properties: Value::Object(event.properties).to_string().into(),
        }));
        true
    }

    /// Gives all events of a profile to another. One that the other has already stays, too.
    pub(crate) fn hand_over(&mut self, from: Slot, to: Slot) {
        for event in self.events.iter_mut().flatten() {
            if event.profile == from {
                event.profile = to;
                self.taken
                    .insert((to, event.metric, Arc::clone(&event.unique_id)));
            }
        }
        self.taken.retain(|(profile, ..)| *profile != from);
    }

    /// Forgets the events of a profile; its metrics keep what they added up.
    pub(crate) fn forget(&mut self, slot: Slot) {
        for event in &mut self.events {
            if event.as_ref().is_some_and(|event| event.profile == slot) {
                *event = None;
                self.forgotten += 1;
            }
        }
        self.taken.retain(|(profile, ..)| *profile != slot);
    }

    fn metric_or_new(&mut self, name: &str, now: DateTime<Utc>) -> MetricSlot {
        if let Some(slot) = self.metric_slot(name) {
            return slot;
        }
        let slot = MetricSlot::try_from(self.metrics.len())
            .expect("fewer than 2^32 metrics fit into memory");
        self.metrics.push(Metric {
            id: self.ids.metric(u64::from(slot)),
            name: name.to_owned(),
            created: now,
            count: 0,
            value: 0.0,
            property_sums: BTreeMap::new(),
            unsummed: 0,
        });
        self.metric_by_name.insert(name.to_owned(), slot);
        slot
    }
}

impl Metric {
    fn add(&mut self, event: &NewEvent) {
        self.count += 1;
        self.value += event.value.unwrap_or_default();
        for (name, value) in &event.properties {
            if let Some(number) = value.as_f64() {
                self.add_property(name, number);
            }
        }
    }

    fn add_property(&mut self, name: &str, number: f64) {
        if let Some(sum) = self.property_sums.get_mut(name) {
            *sum += number;
        } else if self.property_sums.len() < SUMMED_PROPERTIES {
            self.property_sums.insert(name.to_owned(), number);
        } else {
            self.unsummed += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn event(metric: &str, unique_id: Option<&str>, second: i64) -> NewEvent {
        NewEvent {
            metric: metric.to_owned(),
            time: DateTime::from_timestamp(second, 0).unwrap(),
            value: Some(2.5),
            value_currency: None,
            unique_id: unique_id.map(str::to_owned),
            properties: Map::from_iter([
                ("quantity".to_owned(), 3.into()),
                ("sku".to_owned(), "x".into()),
            ]),
        }
    }

    #[test]
    fn a_unique_id_is_taken_once_for_each_profile_and_metric() {
        let mut events = Events::new(Ids::new(1));
        assert!(events.take(0, event("Placed Order", Some("u"), 0), NOW));
        assert!(!events.take(0, event("Placed Order", Some("u"), 9), NOW));
        assert!(events.take(1, event("Placed Order", Some("u"), 0), NOW));
        assert!(events.take(0, event("Viewed Product", Some("u"), 0), NOW));
        assert_eq!((events.len(), events.dropped.repeats), (3, 1));
        assert!(events.is_taken(0, "Placed Order", "u"));
        assert!(!events.is_taken(0, "Placed Order", "v"));
        assert!(!events.is_taken(0, "Unheard Of", "u"));
    }

    #[test]
    fn without_unique_ids_two_events_in_one_second_are_one() {
        let mut events = Events::new(Ids::new(1));
        assert!(events.take(0, event("Placed Order", None, 5), NOW));
        assert!(!events.take(0, event("Placed Order", None, 5), NOW));
        assert!(events.take(0, event("Placed Order", None, 6), NOW));
    }

    #[test]
    fn a_metric_adds_up_values_and_numeric_properties() {
        let mut events = Events::new(Ids::new(1));
        for second in 0..4 {
            events.take(0, event("Placed Order", None, second), NOW);
        }
        let metric = &events.metrics()[0];
        assert_eq!((metric.count, metric.value), (4, 10.0));
        assert_eq!(
            metric.property_sums,
            BTreeMap::from([("quantity".to_owned(), 12.0)])
        );
    }

    #[test]
    fn properties_named_by_data_are_not_summed_without_end() {
        let mut events = Events::new(Ids::new(1));
        for order in 0..2 * SUMMED_PROPERTIES as i64 {
            let mut event = event("Placed Order", None, order);
            event.properties.insert(format!("order {order}"), 1.into());
            events.take(0, event, NOW);
        }
        let metric = &events.metrics()[0];
        assert_eq!(metric.property_sums.len(), SUMMED_PROPERTIES);
        assert_eq!(metric.unsummed, SUMMED_PROPERTIES as u64 + 1);
        // Known names are summed on.
        assert_eq!(
            metric.property_sums["quantity"],
            6.0 * SUMMED_PROPERTIES as f64
        );
    }

    #[test]
    fn an_event_is_found_by_its_id() {
        let mut events = Events::new(Ids::new(1));
        for second in 0..3 {
            events.take(0, event("Placed Order", None, second), NOW);
        }
        let (number, found) = events.find(&events.id(2)).unwrap();
        assert_eq!((number, found.time.timestamp()), (2, 2));
        assert!(events.find(&events.id(3)).is_none());
    }
}
