//! Pieces for tests: a Klaviyo that answers from memory, as a test tells it to.

use std::fmt;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::auth::{Authorizer, Credentials};
use crate::client::Client;
use crate::clock::FakeClock;
use crate::limit::LimitOptions;
use crate::retry::RetryOptions;
use crate::secret::Secret;
use crate::transport::{Breakage, Request, Response, Transport, TransportError};

pub(crate) type Answer = Result<Response, TransportError>;

/// Answers requests with a function and remembers them.
pub(crate) struct Scripted {
    answer: Box<dyn Fn(Request) -> BoxFuture<'static, Answer> + Send + Sync>,
    requests: Mutex<Vec<Request>>,
}

impl Scripted {
    /// Answers at once; `script` sees the request and how many came before it.
    pub(crate) fn new(
        script: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static,
    ) -> Arc<Self> {
        let count = Mutex::new(0);
        Self::slow(move |request| {
            let mut count = count.lock().unwrap();
            let answer = script(&request, *count);
            *count += 1;
            futures::future::ready(answer).boxed()
        })
    }

    /// Answers when the future that `script` gives is ready.
    pub(crate) fn slow(
        script: impl Fn(Request) -> BoxFuture<'static, Answer> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Scripted {
            answer: Box::new(script),
            requests: Mutex::default(),
        })
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Scripted")
    }
}

impl Transport for Scripted {
    fn send(&self, request: Request) -> BoxFuture<'_, Answer> {
        self.requests.lock().unwrap().push(request.clone());
        (self.answer)(request)
    }
}

/// A client over a scripted Klaviyo, on a fake clock.
pub(crate) fn client(transport: &Arc<Scripted>, clock: &FakeClock) -> Client {
    client_with(
        transport,
        clock,
        Credentials::ApiKey(Secret::new("test-key")),
    )
}

/// The same with credentials of one's own.
pub(crate) fn client_with(
    transport: &Arc<Scripted>,
    clock: &FakeClock,
    credentials: Credentials,
) -> Client {
    let transport: Arc<dyn Transport> = Arc::<Scripted>::clone(transport);
    Client::over(
        transport,
        Arc::new(clock.clone()),
        Authorizer::new(credentials).expect("a header can carry them"),
        LimitOptions::default(),
        RetryOptions::default(),
    )
}

/// An answer with a body.
pub(crate) fn answer(status: u16, body: impl Into<String>) -> Answer {
    Ok(Response {
        status,
        headers: HeaderMap::new(),
        body: body.into().into(),
    })
}

/// An answer with a header.
pub(crate) fn with_header(answer: Answer, name: &'static str, value: &'static str) -> Answer {
    answer.map(|mut response| {
        let name = HeaderName::from_static(name);
        response
            .headers
            .insert(name, HeaderValue::from_static(value));
        response
    })
}

/// A JSON:API refusal with one error for each pointer.
pub(crate) fn refusal(status: u16, pointers: &[&str]) -> Answer {
    let errors: Vec<serde_json::Value> = pointers
        .iter()
        .map(|pointer| {
            serde_json::json!({
                "code": "invalid", "title": "Invalid", "detail": format!("bad at {pointer}"),
                "source": {"pointer": pointer},
            })
        })
        .collect();
    answer(status, serde_json::json!({"errors": errors}).to_string())
}

/// No answer.
pub(crate) fn broken(breakage: Breakage) -> Answer {
    Err(TransportError {
        breakage,
        message: "as the test says".to_owned(),
    })
}
