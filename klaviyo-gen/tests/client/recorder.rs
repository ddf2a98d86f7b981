//! Stands in for Klaviyo: keeps the request, gives the answer that it was told to.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use klaviyo_gen::{Execute, Execution, Operation};

/// What was sent, and as which operation.
pub(crate) struct Recorded {
    pub(crate) operation: &'static Operation,
    pub(crate) request: Request<Bytes>,
}

/// Answers each request alike and keeps the last one.
#[derive(Clone)]
pub(crate) struct Recorder {
    answer: (StatusCode, Bytes),
    recorded: Arc<Mutex<Option<Recorded>>>,
}

impl Recorder {
    pub(crate) fn new(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self {
            answer: (status, body.into()),
            recorded: Arc::default(),
        }
    }

    /// The last request.
    pub(crate) fn recorded(&self) -> Option<Recorded> {
        self.recorded
            .lock()
            .expect("no test panicked while it held the lock")
            .take()
    }
}

impl Execute for Recorder {
    fn execute<'a>(
        &'a self,
        operation: &'static Operation,
        request: Request<Bytes>,
    ) -> Execution<'a> {
        *self
            .recorded
            .lock()
            .expect("no test panicked while it held the lock") =
            Some(Recorded { operation, request });
        let (status, body) = self.answer.clone();
        let mut response = Response::new(body);
        *response.status_mut() = status;
        Box::pin(async { Ok(response) })
    }
}

/// The output of a future that never has to wait, as none does that the recorder answers.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the recorder answers at once"),
    }
}
