//! The paths by which a source mapping finds values in a record: the part of JSONPath that names one
//! place, `$['name']`, `$.name` and `$[0]`, chained.

use serde_json::Value;

/// A path to one place in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

impl Path {
    /// Reads a path; `None` when it is not one, or one that leads to several places.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = match rest.strip_prefix('[') {
                Some(inner) => bracketed(inner)?,
                None => dotted(rest.strip_prefix('.')?)?,
            };
            steps.push(step);
            rest = after;
        }
        (!steps.is_empty()).then_some(Self(steps))
    }

    /// The value at the path, unless it is missing or null.
    pub(crate) fn find<'a>(&self, record: &'a Value) -> Option<&'a Value> {
        let step = |value: &'a Value, step: &Step| match step {
            Step::Name(name) => value.get(name),
            Step::Index(index) => value.get(index),
        };
        self.0
            .iter()
            .try_fold(record, step)
            .filter(|value| !value.is_null())
    }
}

/// The step after an opening bracket, and what follows.
fn bracketed(text: &str) -> Option<(Step, &str)> {
    for quote in ['\'', '"'] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (name, rest) = quoted.split_once(quote)?;
            return Some((Step::Name(name.to_owned()), rest.strip_prefix(']')?));
        }
    }
    let (index, rest) = text.split_once(']')?;
    Some((Step::Index(index.parse().ok()?), rest))
}

/// The step after a dot, and what follows.
fn dotted(text: &str) -> Option<(Step, &str)> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_name = !name.is_empty() && name != "*";
    is_name.then(|| (Step::Name(name.to_owned()), rest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_one_place() {
        let record = json!({"id": 7, "pet": {"full name": "Rex"}, "tags": ["a", null]});
        for (path, expected) in [
            ("$['id']", Some(json!(7))),
            ("$.id", Some(json!(7))),
            ("$.pet['full name']", Some(json!("Rex"))),
            (r#"$["tags"][0]"#, Some(json!("a"))),
            ("$.tags[1]", None),
            ("$.none.deeper", None),
        ] {
            let found = Path::parse(path).unwrap();
            assert_eq!(found.find(&record), expected.as_ref(), "{path}");
        }
    }

    #[test]
    fn what_leads_elsewhere_is_no_path() {
        for text in [
            "",
            "$",
            "id",
            "$..id",
            "$.*",
            "$[*]",
            "$['id'",
            "$.tags[-1]",
        ] {
            assert_eq!(Path::parse(text), None, "{text}");
        }
    }
}
