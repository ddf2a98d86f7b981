//! Who sends requests, and whose windows they count in: the account's keys share theirs, an app that
//! came by OAuth has its own (docs).

use chrono::{DateTime, Utc};
use klaviyo_gen::Operation;
use serde::Serialize;

use crate::limits::{Limiter, Quota, Throttled, Usage};
use crate::settings::Settings;

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// Somebody with a private key.
    Key,
    /// An app with an access token.
    App,
    /// A shop's page or app, without either (`/client/…`). It counts in the windows of the keys.
    Page,
}

/// The windows of all callers.
#[derive(Debug)]
pub(crate) struct Windows {
    account: Limiter,
    app: Limiter,
}

/// How full a window is, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct CallersWindow {
    pub(crate) caller: Caller,
    #[serde(flatten)]
    pub(crate) usage: Usage,
}

impl Windows {
    pub(crate) fn new(settings: &Settings, seed: u64) -> Self {
        let limiter = |seed| {
            Limiter::new(
                settings.window_alignment,
                seed,
                settings.refused_requests_count,
            )
        };
        Self {
            account: limiter(seed),
            app: limiter(!seed),
        }
    }

    /// Counts a request that arrives now, if every window takes it, those of predictive analytics
    /// included if it asks for `predictions`. `None`: it has no limits.
    pub(crate) fn admit(
        &mut self,
        operation: &Operation,
        predictions: bool,
        caller: Caller,
        now: DateTime<Utc>,
    ) -> Result<Option<Quota>, Throttled> {
        self.of(caller).admit(operation, predictions, now)
    }

    /// The windows that hold any request now, with their operations.
    pub(crate) fn usage(&mut self, now: DateTime<Utc>) -> Vec<(&'static str, CallersWindow)> {
        let account = self.account.usage(now).into_iter().map(|(id, usage)| {
            let is_open = klaviyo_gen::find(id).is_some_and(|it| !it.authenticated);
            let caller = if is_open { Caller::Page } else { Caller::Key };
            (id, CallersWindow { caller, usage })
        });
        let app = self.app.usage(now).into_iter().map(|(id, usage)| {
            let caller = Caller::App;
            (id, CallersWindow { caller, usage })
        });
        account.chain(app).collect()
    }

    /// All windows in which a caller's requests to an operation count, the shortest first.
    pub(crate) fn usage_of(
        &mut self,
        operation: &str,
        caller: Caller,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = CallersWindow> {
        let usage = self.of(caller).usage_of(operation, now).into_iter();
        usage.map(move |usage| CallersWindow { caller, usage })
    }

    fn of(&mut self, caller: Caller) -> &mut Limiter {
        match caller {
            Caller::Key | Caller::Page => &mut self.account,
            Caller::App => &mut self.app,
        }
    }
}
