//! Which operation of the old document is which of the new one.

use super::Change;
use crate::facts::Operation;

/// The operations of two documents, put beside each other.
pub(super) struct Matched<'a> {
    /// Each operation that both have, old and new.
    pub(super) pairs: Vec<(&'a Operation, &'a Operation)>,
    /// Those that are new, gone or renamed.
    pub(super) changes: Vec<Change>,
}

/// An operation keeps its id, or remembers it as an alias, or at least its request line.
pub(super) fn matched<'a>(old: &'a [Operation], new: &'a [Operation]) -> Matched<'a> {
    let mut pairs = Vec::new();
    let mut changes = Vec::new();
    for before in old {
        match heir(before, old, new) {
            Some(after) => {
                changes.extend(renamed(before, after));
                pairs.push((before, after));
            }
            None => changes.push(Change::breaking(format!("removed: {}", name(before)))),
        }
    }
    for after in new {
        if !pairs.iter().any(|(_, known)| known.id == after.id) {
            changes.push(Change::harmless(format!(
                "added: {} ({})",
                name(after),
                after.tag
            )));
        }
    }
    changes.sort();
    Matched { pairs, changes }
}

/// What an operation of the old document is now.
fn heir<'a>(before: &Operation, old: &[Operation], new: &'a [Operation]) -> Option<&'a Operation> {
    let is_new = |after: &Operation| old.iter().all(|one| one.id != after.id);
    new.iter()
        .find(|after| after.id == before.id)
        .or_else(|| {
            new.iter()
                .find(|after| is_new(after) && after.aliases.contains(&before.id))
        })
        .or_else(|| {
            new.iter().find(|after| {
                is_new(after) && (after.method, &after.path) == (before.method, &before.path)
            })
        })
}

fn renamed(before: &Operation, after: &Operation) -> Option<Change> {
    if before.id == after.id {
        return None;
    }
    let text = format!("renamed: `{}` is now `{}`", before.id, after.id);
    Some(if after.aliases.contains(&before.id) {
        Change::harmless(text)
    } else {
        Change::breaking(format!("{text}, and its old name is not known any more"))
    })
}

/// Earlier names that do not lead to the operation any more. Worse than a name that is unknown is
/// one that now means something else.
pub(super) fn lost_aliases(
    before: &Operation,
    after: &Operation,
    new: &[Operation],
) -> Vec<Change> {
    let lost = before
        .aliases
        .iter()
        .filter(|alias| !after.aliases.contains(alias) && after.id != **alias);
    lost.map(|alias| {
        let other = new
            .iter()
            .find(|one| one.id == *alias || one.aliases.contains(alias));
        Change::breaking(match other {
            Some(other) => format!("the earlier name `{alias}` now means `{}`", other.id),
            None => format!("the earlier name `{alias}` is not known any more"),
        })
    })
    .collect()
}

fn name(operation: &Operation) -> String {
    let method = operation.method.token();
    format!("`{}`, `{method} {}`", operation.id, operation.path)
}
