//! The modules of the tags, each with its class.

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
    let methods = methods.join("\n");
    let module = identifier(tag);
    let mut hints = String::new();
    if methods.contains("Sequence[") {
        hints += "    from collections.abc import Sequence\n";
    }
    if methods.contains("Literal[") {
        hints += "    from typing import Literal\n";
    }
    let has_standard = !hints.is_empty();
    let own = methods.contains(" types.") || methods.contains("[types.");
    let shared = methods.contains(&format!(" {SHARED}."));
    let own = own.then(|| format!("{module} as types"));
    let shared = shared.then(|| SHARED.to_owned());
    let mut modules: Vec<String> = own.into_iter().chain(shared).collect();
    // As `ruff` sorts and separates them.
    modules.sort();
    for imported in &modules {
        let gap = if has_standard && imported == &modules[0] {
            "\n"
        } else {
            ""
        };
        let line = imports(
            "klaviyo_py.operations.types",
            [imported.as_str()].into_iter(),
        );
        hints += &format!("{gap}    {line}");
    }
    let checking = match hints.is_empty() {
        true => String::new(),
        false => format!("\nif TYPE_CHECKING:\n{hints}"),
    };
    let typing = match hints.is_empty() {
        true => "",
        false => "from typing import TYPE_CHECKING\n\n",
    };
    let class = class_name(tag);
    let what = docstring(0, &format!("Operations under `{tag}`: `client.{module}`."));
    let about = docstring(4, &format!("Operations under `{tag}`."));
    format!(
        "{what}\nfrom __future__ import annotations\n\n{typing}\
         from klaviyo_py.operations._tag import Tag\n{checking}\n\n\
         class {class}(Tag):\n{about}\n{methods}"
    )
}
