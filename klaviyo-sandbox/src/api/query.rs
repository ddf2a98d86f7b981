//! A query string, read by the operation's own parameters.

use std::borrow::Cow;

use klaviyo_gen::{Kind, Operation, Parameter, Place, Schema};
use percent_encoding::percent_decode_str;

use super::parameter::check;
use crate::nearest::did_you_mean;
use crate::problem::{Problem, Refusal};

/// The query parameters of a request, each known to the operation and valid.
#[derive(Debug)]
pub(crate) struct Query {
    operation: &'static Operation,
    values: Vec<(&'static Parameter, String)>,
}

impl Query {
    /// Reads the part of a URL after the `?`.
    pub(crate) fn parse(operation: &'static Operation, text: &str) -> Result<Self, Refusal> {
        let mut query = Self {
            operation,
            values: Vec::new(),
        };
        let mut problems = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            if let Err(problem) = query.take(pair) {
                problems.push(problem);
            }
        }
        for missing in parameters(operation)
            .filter(|parameter| parameter.required && query.get(parameter.name).is_none())
        {
            problems.push(Problem::parameter(
                missing.name,
                "The parameter is required.",
            ));
        }
        Refusal::unless_empty(problems)?;
        Ok(query)
    }

    fn take(&mut self, pair: &str) -> Result<(), Problem> {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        let parameter = parameters(self.operation)
            .find(|parameter| parameter.name == name)
            .ok_or_else(|| unknown(self.operation, &name))?;
        if self.get(parameter.name).is_some() {
            // An array goes comma-joined; repeated keys are a client's mistake.
            return Err(Problem::parameter(
                &name,
                "The parameter is given more than once.",
            ));
        }
        check(parameter, &value)?;
        self.values.push((parameter, value.into_owned()));
        Ok(())
    }

    /// A parameter's text, if it was given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(parameter, _)| parameter.name == name)
            .map(|(_, value)| value.as_str())
    }

    /// The parts of a comma-joined parameter; `None` if it was not given.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<&str>> {
        self.get(name)
            .map(|value| value.split(',').filter(|part| !part.is_empty()).collect())
    }

    /// Whether a comma-joined parameter has a part.
    pub(crate) fn has(&self, name: &str, part: &str) -> bool {
        self.list(name).is_some_and(|parts| parts.contains(&part))
    }

    /// Whether what the profiles are predicted to do is asked for.
    pub(crate) fn asks_for_predictions(&self) -> bool {
        self.has("additional-fields[profile]", "predictive_analytics")
    }

    /// The values that a comma-joined parameter may have, if it names them.
    pub(crate) fn values_of(&self, name: &str) -> &'static [&'static str] {
        let parameter = parameters(self.operation).find(|parameter| parameter.name == name);
        match parameter.map(|parameter| &parameter.schema.kind) {
            Some(Kind::Array(Schema {
                kind: Kind::String { values, .. },
                ..
            })) => values,
            _ => &[],
        }
    }

    /// An integer parameter, or the default that the table gives it.
    pub(crate) fn integer(&self, name: &str) -> Option<usize> {
        let given = self.get(name);
        let default = || {
            parameters(self.operation)
                .find(|parameter| parameter.name == name)?
                .default
        };
        given.or_else(default)?.parse().ok()
    }

    /// The parameters that were given, but one.
    pub(crate) fn without(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(parameter, value)| (parameter.name, value.as_str()))
            .filter(move |(other, _)| *other != name)
    }
}

/// The problem with a parameter that the operation does not have.
fn unknown(operation: &'static Operation, name: &str) -> Problem {
    let known: Vec<&str> = parameters(operation).map(|it| it.name).collect();
    let hint = did_you_mean(name, &known);
    let known = match known.as_slice() {
        [] => "none".to_owned(),
        known => known.join(", "),
    };
    let detail = format!("The operation has no such parameter{hint}; it has {known}.");
    Problem::parameter(name, detail)
}

fn parameters(operation: &'static Operation) -> impl Iterator<Item = &'static Parameter> {
    operation
        .parameters
        .iter()
        .copied()
        .filter(|parameter| parameter.place == Place::Query)
}

/// Decodes what stands in a query: `+` is a space there, which spoils a time zone that was not
/// encoded, just as it does at Klaviyo.
fn decoded(text: &str) -> Cow<'_, str> {
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::{GET_LISTS, GET_PROFILES};

    use super::*;

    fn problem(operation: &'static Operation, text: &str) -> Option<String> {
        let refusal = Query::parse(operation, text).err()?;
        Some(
            refusal.to_json(String::new)["errors"][0]["source"]["parameter"]
                .as_str()?
                .to_owned(),
        )
    }

    #[test]
    fn brackets_may_be_encoded_or_not() {
        for text in ["page[size]=7", "page%5Bsize%5D=7"] {
            assert_eq!(
                Query::parse(&GET_PROFILES, text)
                    .unwrap()
                    .integer("page[size]"),
                Some(7)
            );
        }
    }

    #[test]
    fn defaults_and_bounds_come_from_the_table() {
        assert_eq!(
            Query::parse(&GET_PROFILES, "")
                .unwrap()
                .integer("page[size]"),
            Some(20)
        );
        assert_eq!(
            problem(&GET_PROFILES, "page[size]=101").as_deref(),
            Some("page[size]")
        );
        assert_eq!(
            problem(&GET_PROFILES, "page[size]=0").as_deref(),
            Some("page[size]")
        );
        assert_eq!(
            problem(&GET_LISTS, "page[size]=11").as_deref(),
            Some("page[size]")
        );
        assert_eq!(
            problem(&GET_LISTS, "page[size]=ten").as_deref(),
            Some("page[size]")
        );
    }

    #[test]
    fn arrays_are_comma_joined_and_their_values_known() {
        let query = Query::parse(&GET_PROFILES, "fields[profile]=email,location.city").unwrap();
        assert_eq!(
            query.list("fields[profile]"),
            Some(vec!["email", "location.city"])
        );
        assert!(query.has("fields[profile]", "email"));
        assert_eq!(
            problem(&GET_PROFILES, "fields[profile]=email,nonsense").as_deref(),
            Some("fields[profile]")
        );
        assert_eq!(
            problem(&GET_PROFILES, "fields[profile]=email&fields[profile]=title").as_deref(),
            Some("fields[profile]"),
        );
    }

    #[test]
    fn what_the_operation_does_not_know_is_refused() {
        assert_eq!(
            problem(&GET_PROFILES, "page_size=5").as_deref(),
            Some("page_size")
        );
    }
}
