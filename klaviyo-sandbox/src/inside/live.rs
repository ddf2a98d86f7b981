//! `/_sandbox/live`: what the page shows, as server-sent events, each time that it is new.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::{self, Stream};
use serde::Serialize;

use super::state::State;
use super::tally::{Record, Requests};
use crate::beside::beside;
use crate::callers::CallersWindow;
use crate::clock::pause;
use crate::faults::Planned;
use crate::service::Service;

/// How long the page waits for news: as often as a window of a second can be seen to fill.
const TICK: Duration = Duration::from_millis(400);

/// How many refusals and errors are told, the newest first.
const FAILURES: usize = 10;

/// What a person wants to watch during a run.
#[derive(Debug, Serialize)]
struct View {
    #[serde(flatten)]
    state: State,
    /// Whether the rate limits hold.
    limits: bool,
    /// The windows of each operation, for all who asked it for something.
    windows: BTreeMap<String, Vec<CallersWindow>>,
    failures: Vec<Failure>,
    faults: Vec<Planned>,
}

/// One of the latest requests that did not go well.
#[derive(Debug, Serialize)]
struct Failure {
    /// Its number among all requests.
    number: u64,
    #[serde(flatten)]
    record: Record,
}

impl View {
    fn of(service: &Service) -> Self {
        let state = service.state();
        let now = service.now();
        let windows = if service.settings().limits {
            let mut windows = service.windows();
            let of = |(operation, requests): (&String, &Requests)| {
                let callers = requests.callers.keys();
                let usage = callers.flat_map(|caller| {
                    windows
                        .usage_of(operation, *caller, now)
                        .collect::<Vec<_>>()
                });
                (operation.clone(), usage.collect())
            };
            state.requests.iter().map(of).collect()
        } else {
            BTreeMap::new()
        };
        let failures = service
            .tally()
            .latest_failures()
            .take(FAILURES)
            .map(|(number, record)| Failure {
                number,
                record: record.clone(),
            })
            .collect();
        Self {
            state,
            limits: service.settings().limits,
            windows,
            failures,
            faults: service.faults().faults().to_vec(),
        }
    }
}

/// The view as it is, and then whenever it has changed, until the client goes.
pub(super) async fn live(
    Shared(service): Shared<Arc<Service>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let news = stream::unfold(String::new(), move |told| {
        let service = Arc::clone(&service);
        async move {
            let text = next_view(&service, &told).await;
            Some((Ok(Event::default().data(&text)), text))
        }
    });
    Sse::new(news).keep_alive(KeepAlive::default())
}

/// The view, as soon as it is another one than what was told.
async fn next_view(service: &Arc<Service>, told: &str) -> String {
    loop {
        if !told.is_empty() {
            pause(TICK).await;
        }
        let service = Arc::clone(service);
        let view = beside(move || View::of(&service)).await;
        let text = serde_json::to_string(&view).expect("maps have text as keys");
        if text != told {
            return text;
        }
    }
}
