//! What the storm has to know of a bulk operation.

use klaviyo_core::Outcome;
use klaviyo_tests::World;
use serde_json::{Value, json};

/// A bulk operation on the sandbox: its rows, and what of them the sandbox holds.
pub(crate) trait Family {
    /// The operation's name among the bulk verbs.
    fn verb(&self) -> String;

    /// Puts into the sandbox what the rows are about.
    async fn arrange(&mut self, world: &World);

    /// The operation's own options.
    fn options(&self) -> Value {
        json!({})
    }

    /// The rows; some of them Klaviyo cannot take, where there are such.
    fn rows(&self) -> Vec<Value>;

    /// How those end that it cannot take.
    fn refused(&self) -> Option<Outcome> {
        None
    }

    /// The row that a text in a request's body tells of, if it tells of one.
    fn row_in(&self, text: &str) -> Option<u64> {
        row_of(text.rsplit(":::").next()?)
    }

    /// The numbers of the rows whose effect is there, each as often as it is.
    async fn done(&self, world: &World) -> Vec<u64>;
}

/// The address of the person of a row.
pub(crate) fn address(row: usize) -> String {
    format!("{row}@shop.example")
}

/// The row of a name that begins with its number.
pub(crate) fn row_of(name: &str) -> Option<u64> {
    name.split('@').next()?.parse().ok()
}
