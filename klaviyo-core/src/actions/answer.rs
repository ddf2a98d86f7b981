//! What the answers to single actions say.

use klaviyo_gen::Operation;
use serde::Deserialize;

use crate::error::Error;
use crate::transport::Response;

/// The id of what was created or updated.
///
/// # Errors
/// [`Error::UnreadableAnswer`] when there is none.
pub(super) fn created_id(operation: &Operation, answer: &Response) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Document {
        data: Resource,
    }
    #[derive(Deserialize)]
    struct Resource {
        id: String,
    }
    let document: Result<Document, _> = serde_json::from_slice(&answer.body);
    match document {
        Ok(document) => Ok(document.data.id),
        Err(error) => Err(Error::UnreadableAnswer {
            operation: operation.id,
            detail: error.to_string(),
        }),
    }
}

/// The id of the profile that is there already, when that is what an answer says (409).
pub(super) fn existing_id(error: &Error) -> Option<String> {
    let Error::Api(error) = error else {
        return None;
    };
    let mut errors = error.errors.iter().filter(|_| error.status == 409);
    let id = errors.find_map(|error| error.meta.get("duplicate_profile_id"))?;
    id.as_str().map(str::to_owned)
}
