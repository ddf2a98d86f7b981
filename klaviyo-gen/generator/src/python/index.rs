//! The package itself: the properties that lead to the tags.

use super::faces::Face;
use super::source::docstring;
use super::types::imports;
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
         `with_raw_response` has the same operations, answering with status and headers. With an \
         AsyncClient all are awaited, and lists are answered with an AsyncPage.",
    );
    let hint = |tag: &&str| {
        let module = format!("klaviyo_py.operations.{}", identifier(tag));
        let classes = [Face::PLAIN, Face::AWAITED].map(|face| face.class_name(tag));
        format!(
            "    {}",
            imports(&module, classes.iter().map(String::as_str))
        )
    };
    let hints: String = typed.tags.keys().map(hint).collect();
    let operations = properties(typed, Face::PLAIN);
    let awaited = properties(typed, Face::AWAITED);
    let text = format!(
        "{what}\nfrom __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n\
         from klaviyo_py._face import Awaiting, Blocking\n\nif TYPE_CHECKING:\n{hints}\n\n\
         class Operations(Blocking):\n    \
         \"\"\"A client's operations, by tag.\"\"\"\n{operations}\n\n\
         class AsyncOperations(Awaiting):\n    \
         \"\"\"An async client's operations, by tag.\"\"\"\n{awaited}"
    );
    ("__init__.py".into(), text)
}

/// The property of each tag.
fn properties(typed: &Typed<'_>, face: Face) -> String {
    let property = |tag: &&str| {
        let (module, class) = (identifier(tag), face.class_name(tag));
        let about = docstring(8, &face.about(tag));
        format!(
            "\n    @property\n    def {module}(self) -> {class}:\n{about}        \
             from klaviyo_py.operations.{module} import {class}\n\n        return {class}(self)\n"
        )
    };
    typed.tags.keys().map(property).collect()
}
