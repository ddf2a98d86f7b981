//! `bulk_create_coupon_codes`: up to 1,000 a request.

use klaviyo_gen::Operation;
use klaviyo_gen::operations::BULK_CREATE_COUPON_CODES;
use serde::{Deserialize, Serialize};

use super::setup::{Setup, optional_id, own_options, run_options};
use super::{Bulk, BulkCall, BulkOptions};
use crate::encode::Rows;
use crate::error::Error;
use crate::options::RunOptions;

/// How coupon codes are created.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CreateCouponCodesOptions {
    /// The coupon of rows that name none.
    pub coupon_id: Option<String>,
    /// What is the same for all bulk operations.
    #[serde(skip)]
    pub run: RunOptions,
}

impl BulkOptions for CreateCouponCodesOptions {
    fn operation(&self) -> &'static Operation {
        &BULK_CREATE_COUPON_CODES
    }

    own_options!();
    run_options!();

    fn setup(&self, _: &str) -> Result<Setup, Error> {
        let coupon_id = optional_id("coupon_id", self.coupon_id.as_deref())?;
        let rows = Rows::Related("coupon", coupon_id.map(str::to_owned));
        let instead = "a new code has nothing to clear, so leave nulls out (nulls=\"omit\")";
        Ok(Setup::new(self.operation(), rows, instead))
    }
}

impl<'a> Bulk<'a> {
    /// Creates a coupon code for each row.
    ///
    /// | a row takes | |
    /// |---|---|
    /// | `unique_code` | required |
    /// | `coupon` | the coupon's id; required unless [`coupon_id`](CreateCouponCodesOptions::coupon_id) says it |
    /// | `expires_at` | when the code ends |
    ///
    /// Rows wait for Klaviyo's job. A code that exists already fails, so a request whose answer was
    /// lost is not repeated; its rows end `unknown`.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"unique_code": "SAVE-7F3K", "expires_at": "2027-01-31"})];
    /// let report = client.bulk().create_coupon_codes(rows).coupon_id("SAVE10").run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_create_coupon_codes>
    pub fn create_coupon_codes<I>(self, rows: I) -> BulkCall<'a, I, CreateCouponCodesOptions> {
        BulkCall::new(self, rows, CreateCouponCodesOptions::default())
    }
}

impl<I> BulkCall<'_, I, CreateCouponCodesOptions> {
    /// The coupon of rows that name none.
    pub fn coupon_id(mut self, id: impl Into<String>) -> Self {
        self.options.coupon_id = Some(id.into());
        self
    }
}
