//! What people do by hand, one thing at a time: write a profile, record an event, make a list, count
//! a campaign's recipients.
//!
//! Rows are the same as those of the bulk operations, and are checked before anything is sent.
//!
//! ```no_run
//! # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::Error> {
//! use serde_json::json;
//!
//! let ada = json!({"email": "ada@shop.example", "first_name": "Ada", "title": null});
//! let written = client.actions().upsert_profile(&ada).await?;
//! println!("{} was {}", written.id, if written.created { "created" } else { "updated" });
//! # Ok(())
//! # }
//! ```
mod answer;
mod item;
mod recipients;

use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use klaviyo_gen::Operation;
use klaviyo_gen::operations::{
    CREATE_CLIENT_PROFILE, CREATE_EVENT, CREATE_LIST, CREATE_OR_UPDATE_PROFILE, CREATE_PROFILE,
};
use serde::Serialize;
use serde_json::json;

use crate::bulk::draw_run_id;
use crate::call::Call;
use crate::client::Client;
use crate::encode::{Nulls, RowOptions, Rows, UniqueIds};
use crate::error::Error;
use answer::{created_id, existing_id};
use item::encoded;

/// Single actions of a client.
///
/// Each checks its row at once, when it is called; the future that it gives sends.
#[derive(Debug, Clone, Copy)]
pub struct Actions<'a> {
    client: &'a Client,
}

/// A profile that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpsertedProfile {
    /// Klaviyo's id of the profile.
    pub id: String,
    /// Whether it was created (201), not updated (200). Where an answer was lost and the request sent
    /// again, this is of the repeat.
    pub created: bool,
}

/// What came of creating a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedProfile {
    /// Klaviyo's id of the profile, the new one or the one that was there.
    pub id: String,
    /// Whether there was one already (409); then it was left as it was.
    pub existed: bool,
}

/// How people confirm that they want to be on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OptIn {
    /// By answering an e-mail.
    DoubleOptIn,
    /// Not at all.
    SingleOptIn,
}

impl Client {
    /// Single actions.
    #[must_use]
    pub fn actions(&self) -> Actions<'_> {
        Actions { client: self }
    }
}

/// What an action sends, or why it cannot be sent.
type Prepared = Result<(&'static Operation, Call), Error>;

impl Actions<'_> {
    /// Creates a profile, or updates the one that has its identifiers. A null clears a field, a field
    /// that is left out stays as it is. At most 100 KB.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/create_or_update_profile>
    ///
    /// # Errors
    /// [`Error::Rejected`] before anything is sent when the row cannot be sent; else what came of the
    /// request.
    pub fn upsert_profile<R: Serialize + ?Sized>(
        &self,
        row: &R,
    ) -> BoxFuture<'static, Result<UpsertedProfile, Error>> {
        let prepared = self.of_profile(&CREATE_OR_UPDATE_PROFILE, row);
        let client = self.client.clone();
        Box::pin(async move {
            let (operation, call) = prepared?;
            let answer = client.call(operation, call).await?;
            Ok(UpsertedProfile {
                id: created_id(operation, &answer)?,
                created: answer.status == 201,
            })
        })
    }

    /// Creates a profile. Where there is one with the same identifier, that one is named, and left as
    /// it is. At most 100 KB.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/create_profile>
    ///
    /// # Errors
    /// [`Error::Rejected`] before anything is sent when the row cannot be sent; else what came of the
    /// request.
    pub fn create_profile<R: Serialize + ?Sized>(
        &self,
        row: &R,
    ) -> BoxFuture<'static, Result<CreatedProfile, Error>> {
        let prepared = self.of_profile(&CREATE_PROFILE, row);
        let client = self.client.clone();
        Box::pin(async move {
            let (operation, call) = prepared?;
            match client.call(operation, call).await {
                Ok(answer) => Ok(CreatedProfile {
                    id: created_id(operation, &answer)?,
                    existed: false,
                }),
                Err(error) => match existing_id(&error) {
                    Some(id) => Ok(CreatedProfile { id, existed: true }),
                    None => Err(error),
                },
            }
        })
    }

    /// Creates or updates a profile as a browser would: without a key, for the company with this
    /// public id. Klaviyo answers before it does it.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/create_client_profile>
    ///
    /// # Errors
    /// [`Error::Rejected`] before anything is sent when the row cannot be sent; else what came of the
    /// request.
    pub fn upsert_client_profile<R: Serialize + ?Sized>(
        &self,
        company_id: &str,
        row: &R,
    ) -> BoxFuture<'static, Result<(), Error>> {
        let prepared = match company_id {
            "" => Err(Error::Configuration(
                "company_id is empty; give the account's public id".to_owned(),
            )),
            _ => self.of_profile(&CREATE_CLIENT_PROFILE, row),
        };
        let company = ("company_id".to_owned(), company_id.to_owned());
        let client = self.client.clone();
        Box::pin(async move {
            let (operation, mut call) = prepared?;
            call.parameters.push(company);
            client.call(operation, call).await.map(drop)
        })
    }

    /// Records an event. One without a `unique_id` gets one, so that a lost answer does not make it two.
    /// Klaviyo answers before it does it.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/create_event>
    ///
    /// # Errors
    /// [`Error::Rejected`] before anything is sent when the row cannot be sent; else what came of the
    /// request.
    pub fn create_event<R: Serialize + ?Sized>(
        &self,
        row: &R,
    ) -> BoxFuture<'static, Result<(), Error>> {
        let rows = Rows::Events(UniqueIds::RunAndRow(draw_run_id(self.client)));
        let prepared = self.prepare(&CREATE_EVENT, &rows, RowOptions::default(), row);
        let client = self.client.clone();
        Box::pin(async move {
            let (operation, call) = prepared?;
            client.call(operation, call).await.map(drop)
        })
    }

    /// Creates a list, and gives its id. Klaviyo lets an account create a limited number a day.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/create_list>
    ///
    /// # Errors
    /// [`Error::RateLimit`] when the day's number is used up; else what came of the request.
    pub async fn create_list(&self, name: &str, opt_in: Option<OptIn>) -> Result<String, Error> {
        if name.trim().is_empty() {
            let message = "a list needs a name";
            return Err(Error::Configuration(message.to_owned()));
        }
        let mut attributes = json!({"name": name});
        if let Some(opt_in) = opt_in {
            attributes["opt_in_process"] = json!(opt_in);
        }
        let body = json!({"data": {"type": "list", "attributes": attributes}});
        let call = with_body(body.to_string());
        let answer = self.client.call(&CREATE_LIST, call).await?;
        created_id(&CREATE_LIST, &answer)
    }

    /// How many people a campaign would reach now: has Klaviyo count them, waits for that, but no
    /// longer than `deadline`, and reads the number.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/refresh_campaign_recipient_estimation>
    ///
    /// # Errors
    /// [`Error::JobUnfinished`] when the deadline passes first; else what came of a request.
    pub async fn estimate_recipients(
        &self,
        campaign_id: &str,
        deadline: Duration,
    ) -> Result<u64, Error> {
        recipients::estimate(self.client, campaign_id, deadline).await
    }

    /// A profile's row, in which null clears.
    fn of_profile<R: Serialize + ?Sized>(
        &self,
        operation: &'static Operation,
        row: &R,
    ) -> Prepared {
        let options = RowOptions {
            nulls: Nulls::Clear,
            ..RowOptions::default()
        };
        self.prepare(operation, &Rows::Profiles, options, row)
    }

    fn prepare<R: Serialize + ?Sized>(
        &self,
        operation: &'static Operation,
        rows: &Rows,
        options: RowOptions,
        row: &R,
    ) -> Prepared {
        let now = self.client.exchange().clock.utc();
        let body = encoded(operation, rows, options, now, row)?;
        Ok((operation, with_body(body)))
    }
}

fn with_body(body: impl Into<Bytes>) -> Call {
    Call {
        body: body.into(),
        ..Call::default()
    }
}

#[cfg(test)]
mod tests;
