//! Wishes to hear when a variant is in stock again. The sandbox keeps the profile that wishes, and
//! sends nothing.

use super::{Handler, profile_body};
use crate::api::{Answer, Call};
use crate::problem::Refusal;

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("create_back_in_stock_subscription", create),
    ("create_client_back_in_stock_subscription", create),
];

fn create(call: &Call<'_>) -> Result<Answer, Refusal> {
    let profile_body::Document { mut data } = call.parse()?;
    let change = data.take_profile()?;
    call.account().profiles.upsert_leniently(change, call.now);
    Ok(Answer::accepted(None))
}
