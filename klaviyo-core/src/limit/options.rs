//! How the limiter is used.

use std::collections::BTreeMap;
use std::sync::Arc;

use klaviyo_gen::{Limits, OPERATIONS};

use super::LimitState;
use crate::encode::nearest;
use crate::error::Error;

/// How the limiter is used.
#[derive(Debug, Clone)]
pub struct LimitOptions {
    /// The part of each limit that this client takes, more than 0 and at most 1. Less than 1
    /// leaves room for other users of the same account, with whom Klaviyo shares the limits.
    pub share: f64,
    /// Whether to wait when an operation's daily limit is used up, by our own count or because Klaviyo
    /// says so (a `Retry-After` of hours). `false`, the default, makes that an error at once
    /// ([`Error::RateLimit`]), since the wait can be a whole day.
    pub wait_for_daily: bool,
    /// Limits other than those of the table, by operationId: for an account to which Klaviyo gives
    /// others.
    pub overrides: BTreeMap<String, Limits>,
    /// Where requests are counted; this process when `None`. A place of one's own sees to `share`
    /// and `overrides` itself.
    pub state: Option<Arc<dyn LimitState>>,
}

impl Default for LimitOptions {
    fn default() -> Self {
        LimitOptions {
            share: 1.0,
            wait_for_daily: false,
            overrides: BTreeMap::new(),
            state: None,
        }
    }
}

impl LimitOptions {
    /// Whether the options can be used.
    ///
    /// # Errors
    /// [`Error::Configuration`] says what is wrong with them.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let share = self.share;
        if !(share > 0.0 && share <= 1.0) {
            let message = format!("share must be more than 0 and at most 1, not {share}");
            return Err(Error::Configuration(message));
        }
        let mut ids = self.overrides.keys();
        match ids.find(|id| klaviyo_gen::find(id).is_none()) {
            Some(id) => Err(Error::Configuration(no_operation(id))),
            None => Ok(()),
        }
    }
}

fn no_operation(id: &str) -> String {
    let known: Vec<&str> = OPERATIONS.iter().map(|operation| operation.id).collect();
    let hint = nearest(&known, id).map(|known| format!("; did you mean {known:?}?"));
    format!(
        "limits are given for {id:?}, which is no operation{}",
        hint.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::CREATE_LIST;

    use super::*;

    #[test]
    fn options_that_cannot_be_used_are_named() {
        let of = |options: LimitOptions| options.check().unwrap_err().to_string();
        let share = LimitOptions {
            share: 0.0,
            ..LimitOptions::default()
        };
        assert!(of(share).contains("share"));
        let unknown = LimitOptions {
            overrides: [("get_profile_s".to_owned(), CREATE_LIST.limits)].into(),
            ..LimitOptions::default()
        };
        let told = of(unknown);
        assert!(
            told.contains("get_profile_s") && told.contains("mean \"get_profiles\""),
            "{told}"
        );
    }
}
