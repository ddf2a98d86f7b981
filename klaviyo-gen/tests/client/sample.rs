//! The sampled arguments of one call, as the generated tests ask for them.

use std::borrow::Cow;
use std::fmt::Debug;

use bytes::Bytes;
use klaviyo_gen::{File, Values};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::check::unknown;

/// The content of every file.
pub(crate) const FILE_CONTENT: &[u8] = b"\x89PNG\r\n--klaviyo-form-0";

/// The arguments of one call.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Path, query and header parameters by their names on the wire.
    pub(crate) parameters: Map<String, Value>,
    /// The body; null when there is none.
    pub(crate) body: Value,
}

impl Sample {
    /// A required parameter that is text.
    pub(crate) fn text(&self, name: &str) -> String {
        self.required(name)
    }

    /// A required parameter.
    pub(crate) fn required<T: Argument>(&self, name: &str) -> T {
        T::read(
            self.parameters
                .get(name)
                .expect("a required parameter is sampled"),
        )
    }

    /// A parameter that can be left out.
    pub(crate) fn optional<T: Argument>(&self, name: &str) -> Option<T> {
        self.parameters.get(name).map(T::read)
    }

    /// The body. It is read from the sampled JSON, so what it is sent as can be compared with that.
    pub(crate) fn body<T: DeserializeOwned + Debug>(&self) -> T {
        let body = read(&self.body);
        if let Some(unknown) = unknown(&body) {
            panic!("not all is known of {:#}: {unknown}", self.body);
        }
        body
    }

    /// A field of a multipart body.
    pub(crate) fn field<T: DeserializeOwned>(&self, name: &str) -> T {
        read(self.body.get(name).unwrap_or(&Value::Null))
    }

    /// A file in a multipart body.
    pub(crate) fn file(&self, name: &str) -> File {
        File {
            name: format!("{name} \"1\".png"),
            media_type: "image/png".into(),
            content: Bytes::from_static(FILE_CONTENT),
        }
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    // As the client reads answers: reading from a `Value` would compile every type a second time.
    serde_json::from_slice(value.to_string().as_bytes())
        .unwrap_or_else(|error| panic!("{value:#}: {error}"))
}

/// A parameter's type.
pub(crate) trait Argument {
    fn read(value: &Value) -> Self;
}

impl Argument for String {
    fn read(value: &Value) -> Self {
        value.as_str().expect("it is text").to_owned()
    }
}

impl Argument for i64 {
    fn read(value: &Value) -> Self {
        value.as_i64().expect("it is a whole number")
    }
}

impl Argument for f64 {
    fn read(value: &Value) -> Self {
        value.as_f64().expect("it is a number")
    }
}

impl Argument for bool {
    fn read(value: &Value) -> Self {
        value.as_bool().expect("it is true or false")
    }
}

impl Argument for Values {
    fn read(value: &Value) -> Self {
        let values = value.as_array().expect("it is an array");
        values
            .iter()
            .map(|value| Cow::Owned(String::read(value)))
            .collect()
    }
}
