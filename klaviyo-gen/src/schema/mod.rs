//! One JSON Schema (2020-12) of every request, answer and set of parameters, for validation.
//!
//! To validate with it, parse [`SCHEMA`] and put one of the references below beside its `$defs`:
//!
//! ```
//! # use klaviyo_gen::{operations::BULK_IMPORT_PROFILES, schema};
//! let reference = schema::request(&BULK_IMPORT_PROFILES).expect("it takes a body");
//! assert_eq!(reference, "#/$defs/request.bulk_import_profiles");
//! // schema["$ref"] = reference.into();
//! ```
//!
//! It says what the document says, and two things more that real answers need: links of a page may
//! be null, and a value may fit several alternatives.
//!
//! [`definition`] gives single definitions without parsing the rest, and [`Maker`] makes values of them.

mod definitions;
mod sample;

pub use definitions::{definition, referred};
pub use sample::{How, Maker, UNKNOWN_FIELD, UNLISTED};

use crate::{MediaType, Operation};

/// The schema, as JSON text. Its `$defs` hold the document's schemas by their names, too.
pub const SCHEMA: &str = include_str!("../generated/schema.json");

/// The body of any refusal (4xx and 5xx).
pub const ERROR: &str = "#/$defs/error";

/// The request body; `None` where the operation takes no JSON.
#[must_use]
pub fn request(operation: &Operation) -> Option<String> {
    let takes_json = operation.body == Some(MediaType::JsonApi);
    takes_json.then(|| format!("#/$defs/request.{}", operation.id))
}

/// The answer with that status; `None` where it has no body.
#[must_use]
pub fn answer(operation: &Operation, status: u16) -> Option<String> {
    let mut success = operation.success.iter();
    let has_body = success.any(|success| success.status == status && success.body);
    has_body.then(|| format!("#/$defs/answer.{}.{status}", operation.id))
}

/// The parameters, as an object of values by their names on the wire.
#[must_use]
pub fn parameters(operation: &Operation) -> String {
    format!("#/$defs/parameters.{}", operation.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OPERATIONS;

    #[test]
    fn every_reference_leads_to_a_definition() {
        let is_defined =
            |reference: &str| definition(reference.trim_start_matches("#/$defs/")).is_some();
        assert!(is_defined(ERROR));
        for operation in OPERATIONS {
            assert!(is_defined(&parameters(operation)), "{}", operation.id);
            assert!(
                request(operation).is_none_or(|it| is_defined(&it)),
                "{}",
                operation.id
            );
            for success in operation.success {
                let reference = answer(operation, success.status);
                assert_eq!(reference.is_some(), success.body, "{}", operation.id);
                assert!(
                    reference.is_none_or(|it| is_defined(&it)),
                    "{}",
                    operation.id
                );
            }
        }
    }

    #[test]
    fn there_is_no_reference_to_what_is_not_there() {
        assert_eq!(request(&crate::operations::GET_PROFILES), None);
        assert_eq!(request(&crate::operations::UPLOAD_IMAGE_FROM_FILE), None);
        assert_eq!(answer(&crate::operations::GET_PROFILES, 202), None);
    }
}
