//! Bodies that name resources by type and id, to join them with the one in the path.

use serde::Deserialize;

use super::items;
use crate::api::Call;
use crate::problem::{Problem, Refusal};

#[derive(Deserialize)]
struct Linkage {
    data: Vec<Linked>,
}

#[derive(Deserialize)]
struct Linked {
    r#type: String,
    id: String,
}

/// The resources that the body names, all of which must be of one type and be there.
pub(super) fn named<T>(
    call: &Call<'_>,
    kind: &str,
    find: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Refusal> {
    let Linkage { data } = call.parse()?;
    items::check_count(items::caps(call.operation), data.len())?;
    let mut problems = Vec::new();
    let mut found = Vec::with_capacity(data.len());
    for (index, linked) in data.iter().enumerate() {
        let at = |field: &str| format!("/data/{index}/{field}");
        if linked.r#type != kind {
            let detail = format!("It must be {kind}.");
            problems.push(Problem::invalid(&at("type"), detail));
        } else if let Some(one) = find(&linked.id) {
            found.push(one);
        } else {
            let detail = format!("No {kind} has this id.");
            problems.push(Problem::invalid(&at("id"), detail));
        }
    }
    Refusal::unless_empty(problems)?;
    Ok(found)
}
