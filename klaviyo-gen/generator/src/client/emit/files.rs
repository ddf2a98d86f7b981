//! Files of Rust, made of what `prettyplease` lays out and of macro calls, which it does not.

use anyhow::{Context, Result};
use proc_macro2::TokenStream;

/// One file.
pub(in crate::client) struct File {
    /// Its path below the directory of the typed client.
    pub(in crate::client) path: String,
    /// Its `//!` comment and its `use`s.
    pub(super) head: TokenStream,
    pub(super) items: Vec<Item>,
}

/// Something in a file.
pub(super) enum Item {
    /// To be laid out.
    Code(TokenStream),
    /// Laid out already.
    Text(String),
}

impl File {
    /// The file's text below `first_line`, which says where it comes from.
    ///
    /// # Errors
    ///
    /// When the code is not Rust.
    pub(in crate::client) fn print(self, first_line: &str) -> Result<String> {
        let mut text = format!("{first_line}\n\n{}", lay_out(self.head)?);
        for item in self.items {
            text.push('\n');
            text += &match item {
                Item::Code(code) => lay_out(code).with_context(|| self.path.clone())?,
                Item::Text(text) => text,
            };
        }
        Ok(text)
    }
}

fn lay_out(code: TokenStream) -> Result<String> {
    let file = syn::parse2(code.clone()).with_context(|| format!("this is not Rust: {code}"))?;
    // `prettyplease` leaves no line between two items.
    let text = prettyplease::unparse(&file);
    let text = text.replace("    }\n    ///", "    }\n\n    ///");
    Ok(text
        .replace("\n}\nimpl ", "\n}\n\nimpl ")
        .replace("\n}\n#[", "\n}\n\n#["))
}

/// A call of the macro `name`, which makes `pub enum` of `lines`.
pub(super) fn enum_macro(
    name: &str,
    docs: &str,
    condition: Option<&str>,
    of: &str,
    lines: impl Iterator<Item = String>,
) -> Item {
    let condition = condition
        .map(|condition| format!("{condition}\n"))
        .unwrap_or_default();
    let docs: String = docs
        .lines()
        .map(|line| format!("    /// {line}\n"))
        .collect();
    let lines: String = lines.map(|line| format!("        {line},\n")).collect();
    Item::Text(format!(
        "{condition}{name}! {{\n{docs}    pub enum {of} {{\n{lines}    }}\n}}\n"
    ))
}
