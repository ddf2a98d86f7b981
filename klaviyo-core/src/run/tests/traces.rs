//! What a trace of a run says, and what it must not.

use std::cell::RefCell;
use std::fmt::Write;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::testing::{Answer, with_header};

thread_local! {
    /// What this thread writes down, as long as somebody wants it.
    static NOTES: RefCell<Option<String>> = const { RefCell::new(None) };
    /// The names of its spans, by their ids, and those that it is in.
    static SPANS: RefCell<(Vec<&'static str>, Vec<&'static str>)> =
        const { RefCell::new((Vec::new(), Vec::new())) };
}

/// Writes down spans and events with their fields and the spans around them, for each thread
/// apart. One for the whole process:
/// what is first met on a thread without one would be left out on all of them.
struct Notes;

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Notes {
    /// From now on, this thread writes down.
    fn begin() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(Notes).unwrap());
        NOTES.set(Some(String::new()));
    }

    /// What it wrote down.
    fn end() -> String {
        NOTES.take().unwrap()
    }

    fn line(name: &str, fields: impl FnOnce(&mut Line<'_>)) {
        NOTES.with_borrow_mut(|notes| {
            if let Some(text) = notes {
                SPANS.with_borrow(|(_, inside)| {
                    inside
                        .iter()
                        .for_each(|span| write!(text, "{span}>").unwrap());
                });
                text.push_str(name);
                fields(&mut Line(text));
                text.push('\n');
            }
        });
    }
}

impl Subscriber for Notes {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let ours = metadata.target().starts_with("klaviyo_core");
        ours && NOTES.with_borrow(Option::is_some)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let name = span.metadata().name();
        Notes::line(name, |line| span.record(line));
        SPANS.with_borrow_mut(|(names, _)| {
            names.push(name);
            Id::from_u64(names.len() as u64)
        })
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        Notes::line("recorded", |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        Notes::line("event", |line| event.record(line));
    }

    fn enter(&self, id: &Id) {
        let number = usize::try_from(id.into_u64()).unwrap();
        SPANS.with_borrow_mut(|(names, inside)| inside.push(names[number - 1]));
    }

    fn exit(&self, _: &Id) {
        SPANS.with_borrow_mut(|(_, inside)| inside.pop());
    }
}

#[tokio::test]
async fn a_trace_says_what_was_sent_and_shows_nobody() {
    Notes::begin();
    let transport = Scripted::new(|request, before| match before {
        0 => broken(Breakage::Broken),
        1 => with_header(answer(429, ""), "retry-after", "7"),
        2 => refusal(400, &["/data/attributes/profiles/data/0/attributes/email"]),
        3 => answer(413, ""),
        _ if request.body.is_empty() => cancelled_job(),
        _ => answer(202, json!({"data": {"id": "job-1"}}).to_string()),
    });
    let mut rows = vec![json!({"email": "ada@shop.example"})];
    rows.extend(profiles(9_999));
    import(&transport, rows).await.unwrap();
    let text = Notes::end();
    for expected in [
        "run operation=\"bulk_import_profiles\" run_id=",
        "message=a run begins",
        "batch first_row=0 rows=10000 bytes=",
        "attempt operation=\"bulk_import_profiles\" attempt=2 bytes=",
        "recorded status=400",
        "message=not answered, sent again after the wait: ",
        "message=refused by the rate limit (429), sent again after the wait \
         operation=\"bulk_import_profiles\" attempt=2 wait=7.0 s",
        "message=rows were refused, the others are sent again operation=\"bulk_import_profiles\" \
         rows=1",
        "message=refused without naming rows, halved operation=\"bulk_import_profiles\" rows=9999 \
         status=413",
        "message=a job began operation=\"bulk_import_profiles\" job=\"job-1\" rows=4999",
        "message=Klaviyo cancelled a job operation=\"bulk_import_profiles\" job=\"job-1\"",
        "message=a run has ended",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    for secret in ["ada@", "test-key"] {
        assert!(!text.contains(secret), "{secret} is in\n{text}");
    }
}

#[tokio::test]
async fn lookups_and_the_end_belong_to_the_run() {
    Notes::begin();
    let transport = Scripted::new(|request, _| {
        if request.body.is_empty() {
            let profile = json!({"id": "P", "attributes": {"email": "ada@shop.example"}});
            return answer(200, json!({"data": [profile]}).to_string());
        }
        answer(204, "")
    });
    let client = client(&transport, &FakeClock::new(1));
    let rows = [json!({"email": "ada@shop.example"})];
    let report = client.bulk().add_profiles_to_list("L", rows).run().await;
    assert_eq!(report.unwrap().counts.completed, 1);
    let text = Notes::end();
    for expected in [
        "\nrun>attempt operation=\"get_profiles\"",
        "\nrun>event message=a run has ended",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
}

#[tokio::test]
async fn a_trace_says_why_a_run_stops_without_what_klaviyo_quotes() {
    Notes::begin();
    let quoting = r#"{"errors": [{"code": "gone", "detail": "no ada@shop.example"}]}"#;
    let transport = Scripted::new(move |_, _| answer(401, quoting));
    let stopped = import(&transport, profiles(1)).await.unwrap_err();
    assert!(stopped.to_string().contains("ada@"));
    let text = Notes::end();
    let expected = "message=stops: bulk_import_profiles was answered 401 (gone)";
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("ada@"), "{text}");
}

#[tokio::test]
async fn a_trace_of_a_warning_says_nothing_that_klaviyo_quotes() {
    Notes::begin();
    let transport = Scripted::new(|request, before| {
        if request.body.is_empty() {
            // Of each job something else, so that only the code is the same.
            let detail = format!("no ada{before}@shop.example");
            let errors = json!({"errors": [{"code": "hidden", "detail": detail}]});
            return answer(403, errors.to_string());
        }
        answer(202, json!({"data": {"id": before.to_string()}}).to_string())
    });
    let report = import(&transport, profiles(30_000)).await.unwrap();
    assert_eq!((report.counts.accepted, report.jobs), (30_000, 3));
    let text = Notes::end();
    let expected = "message=jobs could not be followed to their end, so their rows stay accepted: \
                    get_bulk_import_profiles_job was answered 403 (hidden)";
    assert_eq!(text.matches(expected).count(), 1, "{text}");
    assert!(!text.contains("@shop.example"), "{text}");
    let [warning] = report.warnings.as_slice() else {
        panic!("{:?}", report.warnings)
    };
    assert!(warning.contains("@shop.example"), "{warning}");
}

fn cancelled_job() -> Answer {
    let job = json!({"data": {"id": "job-1", "attributes": {"status": "cancelled"}}});
    answer(200, job.to_string())
}
