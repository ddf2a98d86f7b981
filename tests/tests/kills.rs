//! A process that is killed again and again, and resumes its run each time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use klaviyo_sandbox::{Fault, FaultKind, Sandbox};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const ROWS: u64 = 200_000;
const KILLS: u64 = 20;
/// Requests that the importer has under way at most; of these no answer is written down at a kill.
const UNDER_WAY: u64 = 4;

/// An import into a sandbox, by a process that has a journal.
struct Import {
    sandbox: Sandbox,
    kind: &'static str,
    operation: &'static str,
    folder: tempfile::TempDir,
}

impl Import {
    fn new(kind: &'static str, operation: &'static str) -> Self {
        let sandbox = Sandbox::builder()
            .limits(false)
            .job_time(std::time::Duration::ZERO);
        Import {
            sandbox: sandbox.start_thread().unwrap(),
            kind,
            operation,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("import.db")
    }

    fn begin(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_klaviyo-test-importer"))
            .args([self.sandbox.url(), self.sandbox.key()])
            .arg(self.journal())
            .args([self.kind, &ROWS.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn requests(&self) -> u64 {
        self.sandbox.state().requests_to(self.operation).total
    }

    /// Lets a process live until Klaviyo has had `more` further requests, then kills it. Of those that
    /// follow, the answer never comes: the process cannot end before it is killed, and what it has
    /// under way then was applied.
    fn live(&self, more: u32) {
        let before = self.requests();
        let never = Fault::new(FaultKind::NeverEndingAnswer).on(self.operation);
        self.sandbox.inject(never.after(more)).unwrap();
        let mut process = self.begin();
        // The process says what it sends; from then on it is a matter of moments.
        let said = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut said = said.filter(|line| line.as_ref().unwrap() == self.operation);
        let last = usize::try_from(more).unwrap() + 1;
        assert_eq!(said.by_ref().take(last).count(), last, "it ended by itself");
        while self.requests() < before + u64::from(more) + 1 {
            std::thread::yield_now();
        }
        process.kill().unwrap();
        process.wait().unwrap();
        self.sandbox.clear_faults();
    }

    /// Lets a process come to its end; gives what it says of the rows.
    fn finish(&self) -> String {
        let output = self.begin().wait_with_output().unwrap();
        assert!(output.status.success());
        let said = String::from_utf8(output.stdout).unwrap();
        said.lines().last().unwrap().to_owned()
    }
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o077 == 0
}

#[test]
fn every_event_is_recorded_once() {
    let import = Import::new("events", "bulk_create_events");
    let mut random = StdRng::seed_from_u64(5);
    for _ in 0..KILLS {
        // 200 batches in all.
        import.live(random.random_range(0..7));
    }
    #[cfg(unix)]
    assert!(is_private(&import.journal()));
    assert_eq!(import.finish(), format!("{ROWS} 0 {ROWS}"));
    let state = import.sandbox.state();
    assert_eq!(state.events, ROWS);
    // What was under way at each kill was sent again, and nothing else.
    let again = state.dropped_events.repeats / 1000;
    assert!((KILLS..=UNDER_WAY * KILLS).contains(&again), "{again}");
    let requests = import.requests();
    assert_eq!(import.finish(), format!("{ROWS} 0 {ROWS}"));
    assert_eq!(import.requests(), requests, "a finished run sends nothing");
}

#[test]
fn every_profile_is_imported_once() {
    let import = Import::new("profiles", "bulk_import_profiles");
    for kill in 0..KILLS {
        // 20 batches in all: one of two lives gets a batch through.
        import.live(u32::from(kill % 2 == 0));
    }
    assert_eq!(import.finish(), format!("{ROWS} {ROWS} 0"));
    // A profile that comes twice is one profile: only requests tell what was sent again.
    let requests = import.requests();
    let again = requests - 20;
    assert!((KILLS..=UNDER_WAY * KILLS).contains(&again), "{again}");
    assert_eq!(import.finish(), format!("{ROWS} {ROWS} 0"));
    assert_eq!(import.requests(), requests, "a finished run sends nothing");
    let profiles = import.sandbox.profiles();
    assert_eq!(profiles.len() as u64, ROWS);
    let row = |profile: &klaviyo_sandbox::Profile| profile.external_id().unwrap().parse();
    let mut rows: Vec<u64> = profiles
        .iter()
        .map(|profile| row(profile).unwrap())
        .collect();
    rows.sort_unstable();
    assert!(rows.into_iter().eq(0..ROWS));
}
