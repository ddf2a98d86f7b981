//! What a piece of work costs this process. Linux only.

use std::fs;
use std::io;
use std::time::Instant;

use serde_json::{Value, json};

/// Measures from its making to its end.
#[derive(Debug)]
pub struct Meter {
    began: Instant,
    cpu_nanos: u64,
    resident_kib: u64,
}

impl Meter {
    /// Begins to measure.
    ///
    /// # Errors
    /// When the system does not account for this process as Linux does.
    #[expect(
        clippy::disallowed_methods,
        reason = "what takes how long is the question here"
    )]
    pub fn begin() -> io::Result<Self> {
        // The peak is counted from here.
        fs::write("/proc/self/clear_refs", "5")?;
        Ok(Meter {
            resident_kib: status("VmRSS")?,
            cpu_nanos: cpu_nanos()?,
            began: Instant::now(),
        })
    }

    /// Seconds, and MB of resident memory above what the process had at the beginning.
    ///
    /// # Errors
    /// As at the beginning.
    pub fn end(self) -> io::Result<Value> {
        let wall = self.began.elapsed().as_secs_f64();
        let cpu = cpu_nanos()? - self.cpu_nanos;
        let peak = status("VmHWM")?.saturating_sub(self.resident_kib);
        Ok(json!({
            "cpu_seconds": cpu as f64 / 1e9,
            "wall_seconds": wall,
            "peak_mb": peak as f64 / 1024.0,
        }))
    }
}

/// Processor time of all threads that are alive.
fn cpu_nanos() -> io::Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir("/proc/self/task")? {
        let account = fs::read_to_string(task?.path().join("schedstat"))?;
        sum += number(account.split_whitespace().next())?;
    }
    Ok(sum)
}

fn status(what: &str) -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    number(line.and_then(|line| line.split_whitespace().next()))
}

fn number(text: Option<&str>) -> io::Result<u64> {
    let read = text.and_then(|text| text.parse().ok());
    read.ok_or_else(|| io::Error::other("not the account that Linux gives of a process"))
}
