//! The typed client. Its methods, one for each operation, are generated (`generated/client`).

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;

use crate::typed::error::{Refusal, Unreadable, first_bytes};
use crate::typed::request::Request;
use crate::{Answer, Error, Execute};

/// Klaviyo's operations as methods: one for each `operationId`, under the feature of its tag.
///
/// Path parameters, required query parameters and the body are arguments. Optional parameters are
/// fields of a struct called like the method, which has a `Default`.
///
/// ```
/// # #[cfg(feature = "profiles")]
/// # async fn example(engine: impl klaviyo_gen::Execute + 'static) -> Result<(), klaviyo_gen::Error> {
/// use klaviyo_gen::{Client, parameters::GetProfiles};
///
/// let client = Client::new(engine);
/// let first = GetProfiles { page_size: Some(100), ..Default::default() };
/// let page = client.get_profiles(first).await?;
/// for profile in &page.data {
///     println!("{:?}", profile.attributes.email);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Every method fails with an [`Error`], which says whether Klaviyo refused the request, or why there
/// is no answer or none that can be read.
#[derive(Clone)]
pub struct Client {
    execute: Arc<dyn Execute>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// A client whose requests go through `execute`.
    pub fn new(execute: impl Execute + 'static) -> Self {
        Self {
            execute: Arc::new(execute),
        }
    }

    /// Sends the request and reads the answer's body.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        request: Request,
    ) -> Result<Answer<T>, Error> {
        let operation = request.operation;
        let (head, body) = self.send(request).await?;
        // An answer without a body has nothing to say, which every type of answer can express.
        let text = if body.is_empty() {
            b"{}".as_slice()
        } else {
            &body
        };
        match serde_json::from_slice(text) {
            Ok(value) => Ok(Answer {
                status: head.status,
                headers: head.headers,
                body,
                value,
            }),
            Err(source) => Err(Error::Unreadable(Box::new(Unreadable {
                operation,
                status: head.status,
                headers: head.headers,
                body: first_bytes(&body),
                source,
            }))),
        }
    }

    /// Sends the request; the answer has no body.
    pub(crate) async fn call_empty(&self, request: Request) -> Result<Answer<()>, Error> {
        let (head, body) = self.send(request).await?;
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
            value: (),
        })
    }

    async fn send(&self, request: Request) -> Result<(http::response::Parts, Bytes), Error> {
        let operation = request.operation;
        let response: Response<Bytes> = self
            .execute
            .execute(operation, request.build()?)
            .await
            .map_err(Error::Execute)?;
        let (head, body) = response.into_parts();
        if head.status.is_success() {
            return Ok((head, body));
        }
        Err(Error::Refused(Box::new(Refusal::new(
            operation,
            head.status,
            head.headers,
            &body,
        ))))
    }
}
