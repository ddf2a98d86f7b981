//! The floor: bodies that were put together beforehand, sent by reqwest. What a client that reads,
//! checks and encodes nothing costs on this machine.
//!
//! `floor FILE URL KEY`: each line of the file is a profile's attributes. Prints a line
//! of JSON.

use std::fs;

use klaviyo_benches::{Bodies, Body, Failure, Given, Meter, send, tell};

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let given = Given::from_arguments(std::env::args().skip(1))?;
    let bodies = bodies(&fs::read_to_string(&given.file)?);
    let meter = Meter::begin()?;
    let rows = send(bodies.into_iter().map(Ok), &given).await?;
    tell(rows, meter)
}

fn bodies(lines: &str) -> Vec<Body> {
    let mut open = Bodies::default();
    let mut bodies: Vec<_> = lines
        .lines()
        .filter_map(|line| open.push(line.as_bytes()))
        .collect();
    bodies.extend(open.take());
    bodies
}
