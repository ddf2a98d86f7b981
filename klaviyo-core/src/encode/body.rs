//! Any value as the JSON of a body: what no JSON can carry is refused, all else is Klaviyo's to judge.

use serde::Serialize;

use super::check::{Check, Limits};
use super::reason::Unsendable;
use super::value::{ValueWriter, Wrote};

/// The JSON of a value.
///
/// # Errors
/// The first thing in it that has no JSON form: a number that is not finite, an integer beyond 64 bits,
/// or what the value itself gives an [`Unsendable`] for.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Unsendable> {
    let mut out = Vec::new();
    let wrote = value.serialize(ValueWriter {
        out: &mut out,
        schema: None,
        check: Check::Nothing,
        limits: &Limits::none(),
        depth: 0,
    });
    match wrote {
        Ok(Wrote::Value) => Ok(out),
        Ok(Wrote::Null) => Ok(b"null".to_vec()),
        Err(reason) => Err(Unsendable {
            code: reason.code,
            detail: reason.detail,
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_is_written_as_it_is() {
        let value = json!({"data": {"empty": null, "list": [1, 2.5, "ü", false], "none": {}}});
        let text = super::json(&value).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(read, value);
        assert_eq!(super::json(&()).unwrap(), b"null");
    }

    #[test]
    fn what_has_no_json_form_is_refused() {
        let code = |refused: Result<_, Unsendable>| refused.unwrap_err().code;
        assert_eq!(code(super::json(&[f64::NAN])), "not_finite");
        assert_eq!(code(super::json(&[u64::MAX])), "integer_out_of_range");
        let given = Unsendable {
            code: "lone_surrogate",
            detail: "half a character".to_owned(),
        };
        assert_eq!(super::json(&[&given]).unwrap_err(), given);
    }
}
