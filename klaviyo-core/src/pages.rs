//! Lists, page by page: from each answer's `links.next` to the next, under the operation's limits.

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
        match &cursor {
            Some(next) if *next == self.request.target || self.circle.closes_with(next) => {
                return Err(unreadable("the pages lead in a circle".to_owned()));
            }
            Some(next) => self.request.target.clone_from(next),
            None => self.open = false,
        }
        Ok(Some(Page {
            operation,
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
mod tests {
    use futures::StreamExt;
    use klaviyo_gen::operations::{DELETE_LIST, GET_LIST_IDS_FOR_PROFILE, GET_PROFILES};
    use serde_json::{Value, json};

    use super::*;
    use crate::clock::FakeClock;
    use crate::testing::{Answer, Scripted, answer, client};

    fn page(ids: &[u32], next: Value) -> Answer {
        let data: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        answer(
            200,
            json!({"data": data, "links": {"next": next}}).to_string(),
        )
    }

    /// Three pages behind a proxy: the links name Klaviyo's own host.
    fn three(request: &Request, _: usize) -> Answer {
        let link = |page| {
            json!(format!(
                "https://a.klaviyo.com/api/profiles?page%5Bcursor%5D={page}"
            ))
        };
        match request.target.split_once('=').map(|(_, cursor)| cursor) {
            None | Some("1") => page(&[1, 2], link(2)),
            Some("2") => page(&[], link(3)),
            _ => page(&[3], Value::Null),
        }
    }

    async fn ids(pages: Pages) -> Vec<u64> {
        let items = pages.items::<Value>();
        let ids = items.map(|item| item.unwrap()["id"].as_u64().unwrap());
        ids.collect().await
    }

    #[tokio::test]
    async fn items_come_from_all_pages_empty_ones_included() {
        let transport = Scripted::new(three);
        let client = client(&transport, &FakeClock::new(1));
        let pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
        assert_eq!(ids(pages).await, [1, 2, 3]);
        assert_eq!(transport.requests().len(), 3);
    }

    #[tokio::test]
    async fn reading_goes_on_from_a_cursor_that_was_kept() {
        let transport = Scripted::new(three);
        let client = client(&transport, &FakeClock::new(1));
        let mut pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
        let first = pages.next().await.unwrap().unwrap();
        let cursor = first.cursor.unwrap();
        let rest = client.pages_from(&GET_PROFILES, &cursor).unwrap();
        assert_eq!(ids(rest).await, [3]);
        let elsewhere = client.pages_from(&GET_LIST_IDS_FOR_PROFILE, &cursor);
        assert!(
            elsewhere
                .unwrap_err()
                .to_string()
                .contains("get_list_ids_for_profile")
        );
    }

    #[tokio::test]
    async fn a_kept_cursor_may_stand_in_the_place_of_klaviyos() {
        let transport = Scripted::new(three);
        let client = client(&transport, &FakeClock::new(1));
        let from = |cursor: &str| Call {
            parameters: vec![("page[cursor]".to_owned(), cursor.to_owned())],
            ..Call::default()
        };
        for cursor in ["/api/profiles?page%5Bcursor%5D=3", "3"] {
            let rest = client.pages(&GET_PROFILES, from(cursor)).unwrap();
            assert_eq!(ids(rest).await, [3]);
        }
        let targets = transport.requests().into_iter().map(|one| one.target);
        let expected = "/api/profiles?page%5Bcursor%5D=3";
        assert_eq!(targets.collect::<Vec<_>>(), [expected, expected]);
        let elsewhere = client.pages(&GET_PROFILES, from("/api/lists?page%5Bcursor%5D=3"));
        assert!(elsewhere.unwrap_err().to_string().contains("get_profiles"));
    }

    #[tokio::test]
    async fn a_failed_page_can_be_asked_for_again() {
        let transport = Scripted::new(|request, before| match before {
            0 => answer(400, ""),
            _ => three(request, before),
        });
        let client = client(&transport, &FakeClock::new(1));
        let mut pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
        assert_eq!(pages.next().await.unwrap_err().status(), Some(400));
        assert_eq!(ids(pages).await, [1, 2, 3]);
    }

    #[tokio::test]
    async fn odd_answers_end_it_and_never_turn_in_a_circle() {
        let odd = [
            (json!({"data": []}), Ok(0)),
            (json!({"data": [], "links": null}), Ok(0)),
            (json!({"data": {}, "links": {"next": 7}}), Err("sequence")),
            (
                json!({"data": [], "links": {"next": "/api/profiles"}}),
                Err("circle"),
            ),
        ];
        for (body, expected) in odd {
            let transport = Scripted::new(move |_, _| answer(200, body.to_string()));
            let client = client(&transport, &FakeClock::new(1));
            let pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
            let items: Result<Vec<Value>, Error> = pages.items().try_collect().await;
            match (items, expected) {
                (Ok(items), Ok(count)) => assert_eq!(items.len(), count),
                (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn a_longer_circle_is_noticed_too() {
        let transport = Scripted::new(|_, before| {
            page(&[], json!(format!("/api/profiles?page={}", before % 3)))
        });
        let client = client(&transport, &FakeClock::new(1));
        let pages = client.pages(&GET_PROFILES, Call::default()).unwrap();
        let items: Result<Vec<Value>, Error> = pages.items().try_collect().await;
        assert!(items.unwrap_err().to_string().contains("circle"));
        assert!(transport.requests().len() < 12);
    }

    #[test]
    fn what_changes_something_is_no_list() {
        let transport = Scripted::new(|_, _| panic!("nothing may be sent"));
        let client = client(&transport, &FakeClock::new(1));
        let error = client.pages(&DELETE_LIST, Call::default()).unwrap_err();
        assert!(error.to_string().contains("delete_list"));
    }
}
