//! Lists as record batches of Arrow, with the columns that the operation table knows.

mod cells;
mod columns;
mod members;
mod resource;
mod table;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::stream::{self, Stream};

use self::columns::Columns;
use self::table::Table;
use super::{Page, Pages};
use crate::client::Client;
use crate::clock::Clock;
use crate::error::Error;

/// Rows after which a batch is full. It may become more by a page.
const ROWS: usize = 4096;

/// How long rows are held back so that a batch becomes fuller.
const PATIENCE: Duration = Duration::from_secs(1);

/// A list as record batches: one row for each item, in order, pages gathered into batches of some
/// thousand rows. A page is asked for when the batch that it goes into is.
///
/// The columns are known before anything is asked for:
///
/// | column | type | |
/// |---|---|---|
/// | `id`, `type` | text | |
/// | `first_name`, `location.city` … | text, integer, number, boolean, timestamp (µs, UTC), list of these | the attributes, those of a known object one by one under the names that rows of a bulk run have |
/// | `properties`, `event_properties` … | JSON text | free-form objects, arrays of objects, and what may be of several types |
/// | `relationships.lists` … | list of texts, or text | the related resources' ids; null where Klaviyo gives only links (ask with `include`) |
/// | `unmapped` | JSON text | an object of what has no other column, by name; null when there is nothing |
///
/// With `fields[profile]` there are columns for these attributes only; attributes that must be asked for
/// with `additional-fields[profile]` have columns when they are.
///
/// No answer fails for what stands in an item: an attribute that the table does not know, and a value
/// that does not fit its column (the column is null then), stand in `unmapped` as they came; an item
/// that is no object stands there whole. Links are left out, and so are nulls of unknown attributes.
/// Of two things with the same name, one has an apostrophe behind it.
pub struct RecordBatches {
    /// The page that was there already.
    first: Option<Page>,
    pages: Pages,
    clock: Arc<dyn Clock>,
    table: Table,
    /// What came instead of a page, while rows before it were handed over first.
    failed: Option<Error>,
}

impl fmt::Debug for RecordBatches {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RecordBatches")
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}

impl Pages {
    /// These pages as record batches.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::Error> {
    /// use klaviyo_core::Call;
    /// use klaviyo_gen::operations::GET_PROFILES;
    ///
    /// let mut batches = client.pages(&GET_PROFILES, Call::default())?.record_batches()?;
    /// while let Some(batch) = batches.next().await? {
    ///     println!("{} profiles", batch.num_rows());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Configuration`] when the operation lists nothing.
    pub fn record_batches(self) -> Result<RecordBatches, Error> {
        let columns = Columns::of(self.request.operation, &self.request.target)?;
        Ok(RecordBatches::new(None, self, columns))
    }
}

impl Page {
    /// This page and all behind it as record batches.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the operation lists nothing.
    pub fn record_batches(&self, client: &Client) -> Result<RecordBatches, Error> {
        let columns = Columns::of(self.operation, &self.target)?;
        let behind = client.pages_behind(self);
        Ok(RecordBatches::new(Some(self.clone()), behind, columns))
    }
}

impl RecordBatches {
    fn new(first: Option<Page>, pages: Pages, columns: Columns) -> Self {
        RecordBatches {
            first,
            clock: Arc::clone(&pages.client.exchange().clock),
            table: Table::new(columns, pages.request.operation),
            pages,
            failed: None,
        }
    }

    /// The schema of all batches.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    /// The next batch; `None` after the last one. When it is dropped before it is ready, nothing is
    /// lost: the next call goes on.
    ///
    /// # Errors
    /// What came of a request, after the rows before it; or [`Error::UnreadableAnswer`] when `data` is no
    /// list. The page can be asked for again.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let begun = self.clock.now();
        while self.table.rows() < ROWS {
            let page = match self.page().await {
                Ok(Some(page)) => page,
                Ok(None) => break,
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            };
            self.table.append(&page.body)?;
            let waited = self.clock.now().since(begun);
            if self.table.rows() > 0 && waited >= PATIENCE {
                break;
            }
        }
        if self.table.rows() > 0 {
            return self.table.take().map(Some);
        }
        self.failed.take().map_or(Ok(None), Err)
    }

    async fn page(&mut self) -> Result<Option<Page>, Error> {
        match self.first.take() {
            Some(page) => Ok(Some(page)),
            None => self.pages.next().await,
        }
    }

    /// The batches as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<RecordBatch, Error>> + Send {
        stream::try_unfold(self, |mut batches| async move {
            let batch = batches.next().await?;
            Ok(batch.map(|batch| (batch, batches)))
        })
    }
}
