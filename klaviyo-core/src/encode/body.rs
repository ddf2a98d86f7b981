//! Any value as the JSON of a body: what no JSON can carry is refused, all else is Klaviyo's to judge.

use serde::Serialize;

use super::check::Limits;
use super::given::Rule;
use super::reason::{Reason, Unsendable, Why};
use super::value::{ValueWriter, Wrote};

/// The JSON of a value.
///
/// # Errors
/// The first thing in it that has no JSON form: a number that is not finite, an integer beyond 64 bits,
/// or what the value itself gives an [`Unsendable`] for.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Unsendable> {
    written(value, &Limits::none()).map_err(|reason| {
        let Why { code, detail, .. } = reason.into_why();
        Unsendable { code, detail }
    })
}

/// The JSON of a rejected row as far as it has that form: a value in it that has none becomes
/// `{"$unsendable": "why"}`, which no row may hold. `None` when the row as a whole has none.
pub(super) fn as_far_as_json<T: Serialize + ?Sized>(row: &T) -> Option<String> {
    let out = written(row, &Limits::marking()).ok()?;
    String::from_utf8(out).ok()
}

fn written<T: Serialize + ?Sized>(value: &T, limits: &Limits) -> Result<Vec<u8>, Reason> {
    let mut out = Vec::new();
    let wrote = value.serialize(ValueWriter {
        out: &mut out,
        rule: Rule::ANYTHING,
        limits,
        depth: 0,
    })?;
    if wrote == Wrote::Null {
        out.extend_from_slice(b"null");
    }
    Ok(out)
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
    fn a_rejected_row_is_kept_as_far_as_it_goes() {
        #[derive(Serialize)]
        struct Row {
            email: &'static str,
            ltv: f64,
            tags: (Option<u8>, Unsendable),
        }
        let row = Row {
            email: "ada@shop.example",
            ltv: f64::NAN,
            tags: (
                None,
                Unsendable {
                    code: "lone_surrogate",
                    detail: "half a character".to_owned(),
                },
            ),
        };
        let kept: serde_json::Value = serde_json::from_str(&as_far_as_json(&row).unwrap()).unwrap();
        assert_eq!(kept["email"], "ada@shop.example");
        let mark = kept["ltv"]["$unsendable"].as_str().unwrap();
        assert!(mark.starts_with("not_finite: "), "{mark}");
        let tags = json!([null, {"$unsendable": "lone_surrogate: half a character"}]);
        assert_eq!(kept["tags"], tags);
        // Kept again, it stays what it is; sent again, it is refused.
        let again: serde_json::Value =
            serde_json::from_str(&as_far_as_json(&kept).unwrap()).unwrap();
        assert_eq!(again, kept);
        assert_eq!(super::json(&kept).unwrap_err().code, "unmended_value");
        assert_eq!(as_far_as_json(&row.tags.1), None);
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
