//! The transport that goes over the network: reqwest with rustls.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use klaviyo_gen::Operation;

use super::{Breakage, Origin, REVISION, Request, Response, Transport, TransportError};
use crate::error::Error;
use crate::secret::Secret;

/// No answer of Klaviyo's comes near this size; more is a fault, and must not fill the memory.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// The slowest upload, in bytes a second, that is still worth waiting for. Several large bodies go up
/// side by side: without this time, all of them would fail together on a slow line, again and again.
const SLOWEST_UPLOAD: u64 = 50_000;

/// How requests travel.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Where requests go.
    pub origin: Origin,
    /// The API revision that is asked for, `YYYY-MM-DD`.
    pub revision: String,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest time for one attempt, from connecting to the last byte of the answer; a body gets 20 s
    /// a megabyte on top.
    pub attempt_timeout: Duration,
    /// A proxy for all requests, `http://[user:password@]host[:port]`. The default, `None`, takes the
    /// one that the system names (`HTTPS_PROXY` and so on), and none to this machine.
    pub proxy: Option<Secret>,
    /// Certificate authorities in PEM that are trusted beside the system's: those of a proxy that
    /// looks into TLS, say.
    pub ca_bundle: Option<Vec<u8>>,
}

/// Sends requests with reqwest.
#[derive(Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    attempt_timeout: Duration,
    origin: Origin,
}

impl HttpTransport {
    /// Sets up the connections; none is opened yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the revision cannot stand in a header, or TLS cannot be set up.
    pub fn new(options: HttpOptions) -> Result<Self, Error> {
        // A slim container has no certificates of its own; then those that are bundled must do.
        let client = builder(&options)?.build().or_else(|_| {
            let mut roots: Vec<_> = bundled_roots().collect();
            if let Some(pem) = &options.ca_bundle {
                roots.extend(certificates(pem)?);
            }
            let bundled = builder(&options)?.tls_certs_only(roots);
            let what = match options.ca_bundle {
                Some(_) => "HTTP client with this CA bundle",
                None => "HTTP client",
            };
            bundled
                .build()
                .map_err(|cause| Error::Configuration(format!("{what}: {}", chain(&cause))))
        })?;
        Ok(HttpTransport {
            client,
            attempt_timeout: options.attempt_timeout,
            origin: options.origin,
        })
    }

    async fn attempt(&self, request: Request) -> Result<Response, reqwest::Error> {
        let operation = request.operation;
        let timeout = request.timeout.unwrap_or(self.attempt_timeout);
        let timeout = timeout + time_to_upload(request.body.len());
        let method = match operation.method {
            klaviyo_gen::Method::Get => reqwest::Method::GET,
            klaviyo_gen::Method::Post => reqwest::Method::POST,
            klaviyo_gen::Method::Put => reqwest::Method::PUT,
            klaviyo_gen::Method::Patch => reqwest::Method::PATCH,
            klaviyo_gen::Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self
            .client
            .request(method, self.origin.url(&request.target));
        if let Some(media_type) = operation.body {
            builder = builder
                .header(CONTENT_TYPE, media_type.as_str())
                .body(request.body);
        }
        // Those of the request replace the ones above.
        builder = builder.headers(request.headers).timeout(timeout);
        let mut response = builder.send().await?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let body = match read(response).await {
            // The head has said it all: what would come behind it is not lost.
            Err(_) if says_all(operation, status) => Bytes::new(),
            body => body?,
        };
        Ok(Response {
            status,
            headers,
            body,
        })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move { self.attempt(request).await.map_err(broken) })
    }
}

fn time_to_upload(bytes: usize) -> Duration {
    Duration::from_secs(bytes as u64 / SLOWEST_UPLOAD)
}

/// Whether the status tells what became of the request, without the body: a success that comes without
/// one, or a refusal. Why it was refused may be lost, but not that nothing was done.
fn says_all(operation: &Operation, status: u16) -> bool {
    // After a request timeout nobody knows: the request may have been read.
    let refused = (400..500).contains(&status) && status != 408;
    let mut successes = operation.success.iter();
    refused || successes.any(|success| success.status == status && !success.body)
}

/// Reads the body up to [`LARGEST_ANSWER`]; what goes beyond is cut off, and then parses as nothing. The
/// status holds all the same.
async fn read(mut response: reqwest::Response) -> Result<Bytes, reqwest::Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            body.truncate(LARGEST_ANSWER);
            break;
        }
    }
    Ok(body.freeze())
}

fn builder(options: &HttpOptions) -> Result<reqwest::ClientBuilder, Error> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("klaviyo-py/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers(options)?)
        .connect_timeout(options.connect_timeout)
        // A redirect would carry the key and the rows to a place that nobody named.
        .redirect(reqwest::redirect::Policy::none());
    let builder = match &options.proxy {
        Some(proxy) => builder.proxy(explicit(proxy)?),
        // The system's proxy could not reach this machine, and would see the key.
        None if options.origin.is_loopback() => builder.no_proxy(),
        None => builder,
    };
    Ok(match &options.ca_bundle {
        Some(pem) => builder.tls_certs_merge(certificates(pem)?),
        None => builder,
    })
}

fn explicit(proxy: &Secret) -> Result<reqwest::Proxy, Error> {
    // Not shown: it may hold a password.
    reqwest::Proxy::all(proxy.expose()).map_err(|_| {
        let message = "proxy is no URL; give it as http://host:port";
        Error::Configuration(message.to_owned())
    })
}

fn certificates(pem: &[u8]) -> Result<Vec<reqwest::Certificate>, Error> {
    let unusable = |why: String| {
        Error::Configuration(format!("the CA bundle holds no certificates in PEM: {why}"))
    };
    let certificates =
        reqwest::Certificate::from_pem_bundle(pem).map_err(|cause| unusable(chain(&cause)))?;
    if certificates.is_empty() {
        return Err(unusable("nothing was found in it".to_owned()));
    }
    Ok(certificates)
}

/// Mozilla's certificate authorities.
fn bundled_roots() -> impl Iterator<Item = reqwest::Certificate> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    roots.filter_map(|root| reqwest::Certificate::from_der(root).ok())
}

/// The header's value for an API revision.
///
/// # Errors
/// [`Error::Configuration`] when it is none.
pub(crate) fn revision(given: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(given).map_err(|_| {
        let message = "the revision holds characters that no header can carry";
        Error::Configuration(message.to_owned())
    })
}

fn headers(options: &HttpOptions) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(REVISION, revision(&options.revision)?);
    headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.api+json"));
    Ok(headers)
}

fn broken(cause: reqwest::Error) -> TransportError {
    let breakage = if cause.is_connect() {
        Breakage::Connect
    } else if cause.is_timeout() {
        Breakage::Timeout
    } else {
        Breakage::Broken
    };
    TransportError {
        breakage,
        // A query can hold customers' addresses.
        message: chain(&cause.without_url()),
    }
}

/// The causes of an error, outermost first: reqwest's own text leaves out what really happened.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
