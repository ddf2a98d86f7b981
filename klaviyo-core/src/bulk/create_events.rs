//! `bulk_create_events`: records events, up to 1,000 a request, grouped under their profiles; and
//! `bulk_create_client_events`, the same without a key, for one profile a request.

use klaviyo_gen::operations::{BULK_CREATE_CLIENT_EVENTS, BULK_CREATE_EVENTS};
use klaviyo_gen::{FIELD_LIMITS, Operation};
use serde::{Deserialize, Serialize};

use super::setup::{Setup, id, own_options, run_options};
use super::{Bulk, BulkCall, BulkOptions};
use crate::encode::{Rows, UniqueIds};
use crate::error::Error;
use crate::options::RunOptions;

/// How an event gets a `unique_id` that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub enum UniqueIdRule {
    /// From the run's id and the row's number: identical rows stay separate events, and a run that
    /// is repeated under the same run id sends nothing twice.
    #[default]
    #[serde(rename(serialize = "run"))]
    RunAndRow,
    /// From the row's content: a source that is read twice sends nothing twice, and identical rows
    /// become one event.
    #[serde(rename(serialize = "content"))]
    Content,
}

impl TryFrom<String> for UniqueIdRule {
    type Error = String;

    /// `run` or `content`.
    fn try_from(word: String) -> Result<Self, String> {
        match word.as_str() {
            "run" => Ok(UniqueIdRule::RunAndRow),
            "content" => Ok(UniqueIdRule::Content),
            _ => Err(format!(
                "unique_id must be \"run\" or \"content\", not {word:?}"
            )),
        }
    }
}

impl UniqueIdRule {
    fn of_run(self, run_id: &str) -> Result<UniqueIds, Error> {
        Ok(match self {
            UniqueIdRule::RunAndRow => UniqueIds::RunAndRow(checked_run_id(run_id)?),
            UniqueIdRule::Content => UniqueIds::Content,
        })
    }
}

/// How events are recorded.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CreateEventsOptions {
    /// How an event gets a `unique_id` that has none.
    pub unique_id: UniqueIdRule,
    /// What is the same for all bulk operations.
    #[serde(skip)]
    pub run: RunOptions,
}

/// How client events are recorded.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CreateClientEventsOptions {
    /// The account's public key (six letters and digits), which goes into the address.
    pub company_id: String,
    /// How an event gets a `unique_id` that has none.
    pub unique_id: UniqueIdRule,
    /// What is the same for all bulk operations.
    #[serde(skip)]
    pub run: RunOptions,
}

const INSTEAD_OF_CLEARING: &str =
    "an event holds only what it is given, so leave nulls out (nulls=\"omit\")";

impl BulkOptions for CreateEventsOptions {
    fn operation(&self) -> &'static Operation {
        &BULK_CREATE_EVENTS
    }

    own_options!();
    run_options!();

    fn setup(&self, run_id: &str) -> Result<Setup, Error> {
        let rows = Rows::Events(self.unique_id.of_run(run_id)?);
        Ok(Setup::new(self.operation(), rows, INSTEAD_OF_CLEARING))
    }
}

impl BulkOptions for CreateClientEventsOptions {
    fn operation(&self) -> &'static Operation {
        &BULK_CREATE_CLIENT_EVENTS
    }

    own_options!();
    run_options!();

    fn setup(&self, run_id: &str) -> Result<Setup, Error> {
        let company_id = id("company_id", &self.company_id)?;
        let rows = Rows::Events(self.unique_id.of_run(run_id)?);
        let setup = Setup::new(self.operation(), rows, INSTEAD_OF_CLEARING);
        Ok(setup.query("company_id", company_id))
    }
}

impl<'a> Bulk<'a> {
    /// Records an event for each row.
    ///
    /// | a row takes | |
    /// |---|---|
    /// | `metric` | its name; required |
    /// | `email`, `phone_number`, `external_id`, `profile_id`, `anonymous_id`, `_kx` | at least one, to say whose event it is |
    /// | `time` | when it happened; else the time of receipt |
    /// | `value`, `value_currency` | |
    /// | `unique_id` | at most 255 characters; else one is made ([`UniqueIdRule`]) |
    /// | `properties.anything` | |
    /// | `profile.first_name`, `profile.properties.anything` … | whatever [`Bulk::import_profiles`] takes, of the profile |
    /// | `backfill` | true keeps flows from starting |
    ///
    /// Klaviyo validates a request before it answers, and records the events later, without a word
    /// on what became of them: rows end `accepted`. An event that repeats profile, metric and
    /// `unique_id` within a request ends `rejected`; across requests Klaviyo takes it once.
    /// Consecutive rows of one profile travel together, so sorted rows make smaller bodies.
    ///
    /// Klaviyo drops events of `@example.com` and `@test.com` profiles without a word.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"metric": "Placed Order", "email": "ada@shop.example", "value": 9.99})];
    /// let report = client.bulk().create_events(rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_create_events>
    pub fn create_events<I>(self, rows: I) -> BulkCall<'a, I, CreateEventsOptions> {
        BulkCall::new(self, rows, CreateEventsOptions::default())
    }

    /// Records an event for each row, as a website or an app does: without a key, but with the
    /// account's public id in the address.
    ///
    /// Rows are those of [`Bulk::create_events`], and end `accepted`. A request holds events of one
    /// profile, so a row of another profile than the one before begins a new request: sort rows by
    /// profile.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"metric": "Viewed Page", "anonymous_id": "visitor-1"})];
    /// let report = client.bulk().create_client_events("ABC123", rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_create_client_events>
    pub fn create_client_events<I>(
        self,
        company_id: impl Into<String>,
        rows: I,
    ) -> BulkCall<'a, I, CreateClientEventsOptions> {
        let options = CreateClientEventsOptions {
            company_id: company_id.into(),
            ..CreateClientEventsOptions::default()
        };
        BulkCall::new(self, rows, options)
    }
}

impl<I> BulkCall<'_, I, CreateEventsOptions> {
    /// How an event gets a `unique_id` that has none.
    pub fn unique_id(mut self, rule: UniqueIdRule) -> Self {
        self.options.unique_id = rule;
        self
    }
}

impl<I> BulkCall<'_, I, CreateClientEventsOptions> {
    /// How an event gets a `unique_id` that has none.
    pub fn unique_id(mut self, rule: UniqueIdRule) -> Self {
        self.options.unique_id = rule;
        self
    }
}

/// A run id must leave room for the row's number in a `unique_id`.
fn checked_run_id(id: &str) -> Result<String, Error> {
    let most = FIELD_LIMITS.unique_id_chars - format!("-{}", u64::MAX).len();
    if id.is_empty() || id.chars().count() > most {
        return Err(Error::Configuration(format!(
            "run_id must have 1 to {most} characters, because every unique_id begins with it"
        )));
    }
    Ok(id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_leaves_room_for_the_row() {
        assert!(checked_run_id("nightly-2026-11-01").is_ok());
        assert!(checked_run_id("").is_err());
        let longest = FIELD_LIMITS.unique_id_chars - 21;
        assert!(checked_run_id(&"x".repeat(longest)).is_ok());
        assert!(checked_run_id(&"x".repeat(longest + 1)).is_err());
    }
}
