//! Lists of values that several operations share, such as the fields of a sparse fieldset.
//!
//! Such a list is named after what takes it and a hash of its content, so that its name stays when
//! other lists come and go.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::tokens::constant;

/// Lists up to this length are written where they are used.
const SHORT: usize = 4;

/// The lists that were met, by name.
#[derive(Default)]
pub(super) struct Values {
    lists: BTreeMap<Ident, Vec<String>>,
}

impl Values {
    /// An expression for a list of what `name` may be.
    pub(super) fn expression(&mut self, name: &str, values: &[String]) -> TokenStream {
        if values.len() <= SHORT {
            return quote!(&[#(#values),*]);
        }
        let constant = constant(&format!("{name}_{:08x}", hash(values)));
        let expression = quote!(values::#constant);
        self.lists.insert(constant, values.to_vec());
        expression
    }

    /// The file that holds the lists.
    pub(super) fn write(self) -> TokenStream {
        let names = self.lists.keys();
        let lists = self.lists.values();
        quote! {
            //! Lists of values that several operations share.

            #(pub(crate) static #names: &[&str] = &[#(#lists),*];)*
        }
    }
}

/// FNV-1a: short, and the same everywhere and always.
fn hash(values: &[String]) -> u32 {
    let bytes = values.iter().flat_map(|value| value.bytes().chain([0]));
    bytes.fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
