//! Prints the types: a file for each tag, for each few tags that share types, and for what more share.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use super::conditions::{condition, condition_text};
use super::describe::Places;
use super::files::{File, Item};
use super::tokens::{docs, ident};
use super::{alternatives, objects, texts};
use crate::client::layout::Layout;
use crate::client::model::Type;
use crate::client::names;
use crate::client::reach::Reach;

/// Up to so many tags share a file; what more of them share goes into one, under conditions.
const FEW: usize = 3;

/// The types of one file.
struct Module<'a> {
    name: String,
    /// The tags whose operations need any of the types.
    tags: BTreeSet<String>,
    types: Vec<(&'a str, &'a Reach)>,
}

/// The files.
pub(in crate::client) fn types(layout: &Layout<'_>, places: &Places) -> Vec<File> {
    let modules = modules(layout);
    let marked = alternatives::marked(layout);
    let mut files = vec![index(&modules)];
    for module in modules {
        let printer = Printer {
            layout,
            places,
            marked: &marked,
            needs_conditions: module.tags.len() > FEW,
        };
        let text = format!(" Types that operations under {} need.", listed(&module));
        files.push(File {
            path: format!("types/{}.rs", module.name),
            head: quote!(#![doc = #text] use super::*;),
            items: module
                .types
                .iter()
                .flat_map(|(name, reach)| printer.print(name, reach))
                .collect(),
        });
    }
    files
}

fn modules<'a>(layout: &Layout<'a>) -> Vec<Module<'a>> {
    let mut modules: BTreeMap<String, Module<'_>> = BTreeMap::new();
    for (name, reach) in layout.reached {
        let tags: Vec<String> = reach.tags.iter().map(|tag| names::module(tag)).collect();
        let path = if tags.len() > FEW {
            "shared".to_owned()
        } else {
            tags.join("_and_")
        };
        let module = modules.entry(path.clone()).or_insert_with(|| Module {
            name: path,
            tags: BTreeSet::new(),
            types: Vec::new(),
        });
        module.tags.extend(reach.tags.iter().cloned());
        module.types.push((name, reach));
    }
    modules.into_values().collect()
}

fn listed(module: &Module<'_>) -> String {
    if module.tags.len() > FEW {
        return "several tags".to_owned();
    }
    let tags: Vec<String> = module.tags.iter().map(|tag| format!("`{tag}`")).collect();
    if let [only] = tags.as_slice() {
        return format!("{only} alone");
    }
    tags.join(" and ")
}

fn index(modules: &[Module<'_>]) -> File {
    let lines = modules.iter().map(|module| {
        let name = ident(&module.name);
        let condition = condition(&module.tags);
        quote!(#condition mod #name; #condition pub use #name::*;)
    });
    File {
        path: "types/mod.rs".into(),
        head: quote! {
            #![doc = " Bodies of requests and of answers."]
            #![cfg_attr(not(feature = "full"), allow(unused_imports, reason = "few tags need all of them"))]
            #![allow(missing_docs, reason = "of most fields the document says no more than the name")]

            use serde::{Deserialize, Serialize};
            use serde_json::Value;

            use crate::typed::alternatives::{Alternative, Marks, alternatives};
            use crate::typed::texts::texts;
            use crate::typed::lenient;
            use crate::{File, JsonObject, Patch, Scalar};
        },
        items: vec![Item::Code(quote!(#(#lines)*))],
    }
}

/// Prints the types of one file.
struct Printer<'a> {
    layout: &'a Layout<'a>,
    places: &'a Places,
    marked: &'a BTreeSet<&'a str>,
    /// Whether not every feature that compiles the file needs all of it.
    needs_conditions: bool,
}

impl Printer<'_> {
    fn print(&self, name: &str, reach: &Reach) -> Vec<Item> {
        let text = &self.places.describe(name, reach.direction());
        let condition_text = self.needs_conditions.then(|| condition_text(&reach.tags));
        match &self.layout.types[name] {
            Type::Object(properties) => {
                let condition = self.needs_conditions.then(|| condition(&reach.tags));
                let docs = docs(text);
                let object = objects::object(name, properties, self.layout);
                let constructor = objects::constructor(name, properties, self.layout);
                let marks = self
                    .marked
                    .contains(name)
                    .then(|| alternatives::marks(name, properties, self.layout));
                let extra: Vec<TokenStream> = constructor.into_iter().chain(marks).collect();
                let code = quote!(#docs #condition #object #(#condition #extra)*);
                vec![Item::Code(code)]
            }
            Type::Texts(listed) => {
                let made = texts::texts(name, text, condition_text.as_deref(), listed);
                let condition = self.needs_conditions.then(|| condition(&reach.tags));
                let marks = self.marked.contains(name).then(|| {
                    let marks = alternatives::text_marks(name, listed);
                    Item::Code(quote!(#condition #marks))
                });
                [made].into_iter().chain(marks).collect()
            }
            Type::OneOf(several) => vec![alternatives::alternatives(
                name,
                text,
                condition_text.as_deref(),
                several,
                self.layout,
            )],
            // Written out where it is used.
            Type::Alias(_) => Vec::new(),
        }
    }
}
