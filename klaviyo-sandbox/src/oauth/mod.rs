//! OAuth: an app's refresh token, the access tokens it is exchanged for, and how long these live.

mod route;

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::account::Ids;
use crate::clock::after;

pub(crate) use route::routes;

/// What becomes of the refresh token when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnRefresh {
    /// It stays what it was, as Klaviyo does (docs).
    Keep,
    /// A new one takes its place, and it is refused from then on, as other services do.
    Rotate,
}

/// The tokens of the one app that the account let in.
pub(crate) struct Grants {
    ids: Ids,
    refresh_token: String,
    /// The access tokens and when they expire.
    access_tokens: HashMap<String, DateTime<Utc>>,
    renewals: u64,
    refused: u64,
}

/// New tokens.
pub(crate) struct Granted {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

/// How far an access token is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    Live,
    Expired,
    Unknown,
}

impl std::fmt::Debug for Grants {
    /// Shows how many tokens there are, never what they are.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grants")
            .field("access_tokens", &self.access_tokens.len())
            .field("renewals", &self.renewals)
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}

impl Grants {
    pub(crate) fn new(refresh_token: &str, seed: u64) -> Self {
        Self {
            ids: Ids::new(seed),
            refresh_token: refresh_token.to_owned(),
            access_tokens: HashMap::new(),
            renewals: 0,
            refused: 0,
        }
    }

    /// Exchanges the refresh token for an access token; `None` when it is not the one that is valid.
    pub(crate) fn renew(
        &mut self,
        refresh_token: &str,
        on_refresh: OnRefresh,
        lifetime: Duration,
        now: DateTime<Utc>,
    ) -> Option<Granted> {
        if refresh_token != self.refresh_token {
            return None;
        }
        self.renewals += 1;
        let access_token = format!("at_{}", self.ids.uuid(2 * self.renewals));
        if on_refresh == OnRefresh::Rotate {
            self.refresh_token = format!("rt_{}", self.ids.uuid(2 * self.renewals + 1));
        }
        let expires = after(now, lifetime);
        self.access_tokens.insert(access_token.clone(), expires);
        Some(Granted {
            access_token,
            refresh_token: self.refresh_token.clone(),
        })
    }

    /// Counts a request for tokens that was refused.
    pub(crate) fn refuse(&mut self) {
        self.refused += 1;
    }

    pub(crate) fn trust(&self, access_token: &str, now: DateTime<Utc>) -> Trust {
        match self.access_tokens.get(access_token) {
            Some(expires) if *expires > now => Trust::Live,
            Some(_) => Trust::Expired,
            None => Trust::Unknown,
        }
    }

    /// How often tokens were given, and how often refused.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.renewals, self.refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_token_lives_its_time() {
        let mut grants = Grants::new("rt", 1);
        let granted = grants.renew("rt", OnRefresh::Keep, HOUR, NOW).unwrap();
        assert_eq!(granted.refresh_token, "rt");
        let trust = |seconds| grants.trust(&granted.access_token, after(NOW, HOUR) + seconds);
        assert_eq!(trust(chrono::TimeDelta::seconds(-1)), Trust::Live);
        assert_eq!(trust(chrono::TimeDelta::zero()), Trust::Expired);
        assert_eq!(grants.trust("at", NOW), Trust::Unknown);
    }

    #[test]
    fn a_rotated_token_is_good_for_one_use() {
        let mut grants = Grants::new("rt", 1);
        let first = grants.renew("rt", OnRefresh::Rotate, HOUR, NOW).unwrap();
        assert!(grants.renew("rt", OnRefresh::Rotate, HOUR, NOW).is_none());
        let second = grants.renew(&first.refresh_token, OnRefresh::Rotate, HOUR, NOW);
        assert_ne!(second.unwrap().access_token, first.access_token);
    }
}
