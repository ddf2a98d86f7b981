//! The `revision` header: which day's API a request is written against.

use chrono::{DateTime, Months, NaiveDate, Utc};
use http::HeaderMap;
use klaviyo_gen::{Operation, REVISION};

use crate::problem::Problem;

/// How long a revision lives.
const LIFETIME: Months = Months::new(24);

/// Checks the header. A request without one is refused: what Klaviyo takes instead is unverified.
///
/// Of a revision between two that are known, no more operations are taken than the older one has.
pub(crate) fn check(
    operation: &Operation,
    headers: &HeaderMap,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let given = headers.get("revision").ok_or_else(|| {
        let detail = format!("The request has no revision header; send `revision: {REVISION}`.");
        Problem::parameter("revision", detail)
    })?;
    let date = given
        .to_str()
        .ok()
        .filter(|text| text.len() == "YYYY-MM-DD".len())
        .and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .ok_or_else(|| {
            Problem::parameter(
                "revision",
                "The revision is not a date of the form YYYY-MM-DD.",
            )
        })?;
    // A machine whose clock is behind must still take the revision that the table describes.
    let newest = now.date_naive().max(day(REVISION));
    if date > newest {
        return Err(Problem::not_found("The revision lies in the future."));
    }
    if newest
        .checked_sub_months(LIFETIME)
        .is_some_and(|oldest| date < oldest)
    {
        return Err(Problem::not_found("The revision is no longer served."));
    }
    if operation.since.is_some_and(|since| date < day(since)) {
        return Err(Problem::not_found("The revision has no such operation."));
    }
    Ok(())
}

fn day(revision: &str) -> NaiveDate {
    NaiveDate::parse_from_str(revision, "%Y-%m-%d").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use klaviyo_gen::operations::GET_PROFILES;

    use super::*;

    fn status(revision: Option<&'static str>) -> Result<(), u16> {
        let mut headers = HeaderMap::new();
        if let Some(revision) = revision {
            headers.insert("revision", HeaderValue::from_static(revision));
        }
        let now = DateTime::parse_from_rfc3339("2026-11-22T00:00:00Z")
            .unwrap()
            .to_utc();
        check(&GET_PROFILES, &headers, now).map_err(|problem| problem.status)
    }

    #[test]
    fn a_revision_is_a_date_that_is_served() {
        assert_eq!(status(Some(REVISION)), Ok(()));
        assert_eq!(status(Some("2026-11-22")), Ok(()));
        assert_eq!(status(Some("2024-11-22")), Ok(()));
        assert_eq!(status(Some("2026-11-23")), Err(404));
        assert_eq!(status(Some("2024-11-21")), Err(404));
        for malformed in ["v3", "2026-10", "2026-13-01", "2026-1-1", ""] {
            assert_eq!(status(Some(malformed)), Err(400), "{malformed}");
        }
        assert_eq!(status(None), Err(400));
    }
}
