//! What a profile resource must satisfy beside its shape.

use klaviyo_gen::FIELD_LIMITS;
use serde_json::{Map, Value};

use super::pointer::Pointer;
use super::properties;
use crate::account::Identifier;
use crate::problem::Problem;

/// Digits of a phone number in E.164 form, beside the plus sign.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Checks the attributes of a profile resource whose shape is right.
pub(crate) fn profile(
    resource: &Map<String, Value>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    let Some(Value::Object(attributes)) = resource.get("attributes") else {
        return;
    };
    at.within("attributes", |at| {
        for (name, check) in [
            ("email", email as fn(&str) -> Result<(), String>),
            ("phone_number", phone_number),
            ("external_id", not_empty),
        ] {
            if let Some(Value::String(text)) = attributes.get(name)
                && let Err(detail) = check(text)
            {
                problems.push(Problem::invalid(&at.at(name), detail));
            }
        }
        if let Some(Value::Object(all)) = attributes.get("properties") {
            at.within("properties", |at| {
                properties::nested(all, None, at, problems)
            });
        }
    });
}

/// Refuses a resource that does not say which profile is meant. The pointer ends in a slash.
pub(crate) fn at_least_one_identifier(
    resource: &Map<String, Value>,
    at: &Pointer<'_>,
    problems: &mut Vec<Problem>,
) {
    let attributes = resource.get("attributes").and_then(Value::as_object);
    let identified = is_text(resource.get("id"))
        || Identifier::ATTRIBUTES.iter().any(|identifier| {
            is_text(attributes.and_then(|attributes| attributes.get(identifier.name())))
        });
    if !identified {
        problems.push(Problem::invalid(
            &at.at("attributes/"),
            "The profile has no identifier.",
        ));
    }
}

fn is_text(value: Option<&Value>) -> bool {
    value.is_some_and(Value::is_string)
}

/// What can be told of an address without sending to it.
pub(crate) fn email(text: &str) -> Result<(), String> {
    if text.chars().count() > FIELD_LIMITS.email_chars {
        return Err(format!(
            "The address is longer than {} characters.",
            FIELD_LIMITS.email_chars
        ));
    }
    let well_formed = text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !local.contains('@')
            && !local.starts_with('.')
            && !local.ends_with('.')
            && domain.contains('.')
            && domain.split('.').all(is_label)
            && !text
                .chars()
                .any(|character| character.is_whitespace() || character.is_control())
    });
    if well_formed {
        Ok(())
    } else {
        Err("It is not an e-mail address.".to_owned())
    }
}

/// A part of a domain between dots.
fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .chars()
            .all(|character| character.is_alphanumeric() || character == '-')
}

fn phone_number(text: &str) -> Result<(), String> {
    let well_formed = text.strip_prefix('+').is_some_and(|digits| {
        PHONE_DIGITS.contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && !digits.starts_with('0')
    });
    if well_formed {
        Ok(())
    } else {
        Err("It is not a phone number in E.164 form.".to_owned())
    }
}

fn not_empty(text: &str) -> Result<(), String> {
    if text.is_empty() {
        Err("It must not be empty.".to_owned())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses() {
        let longest = format!(
            "{}@shop.example",
            "a".repeat(FIELD_LIMITS.email_chars - "@shop.example".len())
        );
        for good in [
            "ada@shop.example",
            "a.b+c@x-y.shop.example",
            "zoë@münchen.example",
            &longest,
        ] {
            assert_eq!(email(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "ada",
            "ada@",
            "@shop.example",
            "ada@shop",
            "a b@shop.example",
            "a@b@shop.example",
            "a@shop..example",
            "a@-shop.example",
            &format!("a{longest}"),
        ] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn phone_numbers() {
        assert_eq!(phone_number("+390110000000"), Ok(()));
        for bad in [
            "390110000000",
            "+39 011 000",
            "+",
            "+0390110000",
            "+1234567890123456",
            "+39o110000000",
        ] {
            assert!(phone_number(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_null_identifier_identifies_nobody() {
        let without = |resource: Value| {
            let mut problems = Vec::new();
            let Value::Object(resource) = resource else {
                panic!("an object expected")
            };
            at_least_one_identifier(&resource, &Pointer::new("/data/3"), &mut problems);
            problems
        };
        assert!(without(json!({"attributes": {"external_id": "7"}})).is_empty());
        assert!(without(json!({"id": "01", "attributes": {}})).is_empty());
        let problems = without(json!({"attributes": {"email": null, "title": "x"}}));
        assert_eq!(
            problems[0].source,
            crate::problem::Source::Pointer("/data/3/attributes/".to_owned())
        );
    }
}
