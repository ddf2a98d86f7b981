//! The other faces of a tag: its operations with status and headers, awaited, and both. Each is a class
//! whose methods are those of the tag's own class on another `self`, with another type.

use super::source::{docstring, name};
use super::{class_name, lists};
use crate::client::Typed;
use crate::client::calls::Call;

/// How a class of a tag answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Face {
    is_awaited: bool,
    is_raw: bool,
}

impl Face {
    pub(super) const PLAIN: Face = Face::new(false, false);
    pub(super) const AWAITED: Face = Face::new(true, false);
    const RAW: Face = Face::new(false, true);
    const AWAITED_RAW: Face = Face::new(true, true);

    const fn new(is_awaited: bool, is_raw: bool) -> Self {
        Face { is_awaited, is_raw }
    }

    /// The name of a tag's class.
    pub(super) fn class_name(self, tag: &str) -> String {
        let before = if self.is_awaited { "Async" } else { "" };
        let behind = if self.is_raw { "WithRawResponse" } else { "" };
        format!("{before}{}{behind}", class_name(tag))
    }

    /// What the class is, in words.
    pub(super) fn about(self, tag: &str) -> String {
        let awaited = if self.is_awaited { ", awaited" } else { "" };
        let raw = match self.is_raw {
            true => ", answering with status and headers",
            false => "",
        };
        format!("Operations under `{tag}`{awaited}{raw}.")
    }
}

/// What a file of these calls needs of `klaviyo_py._tag`.
pub(super) fn imports(calls: &[Call<'_>], typed: &Typed<'_>) -> &'static str {
    match calls.iter().any(|call| is_list(call, typed)) {
        true => "RawTag, Tag, async_page, awaited, raw",
        false => "RawTag, Tag, awaited, raw",
    }
}

/// The classes of all faces but the plain one.
pub(super) fn classes(tag: &str, calls: &[Call<'_>], typed: &Typed<'_>) -> String {
    let awaited =
        class(tag, Face::AWAITED, calls, typed) + "\n" + &with_raw_response(tag, Face::AWAITED);
    let classes = [
        class(tag, Face::RAW, calls, typed),
        awaited,
        class(tag, Face::AWAITED_RAW, calls, typed),
    ];
    classes.join("\n\n")
}

/// The property that leads to the operations with raw answers.
pub(super) fn with_raw_response(tag: &str, face: Face) -> String {
    let class = Face::new(face.is_awaited, true).class_name(tag);
    let about = docstring(8, "The same operations, answering with status and headers.");
    format!(
        "    @property\n    def with_raw_response(self) -> {class}:\n{about}        \
         return {class}(self._client)\n"
    )
}

fn class(tag: &str, face: Face, calls: &[Call<'_>], typed: &Typed<'_>) -> String {
    let about = docstring(4, &face.about(tag));
    let base = if face.is_raw { "RawTag" } else { "Tag" };
    let plain = class_name(tag);
    let method = |call: &Call<'_>| {
        let name = name(&call.operation.id);
        let method = of_face(format!("{plain}.{name}"), face, is_list(call, typed));
        format!("    {name} = {method}\n")
    };
    let methods: String = calls.iter().map(method).collect();
    format!(
        "class {}({base}):\n{about}\n{methods}",
        face.class_name(tag)
    )
}

/// A method of the plain class as one of another face.
fn of_face(method: String, face: Face, is_list: bool) -> String {
    let of = [
        (face.is_awaited && is_list, "async_page"),
        (face.is_raw, "raw"),
        (face.is_awaited, "awaited"),
    ];
    let applied = of.into_iter().filter(|(applies, _)| *applies);
    applied.fold(method, |method, (_, function)| {
        format!("{function}({method})")
    })
}

fn is_list(call: &Call<'_>, typed: &Typed<'_>) -> bool {
    lists::page_type(call, typed).is_some()
}
