//! The modules of the tags, each with its class.

use super::faces::{self, Face, with_raw_response};
use super::source::docstring;
use super::types::imports;
use super::{SHARED, class_name, methods};
use crate::client::Typed;
use crate::client::calls::Call;
use crate::facts::{Operation, identifier};

/// A module for each tag.
pub(super) fn files(
    typed: &Typed<'_>,
    describe: &dyn Fn(&Operation) -> String,
) -> Vec<(String, String)> {
    let file = |(tag, calls): (&&str, &Vec<Call<'_>>)| {
        (
            format!("{}.py", identifier(tag)),
            file(tag, calls, typed, describe),
        )
    };
    typed.tags.iter().map(file).collect()
}

fn file(
    tag: &str,
    calls: &[Call<'_>],
    typed: &Typed<'_>,
    describe: &dyn Fn(&Operation) -> String,
) -> String {
    let methods: Vec<String> = calls
        .iter()
        .map(|call| methods::method(call, typed, &describe(call.operation)))
        .collect();
    let methods = methods.join("\n") + "\n" + &with_raw_response(tag, Face::PLAIN);
    let faces = faces::classes(tag, calls, typed);
    let needed = faces::imports(calls, typed);
    let module = identifier(tag);
    let hints = hints(&module, &methods);
    let (typing, checking) = match hints.is_empty() {
        true => ("", String::new()),
        false => (
            "from typing import TYPE_CHECKING\n\n",
            format!("\nif TYPE_CHECKING:\n{hints}"),
        ),
    };
    let class = class_name(tag);
    let what = docstring(0, &format!("Operations under `{tag}`: `client.{module}`."));
    let about = docstring(4, &Face::PLAIN.about(tag));
    format!(
        "{what}\nfrom __future__ import annotations\n\n{typing}\
         from klaviyo_py._tag import {needed}\n{checking}\n\n\
         class {class}(Tag):\n{about}\n{methods}\n\n{faces}"
    )
}

/// The imports for annotations, as `ruff` sorts and separates them.
fn hints(module: &str, methods: &str) -> String {
    let standard = [
        ("Sequence[", "collections.abc", "Sequence"),
        ("Literal[", "typing", "Literal"),
    ];
    let standard = standard
        .into_iter()
        .filter(|(used, ..)| methods.contains(used))
        .map(|(_, module, name)| imports(module, [name].into_iter()));
    let own = format!("{module} as types");
    let mut modules = [("types", own.as_str()), (SHARED, SHARED)];
    modules.sort_by_key(|(_, imported)| *imported);
    let types = modules
        .into_iter()
        .filter(|(name, _)| {
            methods.contains(&format!(" {name}.")) || methods.contains(&format!("[{name}."))
        })
        .map(|(_, imported)| imports("klaviyo_py.operations.types", [imported].into_iter()));
    let page = methods
        .contains("Page[")
        .then(|| imports("klaviyo_py.page", ["Page"].into_iter()));
    let groups: [Vec<String>; 2] = [standard.collect(), types.chain(page).collect()];
    let groups = groups.iter().filter(|group| !group.is_empty());
    let indented = groups.map(|group| {
        let lines = group.iter().map(|line| format!("    {line}"));
        lines.collect::<String>()
    });
    indented.collect::<Vec<_>>().join("\n")
}
