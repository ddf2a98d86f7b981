//! A body on its way in: decompressed if it comes so, and never more of it than its cap.

use std::io::{self, Write};

use axum::body::{Body, BodyDataStream};
use flate2::write::MultiGzDecoder;
use futures::StreamExt;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use crate::problem::Problem;
use crate::settings::OnCompressedBody;

/// How much of a body over its cap is read and thrown away before the connection is given up: a
/// client that is still writing would otherwise see a reset instead of the answer.
const PATIENCE: u64 = 64_000_000;

/// How a body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    Plain,
    /// Compressed with gzip.
    Gzip,
}

impl Encoding {
    /// How a body says that it is encoded, if it may be so.
    pub(super) fn of(headers: &HeaderMap, compressed: OnCompressedBody) -> Result<Self, Problem> {
        let refused = |detail| Err(Problem::unsupported_media_type(detail));
        match headers.get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
            None | Some(b"" | b"identity") => Ok(Self::Plain),
            Some(encoding) if compressed == OnCompressedBody::Take => {
                if encoding.eq_ignore_ascii_case(b"gzip") {
                    return Ok(Self::Gzip);
                }
                refused("A compressed body must be compressed with gzip.")
            }
            // Whether Klaviyo takes compressed bodies is unverified: a client must not count on it.
            Some(_) => refused("The body must not be compressed."),
        }
    }
}

/// Why there is no whole body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It was larger than the cap.
    TooLarge,
    /// It is not compressed as it says that it is.
    Garbled,
    /// The client went away.
    Broken,
}

/// Gives a body of at most `most` bytes, decompressed, to `take`, piece by piece.
pub(super) async fn pour(
    encoding: Encoding,
    body: Body,
    most: u64,
    take: impl FnMut(&[u8]),
) -> Result<(), Unread> {
    let mut chunks = body.into_data_stream();
    let mut funnel = Funnel::new(encoding, Measure { left: most, take });
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Unread::Broken)?;
        if let Err(unread) = funnel.take(&chunk) {
            exhaust(&mut chunks, u64::MAX).await;
            return Err(unread);
        }
    }
    funnel.end()
}

/// Reads a body that nobody looks at, up to `most` bytes or as far as patience goes.
pub(super) async fn drain(body: Body, most: u64) {
    exhaust(&mut body.into_data_stream(), most).await;
}

async fn exhaust(chunks: &mut BodyDataStream, most: u64) {
    let mut length = 0;
    while length < most.min(PATIENCE)
        && let Some(Ok(chunk)) = chunks.next().await
    {
        length += chunk.len() as u64;
    }
}

/// What a body goes through.
enum Funnel<F: FnMut(&[u8])> {
    Plain(Measure<F>),
    // A decoder is large.
    Gzip(Box<MultiGzDecoder<Measure<F>>>),
}

impl<F: FnMut(&[u8])> Funnel<F> {
    fn new(encoding: Encoding, measure: Measure<F>) -> Self {
        match encoding {
            Encoding::Plain => Self::Plain(measure),
            Encoding::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(measure))),
        }
    }

    fn take(&mut self, chunk: &[u8]) -> Result<(), Unread> {
        let taken = match self {
            Self::Plain(measure) => measure.write_all(chunk),
            Self::Gzip(decoder) => decoder.write_all(chunk),
        };
        taken.map_err(|error| unread(&error))
    }

    fn end(self) -> Result<(), Unread> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(mut decoder) => decoder.try_finish().map_err(|error| unread(&error)),
        }
    }
}

/// What comes out of a funnel, and how much more of it may come.
struct Measure<F> {
    left: u64,
    take: F,
}

/// What stands for "over the cap" among the errors of a decoder.
const OVER: io::ErrorKind = io::ErrorKind::FileTooLarge;

impl<F: FnMut(&[u8])> Write for Measure<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or(OVER)?;
        (self.take)(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn unread(error: &io::Error) -> Unread {
    if error.kind() == OVER {
        Unread::TooLarge
    } else {
        Unread::Garbled
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    async fn poured(encoding: Encoding, body: Vec<u8>, most: u64) -> Result<Vec<u8>, Unread> {
        let mut whole = Vec::new();
        let take = |bytes: &[u8]| whole.extend_from_slice(bytes);
        pour(encoding, Body::from(body), most, take).await?;
        Ok(whole)
    }

    #[tokio::test]
    async fn a_cap_is_that_of_what_comes_out() {
        let text = [b'x'; 10_000];
        for (encoding, body) in [
            (Encoding::Plain, text.to_vec()),
            (Encoding::Gzip, gzip(&text)),
        ] {
            let whole = poured(encoding, body.clone(), 10_000).await;
            assert_eq!(whole.as_deref(), Ok(&text[..]));
            assert_eq!(poured(encoding, body, 9_999).await, Err(Unread::TooLarge));
        }
    }

    #[tokio::test]
    async fn what_is_not_gzip_or_breaks_off_is_garbled() {
        let whole = gzip(b"[1, 2, 3]");
        for body in [b"[1, 2, 3]", &whole[..whole.len() - 1], &whole[..5], b""] {
            let read = poured(Encoding::Gzip, body.to_vec(), 100).await;
            assert_eq!(read, Err(Unread::Garbled), "{body:?}");
        }
    }
}
