//! `/_sandbox/live`: what the page shows, as server-sent events, each time that it is new.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::{self, Stream};

use super::view::View;
use crate::beside::beside;
use crate::clock::pause;
use crate::service::Service;

/// How long the page waits for news: as often as a window of a second can be seen to fill.
const TICK: Duration = Duration::from_millis(400);

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
