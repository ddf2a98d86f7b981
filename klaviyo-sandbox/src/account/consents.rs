//! Subscribing and unsubscribing: who is meant, and what becomes of their consents and lists.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Account;
use super::profile::{Profile, ProfileChange};
use super::profiles::Slot;
use super::subscriptions::{Channel, Consent, ConsentState, Subscriptions};

/// Profiles to be subscribed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Subscribing {
    pub(crate) rows: Vec<SubscribingRow>,
    /// The list that they are put on.
    pub(crate) list: Option<String>,
    /// The request's `custom_source`.
    pub(crate) source: Option<String>,
    /// Whether the owners of the addresses confirmed it.
    pub(crate) double_opt_in: bool,
    /// Whether those whom no profile stands for become new ones.
    pub(crate) creates: bool,
}

/// One profile to be subscribed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SubscribingRow {
    pub(crate) change: ProfileChange,
    pub(crate) channels: Vec<Asked>,
}

/// What a request says about one channel of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) channel: Channel,
    pub(crate) state: ConsentState,
    /// When the profile said so, if that was not now.
    pub(crate) at: Option<DateTime<Utc>>,
}

/// Profiles to be unsubscribed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Unsubscribing {
    pub(crate) rows: Vec<UnsubscribingRow>,
    /// The list that they leave; without one they leave everything.
    pub(crate) list: Option<String>,
}

/// One profile to be unsubscribed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UnsubscribingRow {
    pub(crate) change: ProfileChange,
    pub(crate) channels: Vec<Channel>,
}

impl Account {
    pub(super) fn subscribe(&mut self, order: Subscribing, now: DateTime<Utc>) {
        for row in order.rows {
            let Some(slot) = self.subscriber(row.change, order.creates, now) else {
                continue;
            };
            let profile = self.profiles.get_mut(slot);
            let subscriptions = profile.subscriptions_mut();
            for asked in &row.channels {
                subscriptions.record(Consent {
                    channel: asked.channel,
                    state: asked.state,
                    at: asked.at.unwrap_or(now),
                    updated: now,
                    source: order.source.as_deref().map(Into::into),
                    double_opt_in: order.double_opt_in,
                });
            }
            if let Some(id) = &order.list {
                subscriptions.rejoin(id);
                // A list that was deleted meanwhile takes nobody.
                if let Some(list) = self.lists.get_mut(id) {
                    list.add(slot, now);
                }
            }
        }
    }

    /// Where a profile that is to be subscribed stands, if there is one or may be a new one.
    fn subscriber(
        &mut self,
        change: ProfileChange,
        creates: bool,
        now: DateTime<Utc>,
    ) -> Option<Slot> {
        if creates {
            self.profiles.upsert_leniently(change, now)
        } else {
            self.profiles.identify(&change).ok().flatten()
        }
    }

    pub(super) fn unsubscribe(&mut self, order: Unsubscribing, now: DateTime<Utc>) {
        for row in order.rows {
            let Some(slot) = self.profiles.upsert_leniently(row.change, now) else {
                continue;
            };
            let left = order
                .list
                .as_deref()
                .filter(|list| self.leave_list(slot, list, now));
            if left.is_none() {
                let profile = self.profiles.get_mut(slot);
                leave_all(profile.subscriptions_mut(), &row.channels, now);
            }
        }
    }

    /// Takes a profile off a list for good; says whether it was on it.
    fn leave_list(&mut self, slot: Slot, id: &str, now: DateTime<Utc>) -> bool {
        let on_it = self.lists.get_mut(id).is_some_and(|list| list.remove(slot));
        if on_it {
            let profile = self.profiles.get_mut(slot);
            profile.subscriptions_mut().leave(id, now);
        }
        on_it
    }
}

fn leave_all(subscriptions: &mut Subscriptions, channels: &[Channel], now: DateTime<Utc>) {
    for channel in channels {
        subscriptions.record(Consent {
            channel: *channel,
            state: ConsentState::Unsubscribed,
            at: now,
            updated: now,
            source: None,
            double_opt_in: false,
        });
    }
}

impl Profile {
    pub(super) fn subscriptions_mut(&mut self) -> &mut Subscriptions {
        self.subscriptions.get_or_insert_default()
    }
}
