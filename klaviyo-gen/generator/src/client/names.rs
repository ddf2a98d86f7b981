//! Rust names for the document's names. Each depends on the one name alone, so that no name changes
//! because something else came or went.

use crate::facts::identifier;

/// Names that Rust's prelude has taken, or the hand-written code that the types are made with.
const TAKEN: [&str; 20] = [
    "Alternative",
    "Box",
    "Default",
    "Deserialize",
    "Err",
    "File",
    "JsonObject",
    "Marks",
    "None",
    "Ok",
    "Option",
    "Patch",
    "Result",
    "Scalar",
    "Serialize",
    "Some",
    "String",
    "Value",
    "Vec",
    "Self",
];

/// Keywords of Rust that can be a field in the raw form.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// The name of a type: `double_opt_in` becomes `DoubleOptIn`; capitals inside a word stay.
pub(super) fn type_name(text: &str) -> String {
    let name = part(text);
    if TAKEN.contains(&name.as_str()) {
        format!("{name}Schema")
    } else {
        name
    }
}

/// The name of one of the texts that a string may be.
pub(super) fn variant(text: &str) -> String {
    // Time zones, for one, differ in nothing but the sign.
    let name = part(&text.replace('+', " plus ").replace("GMT-", "GMT minus "));
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
pub(crate) fn feature(tag: &str) -> String {
    identifier(tag).replace('_', "-")
}

/// A part of a type's name: `colour-scheme` becomes `ColourScheme`.
pub(super) fn part(text: &str) -> String {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words.map(capitalise).collect()
}

fn capitalise(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}
