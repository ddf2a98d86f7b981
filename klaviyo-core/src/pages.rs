//! Lists, page by page: from each answer's `links.next` to the next, under the operation's limits.

#[cfg(feature = "arrow")]
mod arrow;
mod kept;

use bytes::Bytes;
use futures::stream::{self, Stream, TryStreamExt};
use http::HeaderMap;
use klaviyo_gen::{Method, Operation};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::api_error::lenient;
use crate::call::{Call, request};
use crate::circle::Circle;
use crate::client::Client;
use crate::error::Error;
use crate::target::{is_of, target_of_link};
use crate::transport::Request;

#[cfg(feature = "arrow")]
pub use arrow::RecordBatches;

/// The pages of a list that are still to be read. Nothing is read ahead.
#[derive(Debug)]
pub struct Pages {
    client: Client,
    request: Request,
    /// Whether there is another page to ask for, as far as is known.
    open: bool,
    circle: Circle,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    operation: &'static Operation,
    /// What was asked for.
    #[cfg_attr(
        not(feature = "arrow"),
        expect(dead_code, reason = "tells the columns")
    )]
    target: String,
    /// The answer's HTTP status.
    pub status: u16,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's body: a JSON:API document with `data` and perhaps `included` and `links`.
    pub body: Bytes,
    /// Where the next page is; `None` on the last one. It can be kept, and given to
    /// [`Client::pages_from`] later, or as `page[cursor]` to [`Client::pages`].
    pub cursor: Option<String>,
}

/// What is read of every page.
#[derive(Deserialize)]
struct Links {
    #[serde(default, deserialize_with = "lenient")]
    links: Next,
}

#[derive(Deserialize, Default)]
struct Next {
    #[serde(default, deserialize_with = "lenient")]
    next: Option<String>,
}

impl crate::api_error::Members for Next {}

impl Client {
    /// The pages of a list operation, from the one that `call` asks for.
    ///
    /// As `page[cursor]` it takes one of Klaviyo's or a [`Page::cursor`]. The latter holds all
    /// parameters; those that stand beside it are only compared with it.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::Error> {
    /// use futures::TryStreamExt;
    /// use klaviyo_core::Call;
    /// use klaviyo_gen::operations::GET_PROFILES;
    ///
    /// let profiles = client.pages(&GET_PROFILES, Call::default())?.items::<serde_json::Value>();
    /// let mut profiles = std::pin::pin!(profiles);
    /// while let Some(profile) = profiles.try_next().await? {
    ///     println!("{}", profile["id"]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Configuration`] when a parameter is unknown, missing or unusable, or says something
    /// else than the cursor, or the operation reads nothing.
    pub fn pages(&self, operation: &'static Operation, call: Call) -> Result<Pages, Error> {
        if operation.method != Method::Get {
            let message = format!("{} is not a list: it changes something", operation.id);
            return Err(Error::Configuration(message));
        }
        let kept = kept::cursor(&call);
        let mut request = request(operation, call)?;
        if let Some(kept) = kept {
            kept::check(operation, &request.target, &kept)?;
            request.target = kept;
        }
        Ok(Pages {
            client: self.clone(),
            request,
            open: true,
            circle: Circle::default(),
        })
    }

    /// The pages of a list operation from a [`Page::cursor`] on, which holds all parameters.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the cursor is not one of this operation's.
    pub fn pages_from(&self, operation: &'static Operation, cursor: &str) -> Result<Pages, Error> {
        let target = target_of_link(cursor);
        if operation.method != Method::Get || !is_of(operation, &target) {
            let message = format!("the cursor {cursor:?} is not one of {}", operation.id);
            return Err(Error::Configuration(message));
        }
        Ok(Pages {
            client: self.clone(),
            request: Request::new(operation, target, Bytes::new()),
            open: true,
            circle: Circle::default(),
        })
    }

    /// The pages behind one that was read; none behind the last.
    #[must_use]
    pub fn pages_behind(&self, page: &Page) -> Pages {
        let target = page.cursor.clone().unwrap_or_default();
        Pages {
            client: self.clone(),
            request: Request::new(page.operation, target, Bytes::new()),
            open: page.cursor.is_some(),
            circle: Circle::default(),
        }
    }
}

impl Pages {
    /// The next page; `None` after the last one.
    ///
    /// # Errors
    /// What came of the request. The page can be asked for again.
    pub async fn next(&mut self) -> Result<Option<Page>, Error> {
        if !self.open {
            return Ok(None);
        }
        let operation = self.request.operation;
        let response = self.client.send(&self.request).await?;
        let unreadable = |detail: String| Error::UnreadableAnswer {
            operation: operation.id,
            detail,
        };
        let links: Links = serde_json::from_slice(&response.body)
            .map_err(|error| unreadable(error.to_string()))?;
        let cursor = links.links.next.as_deref().map(target_of_link);
        let target = self.request.target.clone();
        match &cursor {
            Some(next) if *next == target || self.circle.closes_with(next) => {
                return Err(unreadable("the pages lead in a circle".to_owned()));
            }
            Some(next) => self.request.target.clone_from(next),
            None => self.open = false,
        }
        Ok(Some(Page {
            operation,
            target,
            status: response.status,
            headers: response.headers,
            body: response.body,
            cursor,
        }))
    }

    /// The pages as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Page, Error>> + Send {
        stream::try_unfold(self, |mut pages| async move {
            let page = pages.next().await?;
            Ok(page.map(|page| (page, pages)))
        })
    }

    /// All items of all pages as a stream, each read as a `T`.
    pub fn items<T>(self) -> impl Stream<Item = Result<T, Error>> + Send
    where
        T: DeserializeOwned + Send,
    {
        let pages = self.into_stream();
        pages
            .and_then(|page| async move {
                let items = page.items::<T>()?.into_iter().map(Ok);
                Ok(stream::iter(items))
            })
            .try_flatten()
    }
}

impl Page {
    /// What stands under `data`, each read as a `T` (`serde_json::Value` takes anything).
    ///
    /// # Errors
    /// [`Error::UnreadableAnswer`] when `data` is no list, or holds something else.
    pub fn items<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        #[derive(Deserialize)]
        struct Document<T> {
            data: Vec<T>,
        }
        let document: Document<T> =
            serde_json::from_slice(&self.body).map_err(|error| Error::UnreadableAnswer {
                operation: self.operation.id,
                detail: error.to_string(),
            })?;
        Ok(document.data)
    }
}

#[cfg(test)]
mod tests;
