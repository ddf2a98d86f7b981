//! Rust names for the document's names. Each depends on the one name alone, so that no name changes
//! because something else came or went.

use crate::facts::identifier;

/// Names that the hand-written code or Rust's prelude has taken.
const TAKEN: [&str; 16] = [
    "Box",
    "Client",
    "Default",
    "Err",
    "File",
    "JsonObject",
    "None",
    "Ok",
    "Option",
    "Patch",
    "Result",
    "Scalar",
    "Self",
    "Some",
    "String",
    "Vec",
];

/// Keywords of Rust that can be a field in the raw form.
const KEYWORDS: [&str; 35] = [
    "abstract", "as", "async", "await", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "pub", "ref", "return", "static", "trait", "true",
    "type",
];

/// The name of a type: `double_opt_in` becomes `DoubleOptIn`; capitals inside a word stay.
pub(super) fn type_name(text: &str) -> String {
    let name = capitalised(text);
    if TAKEN.contains(&name.as_str()) {
        format!("{name}Schema")
    } else {
        name
    }
}

/// The name of one of the texts that a string may be.
pub(super) fn variant(text: &str) -> String {
    // Time zones, for one, differ in nothing but the sign.
    let name = capitalised(&text.replace('+', " plus ").replace("GMT-", "GMT minus "));
    match name.chars().next() {
        None => "Empty".into(),
        Some(first) if first.is_ascii_digit() => format!("N{name}"),
        Some(_) if name == "Self" => "SelfValue".into(),
        Some(_) => name,
    }
}

/// The name of a field: `page[size]` becomes `page_size`, `type` becomes `r#type`, `self` becomes `self_`.
pub(super) fn field(text: &str) -> String {
    let name = identifier(text);
    match name.as_str() {
        // These have no raw form.
        "self" | "super" | "crate" => name + "_",
        keyword if KEYWORDS.contains(&keyword) => format!("r#{name}"),
        _ => name,
    }
}

/// The name of a module: `Custom Objects` becomes `custom_objects`.
pub(super) fn module(tag: &str) -> String {
    identifier(tag)
}

/// The name of a cargo feature: `Custom Objects` becomes `custom-objects`.
pub(super) fn feature(tag: &str) -> String {
    identifier(tag).replace('_', "-")
}

fn capitalised(text: &str) -> String {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words.map(capitalise).collect()
}

fn capitalise(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}
