//! The values of parameters, each as the operation table describes it.

use klaviyo_gen::{Kind, Operation, Parameter, Place, Schema};

use super::route::PathValues;
use crate::problem::{Problem, Refusal};

/// Checks the parameters in a path. Most take any text, a few only certain ones.
pub(super) fn check_path(operation: &Operation, path: &PathValues) -> Result<(), Refusal> {
    let parameters = operation.parameters.iter();
    let problems = parameters
        .filter(|parameter| parameter.place == Place::Path)
        .filter_map(|parameter| check(parameter, path.get(parameter.name)).err());
    Refusal::unless_empty(problems.collect())
}

/// Checks the text of a parameter.
pub(super) fn check(parameter: &Parameter, value: &str) -> Result<(), Problem> {
    let refuse = |detail: String| Err(Problem::parameter(parameter.name, detail));
    match &parameter.schema.kind {
        Kind::Integer => match value.parse::<i64>() {
            Err(_) => refuse(format!("`{value}` is not an integer.")),
            Ok(number) if parameter.minimum.is_some_and(|least| number < least) => {
                refuse(format!("{number} is below the minimum."))
            }
            Ok(number) if parameter.maximum.is_some_and(|most| number > most) => {
                refuse(format!("{number} is above the maximum."))
            }
            Ok(_) => Ok(()),
        },
        Kind::Boolean if value != "true" && value != "false" => {
            refuse(format!("`{value}` is neither true nor false."))
        }
        Kind::Array(element) => match value.split(',').find(|part| !is_one_of(element, part)) {
            Some(part) => refuse(format!("`{part}` is not one of the values that it takes.")),
            None => Ok(()),
        },
        _ if !is_one_of(&parameter.schema, value) => {
            refuse(format!("`{value}` is not one of the values that it takes."))
        }
        _ => Ok(()),
    }
}

/// Whether a text is among the values of a schema, if it names any.
fn is_one_of(schema: &Schema, text: &str) -> bool {
    match &schema.kind {
        Kind::String { values, .. } => values.is_empty() || values.contains(&text),
        _ => true,
    }
}
