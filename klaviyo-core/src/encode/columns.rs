//! From a name in a row to its place. Each distinct name is looked up once and then remembered.

use std::collections::HashMap;

use klaviyo_gen::{Kind, Schema};

use super::check::Check;
use super::layout::{Layout, NodeId, find};
use super::reason::Reason;
use super::state::Capture;
use super::{Extra, key};

/// Names that rows may really have are remembered; a source that makes up new ones without end is
/// looked up each time instead of filling the memory.
const REMEMBERED: usize = 4096;

/// Where the value of a name goes.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// The value is an object, whose members go to their own places.
    Object(NodeId),
    /// The value is a member of an object.
    Member(Member),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) node: NodeId,
    /// Identifies the member within the row, to notice that it is given twice.
    pub(super) slot: usize,
    /// `"name":`, escaped.
    pub(super) key: Vec<u8>,
    /// What it takes; `None` for a property, which takes anything.
    pub(super) schema: Option<&'static Schema>,
    pub(super) check: Check,
    pub(super) capture: Option<Capture>,
}

/// Looks names up.
#[derive(Debug)]
pub(super) struct Columns {
    extra: Extra,
    remembered: HashMap<String, Place>,
    slots: HashMap<(NodeId, Vec<u8>), usize>,
}

impl Columns {
    pub(super) fn new(extra: Extra) -> Self {
        Columns {
            extra,
            remembered: HashMap::new(),
            slots: HashMap::new(),
        }
    }

    /// Forgets all names when they have become too many; only between two rows, because the slots
    /// of a row must stay what they are. Says whether it did.
    pub(super) fn trim(&mut self) -> bool {
        let full = self.remembered.len() >= REMEMBERED;
        if full {
            self.remembered.clear();
            self.slots.clear();
        }
        full
    }

    /// The place of a name.
    pub(super) fn find(&mut self, layout: &Layout, name: &str) -> Result<&Place, Reason> {
        if !self.remembered.contains_key(name) {
            let place = self.look_up(layout, name)?;
            self.remembered.insert(name.to_owned(), place);
        }
        Ok(&self.remembered[name])
    }

    fn look_up(&mut self, layout: &Layout, name: &str) -> Result<Place, Reason> {
        if let Some(alias) = layout.aliases.iter().find(|alias| alias.name == name) {
            let mut place = self.field(alias.node, alias.field.name, Some(&alias.field.schema));
            if let ("metric", Place::Member(member)) = (alias.name, &mut place) {
                (member.check, member.capture) = (Check::MetricName, Some(Capture::Metric));
            }
            return Ok(place);
        }
        if let Some((_, node)) = layout.prefixes.iter().find(|(prefix, _)| prefix == name) {
            return Ok(Place::Object(*node));
        }
        if let Some(place) = self.member(layout, name) {
            return Ok(place);
        }
        match (self.extra, layout.extra) {
            (Extra::Properties, Some(node)) => Ok(self.field(node, name, None)),
            _ => Err(unknown(layout, name)),
        }
    }

    /// A member of the object with the longest prefix that takes the rest of the name.
    fn member(&mut self, layout: &Layout, name: &str) -> Option<Place> {
        let mut dots: Vec<usize> = name.match_indices('.').map(|(index, _)| index).collect();
        dots.reverse();
        for dot in dots {
            let (prefix, rest) = (&name[..dot], &name[dot + 1..]);
            let Some((_, node)) = layout.prefixes.iter().find(|(bound, _)| bound == prefix) else {
                continue;
            };
            return self.member_of(layout, *node, rest);
        }
        let (_, root) = layout.prefixes.iter().find(|(bound, _)| bound.is_empty())?;
        self.member_of(layout, *root, name)
    }

    fn member_of(&mut self, layout: &Layout, node: NodeId, name: &str) -> Option<Place> {
        if layout.nodes[node].is_open() {
            return (!name.is_empty()).then(|| self.field(node, name, None));
        }
        let field = find(layout.nodes[node].fields, name)?;
        let settable = !matches!(field.schema.kind, Kind::Object(_)) && name != "type";
        settable.then(|| self.field(node, field.name, Some(&field.schema)))
    }

    fn field(&mut self, node: NodeId, name: &str, schema: Option<&'static Schema>) -> Place {
        let mut key = Vec::new();
        key::write(name, &mut key);
        let next = self.slots.len();
        let slot = *self.slots.entry((node, key.clone())).or_insert(next);
        let (check, capture) = match schema {
            Some(schema) => special(name, schema),
            None => (Check::Nothing, None),
        };
        Place::Member(Member {
            node,
            slot,
            key,
            schema,
            check,
            capture,
        })
    }
}

/// What is checked and kept of a field, by its name in the API.
fn special(name: &str, schema: &Schema) -> (Check, Option<Capture>) {
    match name {
        "email" => (Check::Email, Some(Capture::Email)),
        "phone_number" => (Check::PhoneNumber, Some(Capture::PhoneNumber)),
        "external_id" => (Check::NotEmpty, Some(Capture::ExternalId)),
        "anonymous_id" => (Check::NotEmpty, Some(Capture::AnonymousId)),
        "_kx" => (Check::NotEmpty, Some(Capture::Exchange)),
        "id" => (Check::NotEmpty, Some(Capture::Id)),
        "unique_id" => (Check::UniqueId, Some(Capture::UniqueId)),
        _ => match schema.kind {
            Kind::String {
                format: Some("date-time"),
                ..
            } => (Check::Time, None),
            _ => (Check::Nothing, None),
        },
    }
}

fn unknown(layout: &Layout, name: &str) -> Reason {
    let nearest = layout
        .names()
        .map(|known| (distance(&known, name), known))
        .min()
        .filter(|(distance, known)| *distance <= known.len() / 3)
        .or_else(|| {
            layout
                .names()
                .find(|known| has_word(known, name))
                .map(|known| (0, known))
        });
    let hint = match nearest {
        Some((_, known)) => format!("did you mean {known:?}? A"),
        None => "a".to_owned(),
    };
    let detail = format!(
        "there is no field {name:?}; {hint} custom property is written \"properties.{name}\", or \
         all unknown names become properties with extra=\"properties\""
    );
    Reason::new("unknown_field", detail).at(name)
}

/// Whether a known name has the given one as a word: `phone_number` has `phone`.
fn has_word(known: &str, given: &str) -> bool {
    let given = given.to_lowercase();
    known.split(['.', '_']).any(|word| word == given)
}

/// How unlike two names are; case and separators do not count.
fn distance(known: &str, given: &str) -> usize {
    let plain = |name: &str| {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    strsim::damerau_levenshtein(&plain(known), &plain(given))
}
