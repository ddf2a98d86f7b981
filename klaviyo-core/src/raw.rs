//! The typed client over this engine: same connections, limits and retries as the bulk operations.

use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use http::StatusCode;
use klaviyo_gen::{Execute, Execution, Operation};

use crate::client::Client;
use crate::exchange::{Context, Exchange, Failure};
use crate::meter::Meter;
use crate::stop::Stop;
use crate::transport::{Request, Response};

impl Client {
    /// The typed client: a method for each operation.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use klaviyo_gen::parameters::GetProfiles;
    ///
    /// let first = GetProfiles { page_size: Some(100), ..Default::default() };
    /// let page = client.raw().get_profiles(first).await?;
    /// println!("{} profiles", page.data.len());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn raw(&self) -> klaviyo_gen::Client {
        klaviyo_gen::Client::new(Engine(self.exchange().clone()))
    }
}

/// Sends the typed client's requests.
struct Engine(Exchange);

impl Execute for Engine {
    fn execute<'a>(
        &'a self,
        operation: &'static Operation,
        request: http::Request<Bytes>,
    ) -> Execution<'a> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let target = head
                .uri
                .path_and_query()
                .map_or("/", |target| target.as_str());
            let mut request = Request::new(operation, target.to_owned(), body);
            request.headers = head.headers;
            let (meter, stop) = (Meter::default(), Stop::default());
            let context = Context {
                meter: &meter,
                stop: &stop,
                repeat_is_safe: operation.repeat.safe,
                in_doubt: &AtomicBool::new(false),
                herald: None,
            };
            match self.0.send(&request, context).await {
                Ok(response) => Ok(into_http(response)?),
                // The typed client reads refusals itself; only the lack of an answer is an error.
                Err(Failure {
                    response: Some(response),
                    ..
                }) => Ok(into_http(response)?),
                Err(failure) => Err(failure.error.into()),
            }
        })
    }
}

fn into_http(response: Response) -> Result<http::Response<Bytes>, http::status::InvalidStatusCode> {
    let mut answer = http::Response::new(response.body);
    *answer.status_mut() = StatusCode::from_u16(response.status)?;
    *answer.headers_mut() = response.headers;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::parameters::GetProfiles;

    use crate::clock::FakeClock;
    use crate::testing::{Scripted, answer, broken, client, with_header};
    use crate::transport::Breakage;

    #[tokio::test]
    async fn typed_calls_are_retried_and_keep_to_the_limits() {
        let transport = Scripted::new(|_, before| match before {
            0 => with_header(answer(429, ""), "retry-after", "3"),
            1 => broken(Breakage::Broken),
            _ => answer(200, r#"{"data":[],"links":{}}"#),
        });
        let clock = FakeClock::new(1);
        let raw = client(&transport, &clock).raw();
        let page = raw.get_profiles(GetProfiles {
            page_size: Some(5),
            ..Default::default()
        });
        assert!(page.await.unwrap().data.is_empty());
        let requests = transport.requests();
        assert_eq!(requests.len(), 3);
        assert_eq!(requests[0].target, "/api/profiles?page%5Bsize%5D=5");
        assert_eq!(requests[0].headers["accept"], "application/vnd.api+json");
    }

    #[tokio::test]
    async fn refusals_reach_the_typed_client_whole() {
        let transport = Scripted::new(|_, _| answer(403, "<html>"));
        let raw = client(&transport, &FakeClock::new(1)).raw();
        let refused = raw.get_profiles(GetProfiles::default()).await.unwrap_err();
        let klaviyo_gen::Error::Refused(refusal) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(
            (refusal.status.as_u16(), refusal.body.as_str()),
            (403, "<html>")
        );
    }
}
