//! From a request to the handler of its operation, and from what it says to an answer.

mod answer;
mod body;
mod call;
mod credentials;
mod exchange;
mod filter;
mod form;
mod gate;
mod outcome;
mod page;
mod parameter;
mod pour;
mod query;
mod revision;
mod route;
mod sink;

pub(crate) use answer::Answer;
pub(crate) use call::Call;
pub(crate) use exchange::pass;
pub(crate) use filter::{FieldValue, Filter};
pub(crate) use form::{Part, parts};
pub(crate) use outcome::Outcome;
pub(crate) use page::Page;
pub(crate) use route::Routes;
