//! Any single operation, by its entry in the operation table.

use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use klaviyo_gen::{Operation, Parameter, Place};

use crate::client::Client;
use crate::error::Error;
use crate::exchange::Context;
use crate::meter::Meter;
use crate::stop::Stop;
use crate::target::target;
use crate::transport::{Request, Response};

/// What a single request of an operation holds.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// Parameters by their name on the wire (`page[size]`), of whichever place. An array is one
    /// text, joined by commas.
    pub parameters: Vec<(String, String)>,
    /// The body, in the operation's media type.
    pub body: Bytes,
    /// The body's `Content-Type` when it says more than the operation's media type (the boundary of
    /// a multipart body).
    pub content_type: Option<String>,
}

impl Client {
    /// Sends one request of any operation, under its limits and with retries, and gives the answer
    /// as it came (2xx only).
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::Error> {
    /// use klaviyo_core::Call;
    ///
    /// let call = Call {
    ///     parameters: vec![("page[size]".to_owned(), "100".to_owned())],
    ///     ..Call::default()
    /// };
    /// let answer = client.call(&klaviyo_gen::operations::GET_PROFILES, call).await?;
    /// println!("{}", String::from_utf8_lossy(&answer.body));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Configuration`] when a parameter is unknown, missing or unusable, before anything is
    /// sent; else what came of the request.
    pub async fn call(&self, operation: &'static Operation, call: Call) -> Result<Response, Error> {
        let request = request(operation, call)?;
        self.send(&request).await
    }

    /// Sends a request that belongs to no run.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response, Error> {
        let context = Context {
            meter: &Meter::default(),
            stop: &Stop::default(),
            repeat_is_safe: request.operation.repeat.safe,
            in_doubt: &AtomicBool::new(false),
            herald: None,
        };
        let answer = self.exchange().send(request, context).await;
        answer.map_err(|failure| failure.error)
    }
}

pub(crate) fn request(operation: &'static Operation, call: Call) -> Result<Request, Error> {
    let mut query = Vec::new();
    let mut headers = Vec::new();
    for (name, value) in &call.parameters {
        match known(operation, name)?.place {
            Place::Path => {}
            Place::Query => query.push((name.as_str(), value.as_str())),
            Place::Header => headers.push((name.as_str(), value.as_str())),
        }
    }
    headers.extend(
        call.content_type
            .iter()
            .map(|value| ("content-type", value.as_str())),
    );
    let path = path_values(operation, &call)?;
    let mut request = Request::new(operation, target(operation, &path, &query), call.body);
    for (name, value) in headers {
        let unusable = || {
            misuse(
                operation,
                &format!("the header {name} cannot carry its value"),
            )
        };
        let name = HeaderName::try_from(name).map_err(|_| unusable())?;
        let value = HeaderValue::try_from(value).map_err(|_| unusable())?;
        request.headers.insert(name, value);
    }
    Ok(request)
}

fn known(operation: &Operation, name: &str) -> Result<&'static Parameter, Error> {
    let mut parameters = operation.parameters.iter().copied();
    parameters
        .find(|parameter| parameter.name == name)
        .ok_or_else(|| misuse(operation, &format!("there is no parameter {name:?}")))
}

/// The values of the path's parameters, in their order.
fn path_values<'a>(operation: &Operation, call: &'a Call) -> Result<Vec<&'a str>, Error> {
    let wanted = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.required);
    let mut path = Vec::new();
    for parameter in wanted {
        let given = call
            .parameters
            .iter()
            .find(|(name, _)| name == parameter.name);
        let Some((name, value)) = given else {
            let message = format!("the parameter {:?} is required", parameter.name);
            return Err(misuse(operation, &message));
        };
        if parameter.place == Place::Path {
            // These would lead to another operation's path.
            if matches!(value.as_str(), "" | "." | "..") {
                return Err(misuse(operation, &format!("{name:?} cannot be {value:?}")));
            }
            path.push(value.as_str());
        }
    }
    Ok(path)
}

fn misuse(operation: &Operation, what: &str) -> Error {
    let known: Vec<&str> = operation
        .parameters
        .iter()
        .map(|parameter| parameter.name)
        .collect();
    Error::Configuration(format!(
        "{}: {what}; it takes {}",
        operation.id,
        if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        }
    ))
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::{GET_PROFILE, GET_PROFILES};

    use super::*;
    use crate::clock::FakeClock;
    use crate::testing::{Scripted, answer, client};

    fn call(parameters: &[(&str, &str)]) -> Call {
        let owned = parameters
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        Call {
            parameters: owned.collect(),
            ..Call::default()
        }
    }

    #[tokio::test]
    async fn parameters_go_to_their_places() {
        let transport = Scripted::new(|_, _| answer(200, "{}"));
        let client = client(&transport, &FakeClock::new(1));
        let parameters = [("id", "a/b"), ("fields[profile]", "email,id")];
        let answer = client.call(&GET_PROFILE, call(&parameters)).await.unwrap();
        assert_eq!(answer.status, 200);
        let target = &transport.requests()[0].target;
        assert_eq!(target, "/api/profiles/a%2Fb?fields%5Bprofile%5D=email%2Cid");
    }

    #[tokio::test]
    async fn misuse_is_told_before_anything_is_sent() {
        let transport = Scripted::new(|_, _| panic!("nothing may be sent"));
        let client = client(&transport, &FakeClock::new(1));
        for (operation, parameters, words) in [
            (&GET_PROFILE, &[][..], "\"id\" is required"),
            (&GET_PROFILE, &[("id", "..")][..], "cannot be"),
            (&GET_PROFILES, &[("page_size", "1")][..], "page[size]"),
        ] {
            let error = client.call(operation, call(parameters)).await.unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
