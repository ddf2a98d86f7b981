//! Custom objects: `bulk_create_data_source_records` and `bulk_delete_object_records`, up to 500 a
//! request.

use klaviyo_gen::Operation;
use klaviyo_gen::operations::{BULK_CREATE_DATA_SOURCE_RECORDS, BULK_DELETE_OBJECT_RECORDS};
use serde::{Deserialize, Serialize};

use super::setup::{Setup, id, own_options, run_options};
use super::{Bulk, BulkCall, BulkOptions};
use crate::encode::Rows;
use crate::error::Error;
use crate::options::RunOptions;

/// How records of a data source are created.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CreateDataSourceRecordsOptions {
    /// The data source that all records belong to.
    pub data_source_id: String,
    /// What is the same for all bulk operations.
    #[serde(skip)]
    pub run: RunOptions,
}

/// How records of objects are deleted.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeleteObjectRecordsOptions {
    /// What is the same for all bulk operations.
    #[serde(skip)]
    pub run: RunOptions,
}

impl BulkOptions for CreateDataSourceRecordsOptions {
    fn operation(&self) -> &'static Operation {
        &BULK_CREATE_DATA_SOURCE_RECORDS
    }

    own_options!();
    run_options!();

    fn setup(&self, _: &str) -> Result<Setup, Error> {
        let instead = "what a null in a record does is not documented, so leave nulls out";
        let setup = Setup::new(self.operation(), Rows::Records, instead);
        setup.related("data-source", id("data_source_id", &self.data_source_id)?)
    }
}

impl BulkOptions for DeleteObjectRecordsOptions {
    fn operation(&self) -> &'static Operation {
        &BULK_DELETE_OBJECT_RECORDS
    }

    own_options!();
    run_options!();

    fn setup(&self, _: &str) -> Result<Setup, Error> {
        let instead = "a deletion has nothing to clear, so leave nulls out";
        Ok(Setup::new(self.operation(), Rows::Resources, instead))
    }
}

impl<'a> Bulk<'a> {
    /// Creates a record of the data source for each row: the row is the record, whatever its names.
    ///
    /// Klaviyo says only in the ingestion log of the object type which records it could not use: rows
    /// end `accepted`. Nobody states what a second copy of a record does, so a request whose answer
    /// was lost is not repeated; its rows end `unknown`.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"booking": "B-17", "email": "ada@shop.example", "nights": 3})];
    /// let report = client.bulk().create_data_source_records("01ABC", rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_create_data_source_records>
    pub fn create_data_source_records<I>(
        self,
        data_source_id: impl Into<String>,
        rows: I,
    ) -> BulkCall<'a, I, CreateDataSourceRecordsOptions> {
        let options = CreateDataSourceRecordsOptions {
            data_source_id: data_source_id.into(),
            ..CreateDataSourceRecordsOptions::default()
        };
        BulkCall::new(self, rows, options)
    }

    /// Deletes a record of an object for each row, which takes `id`. Rows end `accepted`: a record that
    /// is not there is reported by nobody.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_delete_object_records>
    pub fn delete_object_records<I>(self, rows: I) -> BulkCall<'a, I, DeleteObjectRecordsOptions> {
        BulkCall::new(self, rows, DeleteObjectRecordsOptions::default())
    }
}
