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
use crate::client::model::{Property, Type};
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
        let docs = &self.places.describe(name, reach.direction());
        match &self.layout.types[name] {
            Type::Object(properties) => vec![self.object(name, docs, reach, properties)],
            Type::Texts(listed) => {
                let condition = self.condition_text(reach);
                let made = texts::texts(name, docs, condition.as_deref(), listed);
                let marks = self.marked.contains(name).then(|| {
                    let condition = self.condition(reach);
                    let marks = alternatives::text_marks(name, listed);
                    Item::Code(quote!(#condition #marks))
                });
                [made].into_iter().chain(marks).collect()
            }
            Type::OneOf(several) => {
                let condition = self.condition_text(reach);
                let condition = condition.as_deref();
                vec![alternatives::alternatives(
                    name,
                    docs,
                    condition,
                    several,
                    self.layout,
                )]
            }
            // Written out where it is used.
            Type::Alias(_) => Vec::new(),
        }
    }

    fn object(&self, name: &str, text: &str, reach: &Reach, properties: &[Property]) -> Item {
        let condition = self.condition(reach);
        let docs = docs(text);
        let object = objects::object(name, properties, self.layout);
        let constructor = objects::constructor(name, properties, self.layout);
        let is_marked = self.marked.contains(name);
        let marks = is_marked.then(|| alternatives::marks(name, properties, self.layout));
        let extra: Vec<TokenStream> = constructor.into_iter().chain(marks).collect();
        Item::Code(quote!(#docs #condition #object #(#condition #extra)*))
    }

    fn condition(&self, reach: &Reach) -> Option<TokenStream> {
        self.needs_conditions.then(|| condition(&reach.tags))
    }

    fn condition_text(&self, reach: &Reach) -> Option<String> {
        self.needs_conditions.then(|| condition_text(&reach.tags))
    }
}
