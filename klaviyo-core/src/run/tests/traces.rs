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
}

/// Writes down spans and events with their fields, for each thread apart. One for the whole process:
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
        Notes::line(span.metadata().name(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        Notes::line("recorded", |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        Notes::line("event", |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
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

fn cancelled_job() -> Answer {
    let job = json!({"data": {"id": "job-1", "attributes": {"status": "cancelled"}}});
    answer(200, job.to_string())
}
