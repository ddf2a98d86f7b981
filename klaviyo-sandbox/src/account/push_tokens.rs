//! The devices that push messages reach, and whose they are.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::Ids;
use super::profiles::Slot;

/// What a request says about a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) token: String,
    pub(crate) platform: String,
    pub(crate) vendor: String,
    pub(crate) enablement_status: String,
    pub(crate) background: String,
    pub(crate) metadata: Map<String, Value>,
}

/// A device's token. There is one for each token and platform.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PushToken {
    pub(crate) id: String,
    pub(crate) profile: Slot,
    pub(crate) device: Device,
    pub(crate) created: DateTime<Utc>,
    /// When it was last reported.
    pub(crate) recorded: DateTime<Utc>,
}

/// All tokens, in the order in which they were first reported.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PushTokens {
    ids: Ids,
    created: u64,
    tokens: Vec<PushToken>,
}

impl PushTokens {
    pub(crate) fn new(ids: Ids) -> Self {
        Self {
            ids,
            created: 0,
            tokens: Vec::new(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &PushToken> {
        self.tokens.iter()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&PushToken> {
        self.tokens.iter().find(|token| token.id == id)
    }

    /// The tokens of a profile.
    pub(crate) fn of(&self, slot: Slot) -> impl Iterator<Item = &PushToken> {
        self.tokens
            .iter()
            .filter(move |token| token.profile == slot)
    }

    /// Takes a device's report: a device that is known may have another owner now.
    pub(crate) fn record(&mut self, profile: Slot, device: Device, now: DateTime<Utc>) {
        let known = self.tokens.iter_mut().find(|known| {
            known.device.token == device.token && known.device.platform == device.platform
        });
        match known {
            Some(known) => {
                known.profile = profile;
                known.device = device;
                known.recorded = now;
            }
            None => {
                self.tokens.push(PushToken {
                    id: self.ids.push_token(self.created),
                    profile,
                    device,
                    created: now,
                    recorded: now,
                });
                self.created += 1;
            }
        }
    }

    /// Deletes a token; says whether there was one.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let before = self.tokens.len();
        self.tokens.retain(|token| token.id != id);
        self.tokens.len() < before
    }

    /// Takes a token from its owner.
    pub(crate) fn unregister(&mut self, profile: Slot, token: &str, platform: &str) {
        self.tokens.retain(|known| {
            known.profile != profile
                || known.device.token != token
                || known.device.platform != platform
        });
    }

    /// Gives all tokens of a profile to another.
    pub(crate) fn hand_over(&mut self, from: Slot, to: Slot) {
        for token in self.tokens.iter_mut().filter(|token| token.profile == from) {
            token.profile = to;
        }
    }

    /// Deletes all tokens of a profile.
    pub(crate) fn forget(&mut self, slot: Slot) {
        self.tokens.retain(|token| token.profile != slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_one_owner() {
        let mut tokens = PushTokens::new(Ids::new(3));
        let device = Device {
            token: "t".to_owned(),
            platform: "ios".to_owned(),
            vendor: "apns".to_owned(),
            enablement_status: "AUTHORIZED".to_owned(),
            background: "AVAILABLE".to_owned(),
            metadata: Map::new(),
        };
        tokens.record(1, device.clone(), DateTime::UNIX_EPOCH);
        tokens.record(2, device, DateTime::UNIX_EPOCH);
        assert_eq!((tokens.of(1).count(), tokens.of(2).count()), (0, 1));
        tokens.unregister(1, "t", "ios");
        assert_eq!(tokens.iter().count(), 1);
        tokens.unregister(2, "t", "ios");
        assert_eq!(tokens.iter().count(), 0);
    }
}
