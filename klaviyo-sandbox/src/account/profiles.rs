//! All profiles of the account, found by any of their identifiers.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::identifier::{Identifier, Identifiers};
use super::ids::Ids;
use super::profile::{Nulls, Profile, ProfileChange};

/// Where a profile stands; it never changes, so others may keep it.
pub(crate) type Slot = u32;

/// Why a slot that something holds on to is not empty.
const NOT_GONE: &str = "lists, segments, tokens and events let go of a profile before it goes";

/// Profiles by one kind of identifier. Every row of an import is looked up and entered several times:
/// the hash is a fast one.
type Index = HashMap<Box<str>, Slot, RandomState>;

/// All profiles of the account.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Profiles {
    ids: Ids,
    /// `None` where a profile stood that is gone.
    slots: Vec<Option<Profile>>,
    by_id: Index,
    by_identifier: BTreeMap<Identifier, Index>,
}

/// Why a change cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// The request names a profile by an id that no profile has.
    UnknownId,
    /// The identifier belongs to another profile.
    Taken(Identifier, Slot),
}

impl Profiles {
    pub(crate) fn new(ids: Ids) -> Self {
        Self {
            ids,
            slots: Vec::new(),
            by_id: Index::default(),
            by_identifier: BTreeMap::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// In the order of their creation.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.slots.iter().flatten()
    }

    /// The profile in a slot, unless it is gone.
    pub(crate) fn living(&self, slot: Slot) -> Option<&Profile> {
        self.slots[slot as usize].as_ref()
    }

    /// The profile in a slot of which it is known that it is not gone.
    pub(crate) fn get(&self, slot: Slot) -> &Profile {
        self.living(slot).expect(NOT_GONE)
    }

    pub(crate) fn get_mut(&mut self, slot: Slot) -> &mut Profile {
        self.slots[slot as usize].as_mut().expect(NOT_GONE)
    }

    pub(crate) fn slot(&self, by: Identifier, value: &str) -> Option<Slot> {
        match by {
            Identifier::Id => self.by_id.get(value).copied(),
            other => self
                .by_identifier
                .get(&other)?
                .get(other.key(value).as_ref())
                .copied(),
        }
    }

    pub(crate) fn find(&self, by: Identifier, value: &str) -> Option<&Profile> {
        self.slot(by, value).map(|slot| self.get(slot))
    }

    /// The profile that a change is about; `None` when it would make a new one.
    ///
    /// A row belongs to the profile of its strongest identifier. When no profile has that one yet,
    /// it belongs to the profile of the next, provided that this profile has none of the stronger
    /// kind: otherwise one phone number on two addresses would make one customer of two.
    pub(crate) fn identify(&self, change: &ProfileChange) -> Result<Option<Slot>, Conflict> {
        if let Some(id) = &change.id {
            let slot = self.slot(Identifier::Id, id).ok_or(Conflict::UnknownId)?;
            return self
                .owns_or_may_own(slot, &change.identifiers)
                .map(|()| Some(slot));
        }
        let Some((by, slot)) = change
            .identifiers
            .iter()
            .find_map(|(by, value)| Some((by, self.slot(by, value)?)))
        else {
            return Ok(None);
        };
        let known = &self.get(slot).identifiers;
        let stronger = change
            .identifiers
            .iter()
            .take_while(|(other, _)| *other != by);
        for (other, _) in stronger {
            if known.get(other).is_some() {
                return Err(Conflict::Taken(by, slot));
            }
        }
        self.owns_or_may_own(slot, &change.identifiers)
            .map(|()| Some(slot))
    }

    /// Whether none of the identifiers belongs to another profile.
    fn owns_or_may_own(&self, slot: Slot, identifiers: &Identifiers) -> Result<(), Conflict> {
        for (by, value) in identifiers.iter() {
            match self.slot(by, value) {
                Some(other) if other != slot => return Err(Conflict::Taken(by, other)),
                _ => {}
            }
        }
        Ok(())
    }

    /// A profile that has one of the change's identifiers, whichever.
    pub(crate) fn any_of(&self, change: &ProfileChange) -> Option<Slot> {
        change
            .identifiers
            .iter()
            .find_map(|(by, value)| self.slot(by, value))
    }

    pub(crate) fn create(&mut self, change: ProfileChange, now: DateTime<Utc>) -> Slot {
        let slot =
            Slot::try_from(self.slots.len()).expect("fewer than 2^32 profiles fit into memory");
        let profile = Profile::new(self.ids.profile(u64::from(slot), now), now);
        self.by_id.insert(profile.id.as_str().into(), slot);
        self.slots.push(Some(profile));
        // No null clears anything in a profile that has nothing yet.
        self.write(slot, change, Nulls::Ignore, now);
        slot
    }

    /// Changes a profile.
    pub(crate) fn update(
        &mut self,
        slot: Slot,
        change: ProfileChange,
        nulls: Nulls,
        now: DateTime<Utc>,
    ) -> Result<(), Conflict> {
        self.owns_or_may_own(slot, &change.identifiers)?;
        self.write(slot, change, nulls, now);
        Ok(())
    }

    /// Creates the profile that a change is about, or changes it; says whether it is new.
    pub(crate) fn upsert(
        &mut self,
        change: ProfileChange,
        nulls: Nulls,
        now: DateTime<Utc>,
    ) -> Result<(Slot, bool), Conflict> {
        let place = self.identify(&change)?;
        Ok((self.put(place, change, nulls, now), place.is_none()))
    }

    /// Makes a change where [`Profiles::identify`] found that it belongs.
    pub(crate) fn put(
        &mut self,
        place: Option<Slot>,
        change: ProfileChange,
        nulls: Nulls,
        now: DateTime<Utc>,
    ) -> Slot {
        match place {
            Some(slot) => {
                self.write(slot, change, nulls, now);
                slot
            }
            None => self.create(change, now),
        }
    }

    /// Like [`Profiles::upsert`], but leaves identifiers that belong to others to them, where that
    /// would refuse. `None` when the change names an unknown profile by its id.
    pub(crate) fn upsert_leniently(
        &mut self,
        mut change: ProfileChange,
        now: DateTime<Utc>,
    ) -> Option<Slot> {
        let place = self.identify_leniently(&mut change).ok()?;
        Some(self.put(place, change, Nulls::Ignore, now))
    }

    /// The profile that a change is about, from which identifiers are taken that belong to others.
    /// No profile but one named by an unknown id is refused.
    pub(crate) fn identify_leniently(
        &self,
        change: &mut ProfileChange,
    ) -> Result<Option<Slot>, Conflict> {
        match self.identify(change) {
            Err(Conflict::Taken(..)) => {}
            settled => return settled,
        }
        let known = match &change.id {
            Some(id) => self.slot(Identifier::Id, id),
            None => change
                .identifiers
                .iter()
                .next()
                .and_then(|(by, value)| self.slot(by, value)),
        };
        let identifiers = std::mem::take(&mut change.identifiers);
        if known.is_none() {
            change.identifiers = identifiers.strongest();
        }
        Ok(known)
    }

    /// Takes a profile out; its identifiers are free again.
    pub(crate) fn remove(&mut self, slot: Slot) -> Option<Profile> {
        let profile = self.slots[slot as usize].take()?;
        self.by_id.remove(profile.id.as_str());
        for (by, value) in profile.identifiers.iter() {
            if let Some(index) = self.by_identifier.get_mut(&by) {
                index.remove(by.key(value).as_ref());
            }
        }
        Some(profile)
    }

    /// Makes a profile that was taken out a part of another.
    pub(crate) fn absorb(&mut self, slot: Slot, other: Profile, now: DateTime<Utc>) {
        for (by, value) in other.identifiers.iter() {
            if self.get(slot).identifier(by).is_none() {
                self.reindex(slot, by, Some(value.into()));
            }
        }
        self.get_mut(slot).absorb(other, now);
    }

    fn write(&mut self, slot: Slot, mut change: ProfileChange, nulls: Nulls, now: DateTime<Utc>) {
        for (by, value) in std::mem::take(&mut change.identifiers).into_each() {
            self.reindex(slot, by, Some(value));
        }
        if nulls == Nulls::Clear {
            for by in &change.cleared {
                self.reindex(slot, *by, None);
            }
        }
        self.get_mut(slot).take_over(change, nulls, now);
    }

    fn reindex(&mut self, slot: Slot, by: Identifier, value: Option<Box<str>>) {
        let Some(profile) = &mut self.slots[slot as usize] else {
            return;
        };
        let identifiers = &mut profile.identifiers;
        if identifiers.get(by) == value.as_deref() {
            return;
        }
        let index = self.by_identifier.entry(by).or_default();
        if let Some(old) = identifiers.get(by) {
            index.remove(by.key(old).as_ref());
        }
        if let Some(new) = &value {
            index.insert(by.key(new).into(), slot);
        }
        identifiers.set(by, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn profiles() -> Profiles {
        Profiles::new(Ids::new(1))
    }

    fn row(identifiers: &[(Identifier, &str)]) -> ProfileChange {
        let mut change = ProfileChange::default();
        for (by, value) in identifiers {
            change.identifiers.set(*by, Some((*value).into()));
        }
        change
    }

    use Identifier::{Email, ExternalId, Id, PhoneNumber};

    #[test]
    fn an_email_is_found_in_any_case() {
        let mut profiles = profiles();
        let (slot, new) = profiles
            .upsert(row(&[(Email, "Ada@Shop.example")]), Nulls::Ignore, NOW)
            .unwrap();
        assert!(new);
        assert_eq!(profiles.slot(Email, "ada@shop.EXAMPLE"), Some(slot));
        assert_eq!(
            profiles.upsert(row(&[(Email, "ada@shop.example")]), Nulls::Ignore, NOW),
            Ok((slot, false))
        );
        assert_eq!(profiles.slot(Email, "ADA@shop.example"), Some(slot));
    }

    #[test]
    fn one_phone_number_on_two_addresses_is_a_conflict() {
        let mut profiles = profiles();
        let phone = "+390110000000";
        let (slot, _) = profiles
            .upsert(
                row(&[(Email, "a@shop.example"), (PhoneNumber, phone)]),
                Nulls::Ignore,
                NOW,
            )
            .unwrap();
        assert_eq!(
            profiles.upsert(
                row(&[(Email, "b@shop.example"), (PhoneNumber, phone)]),
                Nulls::Ignore,
                NOW
            ),
            Err(Conflict::Taken(PhoneNumber, slot)),
        );
        assert_eq!(profiles.len(), 1);
    }

    #[test]
    fn a_weaker_identifier_is_joined_by_a_stronger_one() {
        let mut profiles = profiles();
        let (slot, _) = profiles
            .upsert(row(&[(ExternalId, "7")]), Nulls::Ignore, NOW)
            .unwrap();
        assert_eq!(
            profiles.upsert(
                row(&[(Email, "a@shop.example"), (ExternalId, "7")]),
                Nulls::Ignore,
                NOW
            ),
            Ok((slot, false)),
        );
        assert_eq!(profiles.slot(Email, "a@shop.example"), Some(slot));
    }

    #[test]
    fn two_profiles_in_one_row_are_a_conflict() {
        let mut profiles = profiles();
        profiles
            .upsert(row(&[(Email, "a@shop.example")]), Nulls::Ignore, NOW)
            .unwrap();
        let (other, _) = profiles
            .upsert(row(&[(ExternalId, "7")]), Nulls::Ignore, NOW)
            .unwrap();
        assert_eq!(
            profiles.identify(&row(&[(Email, "a@shop.example"), (ExternalId, "7")])),
            Err(Conflict::Taken(ExternalId, other)),
        );
    }

    #[test]
    fn an_unknown_id_is_no_new_profile() {
        let mut change = row(&[(Email, "a@shop.example")]);
        change.id = Some("nobody".to_owned());
        assert_eq!(profiles().identify(&change), Err(Conflict::UnknownId));
    }

    #[test]
    fn an_identifier_that_changed_is_no_longer_found() {
        let mut profiles = profiles();
        let (slot, _) = profiles
            .upsert(row(&[(Email, "old@shop.example")]), Nulls::Ignore, NOW)
            .unwrap();
        let mut change = row(&[(Email, "new@shop.example")]);
        change.id = Some(profiles.get(slot).id.clone());
        profiles.upsert(change, Nulls::Ignore, NOW).unwrap();
        assert_eq!(profiles.slot(Email, "old@shop.example"), None);
        assert_eq!(profiles.slot(Email, "new@shop.example"), Some(slot));
        assert_eq!(
            profiles.slot(Id, &profiles.get(slot).id.clone()),
            Some(slot)
        );

        let cleared = ProfileChange {
            cleared: vec![Email],
            ..ProfileChange::default()
        };
        profiles
            .update(slot, cleared.clone(), Nulls::Ignore, NOW)
            .unwrap();
        assert_eq!(profiles.slot(Email, "new@shop.example"), Some(slot));
        profiles.update(slot, cleared, Nulls::Clear, NOW).unwrap();
        assert_eq!(profiles.slot(Email, "new@shop.example"), None);
    }
}
