//! From a name in a row to its place. Each distinct name is looked up once and then remembered.

use std::collections::HashMap;

use klaviyo_gen::{Field, Kind};

use super::check::Check;
use super::given::Rule;
use super::inside::{MARK, marked};
use super::layout::{Layout, NodeId, constant};
use super::names::Names;
use super::reason::Reason;
use super::remembered::{Known, Remembered, Scope};
use super::state::Capture;
use super::suggest::unknown;
use super::{Extra, key};

/// Names that rows may really have are remembered; a source that makes up new ones without end is
/// looked up each time instead of filling the memory.
const REMEMBERED: usize = 4096;

/// Where the value of a name goes.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// The value is an object, whose members go to their own places.
    Object(NodeId),
    /// The value is an array of one object, whose members go to their own places.
    Items(NodeId),
    /// The value is a member of an object.
    Member(Member),
    /// The value is ids of other resources, of which a member of an object is made.
    References(Member, &'static str),
    /// The value can only be this one, which is written anyway.
    Constant(NodeId, &'static str),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) node: NodeId,
    /// Identifies the member within the row, to notice that it is given twice.
    pub(super) slot: usize,
    /// `"name":`, escaped.
    pub(super) key: Vec<u8>,
    /// What it takes; a property takes anything.
    pub(super) rule: Rule,
    /// Whether null may stand in its place.
    pub(super) nullable: bool,

    pub(super) capture: Option<Capture>,
}

/// Which set of a layout's names a row uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Flat,
    Sent,
}

impl Form {
    pub(super) fn names(self, layout: &Layout) -> &Names {
        match self {
            Form::Flat => &layout.flat,
            Form::Sent => &layout.sent,
        }
    }
}

/// Looks names up.
#[derive(Debug)]
pub(super) struct Columns {
    extra: Extra,
    flat: Remembered,
    sent: Remembered,
    /// What was said of names that have no place: to search for the nearest that has takes long.
    refused: HashMap<(Form, String), Reason>,
    /// The slots of properties, behind those of the layout's fields.
    properties: HashMap<(NodeId, Vec<u8>), usize>,
}

impl Columns {
    pub(super) fn new(extra: Extra) -> Self {
        Columns {
            extra,
            flat: Remembered::default(),
            sent: Remembered::default(),
            refused: HashMap::new(),
            properties: HashMap::new(),
        }
    }

    /// Prepares for the next row. Forgets all names when they have become too many; only between two
    /// rows, because the slots of a row must stay what they are. Says whether it did.
    pub(super) fn begin_row(&mut self) -> bool {
        self.flat.begin_row();
        self.sent.begin_row();
        let full = self.flat.len() + self.sent.len() + self.refused.len() >= REMEMBERED;
        if full {
            self.flat.clear();
            self.sent.clear();
            self.refused.clear();
            self.properties.clear();
        }
        full
    }

    /// A name in `scope`, with its place.
    #[inline]
    pub(super) fn find(
        &mut self,
        layout: &Layout,
        form: Form,
        scope: Scope,
        name: &str,
    ) -> Result<&Known, Reason> {
        if !self.remembered_mut(form).find(scope, name) {
            self.add(layout, form, scope, name)?;
        }
        Ok(self.remembered(form).found())
    }

    fn look_up_once(&mut self, layout: &Layout, form: Form, name: &str) -> Result<Place, Reason> {
        let key = (form, name.to_owned());
        if let Some(reason) = self.refused.get(&key) {
            return Err(reason.clone());
        }
        let found = self.look_up(layout, form, name);
        if let Err(reason) = &found {
            self.refused.insert(key, reason.clone());
        }
        found
    }

    fn add(&mut self, layout: &Layout, form: Form, scope: Scope, name: &str) -> Result<(), Reason> {
        let path = self.path_of(form, scope, name);
        let place = self.look_up_once(layout, form, &path)?;
        self.remembered_mut(form).add(scope, name, path, place);
        Ok(())
    }

    /// A name of a flat row that was looked up, and its place.
    pub(super) fn known(&self, name: Scope) -> Option<(&str, &Place)> {
        self.flat.known(name)
    }

    /// The name that leads to what others are names in; empty for the row itself.
    pub(super) fn path(&self, form: Form, scope: Scope) -> &str {
        self.remembered(form).path(scope)
    }

    /// A name in `scope`, as a flat row has it.
    pub(super) fn path_of(&self, form: Form, scope: Scope, name: &str) -> String {
        if scope == Scope::ROW {
            return name.to_owned();
        }
        format!("{}.{name}", self.path(form, scope))
    }

    #[inline]
    fn remembered(&self, form: Form) -> &Remembered {
        match form {
            Form::Flat => &self.flat,
            Form::Sent => &self.sent,
        }
    }

    #[inline]
    fn remembered_mut(&mut self, form: Form) -> &mut Remembered {
        match form {
            Form::Flat => &mut self.flat,
            Form::Sent => &mut self.sent,
        }
    }

    fn look_up(&mut self, layout: &Layout, form: Form, name: &str) -> Result<Place, Reason> {
        if name == MARK {
            return Err(marked().at(name));
        }
        let names = form.names(layout);
        if let Some(alias) = names.aliases.iter().find(|alias| alias.name == name) {
            let field = alias.field.name;
            return match references(alias.field) {
                Some(kind) => Ok(Place::References(
                    self.member(layout, alias.node, field),
                    kind,
                )),
                None => Ok(Place::Member(self.member(layout, alias.node, field))),
            };
        }
        if let Some((_, node)) = names.items.as_ref().filter(|(items, _)| items == name) {
            return Ok(Place::Items(*node));
        }
        if let Some(node) = names.object(name).filter(|_| !name.is_empty()) {
            return Ok(Place::Object(node));
        }
        if let Some(place) = self.below_a_prefix(layout, names, name) {
            return Ok(place);
        }
        match (self.extra, names.extra) {
            (Extra::Properties, Some(node)) => Ok(Place::Member(self.member(layout, node, name))),
            _ => {
                let properties = names.extra.and_then(|node| names.prefix(node));
                Err(unknown(&names.all(&layout.nodes), properties, name))
            }
        }
    }

    /// A member of the object with the longest prefix that takes the rest of the name.
    fn below_a_prefix(&mut self, layout: &Layout, names: &Names, name: &str) -> Option<Place> {
        let dots = name.match_indices('.').map(|(index, _)| index);
        let dots: Vec<usize> = dots.collect();
        for &dot in dots.iter().rev() {
            if let Some(node) = names.object(&name[..dot]).filter(|_| dot > 0) {
                return self.member_of(layout, names, node, &name[dot + 1..]);
            }
        }
        self.member_of(layout, names, names.object("")?, name)
    }

    fn member_of(
        &mut self,
        layout: &Layout,
        names: &Names,
        node: NodeId,
        name: &str,
    ) -> Option<Place> {
        if layout.nodes[node].is_open() {
            return (!name.is_empty()).then(|| Place::Member(self.member(layout, node, name)));
        }
        let (field, _) = layout.nodes[node].field(name)?;
        if !names.takes(field) {
            return None;
        }
        Some(match constant(field) {
            Some(value) => Place::Constant(node, value),
            None => Place::Member(self.member(layout, node, name)),
        })
    }

    fn member(&mut self, layout: &Layout, node: NodeId, name: &str) -> Member {
        let mut key = Vec::new();
        key::write(name, &mut key);
        let known = layout.nodes[node].field(name);
        let slot = known.map_or_else(
            || {
                let next = layout.slots + self.properties.len();
                *self.properties.entry((node, key.clone())).or_insert(next)
            },
            |(_, slot)| slot,
        );
        let (check, capture) = match (layout.special(node, name), known) {
            (Some(special), _) => (special.check, special.capture),
            (None, Some((field, _))) => usual(field),
            (None, None) => (Check::Nothing, None),
        };
        Member {
            node,
            slot,
            key,
            rule: Rule::new(known.map(|(field, _)| &field.schema), check),
            nullable: known.is_none_or(|(field, _)| field.schema.nullable),
            capture,
        }
    }
}

/// The type of the resources that the field refers to, if it is an array of such references.
fn references(field: &Field) -> Option<&'static str> {
    let Kind::Array(element) = field.schema.kind else {
        return None;
    };
    let Kind::Object(fields) = element.kind else {
        return None;
    };
    let kind = fields.iter().find(|field| field.name == "type")?;
    constant(kind)
}

/// What is checked and kept of a field, by its name in the API.
fn usual(field: &Field) -> (Check, Option<Capture>) {
    match field.name {
        "email" => (Check::Email, Some(Capture::Email)),
        "phone_number" => (Check::PhoneNumber, Some(Capture::PhoneNumber)),
        "external_id" => (Check::NotEmpty, Some(Capture::ExternalId)),
        "anonymous_id" => (Check::NotEmpty, Some(Capture::AnonymousId)),
        "_kx" => (Check::NotEmpty, Some(Capture::Exchange)),
        "id" => (Check::NotEmpty, Some(Capture::Id)),
        "unique_id" => (Check::UniqueId, Some(Capture::UniqueId)),
        "unique_code" => (Check::NotEmpty, Some(Capture::Code)),
        _ => match field.schema.kind {
            Kind::String {
                format: Some("date-time"),
                ..
            } => (Check::Time, None),
            Kind::String {
                format: Some("date"),
                ..
            } => (Check::Date, None),
            _ => (Check::Nothing, None),
        },
    }
}
