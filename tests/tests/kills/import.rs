//! An import by a process that can be killed, and what must hold after each kill.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use klaviyo_sandbox::{Fault, FaultKind, Sandbox};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::written::Written;

const KILLS: u64 = 20;
/// Requests that the importer has under way at most.
const UNDER_WAY: u64 = 4;

/// What is imported.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    /// As the importer calls it.
    pub(crate) kind: &'static str,
    /// The bulk operation.
    pub(crate) operation: &'static str,
    pub(crate) rows: u64,
    /// How many requests they make.
    pub(crate) batches: u64,
}

/// An import into a sandbox, by a process that has a journal.
pub(crate) struct Import {
    pub(crate) sandbox: Sandbox,
    rows: Rows,
    folder: tempfile::TempDir,
    /// Batches that were under way at the kills, summed: none other may be sent again.
    doubtful: u64,
}

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// When it has said so many requests of any kind, and this process has passed on its turn so often
    /// since: in the opening of the journal, before a request, between an answer and its commit,
    /// between two batches, among jobs and lookups.
    Drawn { said: u64, turns: u32 },
    /// With an answer withheld, after so many requests of the bulk operation that were answered.
    Withheld { answered: u64 },
}

impl Import {
    pub(crate) fn new(rows: Rows) -> Self {
        let sandbox = Sandbox::builder().limits(false).job_time(Duration::ZERO);
        Import {
            sandbox: sandbox.start_thread().unwrap(),
            rows,
            folder: tempfile::tempdir().unwrap(),
            doubtful: 0,
        }
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join("import.db")
    }

    /// What its journal holds.
    pub(crate) fn written(&self) -> Written {
        Written::read(&self.journal())
    }

    fn begin(&self, kind: &str, rows: u64, journal: &Path) -> Child {
        let lists = self.sandbox.state().lists;
        Command::new(env!("CARGO_BIN_EXE_klaviyo-test-importer"))
            .args([self.sandbox.url(), self.sandbox.key()])
            .arg(journal)
            .args([kind, &rows.to_string()])
            .args(lists.first().map(|list| &list.id))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn spawn(&self) -> Child {
        self.begin(self.rows.kind, self.rows.rows, &self.journal())
    }

    /// Puts the people of the first rows into the account.
    pub(crate) fn prepare_people(&self, people: u64) {
        let journal = self.folder.path().join("people.db");
        let said = end(self.begin("people", people, &journal));
        assert_eq!(said, format!("{people} {people} 0 0"));
    }

    fn requests(&self) -> u64 {
        self.sandbox.state().requests_to(self.rows.operation).total
    }

    /// Kills process after process, at points drawn from the seed, so that each finds something left
    /// to do; checks after each what may be sent again.
    pub(crate) fn kill_again_and_again(&mut self, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        for kills in 0..KILLS {
            let left = self.rows.batches - self.written().taken;
            let death = Death::draw(&mut random, kills, left);
            self.live(death, left);
            let written = self.written();
            assert!(written.doubtful <= UNDER_WAY, "{death:?}: {written:?}");
            self.doubtful += written.doubtful;
            self.repeats_only_what_was_doubtful(&written);
        }
        let withheld = KILLS / 2;
        assert!(
            self.doubtful >= withheld,
            "{} at {KILLS} kills",
            self.doubtful
        );
    }

    /// Every request is the one that was answered for its batch, or one whose answer a kill lost.
    fn repeats_only_what_was_doubtful(&self, written: &Written) {
        assert_eq!(written.taken, written.batches_taken, "one answer a batch");
        // What a killed process left on the wire may still arrive and be counted later.
        let lost = self.requests().saturating_sub(written.taken);
        assert!(
            lost <= self.doubtful,
            "{lost} repeats, {} doubtful",
            self.doubtful
        );
    }

    /// Lets a process live until its death. It cannot end by itself: however late it is killed, the
    /// answers to its last batches, of which so many are `left`, are withheld.
    fn live(&self, death: Death, left: u64) {
        let answered = match death {
            Death::Drawn { said, .. } => (said + UNDER_WAY).min(left - 1),
            Death::Withheld { answered } => answered,
        };
        let before = self.requests();
        let never = Fault::new(FaultKind::NeverEndingAnswer).on(self.rows.operation);
        let never = never.after(u32::try_from(answered).unwrap());
        self.sandbox.inject(never).unwrap();
        let mut process = self.spawn();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        match death {
            Death::Drawn {
                said: requests,
                turns,
            } => {
                wait_for(&mut said, requests, |_| true);
                (0..turns).for_each(|_| std::thread::yield_now());
            }
            Death::Withheld { answered } => {
                wait_for(&mut said, answered + 1, |said| said == self.rows.operation);
                // From then on it is a matter of moments.
                while self.requests() <= before + answered {
                    std::thread::yield_now();
                }
            }
        }
        process.kill().unwrap();
        process.wait().unwrap();
        self.sandbox.clear_faults();
    }

    /// Lets a process come to its end, and another one that finds nothing left to do.
    pub(crate) fn ends_with(&self, counts: &str) {
        assert_eq!(end(self.spawn()), counts);
        let written = self.written();
        assert_eq!(written.taken, self.rows.batches);
        self.repeats_only_what_was_doubtful(&written);
        let requests = |sandbox: &Sandbox| -> u64 {
            let by_operation = sandbox.state().requests;
            by_operation.values().map(|requests| requests.total).sum()
        };
        let before = requests(&self.sandbox);
        assert_eq!(end(self.spawn()), counts);
        assert_eq!(
            requests(&self.sandbox),
            before,
            "a finished run sends nothing"
        );
    }

    /// Whether nobody else may read the journal; true where files have no such modes.
    pub(crate) fn journal_is_private(&self) -> bool {
        is_private(&self.journal())
    }
}

impl Death {
    /// Every second one with an answer withheld, so that requests under way are among what is lost for
    /// certain. The fewer batches are left for each kill, the sooner it comes.
    fn draw(random: &mut StdRng, kills: u64, left: u64) -> Self {
        let most = (2 * left / (KILLS - kills)).min(left - 1);
        let requests = random.random_range(0..=most);
        if kills % 2 == 1 {
            return Death::Withheld { answered: requests };
        }
        // From none to many, each size as often.
        let turns = 1 << random.random_range(0..16);
        // The first journal is killed while it is made.
        let said = if kills == 0 { 0 } else { requests };
        Death::Drawn { said, turns }
    }
}

/// Reads what a process says until it has said `requests` of those that count.
fn wait_for(
    said: &mut Lines<BufReader<ChildStdout>>,
    requests: u64,
    counts: impl Fn(&str) -> bool,
) {
    let mut left = requests;
    while left > 0 {
        let line = said.next().expect("it ended by itself").unwrap();
        left -= u64::from(counts(&line));
    }
}

/// Waits for the end of a process; gives what it says of the rows.
fn end(process: Child) -> String {
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().last().unwrap().to_owned()
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    true
}
