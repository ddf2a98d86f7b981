//! The types of parameters, bodies and answers: a module for each tag, and one for what several share.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{WIDTH, bracketed, docstring, is_name, literal};
use super::{SHARED, annotations, lists, methods};
use crate::client::Typed;
use crate::client::model::{Property, Shape, Type};
use crate::client::reach::Direction;
use crate::facts::identifier;

/// `types/__init__.py`.
pub(super) fn index(typed: &Typed<'_>) -> (String, String) {
    let modules: String = typed
        .tags
        .keys()
        .map(|tag| format!("- `{}`\n", identifier(tag)))
        .collect();
    let text = docstring(
        0,
        &format!(
            "Types of parameters, bodies and answers, by the tag that needs them.\n\n\
             What several tags need is in `{SHARED}`. Bodies and answers are plain dicts; the types \
             are there for type checkers and for reading.\n\n{modules}"
        ),
    );
    ("types/__init__.py".into(), text)
}

/// The modules.
pub(super) fn files(typed: &Typed<'_>) -> Vec<(String, String)> {
    let mut modules: BTreeMap<String, Module> = BTreeMap::new();
    modules.insert(SHARED.into(), Module::default());
    for tag in typed.tags.keys() {
        modules.insert(identifier(tag), Module::default());
    }
    let descriptions = typed.descriptions();
    // A form is written out as the arguments of its method.
    let forms: BTreeSet<&str> = typed
        .tags
        .values()
        .flatten()
        .filter(|call| call.operation.is_multipart())
        .filter_map(|call| call.body.as_deref())
        .collect();
    let pages = lists::only_pages(typed);
    for name in typed.reached.keys() {
        if forms.contains(name.as_str()) || pages.contains(name.as_str()) {
            continue;
        }
        let printer = Printer {
            typed,
            direction: typed.reached[name].direction(),
            description: descriptions.get(name).map_or("", String::as_str),
        };
        let module = annotations::module(name, typed);
        printer.print(name, modules.entry(module).or_default());
    }
    for call in typed.tags.values().flatten() {
        let module = modules.entry(identifier(&call.operation.tag)).or_default();
        module
            .items
            .extend(methods::parameter_types(call.operation));
    }
    let shared = &modules[SHARED];
    let names: BTreeSet<&String> = shared.items.keys().chain(shared.unions.keys()).collect();
    modules
        .iter()
        .map(|(name, module)| (format!("types/{name}.py"), file(name, module, &names)))
        .collect()
}

/// The types of one module.
#[derive(Default)]
struct Module {
    /// The definitions, by name.
    items: BTreeMap<String, String>,
    /// What a name for one of several stands for, by name.
    unions: BTreeMap<String, String>,
}

impl Module {
    /// All definitions, each between empty lines. Annotations are never evaluated here, but what a
    /// union is of must be defined before it.
    fn definitions(&self) -> String {
        let items = self.items.values().cloned();
        let mut definitions: Vec<String> = items.collect();
        let mut waiting: Vec<(&String, &String)> = self.unions.iter().collect();
        while !waiting.is_empty() {
            let is_ready = |(_, union): &(&String, &String)| {
                !waiting.iter().any(|(other, _)| mentions(union, other))
            };
            let ready = waiting.iter().position(is_ready);
            let (name, union) = waiting.remove(ready.unwrap_or_default());
            // One that holds itself can only be spelled as text.
            let union = match ready {
                Some(_) => union.clone(),
                None => literal(union),
            };
            definitions.push(format!("{name}: TypeAlias = {union}\n"));
        }
        definitions
            .iter()
            .map(|code| format!("\n\n{code}"))
            .collect()
    }
}

fn file(name: &str, module: &Module, shared: &BTreeSet<&String>) -> String {
    let what = match name {
        SHARED => "Types that several tags need.".to_owned(),
        name => format!("Types that `klaviyo_py.operations.{name}` alone needs."),
    };
    let items = module.definitions();
    let used = |name: &&str| mentions(&items, name);
    let mut text = docstring(0, &what) + "\nfrom __future__ import annotations\n";
    let standard = imports(
        "collections.abc",
        ["Mapping", "Sequence"].into_iter().filter(used),
    );
    // There are fields of these names.
    let is_type = |name: &&str| mentions(&items, &format!("| {name}"));
    let dates = imports("datetime", ["date", "datetime"].into_iter().filter(is_type));
    let typing = ["Any", "Literal", "TypeAlias", "TypedDict"]
        .into_iter()
        .filter(used);
    if mentions(&items, "NotRequired") {
        let typing = typing.chain(["TYPE_CHECKING"]);
        text += &format!(
            "\nimport sys\n{standard}{dates}{}",
            imports("typing", typing)
        );
        text += "\nif sys.version_info >= (3, 11):\n    from typing import NotRequired\n\
                 elif TYPE_CHECKING:\n    from typing_extensions import NotRequired\n";
    } else {
        let imports = format!("{standard}{dates}{}", imports("typing", typing));
        text += &(if imports.is_empty() {
            imports
        } else {
            format!("\n{imports}")
        });
    }
    if name != SHARED {
        let names = shared.iter().map(|name| name.as_str()).filter(used);
        let shared = imports("klaviyo_py.operations.types.shared", names);
        text += &(if shared.is_empty() {
            shared
        } else {
            format!("\n{shared}")
        });
    }
    // As `ruff` has it: two lines before a class, one before anything else.
    let items = match items.starts_with("\n\nclass") {
        true => items.as_str(),
        false => items.strip_prefix('\n').unwrap_or_default(),
    };
    text + items
}

/// An import of these names, if there are any; in the order of `ruff`: constants, classes, the rest.
pub(super) fn imports<'a>(module: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    let kind = |name: &str| match name {
        name if name.len() > 1 && name.to_uppercase() == name => 0,
        name if name.starts_with(char::is_uppercase) => 1,
        _ => 2,
    };
    names.sort_by_key(|name| (kind(name), name.to_lowercase()));
    if names.is_empty() {
        return String::new();
    }
    let line = format!("from {module} import {}\n", names.join(", "));
    if line.trim_end().len() <= WIDTH {
        return line;
    }
    let names: String = names.iter().map(|name| format!("    {name},\n")).collect();
    format!("from {module} import (\n{names})\n")
}

/// Whether a name stands in the code, as a word.
fn mentions(code: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(name).any(|(start, _)| {
        let before = code[..start].chars().next_back();
        let after = code[start + name.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

struct Printer<'a> {
    typed: &'a Typed<'a>,
    direction: Direction,
    description: &'a str,
}

impl Printer<'_> {
    /// Writes the type's definition into its module, unless it is written out where it is used.
    fn print(&self, name: &str, module: &mut Module) {
        let code = match &self.typed.types[name] {
            Type::Alias(_) => return,
            one if one.constant().is_some() => return,
            Type::Texts(texts) => texts_alias(name, texts, self.direction),
            Type::OneOf(several) => {
                let mut alternatives: Vec<String> = Vec::new();
                for one in several {
                    let one = annotations::shape(&one.shape, self.direction, self.typed, &local);
                    if !alternatives.contains(&one) {
                        alternatives.push(one);
                    }
                }
                module
                    .unions
                    .insert(name.to_owned(), alternatives.join(" | "));
                return;
            }
            Type::Object(properties) => {
                let properties = self.as_answered(properties);
                match properties.iter().all(|one| is_name(&one.wire)) {
                    true => self.class(name, &properties),
                    false => self.functional(name, &properties),
                }
            }
        };
        module.items.insert(name.to_owned(), code);
    }

    /// The properties as they are answered, where the document does not say it: links to further
    /// pages are null where there is none, and the id of a resource is there, as JSON:API demands.
    fn as_answered(&self, properties: &[Property]) -> Vec<Property> {
        let mut properties = properties.to_vec();
        if self.direction == Direction::Sent {
            return properties;
        }
        let has = |wire: &str| properties.iter().any(|property| property.wire == wire);
        let (are_links, is_resource) = (has("next") && has("prev"), has("type"));
        for property in properties.iter_mut().filter(|one| one.shape == Shape::Text) {
            match property.wire.as_str() {
                "first" | "last" | "next" | "prev" if are_links => property.nullable = true,
                "id" if is_resource => {
                    property.nullable = false;
                    property.required |= self.direction == Direction::Received;
                }
                _ => {}
            }
        }
        properties
    }

    fn class(&self, name: &str, properties: &[Property]) -> String {
        let total = is_total(properties);
        let bases = if total {
            "TypedDict"
        } else {
            "TypedDict, total=False"
        };
        let mut code = format!("class {name}({bases}):\n{}", docstring(4, self.description));
        for (index, property) in properties.iter().enumerate() {
            let gap = if index == 0 { "\n" } else { "" };
            let annotation = self.annotation(property, total);
            let line = format!("    {}: {annotation}", property.wire);
            let broken = annotation.strip_prefix("NotRequired[");
            code += gap;
            code += &match broken.and_then(|rest| rest.strip_suffix(']')) {
                Some(inner) if line.len() > WIDTH => {
                    format!(
                        "    {}: NotRequired[\n        {inner}\n    ]\n",
                        property.wire
                    )
                }
                _ => line + "\n",
            };
        }
        code
    }

    /// The form for keys that cannot be names. Its annotations are text, so that they may name types
    /// that are defined further down.
    fn functional(&self, name: &str, properties: &[Property]) -> String {
        let total = is_total(properties);
        let comment = format!("# {}", self.description);
        let mut code = format!("{comment}\n{name} = TypedDict(\n    \"{name}\",\n    {{\n");
        for property in properties {
            let annotation = literal(&self.annotation(property, total));
            code += &format!("        {}: {annotation},\n", literal(&property.wire));
        }
        code += "    },\n";
        code += if total { "" } else { "    total=False,\n" };
        code + ")\n"
    }

    fn annotation(&self, property: &Property, total: bool) -> String {
        let annotation = annotations::property(property, self.direction, self.typed, &local);
        match property.required || !total {
            true => annotation,
            false => format!("NotRequired[{annotation}]"),
        }
    }
}

/// Whether keys must be there unless they say otherwise.
fn is_total(properties: &[Property]) -> bool {
    properties.is_empty() || properties.iter().any(|property| property.required)
}

/// Types of the same module and of the shared one stand there by their name.
fn local(_: &str) -> String {
    String::new()
}

/// The texts that a string may be; one that is received may be any other, too.
pub(super) fn texts_alias(name: &str, texts: &[String], direction: Direction) -> String {
    let texts: Vec<String> = texts.iter().map(|text| literal(text)).collect();
    match direction {
        Direction::Sent => bracketed(
            0,
            &format!("{name}: TypeAlias = Literal"),
            ['[', ']'],
            &texts,
            "",
        ),
        Direction::Received | Direction::Both => {
            let line = format!("{name}: TypeAlias = Literal[{}] | str\n", texts.join(", "));
            if line.trim_end().chars().count() <= WIDTH {
                return line;
            }
            let literals = bracketed(4, "Literal", ['[', ']'], &texts, "");
            format!("{name}: TypeAlias = (\n{literals}    | str\n)\n")
        }
    }
}
