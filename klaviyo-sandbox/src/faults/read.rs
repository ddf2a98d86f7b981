//! A fault out of its fields, as JSON brings them: each as it should be, and none that it does not
//! have.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Fault, FaultError, FaultKind, certain};
use crate::nearest::did_you_mean;

/// The names of the kinds.
const KINDS: [&str; 10] = [
    "latency",
    "throttle",
    "server_error",
    "gateway_error",
    "reset_before_reading",
    "reset_while_reading",
    "reset_after_reading",
    "applied_but_lost",
    "truncated_answer",
    "never_ending_answer",
];

impl TryFrom<Map<String, Value>> for Fault {
    type Error = FaultError;

    fn try_from(fields: Map<String, Value>) -> Result<Self, FaultError> {
        let mut fields = Fields::new(fields);
        let fault = Self {
            kind: kind(&mut fields)?,
            operation: fields.optional("operation"),
            after: fields.optional("after").unwrap_or_default(),
            times: fields.optional("times"),
            chance: fields.optional("chance").unwrap_or_else(certain),
        };
        fields.end()?;
        Ok(fault)
    }
}

fn kind(fields: &mut Fields) -> Result<FaultKind, FaultError> {
    let name: String = fields.required("kind");
    Ok(match name.as_str() {
        "latency" => FaultKind::Latency {
            millis: fields.required("millis"),
        },
        "throttle" => FaultKind::Throttle {
            seconds: fields.optional("seconds"),
            as_date: fields.optional("as_date").unwrap_or_default(),
        },
        "server_error" => FaultKind::ServerError {
            status: fields.required("status"),
        },
        "gateway_error" => FaultKind::GatewayError {
            status: fields.required("status"),
            empty: fields.optional("empty").unwrap_or_default(),
        },
        "reset_before_reading" => FaultKind::ResetBeforeReading,
        "reset_while_reading" => FaultKind::ResetWhileReading,
        "reset_after_reading" => FaultKind::ResetAfterReading,
        "applied_but_lost" => FaultKind::AppliedButLost,
        "truncated_answer" => FaultKind::TruncatedAnswer,
        "never_ending_answer" => FaultKind::NeverEndingAnswer,
        unknown => return Err(fields.unknown_kind(unknown)),
    })
}

/// Fields that are asked for one after the other. What is wrong with them is told in the end, when
/// all names are known that could have been meant.
struct Fields {
    given: Map<String, Value>,
    asked: Vec<&'static str>,
    wrong: Option<FaultError>,
}

impl Fields {
    fn new(given: Map<String, Value>) -> Self {
        Self {
            given,
            asked: Vec::new(),
            wrong: None,
        }
    }

    /// What a field has; null is nothing.
    fn optional<T: Plain>(&mut self, name: &'static str) -> Option<T> {
        self.asked.push(name);
        let value = self.given.get(name).filter(|value| !value.is_null())?;
        let read = T::deserialize(value);
        if read.is_err() {
            let detail = format!("{name} is {}, not {value}.", T::TAKES);
            self.wrong.get_or_insert(FaultError::new(name, detail));
        }
        read.ok()
    }

    /// What a field has that must be there; without it anything, which is not looked at.
    fn required<T: Plain>(&mut self, name: &'static str) -> T {
        let found = self.optional(name);
        if found.is_none() {
            let missing = || FaultError::new(name, format!("{name} is missing."));
            self.wrong.get_or_insert_with(missing);
        }
        found.unwrap_or_default()
    }

    /// Tells what is wrong: a field that there is not, or else the first that is not as it should be.
    fn end(self) -> Result<(), FaultError> {
        let mut given = self.given.keys();
        if let Some(unknown) = given.find(|name| !self.asked.contains(&name.as_str())) {
            let (hint, known) = (did_you_mean(unknown, &self.asked), self.asked.join(", "));
            let detail = format!("This fault has no field {unknown}{hint}; it has {known}.");
            return Err(FaultError::new(unknown, detail).knowing(self.asked));
        }
        self.wrong.map_or(Ok(()), Err)
    }

    fn unknown_kind(&mut self, name: &str) -> FaultError {
        let unknown = || {
            let (hint, known) = (did_you_mean(name, &KINDS), KINDS.join(", "));
            let detail = format!("There is no kind {name}{hint}; there are {known}.");
            FaultError::new("kind", detail)
        };
        let wrong = self.wrong.take();
        wrong.unwrap_or_else(unknown).knowing(KINDS.to_vec())
    }
}

/// A value of a field.
trait Plain: DeserializeOwned + Default {
    const TAKES: &str;
}

impl Plain for String {
    const TAKES: &str = "text";
}

impl Plain for bool {
    const TAKES: &str = "true or false";
}

impl Plain for u16 {
    const TAKES: &str = "a whole number from 0 to 65535";
}

impl Plain for u32 {
    const TAKES: &str = "a whole number from 0 to 4294967295";
}

impl Plain for u64 {
    const TAKES: &str = "a whole number, 0 or more";
}

impl Plain for f64 {
    const TAKES: &str = "a number";
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(fields: Value) -> Result<Fault, FaultError> {
        serde_json::from_value::<Map<_, _>>(fields)
            .unwrap()
            .try_into()
    }

    fn refusal(fields: Value) -> (String, String) {
        let error = read(fields).unwrap_err();
        (error.field().to_owned(), error.to_string())
    }

    #[test]
    fn each_kind_is_written_as_it_is_read() {
        for kind in KINDS {
            let fields = match kind {
                "latency" => json!({"millis": 1}),
                "throttle" => json!({"seconds": 3, "as_date": true}),
                "server_error" => json!({"status": 500}),
                "gateway_error" => json!({"status": 502, "empty": true}),
                _ => json!({}),
            };
            let mut whole = json!({"kind": kind, "operation": "get_lists", "after": 1, "times": 2,
                "chance": 0.5});
            let parts = whole.as_object_mut().unwrap();
            parts.extend(fields.as_object().cloned().unwrap());
            assert_eq!(json!(read(whole.clone()).unwrap()), whole);
        }
        let least = read(json!({"kind": "applied_but_lost", "operation": null}));
        assert_eq!(least, Ok(Fault::new(FaultKind::AppliedButLost)));
    }

    #[test]
    fn a_field_that_the_fault_does_not_have_is_named_with_those_that_it_has() {
        assert_eq!(
            refusal(json!({"kind": "applied_but_lost", "time": 1})),
            (
                "time".to_owned(),
                "This fault has no field time (did you mean times?); it has kind, operation, \
                 after, times, chance."
                    .to_owned()
            )
        );
        // Before what is missing, which it may have been meant for.
        let misspelt = json!({"kind": "latency", "milis": 5});
        assert!(
            refusal(misspelt)
                .1
                .contains("no field milis (did you mean millis?)")
        );
        let of_another_kind = json!({"kind": "latency", "millis": 1, "status": 500});
        assert_eq!(refusal(of_another_kind).0, "status");
    }

    #[test]
    fn a_field_that_is_wrong_or_missing_is_named() {
        for (fields, field, detail) in [
            (json!({}), "kind", "kind is missing."),
            (json!({"kind": 7}), "kind", "kind is text, not 7."),
            (json!({"kind": "latency"}), "millis", "millis is missing."),
            (
                json!({"kind": "latency", "millis": "1"}),
                "millis",
                "millis is a whole number, 0 or more, not \"1\".",
            ),
            (
                json!({"kind": "throttle", "after": -1}),
                "after",
                "after is a whole number from 0 to 4294967295, not -1.",
            ),
        ] {
            assert_eq!(refusal(fields), (field.to_owned(), detail.to_owned()));
        }
        let error = read(json!({"kind": "trottle"})).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("no kind trottle (did you mean throttle?)")
        );
        assert_eq!(error.known(), KINDS);
    }
}
