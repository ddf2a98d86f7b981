//! What the document says of an operation, read once for everything that is written from it.

mod listed;
mod read;
mod shape;
#[cfg(test)]
mod tests;

use anyhow::Result;
use serde_json::Value;

use crate::document::Document;

pub(crate) use listed::{Attribute, Listed, Relationship};
pub(crate) use shape::{Field, Kind, Shape};

/// Everything that the document says of one operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) tag: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    /// In the document's order, without `revision`.
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    /// In ascending order of status.
    pub(crate) success: Vec<Answer>,
    pub(crate) limits: Limits,
    pub(crate) scopes: Vec<String>,
    /// In the order of the fields' names.
    pub(crate) filters: Vec<Filter>,
    pub(crate) authenticated: bool,
}

impl Operation {
    /// Every operation of the document, sorted by id.
    pub(crate) fn all(document: &Document) -> Result<Vec<Self>> {
        read::operations(document)
    }

    /// Whether the body is a form, with which files can be sent.
    pub(crate) fn is_multipart(&self) -> bool {
        let body = self.body.as_ref();
        body.is_some_and(|body| body.media_type == MediaType::Multipart)
    }

    /// Klaviyo's reference page of the operation.
    pub(crate) fn reference(&self) -> String {
        format!("https://developers.klaviyo.com/en/reference/{}", self.id)
    }
}

/// An HTTP method, in the order in which a path's operations are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub(crate) const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The method as a variant of `klaviyo_gen::Method`.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Self::Get => "Get",
            Self::Post => "Post",
            Self::Put => "Put",
            Self::Patch => "Patch",
            Self::Delete => "Delete",
        }
    }

    /// The method as it stands in a request line.
    pub(crate) fn token(self) -> String {
        self.key().to_uppercase()
    }

    /// The method as the key of a path item.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}

/// A path, query or header parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    /// The schema as it stands in the document.
    pub(crate) schema: Value,
    pub(crate) shape: Shape,
    pub(crate) minimum: Option<i64>,
    pub(crate) maximum: Option<i64>,
    pub(crate) default: Option<Value>,
}

impl Parameter {
    /// The name as an identifier: `page[size]` → `page_size`.
    pub(crate) fn identifier(&self) -> String {
        identifier(&self.name)
    }
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// A request body.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) media_type: MediaType,
    /// The schema as it stands in the document.
    pub(crate) schema: Value,
}

/// The media type of a request body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaType {
    JsonApi,
    Multipart,
}

/// A successful answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The schema as it stands in the document; `None` for an answer without a body.
    pub(crate) schema: Option<Value>,
}

/// Requests allowed per second, minute and day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) burst: Option<u32>,
    pub(crate) steady: Option<u32>,
    pub(crate) daily: Option<u32>,
}

/// A field that `filter` takes.
#[derive(Debug, PartialEq)]
pub(crate) struct Filter {
    pub(crate) field: String,
    /// Sorted.
    pub(crate) operators: Vec<String>,
    pub(crate) value: Shape,
}

/// A name from the API as an identifier in snake case: `fields[campaign-message]` →
/// `fields_campaign_message`.
pub(crate) fn identifier(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .flat_map(split_humps)
        .collect();
    words.join("_")
}

/// `ProfileLocation` → `profile`, `location`; `SMSChannel` → `sms`, `channel`.
fn split_humps(word: &str) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    let mut words = vec![String::new()];
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| characters[index]);
        let after = characters.get(index + 1);
        let begins = character.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase()
                    || after.is_some_and(|after| after.is_ascii_lowercase())
            });
        if begins {
            words.push(String::new());
        }
        if let Some(last) = words.last_mut() {
            last.push(character.to_ascii_lowercase());
        }
    }
    words
}
