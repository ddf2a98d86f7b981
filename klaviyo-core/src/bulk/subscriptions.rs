//! `bulk_subscribe_profiles`, up to 1,000 a request, and `bulk_unsubscribe_profiles`, up to 100.

use klaviyo_gen::Operation;
use klaviyo_gen::operations::{BULK_SUBSCRIBE_PROFILES, BULK_UNSUBSCRIBE_PROFILES};
use serde::{Deserialize, Serialize};

use super::setup::{Setup, optional_id, own_options, run_options};
use super::{Bulk, BulkCall, BulkOptions};
use crate::encode::{Rows, SubscriptionRules};
use crate::error::Error;
use crate::options::RunOptions;

/// How profiles are subscribed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubscribeProfilesOptions {
    /// Must be true. It says that all these people agreed: subscribing also lifts earlier
    /// unsubscriptions, spam reports and suppressions.
    pub consent: bool,
    /// What rows are subscribed to that say nothing of their own: `email`, `sms`, `whatsapp`,
    /// `push` for marketing; `sms.transactional`, `whatsapp.transactional`,
    /// `email.open_tracking`, `email.click_tracking` for something else.
    pub channels: Vec<String>,
    /// The list whose own consent settings hold, and which the profiles join. Without one, profiles
    /// that do not exist yet are not created (seen in real traffic).
    pub list_id: Option<String>,
    /// The consents were given earlier, each at the row's `consented_at`, and flows are not started.
    pub historical_import: bool,
    /// Where the consent comes from, for the profile's history.
    pub custom_source: Option<String>,
    /// What is the same for all bulk operations.
    #[serde(skip)]
    pub run: RunOptions,
}

/// How profiles are unsubscribed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct UnsubscribeProfilesOptions {
    /// The list that they are unsubscribed from; or [`everywhere`](Self::everywhere).
    pub list_id: Option<String>,
    /// They are unsubscribed from the channel as a whole.
    pub everywhere: bool,
    /// What rows are unsubscribed from that say nothing of their own: `email`, `sms`, `whatsapp` for
    /// marketing; `sms.transactional` and so on for something else.
    pub channels: Vec<String>,
    /// What is the same for all bulk operations.
    #[serde(skip)]
    pub run: RunOptions,
}

const INSTEAD_OF_CLEARING: &str =
    "a subscription has nothing to clear, so leave nulls out (nulls=\"omit\")";

impl BulkOptions for SubscribeProfilesOptions {
    fn operation(&self) -> &'static Operation {
        &BULK_SUBSCRIBE_PROFILES
    }

    own_options!();
    run_options!();

    fn setup(&self, _: &str) -> Result<Setup, Error> {
        if !self.consent {
            let message = "subscribing needs consent=True, which says that all these people agreed: \
                           it also lifts their earlier unsubscriptions, spam reports and suppressions";
            return Err(Error::Configuration(message.to_owned()));
        }
        let rows = Rows::Subscriptions(SubscriptionRules {
            channels: self.channels.clone(),
            historical: self.historical_import,
        });
        let mut setup = Setup::new(self.operation(), rows, INSTEAD_OF_CLEARING);
        if self.historical_import {
            setup = setup.attribute("historical_import", &true.into());
        }
        if let Some(source) = &self.custom_source {
            setup = setup.attribute("custom_source", &source.as_str().into());
        }
        match optional_id("list_id", self.list_id.as_deref())? {
            Some(list_id) => setup.related("list", list_id),
            None => Ok(setup),
        }
    }
}

impl BulkOptions for UnsubscribeProfilesOptions {
    fn operation(&self) -> &'static Operation {
        &BULK_UNSUBSCRIBE_PROFILES
    }

    own_options!();
    run_options!();

    fn setup(&self, _: &str) -> Result<Setup, Error> {
        let rows = Rows::Subscriptions(SubscriptionRules {
            channels: self.channels.clone(),
            historical: false,
        });
        let setup = Setup::new(self.operation(), rows, INSTEAD_OF_CLEARING);
        let list_id = optional_id("list_id", self.list_id.as_deref())?;
        match (list_id, self.everywhere) {
            (Some(list_id), false) => setup.related("list", list_id),
            (None, true) => Ok(setup),
            (Some(_), true) => Err(Error::Configuration(
                "unsubscribing takes list_id or everywhere=True, not both".to_owned(),
            )),
            (None, false) => Err(Error::Configuration(
                "without a list, people are unsubscribed from the channel as a whole; give list_id, or \
                 say everywhere=True"
                    .to_owned(),
            )),
        }
    }
}

impl<'a> Bulk<'a> {
    /// Subscribes the profile of each row.
    ///
    /// | a row takes | |
    /// |---|---|
    /// | `email`, `phone_number`, `id` | who; `email` for the channel `email`, `phone_number` for `sms` and `whatsapp`, unless `id` says it |
    /// | `channels` | what to, for example `["email", "sms"]`; else what [`channels`](SubscribeProfilesOptions::channels) says |
    /// | `consented_at` | when, for all channels of the row; required with [`historical_import`](SubscribeProfilesOptions::historical_import) |
    /// | `subscriptions.email.marketing.consented_at` … | the same in the API's own words, for each channel |
    /// | `subscriptions.push.tokens`, `subscriptions.push.anonymous_id` | |
    /// | `age_gated_date_of_birth` | `YYYY-MM-DD` |
    ///
    /// It lifts earlier unsubscriptions, spam reports and suppressions of these people, so it needs
    /// [`consent`](SubscribeProfilesOptions::consent), and a request whose answer was lost is never
    /// repeated: in between somebody may have left. Its rows end `unknown`, all others `accepted`.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"email": "ada@shop.example"})];
    /// let call = client.bulk().subscribe_profiles(rows);
    /// let report = call.consent(true).channels(["email"]).list_id("XyZ123").run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_subscribe_profiles>
    pub fn subscribe_profiles<I>(self, rows: I) -> BulkCall<'a, I, SubscribeProfilesOptions> {
        BulkCall::new(self, rows, SubscribeProfilesOptions::default())
    }

    /// Unsubscribes the profile of each row, from a list or everywhere; one of the two must be said.
    ///
    /// A row takes `email`, `phone_number`, `id` and `channels` as with [`Bulk::subscribe_profiles`];
    /// `subscriptions.push.tokens` for push. Rows end `accepted`.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"email": "ada@shop.example", "channels": ["email"]})];
    /// let report = client.bulk().unsubscribe_profiles(rows).list_id("XyZ123").run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_unsubscribe_profiles>
    pub fn unsubscribe_profiles<I>(self, rows: I) -> BulkCall<'a, I, UnsubscribeProfilesOptions> {
        BulkCall::new(self, rows, UnsubscribeProfilesOptions::default())
    }
}

fn words<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Vec<String> {
    words.into_iter().map(Into::into).collect()
}

impl<I> BulkCall<'_, I, SubscribeProfilesOptions> {
    /// All these people agreed; see [`SubscribeProfilesOptions::consent`].
    pub fn consent(mut self, consent: bool) -> Self {
        self.options.consent = consent;
        self
    }

    /// What rows are subscribed to that say nothing of their own.
    pub fn channels<W: Into<String>>(mut self, channels: impl IntoIterator<Item = W>) -> Self {
        self.options.channels = words(channels);
        self
    }

    /// The list that they are subscribed to.
    pub fn list_id(mut self, id: impl Into<String>) -> Self {
        self.options.list_id = Some(id.into());
        self
    }

    /// The consents were given earlier; see [`SubscribeProfilesOptions::historical_import`].
    pub fn historical_import(mut self, historical: bool) -> Self {
        self.options.historical_import = historical;
        self
    }
}

impl<I> BulkCall<'_, I, UnsubscribeProfilesOptions> {
    /// The list that they are unsubscribed from.
    pub fn list_id(mut self, id: impl Into<String>) -> Self {
        self.options.list_id = Some(id.into());
        self
    }

    /// They are unsubscribed from the channel as a whole.
    pub fn everywhere(mut self, everywhere: bool) -> Self {
        self.options.everywhere = everywhere;
        self
    }

    /// What rows are unsubscribed from that say nothing of their own.
    pub fn channels<W: Into<String>>(mut self, channels: impl IntoIterator<Item = W>) -> Self {
        self.options.channels = words(channels);
        self
    }
}
