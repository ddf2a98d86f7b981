//! `add_profiles_to_list` and `remove_profiles_from_list`, up to 1,000 a request.

use klaviyo_gen::Operation;
use klaviyo_gen::operations::{
    ADD_PROFILES_TO_LIST, BULK_SUBSCRIBE_PROFILES, REMOVE_PROFILES_FROM_LIST,
};
use serde::{Deserialize, Serialize};

use super::setup::{Setup, id, own_options, run_options};
use super::{Bulk, BulkCall, BulkOptions, SubscribeProfilesOptions};
use crate::encode::Rows;
use crate::error::Error;
use crate::options::RunOptions;

/// How profiles are put on a list.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddProfilesToListOptions {
    /// The list.
    pub list_id: String,
    /// Whether they are subscribed too, with `bulk_subscribe_profiles`; rows are then those of
    /// [`Bulk::subscribe_profiles`].
    pub subscribe: bool,
    /// Must be true to subscribe; see [`SubscribeProfilesOptions::consent`].
    pub consent: bool,
    /// What to subscribe to; see [`SubscribeProfilesOptions::channels`].
    pub channels: Vec<String>,
    /// What is the same for all bulk operations.
    #[serde(skip)]
    pub run: RunOptions,
}

/// How profiles are taken off a list.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RemoveProfilesFromListOptions {
    /// The list.
    pub list_id: String,
    /// What is the same for all bulk operations.
    #[serde(skip)]
    pub run: RunOptions,
}

const INSTEAD_OF_CLEARING: &str =
    "a list has nothing to clear, so leave nulls out (nulls=\"omit\")";

impl BulkOptions for AddProfilesToListOptions {
    fn operation(&self) -> &'static Operation {
        if self.subscribe {
            &BULK_SUBSCRIBE_PROFILES
        } else {
            &ADD_PROFILES_TO_LIST
        }
    }

    own_options!();
    run_options!();

    fn setup(&self, run_id: &str) -> Result<Setup, Error> {
        let list_id = id("list_id", &self.list_id)?;
        if self.subscribe {
            let subscribe = SubscribeProfilesOptions {
                consent: self.consent,
                channels: self.channels.clone(),
                list_id: Some(self.list_id.clone()),
                ..SubscribeProfilesOptions::default()
            };
            return subscribe.setup(run_id);
        }
        if self.consent || !self.channels.is_empty() {
            let message =
                "consent and channels belong to subscribe=True; a list alone asks for neither";
            return Err(Error::Configuration(message.to_owned()));
        }
        Ok(Setup::new(self.operation(), Rows::Members, INSTEAD_OF_CLEARING).path(list_id))
    }
}

impl BulkOptions for RemoveProfilesFromListOptions {
    fn operation(&self) -> &'static Operation {
        &REMOVE_PROFILES_FROM_LIST
    }

    own_options!();
    run_options!();

    fn setup(&self, _: &str) -> Result<Setup, Error> {
        let list_id = id("list_id", &self.list_id)?;
        Ok(Setup::new(self.operation(), Rows::Members, INSTEAD_OF_CLEARING).path(list_id))
    }
}

impl<'a> Bulk<'a> {
    /// Puts the profile of each row on the list.
    ///
    /// A row takes `id` (also as `profile_id`) or `email`; all rows of a run the same. Addresses are
    /// looked up first, 100 at a time and whatever their case, which needs the scope `profiles:read`;
    /// those that no profile has end `rejected` (`unknown_profile`). A journal keeps what was found: a
    /// run that is resumed does not look those up again, so an address stays what it was for the run,
    /// whoever has got or lost a profile since. Consent is not touched, unless
    /// [`subscribe`](AddProfilesToListOptions::subscribe) says so.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"email": "ada@shop.example"}), json!({"email": "bo@shop.example"})];
    /// let report = client.bulk().add_profiles_to_list("XyZ123", rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/add_profiles_to_list>
    pub fn add_profiles_to_list<I>(
        self,
        list_id: impl Into<String>,
        rows: I,
    ) -> BulkCall<'a, I, AddProfilesToListOptions> {
        let options = AddProfilesToListOptions {
            list_id: list_id.into(),
            ..AddProfilesToListOptions::default()
        };
        BulkCall::new(self, rows, options)
    }

    /// Takes the profile of each row off the list. Rows are those of [`Bulk::add_profiles_to_list`];
    /// consent is not touched.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/remove_profiles_from_list>
    pub fn remove_profiles_from_list<I>(
        self,
        list_id: impl Into<String>,
        rows: I,
    ) -> BulkCall<'a, I, RemoveProfilesFromListOptions> {
        let options = RemoveProfilesFromListOptions {
            list_id: list_id.into(),
            ..RemoveProfilesFromListOptions::default()
        };
        BulkCall::new(self, rows, options)
    }
}
