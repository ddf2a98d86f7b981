//! The package's own modules: the properties that lead to the tags, and what all tags share.

use super::class_name;
use super::source::docstring;
use crate::client::Typed;
use crate::facts::identifier;

/// `_tag.py`, the base of all tags.
const TAG: &str = r#""""What the classes of all tags have in common."""

from __future__ import annotations

from typing import Any

from klaviyo_py import _klaviyo


class Tag:
    """Operations of a client that belong together."""

    __slots__ = ("_client",)

    def __init__(self, client: _klaviyo.Client) -> None:
        """Operations of this client."""
        self._client = client

    def __repr__(self) -> str:
        return f"{self._client!r}.{type(self).__module__.rpartition('.')[2]}"

    def _call(self, operation: str, parameters: dict[str, object], body: object = None) -> Any:
        """Send a request: parameters by identifier, those that are None left out."""
        return _klaviyo.call(self._client, operation, parameters, body)
"#;

/// The base of all tags.
pub(super) fn tag() -> (String, String) {
    ("_tag.py".into(), TAG.into())
}

/// `__init__.py`: a client's properties, one for each tag. A tag's module is imported when it is first
/// asked for, because few programs need more than a few.
pub(super) fn operations(typed: &Typed<'_>) -> (String, String) {
    let what = docstring(
        0,
        "Every operation of Klaviyo's API, under its tag and by its operationId.\n\n\
         Path parameters and the body come by position or name, all others by name. Bodies are dicts, \
         answers too (None when there is no body); arrays in parameters are lists or tuples; a file is \
         bytes, with a name beside it. A wrong keyword or type is a TypeError that says what the \
         operation takes, before anything is sent.",
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
