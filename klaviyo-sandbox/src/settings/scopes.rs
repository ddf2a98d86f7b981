//! The scopes that there are: those that some operation of the document needs.

use std::collections::BTreeSet;

use klaviyo_gen::OPERATIONS;

use super::SettingError;
use crate::nearest::did_you_mean;

/// Whether some operation needs the scope.
pub(super) fn is_scope(word: &str) -> bool {
    let mut operations = OPERATIONS.iter();
    operations.any(|operation| operation.scopes.contains(&word))
}

/// Refuses scopes that no operation needs: with one that is misspelt, the key could do less than
/// its owner thinks.
pub(super) fn check(scopes: Option<&[String]>) -> Result<(), SettingError> {
    check_each(scopes.unwrap_or_default().iter().map(String::as_str))
}

pub(super) fn check_each<'a>(
    mut scopes: impl Iterator<Item = &'a str>,
) -> Result<(), SettingError> {
    let Some(unknown) = scopes.find(|scope| !is_scope(scope)) else {
        return Ok(());
    };
    let known: BTreeSet<_> = OPERATIONS
        .iter()
        .flat_map(|it| it.scopes)
        .copied()
        .collect();
    let known: Vec<_> = known.into_iter().collect();
    let hint = did_you_mean(unknown, &known);
    let known = known.join(", ");
    Err(SettingError(format!(
        "There is no scope {unknown}{hint}; there are {known}."
    )))
}
