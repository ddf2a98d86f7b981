//! What stands around the items of a request, derived from the operation table: the way to the items,
//! what can only have one value, and what the options of a call add.

use klaviyo_gen::{Caps as TableCaps, Field, Kind, Operation, Schema};

use crate::chunk::{Caps, Envelope};
use crate::encode::constants;
use crate::error::Error;

/// A member of the body that stands beside the items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beside {
    /// Where it stands: the names of the objects around it, and its own.
    path: Vec<&'static str>,
    /// Its value, as JSON.
    value: String,
}

impl Beside {
    /// An attribute of the request.
    pub(super) fn attribute(name: &'static str, value: &serde_json::Value) -> Self {
        Beside {
            path: vec!["data", "attributes", name],
            value: value.to_string(),
        }
    }

    /// A resource that the request is related to.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the operation knows no such relationship.
    pub(super) fn relationship(
        operation: &'static Operation,
        name: &'static str,
        id: &str,
    ) -> Result<Self, Error> {
        let path = ["data", "relationships", name, "data"];
        let reference = body(operation).and_then(|body| at(body, &path));
        let reference = reference.ok_or_else(|| unknown(operation))?;
        let (several, one) = match reference.kind {
            Kind::Array(element) => (true, element),
            _ => (false, reference),
        };
        let id = serde_json::Value::from(id);
        let one = format!("{{{},\"id\":{id}}}", constants(fields(one)));
        Ok(Beside {
            path: path.to_vec(),
            value: if several { format!("[{one}]") } else { one },
        })
    }
}

/// The envelope of the operation's requests.
///
/// # Errors
/// [`Error::Configuration`] when the operation table does not describe the body.
pub(super) fn envelope(
    operation: &'static Operation,
    beside: &[Beside],
) -> Result<Envelope, Error> {
    let table = operation.caps.ok_or_else(|| unknown(operation))?;
    let body = body(operation).ok_or_else(|| unknown(operation))?;
    let (way, group_close) = way(table).ok_or_else(|| unknown(operation))?;
    let (prefix, suffix) = around(body, &way, &members_of(beside));
    Ok(Envelope {
        prefix: prefix.into_bytes(),
        suffix: suffix.into_bytes(),
        group_close: group_close.into_bytes(),
        caps: Caps::of(operation)?,
    })
}

/// The body of a request that holds no items at all.
///
/// # Errors
/// [`Error::Configuration`] when the operation table does not describe the body.
pub(super) fn body_without_items(
    operation: &'static Operation,
    beside: &[Beside],
) -> Result<String, Error> {
    let body = body(operation).ok_or_else(|| unknown(operation))?;
    Ok(object(body, &members_of(beside)))
}

/// A member that is still to be written: the rest of its path, and its value.
type Member<'a> = (&'a [&'static str], &'a str);

fn members_of(beside: &[Beside]) -> Vec<Member<'_>> {
    let members = beside.iter();
    members
        .map(|one| (one.path.as_slice(), one.value.as_str()))
        .collect()
}

fn body(operation: &Operation) -> Option<&'static Schema> {
    operation.caps?.body
}

fn unknown(operation: &Operation) -> Error {
    let id = operation.id;
    Error::Configuration(format!(
        "the operation table does not say what a request of {id} looks like"
    ))
}

fn fields(schema: &Schema) -> &'static [Field] {
    match schema.kind {
        Kind::Object(fields) => fields,
        _ => &[],
    }
}

fn at(schema: &'static Schema, path: &[&str]) -> Option<&'static Schema> {
    path.iter().try_fold(schema, |schema, step| {
        let mut fields = fields(schema).iter();
        let found = fields.find(|field| field.name == *step)?;
        Some(&found.schema)
    })
}

/// The way from the body to what stands between prefix and suffix, as names, with what follows the last
/// of them; and what ends a group.
///
/// Groups in an array each hold their items behind the `*` of the pointer. Where the items belong to
/// a profile and there is no array of groups (client events), the request's data is the one group.
type Way = (Steps, String);
/// The names on the way, and whether an array opens at its end.
type Steps = (Vec<&'static str>, bool);

fn way(table: &'static TableCaps) -> Option<Way> {
    let items = table.items?;
    if let Some(group) = table.group {
        let inside = items.strip_prefix(group)?.strip_prefix("/*")?;
        return Some(((steps(group), true), close(steps(inside).len())));
    }
    if is_one_group(table) {
        let inside = items.strip_prefix("/data")?;
        return Some(((vec!["data"], false), close(steps(inside).len())));
    }
    Some(((steps(items), true), String::new()))
}

/// Whether a request of the operation is one group: its items share a profile that stands beside them.
pub(super) fn is_one_group(table: &'static TableCaps) -> bool {
    let profile = ["data", "attributes", "profile"];
    table.group.is_none() && table.body.is_some_and(|body| at(body, &profile).is_some())
}

fn steps(pointer: &'static str) -> Vec<&'static str> {
    let steps = pointer.split('/');
    steps.filter(|step| !step.is_empty()).collect()
}

/// Ends an array of items, the objects on the way to it, and the group itself.
fn close(steps: usize) -> String {
    format!("]{}", "}".repeat(steps))
}

/// What stands before and behind the place that the way leads to.
fn around(schema: &'static Schema, way: &Steps, beside: &[Member<'_>]) -> (String, String) {
    let (names, array) = way;
    let Some((&name, rest)) = names.split_first() else {
        return if *array {
            ("[".to_owned(), "]".to_owned())
        } else {
            (String::new(), String::new())
        };
    };
    let (inside, others) = split(beside, name);
    let inside = one_deeper(&inside);
    let next = at(schema, &[name]);
    let rest = (rest.to_vec(), *array);
    let (before, behind) = next.map_or_else(Default::default, |next| around(next, &rest, &inside));
    let constants = constants(fields(schema));
    let comma = if constants.is_empty() { "" } else { "," };
    let prefix = format!("{{{constants}{comma}\"{name}\":{before}");
    let suffix = format!("{behind}{}}}", members(schema, &others, &[name]));
    (prefix, suffix)
}

/// An object with what stands in it beside the items.
fn object(schema: &'static Schema, beside: &[Member<'_>]) -> String {
    let constants = constants(fields(schema));
    let members = members(schema, beside, &[]);
    let members = if constants.is_empty() {
        members.trim_start_matches(',')
    } else {
        members.as_str()
    };
    format!("{{{constants}{members}}}")
}

/// Members of an object, each behind a comma: those that are given, and objects that are required.
fn members(schema: &'static Schema, beside: &[Member<'_>], except: &[&str]) -> String {
    let mut text = String::new();
    for field in fields(schema)
        .iter()
        .filter(|field| !except.contains(&field.name))
    {
        let (own, _) = split(beside, field.name);
        let is_object = matches!(field.schema.kind, Kind::Object(_));
        let value = match own.as_slice() {
            [(path, value)] if path.len() == 1 => (*value).to_owned(),
            [] if !(field.required && is_object) => continue,
            _ => object(&field.schema, &one_deeper(&own)),
        };
        text.push_str(&format!(",\"{}\":{value}", field.name));
    }
    text
}

/// Those whose path begins with the name, and the others.
fn split<'a>(beside: &[Member<'a>], name: &str) -> (Vec<Member<'a>>, Vec<Member<'a>>) {
    let members = beside.iter().copied();
    members.partition(|(path, _)| path.first() == Some(&name))
}

fn one_deeper<'a>(beside: &[Member<'a>]) -> Vec<Member<'a>> {
    let deeper = beside.iter().map(|(path, value)| (&path[1..], *value));
    deeper.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use klaviyo_gen::OPERATIONS;
    use klaviyo_gen::operations::{
        ADD_PROFILES_TO_LIST, BULK_CREATE_CLIENT_EVENTS, BULK_CREATE_EVENTS,
        BULK_DELETE_OBJECT_RECORDS, BULK_IMPORT_PROFILES, BULK_SUBSCRIBE_PROFILES,
        BULK_SUPPRESS_PROFILES,
    };
    use serde_json::{Value, json};

    fn of(operation: &'static Operation, beside: &[Beside]) -> (String, String, String) {
        let envelope = envelope(operation, beside).unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            text(envelope.prefix),
            text(envelope.suffix),
            text(envelope.group_close),
        )
    }

    #[test]
    fn envelopes_are_what_one_would_write_by_hand() {
        let list = Beside::relationship(&BULK_IMPORT_PROFILES, "lists", "a\"b").unwrap();
        let profiles =
            r#"{"data":{"type":"profile-bulk-import-job","attributes":{"profiles":{"data":["#;
        let events = r#"{"data":{"type":"event-bulk-create-job","attributes":{"events-bulk-create":{"data":["#;
        let listed = r#"]}},"relationships":{"lists":{"data":[{"type":"list","id":"a\"b"}]}}}}"#;
        let records = r#"{"data":{"type":"object-record-bulk-delete-job","relationships":{"object-records":{"data":["#;
        let table: [(_, &[Beside], _, _, _); 6] = [
            (&BULK_IMPORT_PROFILES, &[], profiles, "]}}}}", ""),
            (&BULK_IMPORT_PROFILES, &[list], profiles, listed, ""),
            (&BULK_CREATE_EVENTS, &[], events, "]}}}}", "]}}}"),
            (&BULK_CREATE_CLIENT_EVENTS, &[], r#"{"data":"#, "}", "]}}}"),
            (&BULK_DELETE_OBJECT_RECORDS, &[], records, "]}}}}", ""),
            (&ADD_PROFILES_TO_LIST, &[], r#"{"data":["#, "]}", ""),
        ];
        for (operation, beside, prefix, suffix, group_close) in table {
            let expected = (prefix.to_owned(), suffix.to_owned(), group_close.to_owned());
            assert_eq!(of(operation, beside), expected, "{}", operation.id);
        }
    }

    #[test]
    fn every_envelope_has_its_array_where_the_table_says() {
        for operation in OPERATIONS.iter().filter(|one| one.is_bulk()) {
            let (prefix, suffix, _) = of(operation, &[]);
            let inside = if is_one_group(operation.caps.unwrap()) {
                "{}"
            } else {
                ""
            };
            let body: Value = serde_json::from_str(&format!("{prefix}{inside}{suffix}")).unwrap();
            let caps = operation.caps.unwrap();
            let array = caps.group.or(caps.items).unwrap();
            let found = body.pointer(array);
            assert!(
                found.is_some_and(Value::is_array) || inside == "{}",
                "{}",
                operation.id
            );
        }
    }

    #[test]
    fn what_stands_beside_the_items_goes_to_its_place() {
        let beside = [
            Beside::attribute("historical_import", &json!(true)),
            Beside::relationship(&BULK_SUBSCRIBE_PROFILES, "list", "XyZ").unwrap(),
        ];
        let (prefix, suffix, _) = of(&BULK_SUBSCRIBE_PROFILES, &beside);
        let body: Value = serde_json::from_str(&(prefix + &suffix)).unwrap();
        let expected = json!({"data": {
            "type": "profile-subscription-bulk-create-job",
            "attributes": {"profiles": {"data": []}, "historical_import": true},
            "relationships": {"list": {"data": {"type": "list", "id": "XyZ"}}},
        }});
        assert_eq!(body, expected);
        assert!(Beside::relationship(&BULK_SUBSCRIBE_PROFILES, "segment", "1").is_err());
    }

    #[test]
    fn a_body_without_items_has_what_is_required() {
        let segment = Beside::relationship(&BULK_SUPPRESS_PROFILES, "segment", "XyZ").unwrap();
        let body = body_without_items(&BULK_SUPPRESS_PROFILES, &[segment]).unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        let expected = json!({"data": {
            "type": "profile-suppression-bulk-create-job",
            "attributes": {},
            "relationships": {"segment": {"data": {"type": "segment", "id": "XyZ"}}},
        }});
        assert_eq!(body, expected);
    }
}
