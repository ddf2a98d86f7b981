//! What a trace of a run says, and what it must not.

use std::fmt::Write;
use std::sync::PoisonError;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;

/// Writes down spans and events with their fields.
#[derive(Debug, Clone, Default)]
struct Notes(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Notes {
    fn line(&self, name: &str, fields: impl FnOnce(&mut Line<'_>)) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(name);
        fields(&mut Line(&mut text));
        text.push('\n');
    }
}

impl Subscriber for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("klaviyo_core")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.line(span.metadata().name(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.line("recorded", |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.line("event", |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_trace_says_what_was_sent_and_shows_nobody() {
    let notes = Notes::default();
    let _guard = tracing::subscriber::set_default(notes.clone());
    let transport = Scripted::new(|request, before| match before {
        0 => broken(Breakage::Broken),
        _ if request.body.is_empty() => answer(404, ""),
        _ => refusal(400, &["/data/attributes/profiles/data/0/attributes/email"]),
    });
    let rows = vec![
        json!({"email": "ada@shop.example"}),
        json!({"external_id": "C-17"}),
    ];
    let report = import(&transport, rows).await.unwrap();
    assert_eq!(report.rows, 2);
    let text = notes.0.lock().unwrap().clone();
    for expected in [
        "run operation=\"bulk_import_profiles\" run_id=",
        "batch first_row=0 rows=2 bytes=",
        "attempt operation=\"bulk_import_profiles\" attempt=2 bytes=",
        "recorded status=400",
    ] {
        assert!(text.contains(expected), "{expected} is not in\n{text}");
    }
    for secret in ["ada@", "C-17", "test-key"] {
        assert!(!text.contains(secret), "{secret} is in\n{text}");
    }
}
