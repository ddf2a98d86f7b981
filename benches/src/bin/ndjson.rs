//! Plumbing, from NDJSON: lines are put into bodies as they stand. With `trusted` nobody looks at them;
//! with `raw` serde_json makes sure that each is JSON (a `RawValue`). Names, types, identifiers and
//! what becomes of a row are nobody's business.
//!
//! `ndjson trusted|raw FILE URL KEY`: each line of the file is a profile's attributes. Prints a line
//! of JSON.

use std::fs::File;
use std::io::{BufRead, BufReader};

use klaviyo_benches::{Bodies, Body, Failure, Given, Meter, send, tell};
use serde_json::value::RawValue;

/// What is read of the file at once.
const READ: usize = 1 << 20;

/// What makes sure of a line before it is sent.
type Check = fn(&[u8]) -> serde_json::Result<()>;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let check: Check = match arguments.next().as_deref() {
        Some("trusted") => |_| Ok(()),
        Some("raw") => is_json,
        _ => return Err("ndjson trusted|raw FILE URL KEY".into()),
    };
    let given = Given::from_arguments(arguments)?;
    let meter = Meter::begin()?;
    let rows = send(bodies(&given.file, check)?, &given).await?;
    tell(rows, meter)
}

fn is_json(line: &[u8]) -> serde_json::Result<()> {
    serde_json::from_slice::<&RawValue>(line).map(drop)
}

/// The bodies, each made when its turn comes.
fn bodies(
    file: &str,
    check: Check,
) -> Result<impl Iterator<Item = Result<Body, Failure>>, Failure> {
    let mut file = BufReader::with_capacity(READ, File::open(file)?);
    let mut open = Bodies::default();
    let mut line = Vec::new();
    Ok(std::iter::from_fn(move || {
        next(&mut file, &mut line, check, &mut open).transpose()
    }))
}

/// Reads until a body is full, or the file at its end.
fn next(
    file: &mut impl BufRead,
    line: &mut Vec<u8>,
    check: Check,
    open: &mut Bodies,
) -> Result<Option<Body>, Failure> {
    loop {
        line.clear();
        if file.read_until(b'\n', line)? == 0 {
            return Ok(open.take());
        }
        let row = line.trim_ascii_end();
        check(row)?;
        if let Some(body) = open.push(row) {
            return Ok(Some(body));
        }
    }
}
