//! What a profile agreed to, as its resource shows it on request.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::moment;
use crate::account::{
    Channel, Consent, ConsentState, Identifier, ListSuppression, Profile, Subscriptions,
};

/// How a consent came about, as far as the sandbox knows.
const METHOD: &str = "API";

/// The attribute `subscriptions` of a profile.
pub(super) fn subscriptions(profile: &Profile) -> Value {
    let tracking = |channel| state(profile, channel, "can_receive");
    let whatsapp = |channel| {
        let mut shown = state(profile, channel, "can_receive");
        shown["phone_number"] = profile.phone_number().into();
        shown
    };
    json!({
        "email": {
            "marketing": email_marketing(profile),
            "open_tracking": tracking(Channel::EmailOpenTracking),
            "click_tracking": tracking(Channel::EmailClickTracking),
        },
        "sms": {
            "marketing": sms(profile, Channel::SmsMarketing, "can_receive_sms_marketing"),
            "transactional": sms(profile, Channel::SmsTransactional, "can_receive_sms_transactional"),
        },
        "mobile_push": {"marketing": state(profile, Channel::PushMarketing, "can_receive_push_marketing")},
        "whatsapp": {
            "marketing": whatsapp(Channel::WhatsappMarketing),
            "transactional": whatsapp(Channel::WhatsappTransactional),
            "conversational": whatsapp(Channel::WhatsappConversational),
        },
    })
}

fn consent(profile: &Profile, channel: Channel) -> Option<&Consent> {
    profile.subscriptions.as_deref()?.consent(channel)
}

/// What every channel shows: whether it may be used, what was said, and when.
fn state(profile: &Profile, channel: Channel, can_receive: &str) -> Value {
    let consent = consent(profile, channel);
    let state = profile.consent(channel);
    let has_address = channel
        .reaches()
        .is_none_or(|identifier| profile.identifier(identifier).is_some());
    let mut shown = Map::from_iter([
        ("consent".to_owned(), state.as_str().into()),
        (
            "consent_timestamp".to_owned(),
            shown_moment(consent.map(|it| it.at)),
        ),
    ]);
    if channel != Channel::PushMarketing {
        let updated = shown_moment(consent.map(|it| it.updated));
        shown.insert("last_updated".to_owned(), updated);
    }
    let may = has_address && state == ConsentState::Subscribed;
    shown.insert(can_receive.to_owned(), may.into());
    shown.into()
}

fn sms(profile: &Profile, channel: Channel, can_receive: &str) -> Value {
    let mut shown = state(profile, channel, can_receive);
    let consent = consent(profile, channel);
    shown["method"] = consent.map(|_| METHOD).into();
    shown["method_detail"] = consent.map(detail).into();
    shown
}

/// Without a suppression, whoever has an address may get e-mail marketing, whether they asked for
/// it or not.
fn email_marketing(profile: &Profile) -> Value {
    let can_receive = "can_receive_email_marketing";
    let mut shown = state(profile, Channel::EmailMarketing, can_receive);
    let consent = consent(profile, Channel::EmailMarketing);
    let has_address = profile.identifier(Identifier::Email).is_some();
    shown[can_receive] = (has_address && profile.suppressions().is_empty()).into();
    shown["method"] = consent.map(|_| METHOD).into();
    shown["method_detail"] = consent.map(detail).into();
    shown["custom_method_detail"] = consent.and_then(|it| it.source.as_deref()).into();
    shown["double_optin"] = consent.map(|it| it.double_opt_in).into();
    shown["suppression"] = profile
        .suppressions()
        .iter()
        .map(|it| json!({"reason": it.reason.as_str(), "timestamp": moment(it.since)}))
        .collect();
    shown["list_suppressions"] = list_suppressions(profile.subscriptions.as_deref());
    shown
}

fn detail(consent: &Consent) -> &str {
    consent.source.as_deref().unwrap_or_default()
}

fn list_suppressions(subscriptions: Option<&Subscriptions>) -> Value {
    let left = subscriptions.map_or(&[][..], |all| &all.list_suppressions);
    left.iter()
        .map(|left| {
            json!({
                "list_id": left.list,
                "reason": ListSuppression::REASON.as_str(),
                "timestamp": moment(left.since),
            })
        })
        .collect()
}

fn shown_moment(at: Option<DateTime<Utc>>) -> Value {
    at.map(moment).into()
}
