//! A [`Page::cursor`](super::Page::cursor) in the place of Klaviyo's own: whether it fits what is asked
//! for beside it.

use klaviyo_gen::Operation;
use percent_encoding::percent_decode_str;

use crate::call::Call;
use crate::error::Error;
use crate::target::{is_of, target_of_link};

/// The parameter that says where a page begins.
const CURSOR: &str = "page[cursor]";

/// The kept cursor that a call has in the place of one of Klaviyo's, which never look like a path.
pub(super) fn cursor(call: &Call) -> Option<String> {
    let mut given = call.parameters.iter();
    let (_, cursor) = given.find(|(name, _)| name == CURSOR)?;
    cursor.starts_with('/').then(|| target_of_link(cursor))
}

/// Whether nothing in the target that was asked for says something else than the kept one.
///
/// # Errors
/// [`Error::Configuration`] names what does.
pub(super) fn check(operation: &Operation, asked: &str, kept: &str) -> Result<(), Error> {
    let refuse = |what: &str| {
        let message = format!("the cursor {kept:?} is not one of {}{what}", operation.id);
        Err(Error::Configuration(message))
    };
    let ((asked, asked_query), (kept_path, kept_query)) = (parts(asked), parts(kept));
    if !is_of(operation, kept) {
        return refuse("");
    }
    if asked != kept_path {
        return refuse(&format!(" for {asked}"));
    }
    let differs = |(name, value): &&(String, String)| {
        let mut kept = kept_query.iter();
        name != CURSOR && kept.any(|(other, its)| other == name && its != value)
    };
    match asked_query.iter().find(differs) {
        Some((name, value)) => refuse(&format!(" with {name}={value}")),
        None => Ok(()),
    }
}

/// A target's path, and the names and values of its query, all decoded.
pub(super) fn parts(target: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (
            decoded(&name.replace('+', " ")),
            decoded(&value.replace('+', " ")),
        )
    });
    (decoded(path.trim_end_matches('/')), pairs.collect())
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::GET_PROFILES_FOR_LIST;

    use super::*;

    #[test]
    fn what_is_asked_for_beside_a_cursor_must_not_differ_from_it() {
        let kept = "/api/lists/XyZ/profiles/?filter=equals(email%2C%22a%2Bb%40shop.example%22)&page%5Bcursor%5D=two";
        let why = |asked: &str| {
            let refused = check(&GET_PROFILES_FOR_LIST, asked, kept);
            refused
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        for fits in [
            "/api/lists/XyZ/profiles",
            "/api/lists/XyZ/profiles?page[cursor]=%2Fapi",
            "/api/lists/XyZ/profiles?filter=equals%28email%2C%22a%2Bb%40shop.example%22%29",
            "/api/lists/XyZ/profiles?page%5Bsize%5D=20",
        ] {
            assert_eq!(why(fits), "", "{fits}");
        }
        assert!(why("/api/lists/AbC/profiles").contains("for /api/lists/AbC/profiles"));
        assert!(why("/api/lists/XyZ/profiles?filter=x").contains("with filter=x"));
        let elsewhere = check(
            &GET_PROFILES_FOR_LIST,
            "/api/lists/XyZ/profiles",
            "/api/lists",
        );
        assert!(
            elsewhere
                .unwrap_err()
                .to_string()
                .ends_with("get_profiles_for_list")
        );
    }
}
