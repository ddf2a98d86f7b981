//! Reading a request's body, bounded.

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use klaviyo_gen::{MediaType, Operation};

use crate::problem::Problem;

/// How much of a body over its cap is read and thrown away before the connection is given up: a
/// client that is still writing would otherwise see a reset instead of the answer.
const PATIENCE: u64 = 64_000_000;

/// What Klaviyo's own Node SDK calls its JSON:API bodies.
const PLAIN_JSON: &str = "application/json";

/// Checks what a body says about itself.
pub(crate) fn check_headers(operation: &Operation, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(expected) = operation.body else {
        return Ok(());
    };
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    let is_json = expected == MediaType::JsonApi && essence.eq_ignore_ascii_case(PLAIN_JSON);
    if !is_json && !essence.eq_ignore_ascii_case(expected.as_str()) {
        let detail = format!("The operation takes {}.", expected.as_str());
        return Err(Problem::unsupported_media_type(detail));
    }
    // Whether Klaviyo takes compressed bodies is unverified; a client must not count on it.
    match headers.get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
        None | Some(b"" | b"identity") => Ok(()),
        Some(_) => Err(Problem::unsupported_media_type(
            "The body must not be compressed.",
        )),
    }
}

/// Why there is no whole body.
pub(crate) enum Unread {
    /// It was larger than the cap.
    TooLarge,
    /// The client went away.
    Broken,
}

/// How long a body says it is.
pub(crate) fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a body of at most `most` bytes.
pub(crate) async fn read(headers: &HeaderMap, body: Body, most: u64) -> Result<Bytes, Unread> {
    let mut whole = BytesMut::new();
    if let Some(announced) = announced(headers).filter(|announced| *announced <= most) {
        whole.reserve(usize::try_from(announced).unwrap_or_default());
    }
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Unread::Broken)?;
        if (whole.len() + chunk.len()) as u64 > most {
            exhaust(&mut chunks, u64::MAX).await;
            return Err(Unread::TooLarge);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

/// Reads a body that nobody looks at, up to `most` bytes or as far as patience goes.
pub(crate) async fn drain(body: Body, most: u64) {
    exhaust(&mut body.into_data_stream(), most).await;
}

/// Reads half of a body that says how long it is, and the first part of one that does not.
pub(crate) async fn drain_in_part(headers: &HeaderMap, body: Body) {
    let most = announced(headers).map_or(1, |length| length / 2);
    drain(body, most).await;
}

async fn exhaust(chunks: &mut BodyDataStream, most: u64) {
    let mut length = 0;
    while length < most.min(PATIENCE)
        && let Some(Ok(chunk)) = chunks.next().await
    {
        length += chunk.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::stream;

    use super::*;

    /// How many of four parts of ten bytes are read, when the body says that it has `length`.
    async fn parts_read(length: Option<u64>) -> usize {
        let read = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&read);
        let parts = stream::iter(0..4).map(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(Bytes::from_static(b"0123456789"))
        });
        let given = length.map(|length| (CONTENT_LENGTH, length.into()));
        drain_in_part(&given.into_iter().collect(), Body::from_stream(parts)).await;
        read.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn a_body_is_read_in_part_whether_it_tells_its_length_or_not() {
        assert_eq!(parts_read(Some(40)).await, 2);
        assert_eq!(parts_read(None).await, 1);
    }
}
