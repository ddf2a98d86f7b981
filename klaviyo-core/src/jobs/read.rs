//! Asks Klaviyo about jobs: one, many at once, and what went wrong in one.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use klaviyo_gen::{ItemErrors, Operation, Place};

use super::answer::{ErrorPage, ItemError, JobPage, State};
use super::kind::Kind;
use crate::circle::Circle;
use crate::error::Error;
use crate::exchange::{Context, Exchange};
use crate::meter::Meter;
use crate::stop::Stop;
use crate::target::{target, target_of_link};
use crate::transport::Request;

/// A row can have several errors, but pages that hold more than this lead in a circle.
const MOST_ERRORS_OF_A_ROW: usize = 20;
/// All that can be asked for: jobs that were cancelled are in no listing.
const LISTED: &str = r#"any(status,["queued","processing","complete"])"#;

/// Asks about jobs of one kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) kind: Kind,
    pub(super) exchange: &'a Exchange,
    pub(super) meter: &'a Meter,
    pub(super) stop: &'a Stop,
}

impl Reader<'_> {
    /// How a job is doing.
    pub(super) async fn job(&self, id: &str) -> Result<State, Error> {
        let operation = self.kind.read;
        let body = self.get(operation, target(operation, &[id], &[])).await?;
        State::read(&body).map_err(|detail| unreadable(operation, detail))
    }

    /// How the jobs are doing that are among the newest: reads pages until all of `wanted` are found,
    /// or twice as many were read as would hold them.
    pub(super) async fn listed(
        &self,
        listing: &'static Operation,
        mut wanted: HashSet<String>,
    ) -> Result<Listed, Error> {
        let size = largest_page(listing);
        let most_pages = 2 * wanted.len().div_ceil(size) + 1;
        let query = [
            ("filter", LISTED),
            ("sort", "-created_at"),
            ("page[size]", &size.to_string()),
        ];
        let mut next = Some(target(listing, &[], &query));
        let mut listed = Listed::default();
        while let Some(target) = next.filter(|_| !wanted.is_empty() && listed.pages < most_pages) {
            let body = self.get(listing, target).await?;
            let page = JobPage::read(&body).map_err(|detail| unreadable(listing, detail))?;
            let found = page.jobs.into_iter().filter(|(id, _)| wanted.remove(id));
            listed.jobs.extend(found);
            listed.pages += 1;
            next = page.next.as_deref().map(target_of_link);
        }
        Ok(listed)
    }

    /// What went wrong in a complete job of `rows` rows, all pages of it.
    pub(super) async fn errors(
        &self,
        id: &str,
        state: &State,
        rows: usize,
    ) -> Result<Vec<ItemError>, Error> {
        match self.kind.errors {
            ItemErrors::Pages(operation) => match klaviyo_gen::find(operation) {
                Some(operation) => self.pages(operation, id, rows).await,
                None => Ok(Vec::new()),
            },
            ItemErrors::Job => Ok(state.errors.clone()),
            ItemErrors::None
            | ItemErrors::Answer
            | ItemErrors::Skipped
            | ItemErrors::IngestionLog => Ok(Vec::new()),
        }
    }

    async fn pages(
        &self,
        operation: &'static Operation,
        id: &str,
        rows: usize,
    ) -> Result<Vec<ItemError>, Error> {
        let size = largest_page(operation).to_string();
        let mut next = Some(target(operation, &[id], &[("page[size]", &size)]));
        let mut errors = Vec::new();
        let mut circle = Circle::default();
        while let Some(target) = next {
            if circle.closes_with(&target) {
                let detail = "the pages of errors lead in a circle".to_owned();
                return Err(unreadable(operation, detail));
            }
            let body = self.get(operation, target).await?;
            let page = ErrorPage::read(&body).map_err(|detail| unreadable(operation, detail))?;
            errors.extend(page.errors);
            next = page.next.as_deref().map(target_of_link);
            if errors.len() > rows * MOST_ERRORS_OF_A_ROW {
                let detail = "the pages of errors do not end".to_owned();
                return Err(unreadable(operation, detail));
            }
        }
        Ok(errors)
    }

    async fn get(&self, operation: &'static Operation, target: String) -> Result<Bytes, Error> {
        let request = Request::new(operation, target, Bytes::new());
        let context = Context {
            meter: self.meter,
            stop: self.stop,
            repeat_is_safe: operation.repeat.safe,
            in_doubt: &AtomicBool::new(false),
            herald: None,
        };
        let answer = self.exchange.send(&request, context).await;
        answer
            .map(|response| response.body)
            .map_err(|failure| failure.error)
    }
}

/// What a listing said of the jobs that were wanted.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) jobs: HashMap<String, State>,
    /// How many pages it took.
    pub(super) pages: usize,
}

fn unreadable(operation: &Operation, detail: String) -> Error {
    Error::UnreadableAnswer {
        operation: operation.id,
        detail,
    }
}

/// The most results that a page may hold; where the table states none, Klaviyo's usual page.
fn largest_page(operation: &Operation) -> usize {
    let mut sizes = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.place == Place::Query && parameter.name == "page[size]");
    let stated = sizes.next().and_then(|parameter| parameter.maximum);
    stated
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(20)
}
