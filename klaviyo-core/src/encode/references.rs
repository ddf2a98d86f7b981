//! Writes the resources that a row refers to by their ids.

use klaviyo_gen::{Kind, Schema};
use serde::{Deserialize, Serialize};

use super::check::{Check, Limits};
use super::columns::Member;
use super::given::Rule;
use super::key;
use super::reason::Reason;
use super::state::Members;
use super::value::{ValueWriter, Wrote};

static TEXT: Schema = Schema {
    kind: Kind::String {
        format: None,
        values: &[],
    },
    nullable: false,
};
/// A text, or several.
pub(super) const IDS: Schema = Schema {
    kind: Kind::OneOf(&[
        Schema {
            kind: Kind::String {
                format: None,
                values: &[],
            },
            nullable: false,
        },
        Schema {
            kind: Kind::Array(&TEXT),
            nullable: false,
        },
    ]),
    nullable: false,
};

static TEXTS: Schema = IDS;

/// What a row gives.
#[derive(Deserialize)]
#[serde(untagged)]
enum Ids {
    One(String),
    Several(Vec<String>),
}

/// Writes `member`, a list of resources of that type, of an id or several.
pub(super) fn write<V: Serialize + ?Sized>(
    object: &mut Members,
    limits: &Limits,
    member: &Member,
    kind: &str,
    value: &V,
) -> Result<Wrote, Reason> {
    let mut given = Vec::new();
    let wrote = value.serialize(ValueWriter {
        out: &mut given,
        rule: Rule::new(Some(&TEXTS), Check::Nothing),
        limits,
        depth: 0,
    })?;
    if wrote == Wrote::Null {
        return Ok(wrote);
    }
    let ids = match serde_json::from_slice(&given) {
        Ok(Ids::One(id)) => vec![id],
        Ok(Ids::Several(ids)) => ids,
        Err(_) => {
            let detail = "expected an array of ids, each a text; convert them first";
            return Err(Reason::new("wrong_type", detail));
        }
    };
    let references = ids
        .iter()
        .map(|id| reference(limits, member.rule.check(), kind, id))
        .collect::<Result<Vec<_>, _>>()?;
    object.begin_member();
    object.bytes.extend_from_slice(&member.key);
    object.bytes.push(b'[');
    object
        .bytes
        .extend_from_slice(references.join(",").as_bytes());
    object.bytes.push(b']');
    object.count += 1;
    Ok(Wrote::Value)
}

fn reference(limits: &Limits, check: Check, kind: &str, id: &str) -> Result<String, Reason> {
    let canonical = limits.check(check, id)?;
    let mut text = Vec::new();
    key::write_text(canonical.as_deref().unwrap_or(id), &mut text);
    let id = String::from_utf8_lossy(&text);
    Ok(format!(r#"{{"type":"{kind}","id":{id}}}"#))
}
