//! The package itself: the properties that lead to the tags.

use super::class_name;
use super::source::docstring;
use crate::client::Typed;
use crate::facts::identifier;

/// `__init__.py`: a client's properties, one for each tag. A tag's module is imported when it is first
/// asked for, because few programs need more than a few.
pub(super) fn operations(typed: &Typed<'_>) -> (String, String) {
    let what = docstring(
        0,
        "Every operation of Klaviyo's API, under its tag and by its operationId.\n\n\
         Path parameters and the body come by position or name, all others by name. Bodies are dicts, \
         answers too (None when there is no body), but lists are answered with a Page; arrays in \
         parameters are lists or tuples; a file is bytes, with a name beside it. A wrong keyword or \
         type is a TypeError that says what the operation takes, before anything is sent. Each tag's \
         `with_raw_response` has the same operations, answering with status and headers.",
    );
    let tags: Vec<(String, String, &str)> = typed
        .tags
        .keys()
        .map(|tag| (identifier(tag), class_name(tag), *tag))
        .collect();
    let hints: String = tags
        .iter()
        .map(|(module, class, _)| {
            format!("    from klaviyo_py.operations.{module} import {class}\n")
        })
        .collect();
    let properties: String = tags
        .iter()
        .map(|(module, class, tag)| {
            let about = docstring(8, &format!("Operations under `{tag}`."));
            format!(
                "\n    @property\n    def {module}(self) -> {class}:\n{about}        \
                 from klaviyo_py.operations.{module} import {class}\n\n        return {class}(self)\n"
            )
        })
        .collect();
    let text = format!(
        "{what}\nfrom __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n\
         from klaviyo_py import _klaviyo\n\nif TYPE_CHECKING:\n{hints}\n\n\
         class Operations(_klaviyo.Client):\n    \
         \"\"\"A client's operations, by tag.\"\"\"\n{properties}"
    );
    ("__init__.py".into(), text)
}
