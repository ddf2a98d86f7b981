//! A row as the body of a request about one thing.

use chrono::{DateTime, Utc};
use klaviyo_gen::Operation;
use serde::Serialize;

use crate::chunk::Unfit;
use crate::encode::{Encoder, Rejection, RowOptions, Rows};
use crate::error::Error;

/// The body of a request about `row`.
///
/// # Errors
/// [`Error::Rejected`] when the row cannot be sent.
pub(super) fn encoded<R: Serialize + ?Sized>(
    operation: &'static Operation,
    rows: &Rows,
    options: RowOptions,
    now: DateTime<Utc>,
    row: &R,
) -> Result<Vec<u8>, Error> {
    let reject = |rejection| Error::Rejected {
        operation: operation.id,
        rejection: Box::new(rejection),
    };
    let mut encoder = Encoder::new(operation, rows, options, now)?;
    let encoded = encoder.encode(0, row).map_err(reject)?;
    let body = [b"{\"data\":", encoded.item, b"}"].concat();
    let most = operation
        .caps
        .map_or(u64::MAX, |caps| caps.max_request_bytes);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if body.len() > most {
        let bytes = body.len();
        let unfit = Unfit::RequestTooLarge { bytes, most };
        return Err(reject(Rejection::unfit(0, unfit, row)));
    }
    Ok(body)
}
