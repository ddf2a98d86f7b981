//! `bulk_import_profiles`: creates or updates profiles, up to 10,000 a request.

use klaviyo_gen::Operation;
use klaviyo_gen::operations::BULK_IMPORT_PROFILES;
use serde::{Deserialize, Serialize};

use super::setup::{Setup, optional_id, own_options, run_options};
use super::{Bulk, BulkCall, BulkOptions};
use crate::encode::Rows;
use crate::error::Error;
use crate::options::RunOptions;

/// How profiles are imported.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportProfilesOptions {
    /// A list that every profile joins. Consent is not touched.
    pub list_id: Option<String>,
    /// What is the same for all bulk operations.
    #[serde(skip)]
    pub run: RunOptions,
}

impl BulkOptions for ImportProfilesOptions {
    fn operation(&self) -> &'static Operation {
        &BULK_IMPORT_PROFILES
    }

    own_options!();
    run_options!();

    fn setup(&self, _: &str) -> Result<Setup, Error> {
        let instead = "clear fields with create_or_update_profile, a request for each profile, or \
                       drop custom properties here with patch.unset";
        let setup = Setup::new(self.operation(), Rows::Profiles, instead);
        match optional_id("list_id", self.list_id.as_deref())? {
            Some(list_id) => setup.related("lists", list_id),
            None => Ok(setup),
        }
    }
}

impl<'a> Bulk<'a> {
    /// Creates or updates a profile for each row.
    ///
    /// | a row takes | |
    /// |---|---|
    /// | `email`, `phone_number`, `external_id`, `id`, `_kx` | at least one, to say who is meant |
    /// | `first_name`, `last_name`, `organization`, `title`, `image`, `locale` | |
    /// | `location.city`, `location.country` … | |
    /// | `properties.anything` | custom properties |
    /// | `patch.append.x`, `patch.unappend.x`, `patch.unset` | changes of custom properties that are lists |
    ///
    /// Rows wait for Klaviyo's job and end `completed` or `failed`. Profiles that share an identifier
    /// within a request are counted and warned of, as Klaviyo may keep only one of them;
    /// [`Duplicates::Reject`](crate::encode::Duplicates::Reject) rejects the later one. Across
    /// requests nothing is compared.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"email": "ada@shop.example", "properties.ltv": 12.5})];
    /// let report = client.bulk().import_profiles(rows).list_id("XyZ123").run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_import_profiles>
    pub fn import_profiles<I>(self, rows: I) -> BulkCall<'a, I, ImportProfilesOptions> {
        BulkCall::new(self, rows, ImportProfilesOptions::default())
    }
}

impl<I> BulkCall<'_, I, ImportProfilesOptions> {
    /// Every profile joins this list.
    pub fn list_id(mut self, id: impl Into<String>) -> Self {
        self.options.list_id = Some(id.into());
        self
    }
}
