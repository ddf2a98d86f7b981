//! Writes the operation table: `operations.rs`, and beside it what several operations share.

mod caps;
mod fields;
mod listed;
mod operation;
mod parameters;
mod shapes;
mod tokens;

use std::collections::BTreeMap;

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;

use crate::caps::CapsFile;
use crate::document::Document;
use crate::facts::Operation;
use crate::generate::rust_file;
use crate::output::Outputs;
use listed::Resources;
use parameters::Parameters;
use shapes::Shapes;
use tokens::constant;

/// What is collected while the operations are written.
struct Collected<'a> {
    document: &'a Document,
    caps: &'a CapsFile,
    /// The ids of all operations.
    ids: Vec<&'a str>,
    parameters: Parameters,
    shapes: Shapes<'a>,
    resources: Resources,
    warnings: Vec<String>,
}

/// Appends the files of the operation table to `outputs`.
pub(crate) fn write(
    document: &Document,
    operations: &[Operation],
    caps: &CapsFile,
    outputs: &mut Outputs,
) -> Result<()> {
    let mut collected = Collected {
        document,
        caps,
        ids: operations.iter().map(|one| one.id.as_str()).collect(),
        parameters: Parameters::default(),
        shapes: Shapes::new(document),
        resources: Resources::default(),
        warnings: unknown_operations(caps, operations),
    };
    let statics = operations
        .iter()
        .map(|one| operation::write(one, &mut collected))
        .collect::<Result<TokenStream>>()?;
    let shapes = collected.shapes.write()?;
    for (name, code) in [
        ("fields.rs", fields::write(caps)),
        ("listed.rs", collected.resources.write()),
        (
            "operations.rs",
            operations_file(document, operations, &statics),
        ),
        ("parameters.rs", collected.parameters.write()),
        ("shapes.rs", shapes),
    ] {
        let text = rust_file(document, code)?;
        outputs.files.push((name.into(), text));
    }
    outputs.warnings.append(&mut collected.warnings);
    Ok(())
}

/// Operations that `caps.toml` knows and the document does not.
fn unknown_operations(caps: &CapsFile, operations: &[Operation]) -> Vec<String> {
    let since = caps.since.values().flatten();
    caps.operations
        .keys()
        .chain(since)
        .filter(|id| operations.iter().all(|operation| operation.id != **id))
        .map(|id| format!("caps.toml names {id}, which the document does not have"))
        .collect()
}

fn operations_file(
    document: &Document,
    operations: &[Operation],
    statics: &TokenStream,
) -> TokenStream {
    let revision = document.revision();
    let all = operations.iter().map(|operation| constant(&operation.id));
    let index = index(operations);
    let aliases = aliases(operations);
    let aliases = aliases.iter().map(|(alias, id)| {
        let operation = constant(id);
        quote!((#alias, &#operation))
    });
    quote! {
        //! Every operation of the document, one static each. By tag:
        #(#![doc = #index])*

        use crate::generated::{listed, parameters, shapes};
        use crate::operation::*;

        /// The revision of Klaviyo's API that everything here describes.
        pub const REVISION: &str = #revision;

        /// Every operation, sorted by id.
        pub static OPERATIONS: &[&Operation] = &[#(&#all),*];

        /// Every earlier name of an operation, sorted.
        pub(crate) static ALIASES: &[(&str, &Operation)] = &[#(#aliases),*];

        #statics
    }
}

/// Lines of Markdown that list the operations by their tags.
fn index(operations: &[Operation]) -> Vec<String> {
    let mut tags: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for operation in operations {
        let name = constant(&operation.id);
        let line = format!(
            " - [`{name}`]: `{} {}`",
            operation.method.token(),
            operation.path
        );
        tags.entry(&operation.tag).or_default().push(line);
    }
    let sections = tags.into_iter().map(|(tag, lines)| {
        let heading = [String::new(), format!(" # {tag}"), String::new()];
        heading.into_iter().chain(lines)
    });
    sections.flatten().collect()
}

/// Earlier names, sorted, each with the id that bears it now. A name that is in use again is that
/// operation's, and of several claims the first by id counts.
fn aliases(operations: &[Operation]) -> BTreeMap<&str, &str> {
    let mut aliases = BTreeMap::new();
    for operation in operations {
        for alias in &operation.aliases {
            aliases
                .entry(alias.as_str())
                .or_insert(operation.id.as_str());
        }
    }
    for operation in operations {
        aliases.remove(operation.id.as_str());
    }
    aliases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    /// A generated file, its white space reduced to single spaces.
    fn file(name: &str) -> String {
        compact(&example::outputs(example::document()), name)
    }

    fn compact(outputs: &Outputs, name: &str) -> String {
        let mut files = outputs.files.iter();
        let found = files.find(|(path, _)| path.as_os_str() == name);
        let (_, text) = found.expect("that file is generated");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn assert_holds(text: &str, parts: &[&str]) {
        for part in parts {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn an_operation_is_written_with_all_that_is_known() {
        let parts = [
            "pub const REVISION: &str = \"2001-02-03\";",
            "&[ &DELETE_WIDGET, &GET_WIDGET_JOB, &GET_WIDGETS, &IMPORT_WIDGETS, ]",
            "= &[ (\"spawn_widget_import\", &IMPORT_WIDGETS), ];",
            "#[doc(alias = \"spawn_widget_import\")] pub static IMPORT_WIDGETS: Operation",
            "limits: Limits { burst: Some(3), steady: Some(60), daily: Some(100), }",
            "max_request_bytes: 4_000_000, max_item_bytes: Some(1000)",
            "job: Some(\"get_widget_job\")",
            "item_errors: ItemErrors::Job",
            "kind: Kind::Object(&shapes::WIDGET)",
            "repeat: Repeat { safe: true, why: \"It creates or updates.\", }",
        ];
        assert_holds(&file("operations.rs"), &parts);
    }

    #[test]
    fn a_form_is_written_with_its_fields() {
        let mut document = example::document();
        let body = &mut document["paths"]["/api/widget-jobs"]["post"]["requestBody"];
        let reference = "#/components/schemas/Place";
        body["content"] =
            serde_json::json!({ "multipart/form-data": { "schema": { "$ref": reference } } });
        let text = compact(&example::outputs(document), "operations.rs");
        let part = "body: Some(MediaType::Multipart), form: &shapes::PLACE,";
        assert_holds(&text, &[part, "form: &[],"]);
    }

    #[test]
    fn operations_are_listed_by_tag() {
        let text = file("operations.rs");
        let list = "//! # Widgets //! //! - [`DELETE_WIDGET`]: `DELETE /api/widgets/{id}` //!";
        assert_holds(&text, &[list]);
    }

    #[test]
    fn a_parameter_that_two_operations_share_is_written_once() {
        let text = file("parameters.rs");
        assert_eq!(text.matches("static FIELDS_WIDGET_").count(), 1);
        assert_eq!(text.matches("static ID_").count(), 1);
        assert_holds(
            &text,
            &["identifier: \"page_size\"", "default: Some(\"20\")"],
        );
    }

    #[test]
    fn a_named_object_is_written_once_with_those_that_it_leads_to() {
        let text = file("shapes.rs");
        assert_eq!(text.matches("static PLACE: [Field;").count(), 1);
        assert_holds(
            &text,
            &["static PLACE: [Field;", "Kind::Object(&shapes::PLACE)"],
        );
    }

    #[test]
    fn limits_of_fields_are_written_with_their_sources() {
        let parts = [
            "nesting: 10",
            "`nesting`: 10, not verified: a page",
            "5_000_000",
        ];
        assert_holds(&file("fields.rs"), &parts);
    }

    #[test]
    fn a_name_in_use_is_no_alias() {
        let document = Document::new(example::document()).expect("it has a revision");
        let mut operations = Operation::all(&document).expect("it can be read");
        operations[0].aliases = vec!["get_widgets".into(), "spawn_widget_import".into()];
        let aliases: Vec<_> = aliases(&operations).into_iter().collect();
        assert_eq!(aliases, [("spawn_widget_import", "delete_widget")]);
    }
}
