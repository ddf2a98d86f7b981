//! What a journal keeps, for whom, and what it does when it cannot.

use super::super::{Answer, Ending, Fate, Fingerprint, Rows, Written};
use super::*;
use serde_json::json;

use crate::jobs::JobHandle;
use crate::outcome::Outcome;
use crate::report::Cause;

fn summary() -> JournalSummary {
    JournalSummary {
        run_id: "nightly".to_owned(),
        operation: "bulk_create_events".to_owned(),
        options: Map::new(),
        began: DateTime::UNIX_EPOCH,
        finished: false,
        account: Account::default(),
    }
}

#[test]
fn another_base_url_is_refused_by_name() {
    let file = file();
    let at = |base_url: &str| JournalSummary {
        account: Account {
            base_url: Some(base_url.to_owned()),
            key: None,
        },
        ..summary()
    };
    let opening = Opening::open(&file.begin, "bulk_create_events").unwrap();
    drop(opening.begin(&at("https://a.klaviyo.com")).unwrap());
    let resume = || Opening::open(&file.resume, "bulk_create_events").unwrap();
    let error = resume().begin(&at("http://127.0.0.1:1")).unwrap_err();
    let words = "went to https://a.klaviyo.com, and is resumed with http://127.0.0.1:1";
    assert!(error.to_string().contains(words), "{error}");
    let past = resume().begin(&at("https://a.klaviyo.com")).unwrap();
    assert!(!past.past().unwrap().other_key);
}

fn fingerprint(number: u64) -> Fingerprint {
    Fingerprint {
        number,
        rows: (number * 10..number * 10 + 10).collect(),
        hash: [7; 32],
    }
}

fn rows(range: std::ops::Range<u64>) -> Rows {
    range.collect()
}

fn open(journaling: &Journaling) -> Result<Arc<dyn Journal>, JournalError> {
    Opening::open(journaling, "bulk_create_events")?.begin(&summary())
}

#[test]
fn options_that_are_others_are_refused() {
    let file = file();
    let with = |options: Value| {
        let Value::Object(options) = options else {
            unreachable!()
        };
        JournalSummary {
            options,
            ..summary()
        }
    };
    let options = json!({"list_id": "A", "columns": {"E-Mail": "email"}});
    let opening = Opening::open(&file.begin, "bulk_create_events").unwrap();
    drop(opening.begin(&with(options.clone())).unwrap());
    for (given, words) in [
        (
            json!({"list_id": "B", "columns": {"E-Mail": "email"}}),
            "began with list_id \"A\", and is resumed with \"B\"",
        ),
        (
            json!({"list_id": "A"}),
            "began with columns {\"E-Mail\":\"email\"}, and is resumed with none",
        ),
        (
            json!({"list_id": "A", "columns": {"E-Mail": "email"}, "consent": true}),
            "began with consent none, and is resumed with true",
        ),
    ] {
        let opening = Opening::open(&file.resume, "bulk_create_events").unwrap();
        let error = opening.begin(&with(given)).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let opening = Opening::open(&file.resume, "bulk_create_events").unwrap();
    assert!(opening.begin(&with(options)).is_ok());
}

fn job() -> JobHandle {
    JobHandle {
        operation: "bulk_create_events".to_owned(),
        id: "am9i".to_owned(),
        rows: (25..30).collect(),
        began: DateTime::UNIX_EPOCH,
        expires: None,
    }
}

struct File {
    _folder: tempfile::TempDir,
    begin: Journaling,
    resume: Journaling,
    path: PathBuf,
}

fn file() -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("import.db");
    File {
        _folder: folder,
        begin: Journaling::Begin(path.clone()),
        resume: Journaling::Resume(path.clone()),
        path,
    }
}

fn failed(rows: Rows) -> Ending {
    Ending {
        rows,
        outcome: Outcome::Failed,
        reason: Some(Cause {
            code: "invalid".to_owned(),
            detail: "no".to_owned(),
            pointer: "/data/3".to_owned(),
        }),
    }
}

fn written(rows: Rows, is_final: bool) -> Written {
    Written {
        ending: failed(rows),
        is_final,
    }
}

#[tokio::test]
async fn what_was_written_is_recalled_and_what_was_not_final_is_forgotten() {
    let file = file();
    let journal = open(&file.begin).unwrap();
    let batch = fingerprint(2);
    let whole = journal.sending(&batch, rows(20..30)).await.unwrap();
    let refused = |endings, is_final| Answer {
        batch: 2,
        sending: Some(whole),
        fate: Some(Fate::Refused),
        endings,
        is_final,
    };
    journal.answer(refused(vec![failed(rows(23..24))], true));
    journal.answer(refused(vec![failed(rows(24..25))], false));
    let rest = journal.sending(&batch, rows(25..30)).await.unwrap();
    journal.answer(Answer {
        batch: 2,
        sending: Some(rest),
        fate: Some(Fate::Taken(Some(job()))),
        endings: Vec::new(),
        is_final: true,
    });
    assert!(journal.past().is_none());
    journal.close(false).await.unwrap();

    let journal = open(&file.resume).unwrap();
    let past = journal.past().unwrap();
    assert_eq!((past.finished, past.last_row), (false, Some(29)));
    let recalled = journal.recall(2).await.unwrap().unwrap();
    assert_eq!(recalled.fingerprint, batch);
    let sendings = recalled.sendings.into_iter();
    let sendings: Vec<(Rows, Fate)> = sendings.map(|sent| (sent.rows, sent.fate)).collect();
    let taken = Fate::Taken(Some(job()));
    let expected = [(rows(20..30), Fate::Refused), (rows(25..30), taken)];
    assert_eq!(sendings, expected);
    assert_eq!(recalled.endings, [written(rows(23..24), true)]);
    assert!(journal.recall(1).await.unwrap().is_none());
}

#[tokio::test]
async fn ends_that_are_not_final_hold_for_a_finished_run() {
    let file = file();
    let journal = open(&file.begin).unwrap();
    let sending = journal.sending(&fingerprint(0), rows(0..10)).await.unwrap();
    journal.answer(Answer {
        batch: 0,
        sending: Some(sending),
        fate: None,
        endings: vec![failed(rows(0..10))],
        is_final: false,
    });
    journal.close(true).await.unwrap();
    assert!(JournalSummary::read(&file.path).unwrap().finished);
    let journal = open(&file.resume).unwrap();
    assert!(journal.past().unwrap().finished);
    let recalled = journal.recall(0).await.unwrap().unwrap();
    assert_eq!(recalled.endings, [written(rows(0..10), false)]);
}

#[tokio::test]
async fn a_file_is_one_runs_and_one_process_at_a_times() {
    let file = file();
    let in_use = JournalError::InUse {
        path: file.path.clone(),
    };
    let journal = open(&file.begin).unwrap();
    assert_eq!(open(&file.resume).unwrap_err(), in_use);
    assert_eq!(JournalSummary::read(&file.path).unwrap_err(), in_use);
    journal.close(false).await.unwrap();
    let taken = JournalError::Taken {
        path: file.path.clone(),
        run_id: "nightly".to_owned(),
    };
    assert_eq!(open(&file.begin).unwrap_err(), taken);
    let other = Opening::open(&file.resume, "bulk_import_profiles").unwrap_err();
    assert!(matches!(
        other,
        JournalError::OtherRun {
            what: "operation",
            ..
        }
    ));
}

#[test]
fn a_file_without_a_run_is_told_from_one_that_is_no_journal() {
    let file = file();
    let empty = JournalError::Empty {
        path: file.path.clone(),
    };
    let missing = JournalError::Missing {
        path: file.path.clone(),
    };
    assert_eq!(open(&file.resume).unwrap_err(), missing);
    assert_eq!(JournalSummary::read(&file.path).unwrap_err(), missing);
    assert!(!file.path.exists(), "nothing is made by resuming");
    // Killed between the making of the file and the writing of the run.
    drop(Opening::open(&file.begin, "bulk_create_events").unwrap());
    assert_eq!(open(&file.resume).unwrap_err(), empty);
    assert!(open(&file.begin).is_ok());

    let foreign = JournalError::Foreign {
        path: file.path.clone(),
    };
    std::fs::write(&file.path, "email\nada@shop.example\n").unwrap();
    assert_eq!(open(&file.begin).unwrap_err(), foreign);
    std::fs::remove_file(&file.path).unwrap();
    let other = rusqlite::Connection::open(&file.path).unwrap();
    other
        .execute_batch("CREATE TABLE customer (email)")
        .unwrap();
    drop(other);
    assert_eq!(open(&file.begin).unwrap_err(), foreign);
}

#[test]
fn a_foreign_database_and_an_empty_file_are_left_as_they_are() {
    let file = file();
    let other = rusqlite::Connection::open(&file.path).unwrap();
    other
        .execute_batch("CREATE TABLE customer (email)")
        .unwrap();
    drop(other);
    let before = std::fs::read(&file.path).unwrap();
    let foreign = JournalError::Foreign {
        path: file.path.clone(),
    };
    assert_eq!(open(&file.begin).unwrap_err(), foreign);
    assert_eq!(open(&file.resume).unwrap_err(), foreign);
    assert_eq!(JournalSummary::read(&file.path).unwrap_err(), foreign);
    assert_eq!(std::fs::read(&file.path).unwrap(), before);

    std::fs::write(&file.path, "").unwrap();
    let empty = JournalError::Empty {
        path: file.path.clone(),
    };
    assert_eq!(open(&file.resume).unwrap_err(), empty);
    assert_eq!(JournalSummary::read(&file.path).unwrap_err(), empty);
    assert_eq!(std::fs::metadata(&file.path).unwrap().len(), 0);
    let beside = std::fs::read_dir(file.path.parent().unwrap()).unwrap();
    assert_eq!(beside.count(), 1, "nothing is left beside it");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_what_it_holds() {
    use std::os::unix::fs::PermissionsExt;
    let file = file();
    // Made by somebody, for everybody.
    std::fs::write(&file.path, "").unwrap();
    std::fs::set_permissions(&file.path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let journal = open(&file.begin).unwrap();
    journal.sending(&fingerprint(0), rows(0..10)).await.unwrap();
    let beside = std::fs::read_dir(file.path.parent().unwrap()).unwrap();
    let modes: Vec<(String, u32)> = beside
        .map(|entry| {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            (entry.file_name().to_string_lossy().into_owned(), mode)
        })
        .collect();
    assert!(modes.len() > 1, "the log lies beside it: {modes:?}");
    assert!(modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
}

#[tokio::test]
async fn a_full_disk_is_told_at_the_next_sending_and_at_the_end() {
    let file = file();
    let opening = Opening::open(&file.begin, "bulk_create_events").unwrap();
    opening.limit_pages(12);
    let journal = opening.begin(&summary()).unwrap();
    let mut announced = 0;
    let error = loop {
        let rows: Rows = (0..1000).map(|row| row * 2).collect();
        match journal.sending(&fingerprint(announced), rows).await {
            Ok(_) => announced += 1,
            Err(error) => break error,
        }
    };
    assert!(announced > 0);
    assert!(
        matches!(&error, JournalError::Failed(why) if why.contains("full")),
        "{error}"
    );
    assert_eq!(journal.close(true).await, Err(error));
    // What was announced before is there, and nothing of what failed.
    drop(journal);
    let journal = open(&file.resume).unwrap();
    assert!(!journal.past().unwrap().finished);
    assert!(journal.recall(announced - 1).await.unwrap().is_some());
    assert!(journal.recall(announced).await.unwrap().is_none());
}
