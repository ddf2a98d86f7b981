//! How many instructions a row costs in reading, encoding and chunking, counted by valgrind: a figure that
//! does not drift with the machine. `make instructions` prints the counts beside those that are on record,
//! and fails when one has grown by more than a tenth.
//!
//! Counts depend on the compiler: under another version than that of the record they are printed only.
//! `make instructions RECORD=1` writes the record anew.

mod batches;
mod rows;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::process::{Command, ExitCode};

use klaviyo_core::source::{Files, Source, SourceOptions};
use serde::{Deserialize, Serialize};

use rows::Item;

/// Each subject is counted with so many rows, which fill a batch, and with twice as many, so that what it
/// costs to begin cancels out.
const ROWS: usize = 10_000;
const MOST_ROWS: usize = 2 * ROWS;
/// A count that has grown by more than this is one that somebody has to look at.
const TOLERATED: f64 = 0.10;
const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.json");
/// What is done to so many rows. What it prepares, it keeps to the end: memory that is given back before
/// decides how the batches' buffers grow later.
type Work = fn(usize);

const SUBJECTS: [(&str, Work); 4] = [
    ("encode", encode),
    ("chunk", chunk),
    ("json_lines", json_lines),
    ("arrow", arrow),
];

/// What was counted when somebody last looked at it.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    rustc: String,
    target: String,
    /// Instructions for one row.
    instructions: BTreeMap<String, u64>,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [subject, count] = &arguments[..]
        && let Some((_, work)) = SUBJECTS.iter().find(|(name, _)| name == subject)
    {
        work(count.parse()?);
        return Ok(ExitCode::SUCCESS);
    }
    let counted = counted()?;
    if std::env::var_os("RECORD").is_some() {
        fs::write(RECORD, serde_json::to_string_pretty(&counted)? + "\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let record = serde_json::from_str(&fs::read_to_string(RECORD)?)?;
    Ok(compare(&counted, &record))
}

/// Encodes rows that serde_json has read, and packs them.
fn encode(count: usize) {
    let rows: Vec<_> = (0..MOST_ROWS).map(rows::row).collect();
    let mut planning = rows::planning();
    for row in &rows[..count] {
        planning.push(row);
    }
    black_box(planning.finish());
}

/// Packs items that are encoded.
fn chunk(count: usize) {
    let items: Vec<_> = (0..MOST_ROWS).map(Item::of).collect();
    let mut chunker = rows::chunker();
    for (number, item) in items[..count].iter().enumerate() {
        let taken = chunker.push(number as u64, item.encoded());
        black_box(taken.expect("no two are alike"));
    }
    black_box(chunker.close());
}

/// Reads lines of JSON, encodes and packs them.
fn json_lines(count: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.ndjson");
    let lines: String = (0..MOST_ROWS)
        .map(|number| rows::row(number).to_string() + "\n")
        .collect();
    fs::write(&path, &lines).expect("room for a file");
    let source = Files::open([path], SourceOptions::default());
    plan(source.expect("a file"), count);
}

/// Goes through batches of Arrow, encodes their rows and packs them.
fn arrow(count: usize) {
    let rows: Vec<_> = (0..MOST_ROWS).map(rows::row).collect();
    plan(batches::source(rows.chunks(ROWS)), count);
}

fn plan(mut source: impl Source, count: usize) {
    let mut planning = rows::planning();
    for _ in 0..count {
        assert!(source.advance().expect("a readable source"), "a row");
        planning.push_from(&source);
    }
    black_box(planning.finish());
}

fn counted() -> Result<Record, Box<dyn Error>> {
    let mut instructions = BTreeMap::new();
    for (subject, _) in SUBJECTS {
        let more = instructions_of(subject, MOST_ROWS)? - instructions_of(subject, ROWS)?;
        instructions.insert(subject.to_owned(), more / (MOST_ROWS - ROWS) as u64);
    }
    let version = Command::new("rustc").arg("-vV").output()?;
    let version = String::from_utf8(version.stdout)?;
    let line = |name: &str| {
        let found = version.lines().find_map(|line| line.strip_prefix(name));
        found
            .map(|found| found.trim().to_owned())
            .ok_or("rustc tells nothing of itself")
    };
    Ok(Record {
        rustc: line("release:")?,
        target: line("host:")?,
        instructions,
    })
}

/// The instructions of this program, doing that, from its beginning to its end.
fn instructions_of(subject: &str, count: usize) -> Result<u64, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let counts = folder.path().join("counts");
    let ran = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(std::env::current_exe()?)
        .args([subject, &count.to_string()])
        .status()?;
    if !ran.success() {
        return Err(format!("{subject} failed under valgrind").into());
    }
    let counts = fs::read_to_string(counts)?;
    let total = counts
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    Ok(total.ok_or("valgrind counted nothing")?.trim().parse()?)
}

/// Prints the counts beside those on record; fails when one has grown too much.
fn compare(counted: &Record, record: &Record) -> ExitCode {
    let comparable = counted.rustc == record.rustc && counted.target == record.target;
    println!("instructions a row    now  on record  change");
    let mut grown = Vec::new();
    for (subject, &now) in &counted.instructions {
        let Some(&before) = record.instructions.get(subject) else {
            grown.push(format!("{subject} is not on record"));
            continue;
        };
        let change = now as f64 / before as f64 - 1.0;
        println!(
            "{subject:<18} {now:>6} {before:>10} {:>+6.1}%",
            change * 100.0
        );
        if change > TOLERATED {
            grown.push(format!("{subject} takes {:.0} % more", change * 100.0));
        }
    }
    if !comparable {
        println!(
            "not compared: counted with rustc {} on {}, the record is of {} on {}",
            counted.rustc, counted.target, record.rustc, record.target
        );
        return ExitCode::SUCCESS;
    }
    for complaint in &grown {
        eprintln!("{complaint}: make it cheaper, or say why in {RECORD} (RECORD=1)");
    }
    ExitCode::from(u8::from(!grown.is_empty()))
}
