//! `bulk_import_profiles`: creates or updates profiles, up to 10,000 a request.

use klaviyo_gen::operations::BULK_IMPORT_PROFILES;
use serde::Serialize;

use super::{Bulk, BulkError, OutcomeStream, Prepared, Start, drive, plan, stream};
use crate::chunk::{Caps, Envelope};
use crate::encode::Encoder;
use crate::error::Error;
use crate::options::RunOptions;
use crate::report::{Report, RunError};
use crate::run::{Plan, Planning, Run};

/// From the beginning of the body into its array of profiles.
const PREFIX: &[u8] =
    br#"{"data":{"type":"profile-bulk-import-job","attributes":{"profiles":{"data":["#;

/// How profiles are imported.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportProfilesOptions {
    /// A list that every profile joins. Consent is not touched.
    pub list_id: Option<String>,
    /// What is the same for all bulk operations.
    pub run: RunOptions,
}

impl<'a> Bulk<'a> {
    /// Creates or updates a profile for each row.
    ///
    /// A row has the API's attribute names (`email`, `first_name`, `location.city`,
    /// `properties.anything`, `patch.append.x` …) and at least one identifier: `email`,
    /// `phone_number`, `external_id` or `id`.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_import_profiles>
    pub fn import_profiles<I>(self, rows: I) -> ImportProfiles<'a, I>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        ImportProfiles {
            bulk: self,
            rows,
            options: ImportProfilesOptions::default(),
        }
    }

    /// Begins an import into which rows are pushed; needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn start_import_profiles(self, options: &ImportProfilesOptions) -> Result<Run, Error> {
        let start = Start::of_run(self.client, &BULK_IMPORT_PROFILES, &options.run)?;
        let prepared = prepare(options)?;
        self.begin(start, prepared, &options.run)
    }

    /// Begins a dry run into which rows are pushed.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn plan_import_profiles(self, options: &ImportProfilesOptions) -> Result<Planning, Error> {
        Ok(prepare(options)?.plan())
    }
}

fn prepare(options: &ImportProfilesOptions) -> Result<Prepared, Error> {
    if options.list_id.as_deref() == Some("") {
        let message = "list_id is empty; leave it out, or give the list's id";
        return Err(Error::Configuration(message.to_owned()));
    }
    let operation = &BULK_IMPORT_PROFILES;
    let encoder = Encoder::profiles(options.run.rows)?;
    let envelope = Envelope {
        prefix: PREFIX.to_vec(),
        suffix: suffix(options.list_id.as_deref()),
        group_close: Vec::new(),
        caps: Caps::of(operation)?,
    };
    Ok(Prepared {
        operation,
        encoder,
        envelope,
    })
}

/// From the end of the array of profiles to the end of the body.
fn suffix(list_id: Option<&str>) -> Vec<u8> {
    let lists = list_id.map(|id| {
        let id = serde_json::Value::from(id);
        format!(r#","relationships":{{"lists":{{"data":[{{"type":"list","id":{id}}}]}}}}"#)
    });
    format!("]}}}}{}}}}}", lists.unwrap_or_default()).into_bytes()
}

/// An import over an iterator of rows, not begun yet.
#[derive(Debug)]
#[must_use = "nothing is sent until it is run"]
pub struct ImportProfiles<'a, I> {
    bulk: Bulk<'a>,
    rows: I,
    options: ImportProfilesOptions,
}

impl<I> ImportProfiles<'_, I>
where
    I: IntoIterator,
    I::Item: Serialize,
{
    /// Every profile joins this list.
    pub fn list_id(mut self, id: impl Into<String>) -> Self {
        self.options.list_id = Some(id.into());
        self
    }

    /// With these options, `list_id` included.
    pub fn options(mut self, options: ImportProfilesOptions) -> Self {
        self.options = options;
        self
    }

    /// Writes down in a new file what the run does, so that it can be resumed after its process was
    /// killed.
    #[cfg(feature = "journal")]
    pub fn journal(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.options.run.journal = Some(crate::journal::Journaling::Begin(path.into()));
        self
    }

    /// Resumes the run of this journal, with the same rows and options.
    #[cfg(feature = "journal")]
    pub fn resume(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.options.run.journal = Some(crate::journal::Journaling::Resume(path.into()));
        self
    }

    /// Sends all rows and waits for all jobs.
    ///
    /// # Errors
    /// When the options cannot be used, or the run stopped; then the error carries the report.
    pub async fn run(self) -> Result<Report, BulkError> {
        let run = self.bulk.start_import_profiles(&self.options)?;
        Ok(drive(run, self.rows).await?)
    }

    /// Sends all rows as the stream of their ends is read.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn stream(
        self,
    ) -> Result<OutcomeStream<impl Future<Output = Result<Report, RunError>>>, Error> {
        let run = self.bulk.start_import_profiles(&self.options)?;
        Ok(stream(run, self.rows))
    }

    /// Reads and checks all rows, sends nothing, and says what a run would send.
    ///
    /// # Errors
    /// [`Error::Configuration`] when an option cannot be used.
    pub fn plan(self) -> Result<Plan, Error> {
        let planning = self.bulk.plan_import_profiles(&self.options)?;
        Ok(plan(planning, self.rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_json_with_and_without_a_list() {
        for (list_id, lists) in [
            (None, serde_json::Value::Null),
            (Some("a\"b"), "a\"b".into()),
        ] {
            let body = [PREFIX, &suffix(list_id)].concat();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(
                body["data"]["attributes"]["profiles"]["data"],
                serde_json::json!([])
            );
            assert_eq!(
                body["data"]["relationships"]["lists"]["data"][0]["id"],
                lists
            );
        }
    }
}
