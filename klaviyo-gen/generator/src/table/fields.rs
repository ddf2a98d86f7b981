//! Limits that hold across operations: those of single fields, and the general cap of a body.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{number, variant};
use crate::caps::{CapsFile, FieldLimit, Sure};

/// The file that holds them.
pub(super) fn write(caps: &CapsFile) -> TokenStream {
    let general = number(caps.general.max_request_bytes);
    let limits = named(caps);
    let names = limits.iter().map(|(name, _)| variant(name));
    let values = limits.iter().map(|(_, limit)| number(limit.value));
    let lines = limits.iter().map(|(name, limit)| line(name, limit));
    quote! {
        //! Limits that hold across operations.

        use crate::operation::FieldLimits;

        /// Most bytes of a request body, where the operation's own caps say nothing else.
        pub const MAX_REQUEST_BYTES: u64 = #general;

        /// Limits of single fields, each with its source:
        ///
        #(#[doc = #lines])*
        pub const FIELD_LIMITS: FieldLimits = FieldLimits { #(#names: #values),* };
    }
}

fn named(caps: &CapsFile) -> [(&'static str, &FieldLimit); 11] {
    let fields = &caps.fields;
    [
        ("email_chars", &fields.email_chars),
        ("metric_name_chars", &fields.metric_name_chars),
        ("unique_id_chars", &fields.unique_id_chars),
        ("event_properties", &fields.event_properties),
        ("array_items", &fields.array_items),
        ("nesting", &fields.nesting),
        ("event_profile_bytes", &fields.event_profile_bytes),
        ("event_first_year", &fields.event_first_year),
        ("event_future_days", &fields.event_future_days),
        ("predictions_burst", &fields.predictions_burst),
        ("predictions_steady", &fields.predictions_steady),
    ]
}

fn line(name: &str, limit: &FieldLimit) -> String {
    let sure = match limit.sure {
        Sure::Docs => "documented",
        Sure::Live => "seen in real traffic",
        Sure::Unverified => "not verified",
    };
    format!(" - `{name}`: {}, {sure}: {}", limit.value, limit.source)
}
