//! What a profile agreed to receive, and what keeps e-mail marketing from it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::identifier::Identifier;

/// What a profile can agree to receive, each on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Channel {
    /// Marketing by e-mail.
    EmailMarketing,
    /// Being told when an e-mail is opened.
    EmailOpenTracking,
    /// Being told when a link in an e-mail is followed.
    EmailClickTracking,
    /// Marketing by SMS.
    SmsMarketing,
    /// Messages about an order by SMS.
    SmsTransactional,
    /// Marketing by WhatsApp.
    WhatsappMarketing,
    /// Messages about an order by WhatsApp.
    WhatsappTransactional,
    /// Conversations by WhatsApp.
    WhatsappConversational,
    /// Marketing by push messages.
    PushMarketing,
}

impl Channel {
    pub(crate) const ALL: [Self; 9] = [
        Self::EmailMarketing,
        Self::EmailOpenTracking,
        Self::EmailClickTracking,
        Self::SmsMarketing,
        Self::SmsTransactional,
        Self::WhatsappMarketing,
        Self::WhatsappTransactional,
        Self::WhatsappConversational,
        Self::PushMarketing,
    ];

    /// The two names under which a request's `subscriptions` has it.
    pub(crate) fn names(self) -> [&'static str; 2] {
        match self {
            Self::EmailMarketing => ["email", "marketing"],
            Self::EmailOpenTracking => ["email", "open_tracking"],
            Self::EmailClickTracking => ["email", "click_tracking"],
            Self::SmsMarketing => ["sms", "marketing"],
            Self::SmsTransactional => ["sms", "transactional"],
            Self::WhatsappMarketing => ["whatsapp", "marketing"],
            Self::WhatsappTransactional => ["whatsapp", "transactional"],
            Self::WhatsappConversational => ["whatsapp", "conversational"],
            Self::PushMarketing => ["push", "marketing"],
        }
    }

    /// What messages on the channel are sent to; push messages go to tokens.
    pub(crate) fn reaches(self) -> Option<Identifier> {
        match self.names()[0] {
            "email" => Some(Identifier::Email),
            "push" => None,
            _ => Some(Identifier::PhoneNumber),
        }
    }
}

/// Whether a profile agreed to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentState {
    /// Nobody asked, or nobody answered.
    NeverSubscribed,
    /// It agreed.
    Subscribed,
    /// It left.
    Unsubscribed,
}

impl ConsentState {
    /// The value in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeverSubscribed => "NEVER_SUBSCRIBED",
            Self::Subscribed => "SUBSCRIBED",
            Self::Unsubscribed => "UNSUBSCRIBED",
        }
    }
}

/// What a profile last said about a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Consent {
    pub(crate) channel: Channel,
    pub(crate) state: ConsentState,
    /// When it was said.
    pub(crate) at: DateTime<Utc>,
    /// When the account learned of it.
    pub(crate) updated: DateTime<Utc>,
    /// The request's `custom_source`.
    pub(crate) source: Option<Box<str>>,
    /// Whether the owner of the address confirmed it.
    pub(crate) double_opt_in: bool,
}

/// Why a profile gets no e-mail marketing at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SuppressionReason {
    /// Its address does not exist.
    HardBounce,
    /// Its address is none.
    InvalidEmail,
    /// It called an e-mail spam.
    SpamComplaint,
    /// It left all e-mail marketing.
    Unsubscribe,
    /// The account's owner suppressed it.
    UserSuppressed,
}

impl SuppressionReason {
    pub(crate) const ALL: [Self; 5] = [
        Self::HardBounce,
        Self::InvalidEmail,
        Self::SpamComplaint,
        Self::Unsubscribe,
        Self::UserSuppressed,
    ];

    /// The value in answers and filters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HardBounce => "HARD_BOUNCE",
            Self::InvalidEmail => "INVALID_EMAIL",
            Self::SpamComplaint => "SPAM_COMPLAINT",
            Self::Unsubscribe => "UNSUBSCRIBE",
            Self::UserSuppressed => "USER_SUPPRESSED",
        }
    }

    /// Whether subscribing ends it: no consent makes an address work.
    fn ends_with_consent(self) -> bool {
        !matches!(self, Self::HardBounce | Self::InvalidEmail)
    }
}

/// A suppression: no e-mail marketing reaches the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A list whose e-mails the profile no longer gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListSuppression {
    pub(crate) list: Box<str>,
    pub(crate) since: DateTime<Utc>,
}

impl ListSuppression {
    /// The only reason that a request can be.
    pub(crate) const REASON: SuppressionReason = SuppressionReason::Unsubscribe;
}

/// What a profile agreed to, and its suppressions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Subscriptions {
    consents: Vec<Consent>,
    pub(crate) suppressions: Vec<Suppression>,
    pub(crate) list_suppressions: Vec<ListSuppression>,
}

impl Subscriptions {
    pub(crate) fn consent(&self, channel: Channel) -> Option<&Consent> {
        self.consents
            .iter()
            .find(|consent| consent.channel == channel)
    }

    /// Takes down what the profile says about a channel. Subscribing to e-mail marketing ends
    /// suppressions, leaving it is one.
    pub(crate) fn record(&mut self, consent: Consent) {
        if consent.channel == Channel::EmailMarketing {
            match consent.state {
                ConsentState::Subscribed => self
                    .suppressions
                    .retain(|one| !one.reason.ends_with_consent()),
                _ => {
                    self.suppress(SuppressionReason::Unsubscribe, consent.updated);
                }
            }
        }
        self.consents
            .retain(|other| other.channel != consent.channel);
        self.consents.push(consent);
    }

    /// Suppresses the profile; says whether that is new.
    pub(crate) fn suppress(&mut self, reason: SuppressionReason, since: DateTime<Utc>) -> bool {
        let new = !self.is_suppressed(reason);
        if new {
            self.suppressions.push(Suppression { reason, since });
        }
        new
    }

    /// Takes a suppression back; says whether there was one.
    pub(crate) fn unsuppress(&mut self, reason: SuppressionReason) -> bool {
        let before = self.suppressions.len();
        self.suppressions.retain(|other| other.reason != reason);
        self.suppressions.len() < before
    }

    fn is_suppressed(&self, reason: SuppressionReason) -> bool {
        self.suppressions.iter().any(|other| other.reason == reason)
    }

    /// No e-mails of this list any more.
    pub(crate) fn leave(&mut self, list: &str, since: DateTime<Utc>) {
        self.rejoin(list);
        self.list_suppressions.push(ListSuppression {
            list: list.into(),
            since,
        });
    }

    /// E-mails of this list again.
    pub(crate) fn rejoin(&mut self, list: &str) {
        self.list_suppressions.retain(|other| *other.list != *list);
    }

    /// Takes over what another profile, which becomes a part of this one, said about channels that
    /// this one said nothing about; and all its suppressions, lest a merge brings mail to somebody
    /// who left.
    pub(crate) fn absorb(&mut self, other: Self) {
        for consent in other.consents {
            if self.consent(consent.channel).is_none() {
                self.consents.push(consent);
            }
        }
        for suppression in other.suppressions {
            self.suppress(suppression.reason, suppression.since);
        }
        for left in other.list_suppressions {
            if !self
                .list_suppressions
                .iter()
                .any(|own| own.list == left.list)
            {
                self.list_suppressions.push(left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn email(state: ConsentState) -> Consent {
        Consent {
            channel: Channel::EmailMarketing,
            state,
            at: NOW,
            updated: NOW,
            source: None,
            double_opt_in: false,
        }
    }

    fn reasons(subscriptions: &Subscriptions) -> Vec<SuppressionReason> {
        let suppressions = subscriptions.suppressions.iter();
        suppressions.map(|suppression| suppression.reason).collect()
    }

    #[test]
    fn leaving_suppresses_and_subscribing_ends_what_consent_can_end() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.record(email(ConsentState::Unsubscribed));
        assert!(subscriptions.suppress(SuppressionReason::UserSuppressed, NOW));
        assert!(!subscriptions.suppress(SuppressionReason::UserSuppressed, NOW));
        assert_eq!(
            reasons(&subscriptions),
            [
                SuppressionReason::Unsubscribe,
                SuppressionReason::UserSuppressed
            ]
        );
        subscriptions.suppress(SuppressionReason::HardBounce, NOW);
        subscriptions.record(email(ConsentState::Subscribed));
        assert_eq!(reasons(&subscriptions), [SuppressionReason::HardBounce]);
        assert_eq!(subscriptions.consents.len(), 1);
    }

    #[test]
    fn unsuppressing_leaves_those_who_left() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.record(email(ConsentState::Unsubscribed));
        assert!(!subscriptions.unsuppress(SuppressionReason::UserSuppressed));
        assert_eq!(reasons(&subscriptions), [SuppressionReason::Unsubscribe]);
    }

    #[test]
    fn a_merge_keeps_what_was_said_and_every_suppression() {
        let mut kept = Subscriptions::default();
        kept.record(email(ConsentState::Subscribed));
        let mut gone = Subscriptions::default();
        gone.record(email(ConsentState::Unsubscribed));
        gone.leave("L", NOW);
        kept.absorb(gone);
        assert_eq!(
            kept.consent(Channel::EmailMarketing).map(|it| it.state),
            Some(ConsentState::Subscribed)
        );
        assert_eq!(reasons(&kept), [SuppressionReason::Unsubscribe]);
        assert_eq!(kept.list_suppressions.len(), 1);
    }
}
