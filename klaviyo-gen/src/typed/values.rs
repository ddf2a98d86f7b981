//! A list of values in a query parameter.

use std::borrow::Cow;

/// Values that go out in one parameter, joined by commas, such as the fields of a sparse fieldset.
///
/// ```
/// use klaviyo_gen::Values;
///
/// let fields = Values::from(["email", "location.city"]);
/// assert_eq!(fields.to_string(), "email,location.city");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(Vec<Cow<'static, str>>);

impl<const COUNT: usize> From<[&'static str; COUNT]> for Values {
    fn from(values: [&'static str; COUNT]) -> Self {
        values.into_iter().collect()
    }
}

impl From<Vec<String>> for Values {
    fn from(values: Vec<String>) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Into<Cow<'static, str>>> FromIterator<T> for Values {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().map(Into::into).collect())
    }
}

impl std::fmt::Display for Values {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, value) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(",")?;
            }
            formatter.write_str(value)?;
        }
        Ok(())
    }
}
