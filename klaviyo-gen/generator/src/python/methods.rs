//! A method for an operation, and the types of its parameters.

use super::source::{WIDTH, bracketed, docstring, literal, name};
use super::types::texts_alias;
use super::{annotations, forms, lists};
use crate::client::Typed;
use crate::client::calls::Call;
use crate::client::reach::Direction;
use crate::facts::{Kind, Operation, Parameter, Place};

/// How far an argument on a line of its own is indented.
const ARGUMENT: usize = 8;

/// The method, indented as part of a class.
pub(super) fn method(call: &Call<'_>, typed: &Typed<'_>, description: &str) -> String {
    let operation = call.operation;
    let answer = answer(call, typed);
    let signature = bracketed(
        4,
        &format!("def {}", name(&operation.id)),
        ['(', ')'],
        &arguments(call, typed),
        &format!(" -> {answer}:"),
    );
    signature + &docstring(8, description) + &body(call, typed, &answer)
}

fn arguments(call: &Call<'_>, typed: &Typed<'_>) -> Vec<String> {
    let operation = call.operation;
    let (path, others): (Vec<_>, Vec<_>) = operation
        .parameters
        .iter()
        .partition(|parameter| parameter.place == Place::Path);
    let (required, optional): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|parameter| parameter.required);
    let mut arguments = vec!["self".to_owned()];
    arguments.extend(path.iter().map(|parameter| argument(operation, parameter)));
    let form = forms::fields(call, typed);
    match (&call.body, form) {
        (_, Some(fields)) => arguments.extend(forms::files(fields)),
        (Some(body), None) => arguments.push(format!("body: {}{body}", prefix(body, typed))),
        (None, None) => {}
    }
    let mut named = Vec::new();
    for (parameters, is_required) in [(required, true), (optional, false)] {
        let prefix = |name: &str| prefix(name, typed);
        let fields = form.unwrap_or_default();
        named.extend(forms::others(fields, is_required, typed, &prefix));
        named.extend(parameters.iter().map(|one| argument(operation, one)));
    }
    if !named.is_empty() {
        arguments.push("*".to_owned());
    }
    arguments.extend(named);
    arguments
}

/// `name: annotation`, and `= None` if it can be left out.
fn argument(operation: &Operation, parameter: &Parameter) -> String {
    let inline = written_out(parameter);
    let annotation = match is_named(parameter) {
        true => inline_or_named(&inline, &parameter_type_name(operation, parameter)),
        false => inline,
    };
    let name = name(&parameter.identifier());
    if parameter.required {
        return format!("{name}: {annotation}");
    }
    // Where it is too long for a line, it is broken as `ruff format` does.
    let fits = |line: &str| ARGUMENT + line.len() <= WIDTH;
    let pad = " ".repeat(ARGUMENT);
    let line = format!("{name}: {annotation} | None = None");
    let first = format!("{name}: {annotation}");
    let items = annotation.strip_prefix("Sequence[");
    match items.and_then(|items| items.strip_suffix(']')) {
        _ if fits(&(line.clone() + ",")) => line,
        Some(item) if !fits(&first) => {
            format!("{name}: Sequence[\n{pad}    {item}\n{pad}]\n{pad}| None = None")
        }
        _ => format!("{first}\n{pad}| None = None"),
    }
}

/// The annotation with the name of the type of texts in their place.
fn inline_or_named(inline: &str, name: &str) -> String {
    match inline.starts_with("Sequence[") {
        true => format!("Sequence[types.{name}]"),
        false => format!("types.{name}"),
    }
}

/// The annotation of a parameter, with all texts that it may be.
fn written_out(parameter: &Parameter) -> String {
    match &parameter.shape.kind {
        Kind::Array(item) => format!("Sequence[{}]", scalar(&item.kind)),
        kind => scalar(kind),
    }
}

fn scalar(kind: &Kind) -> String {
    match kind {
        Kind::Integer => "int".into(),
        Kind::Number => "float".into(),
        Kind::Boolean => "bool".into(),
        Kind::String { values, .. } if !values.is_empty() => {
            let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
            format!("Literal[{}]", values.join(", "))
        }
        _ => "str".into(),
    }
}

/// Whether the texts that a parameter may be have a name because they would not fit into a line.
fn is_named(parameter: &Parameter) -> bool {
    let line = format!(
        "        {}: {} | None = None,",
        name(&parameter.identifier()),
        written_out(parameter)
    );
    line.len() > WIDTH && !values(parameter).is_empty()
}

fn values(parameter: &Parameter) -> &[String] {
    let kind = match &parameter.shape.kind {
        Kind::Array(item) => &item.kind,
        kind => kind,
    };
    match kind {
        Kind::String { values, .. } => values,
        _ => &[],
    }
}

fn parameter_type_name(operation: &Operation, parameter: &Parameter) -> String {
    super::class_name(&format!("{} {}", operation.id, parameter.identifier()))
}

/// The types of an operation's parameters that have a name, by that name.
pub(super) fn parameter_types(operation: &Operation) -> Vec<(String, String)> {
    let named = operation.parameters.iter().filter(|one| is_named(one));
    named
        .map(|parameter| {
            let name = parameter_type_name(operation, parameter);
            let code = texts_alias(&name, values(parameter), Direction::Sent);
            (name, code)
        })
        .collect()
}

fn answer(call: &Call<'_>, typed: &Typed<'_>) -> String {
    if let Some(page) = lists::page(call, typed, &|name| prefix(name, typed)) {
        return page;
    }
    let mut answers: Vec<String> = Vec::new();
    for name in call.answer.types() {
        answers.push(prefix(name, typed) + name);
    }
    // Some operations answer with a body or without, which their status tells.
    if call
        .operation
        .success
        .iter()
        .any(|answer| answer.schema.is_none())
        || answers.is_empty()
    {
        answers.push("None".into());
    }
    answers.join(" | ")
}

/// The module that a type is in, as the file of a tag imports it.
fn prefix(name: &str, typed: &Typed<'_>) -> String {
    match annotations::module(name, typed).as_str() {
        super::SHARED => format!("{}.", super::SHARED),
        _ => "types.".into(),
    }
}

/// The lines that hand the arguments over.
fn body(call: &Call<'_>, typed: &Typed<'_>, answer: &str) -> String {
    let operation = call.operation;
    let mut arguments = vec![literal(&operation.id)];
    let parameters: Vec<String> = operation
        .parameters
        .iter()
        .map(|parameter| {
            let identifier = parameter.identifier();
            format!("{}: {}", literal(&identifier), name(&identifier))
        })
        .collect();
    let parameters = bracketed(12, "", ['{', '}'], &parameters, "");
    arguments.push(parameters.trim().to_owned());
    let form = forms::fields(call, typed).map(forms::body);
    arguments.extend(form.or_else(|| call.body.as_ref().map(|_| "body".into())));
    if lists::page_type(call, typed).is_some() {
        return bracketed(8, "return self._page", ['(', ')'], &arguments, "");
    }
    let before = format!("answer: {answer} = self._call");
    bracketed(8, &before, ['(', ')'], &arguments, "") + "        return answer\n"
}
