//! Reading a request's body, bounded.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use klaviyo_gen::{MediaType, Operation};

use super::pour::{Encoding, Unread, drain, pour};
use crate::problem::Problem;
use crate::settings::OnCompressedBody;

/// What Klaviyo's own Node SDK calls its JSON:API bodies.
const PLAIN_JSON: &str = "application/json";

/// Checks what a body says about itself; gives how it is encoded.
pub(super) fn check_headers(
    operation: &Operation,
    headers: &HeaderMap,
    compressed: OnCompressedBody,
) -> Result<Encoding, Problem> {
    let Some(expected) = operation.body else {
        return Ok(Encoding::Plain);
    };
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    let is_json = expected == MediaType::JsonApi && essence.eq_ignore_ascii_case(PLAIN_JSON);
    if !is_json && !essence.eq_ignore_ascii_case(expected.as_str()) {
        let expected = expected.as_str();
        let detail = match given {
            "" => format!("The body has no Content-Type; the operation takes {expected}."),
            given => format!("The body is {given}; the operation takes {expected}."),
        };
        return Err(Problem::unsupported_media_type(detail));
    }
    Encoding::of(headers, compressed)
}

/// How long a body says it is.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a body of at most `most` bytes.
pub(super) async fn read(
    headers: &HeaderMap,
    encoding: Encoding,
    body: Body,
    most: u64,
) -> Result<Bytes, Unread> {
    let mut whole = BytesMut::new();
    if let Some(announced) = announced(headers).filter(|announced| *announced <= most) {
        whole.reserve(usize::try_from(announced).unwrap_or_default());
    }
    pour(encoding, body, most, |bytes| whole.extend_from_slice(bytes)).await?;
    Ok(whole.freeze())
}

/// Reads half of a body that says how long it is, and the first part of one that does not.
pub(super) async fn drain_in_part(headers: &HeaderMap, body: Body) {
    let most = announced(headers).map_or(1, |length| length / 2);
    drain(body, most).await;
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::{StreamExt, stream};

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
