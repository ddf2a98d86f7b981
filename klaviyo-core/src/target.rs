//! Path and query of a request, percent-encoded.

use std::fmt::Write;

use klaviyo_gen::{Operation, Place};

/// The target of a request: the operation's path with `path_values` in place of its parameters, in
/// their order, and the query.
pub(crate) fn target(
    operation: &Operation,
    path_values: &[&str],
    query: &[(&str, &str)],
) -> String {
    let names = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.place == Place::Path)
        .map(|parameter| parameter.name);
    let mut target = operation.path.to_owned();
    for (name, value) in names.zip(path_values) {
        target = target.replace(&format!("{{{name}}}"), &encoded(value));
    }
    for (index, (name, value)) in query.iter().enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.push_str(&encoded(name));
        target.push('=');
        target.push_str(&encoded(value));
    }
    target
}

/// Path and query of a link that Klaviyo gave. Host and scheme are left out: requests go to the
/// client's own origin, which may be a proxy of Klaviyo's.
pub(crate) fn target_of_link(link: &str) -> String {
    let after_scheme = link.split_once("://").map_or(link, |(_, rest)| rest);
    match after_scheme.find('/') {
        Some(slash) => after_scheme[slash..].to_owned(),
        None => "/".to_owned(),
    }
}

/// Whether a target is one of the operation's: its path, with any values in place of the parameters.
pub(crate) fn is_of(operation: &Operation, target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let given: Vec<&str> = path.trim_matches('/').split('/').collect();
    let wanted: Vec<&str> = operation.path.trim_matches('/').split('/').collect();
    let fits = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted == given;
    given.len() == wanted.len() && wanted.iter().zip(&given).all(fits)
}

/// Everything but letters, digits and `-._~` becomes `%XX`.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let written = write!(out, "%{byte:02X}");
            debug_assert!(written.is_ok(), "a String takes all that is written");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use klaviyo_gen::operations::GET_ERRORS_FOR_BULK_IMPORT_PROFILES_JOB;

    #[test]
    fn links_keep_path_and_query() {
        for link in [
            "https://a.klaviyo.com/api/x?page=2",
            "https://a.klaviyo.com:443/api/x?page=2",
            "/api/x?page=2",
        ] {
            assert_eq!(target_of_link(link), "/api/x?page=2");
        }
        assert_eq!(target_of_link("https://shop.example"), "/");
    }

    #[test]
    fn a_target_is_of_the_operation_whose_path_it_has() {
        let operation = &GET_ERRORS_FOR_BULK_IMPORT_PROFILES_JOB;
        let is_of = |target| is_of(operation, target);
        assert!(is_of(
            "/api/profile-bulk-import-jobs/a%2Fb/import-errors?page=2"
        ));
        assert!(is_of("/api/profile-bulk-import-jobs/7/import-errors/"));
        assert!(!is_of("/api/profile-bulk-import-jobs/7"));
        assert!(!is_of("/api/profile-bulk-import-jobs/7/lists"));
    }

    #[test]
    fn ids_and_names_are_percent_encoded() {
        let operation = &GET_ERRORS_FOR_BULK_IMPORT_PROFILES_JOB;
        assert_eq!(
            target(operation, &["a/b=="], &[("page[size]", "100")]),
            "/api/profile-bulk-import-jobs/a%2Fb%3D%3D/import-errors?page%5Bsize%5D=100"
        );
    }
}
