//! A value that may be text, a number or a boolean.

use serde::{Deserialize, Serialize};

/// A value for which Klaviyo takes several plain kinds, such as a latitude (text or number).
///
/// ```
/// use klaviyo_gen::Scalar;
///
/// assert_eq!(Scalar::from("52.52"), Scalar::Text("52.52".to_owned()));
/// assert_eq!(Scalar::from(52.52), Scalar::Number(52.52));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Scalar::Boolean(value)
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Scalar::Integer(value)
    }
}

impl From<f64> for Scalar {
    fn from(value: f64) -> Self {
        Scalar::Number(value)
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Scalar::Text(text.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Scalar::Text(text)
    }
}
