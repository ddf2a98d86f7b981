//! Coupons, and the codes that are given out for them.

use chrono::{DateTime, Months, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::objection::Objection;
use super::table::Table;

/// How long a code can be used that says nothing about it, in months.
const DEFAULT_MONTHS: Months = Months::new(12);

/// A coupon.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Coupon {
    /// The id that it has in the shop, which is its id here too.
    pub(crate) id: String,
    /// Description and configurations, as far as they were given.
    pub(crate) attributes: Map<String, Value>,
}

/// A code of a coupon.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CouponCode {
    /// The coupon's id, a hyphen and the code.
    pub(crate) id: String,
    pub(crate) coupon: String,
    pub(crate) unique_code: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) status: CodeStatus,
}

/// What has become of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CodeStatus {
    Unassigned,
    Processing,
    AssignedToProfile,
    VersionNotActive,
    Deleting,
    Used,
}

impl CodeStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unassigned => "UNASSIGNED",
            Self::Processing => "PROCESSING",
            Self::AssignedToProfile => "ASSIGNED_TO_PROFILE",
            Self::VersionNotActive => "VERSION_NOT_ACTIVE",
            Self::Deleting => "DELETING",
            Self::Used => "USED",
        }
    }
}

/// What an update changes about a code; `None` leaves it.
#[derive(Debug)]
pub(crate) struct CodeChange {
    pub(crate) status: Option<CodeStatus>,
    /// `Some(None)` sets the default.
    pub(crate) expires_at: Option<Option<DateTime<Utc>>>,
}

/// All coupons and their codes.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Coupons {
    pub(crate) coupons: Table<Coupon>,
    pub(crate) codes: Table<CouponCode>,
}

impl Coupons {
    pub(crate) fn create(
        &mut self,
        id: &str,
        attributes: Map<String, Value>,
    ) -> Result<(), Objection> {
        if self.coupons.contains(id) {
            return Err(Objection::taken("attributes/external_id", "coupon", id));
        }
        let coupon = Coupon {
            id: id.to_owned(),
            attributes,
        };
        self.coupons.put(id, coupon);
        Ok(())
    }

    /// Deletes a coupon, with its codes.
    pub(crate) fn delete(&mut self, id: &str) -> Result<(), Objection> {
        self.coupons
            .remove(id)
            .ok_or_else(|| Objection::missing("coupon", id))?;
        let codes: Vec<String> = self.codes_of(id).map(|code| code.id.clone()).collect();
        for code in codes {
            self.codes.remove(&code);
        }
        Ok(())
    }

    pub(crate) fn codes_of(&self, coupon: &str) -> impl Iterator<Item = &CouponCode> {
        self.codes.iter().filter(move |code| code.coupon == coupon)
    }

    /// Creates the code that a resource describes, whose shape was checked; its id.
    pub(crate) fn create_code(
        &mut self,
        resource: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<String, Objection> {
        let at = |path: &[&str]| {
            let (first, rest) = path.split_first()?;
            rest.iter()
                .try_fold(resource.get(*first)?, |value, name| value.get(name))?
                .as_str()
        };
        let coupon = at(&["relationships", "coupon", "data", "id"]).unwrap_or_default();
        if !self.coupons.contains(coupon) {
            let place = "relationships/coupon/data/id";
            return Err(Objection::dangling(place, "coupon", coupon));
        }
        let unique_code = at(&["attributes", "unique_code"]).unwrap_or_default();
        let id = format!("{coupon}-{unique_code}");
        if self.codes.contains(&id) {
            let place = "attributes/unique_code";
            return Err(Objection::taken(place, "coupon-code", &id));
        }
        let expires_at = at(&["attributes", "expires_at"])
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
            .map_or_else(|| default_expiry(now), |moment| moment.to_utc());
        let code = CouponCode {
            id: id.clone(),
            coupon: coupon.to_owned(),
            unique_code: unique_code.to_owned(),
            expires_at,
            status: CodeStatus::Unassigned,
        };
        self.codes.put(&id, code);
        Ok(id)
    }

    pub(crate) fn update_code(
        &mut self,
        id: &str,
        change: &CodeChange,
        now: DateTime<Utc>,
    ) -> Result<(), Objection> {
        let code = self
            .codes
            .get_mut(id)
            .ok_or_else(|| Objection::missing("coupon-code", id))?;
        if let Some(status) = change.status {
            code.status = status;
        }
        if let Some(expires_at) = change.expires_at {
            code.expires_at = expires_at.unwrap_or_else(|| default_expiry(now));
        }
        Ok(())
    }
}

fn default_expiry(now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_add_months(DEFAULT_MONTHS).unwrap_or(now)
}
