//! The values of parameters, each as the operation table describes it.

use klaviyo_gen::{Kind, Operation, Parameter, Place, Schema};

use super::route::PathValues;
use crate::nearest::did_you_mean;
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
            Ok(number) => match (parameter.minimum, parameter.maximum) {
                (Some(least), _) if number < least => {
                    refuse(format!("{number} is below the minimum, {least}."))
                }
                (_, Some(most)) if number > most => {
                    refuse(format!("{number} is above the maximum, {most}."))
                }
                _ => Ok(()),
            },
        },
        Kind::Boolean if value != "true" && value != "false" => {
            refuse(format!("`{value}` is neither true nor false."))
        }
        Kind::Array(element) => value
            .split(',')
            .try_for_each(|part| one_of(element, part))
            .or_else(refuse),
        _ => one_of(&parameter.schema, value).or_else(refuse),
    }
}

/// Refuses a text that is not among the values of a schema, if it names any.
fn one_of(schema: &Schema, text: &str) -> Result<(), String> {
    match &schema.kind {
        Kind::String { values, .. } if !values.is_empty() && !values.contains(&text) => {
            let (hint, values) = (did_you_mean(text, values), values.join(", "));
            Err(format!("`{text}` is not taken{hint}; it takes {values}."))
        }
        _ => Ok(()),
    }
}
