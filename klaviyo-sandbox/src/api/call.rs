//! A request on its way to the handler of its operation.

use std::sync::MutexGuard;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use klaviyo_gen::Operation;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::query::Query;
use super::route::PathValues;
use crate::account::Account;
use crate::problem::{Problem, Refusal};
use crate::service::Service;
use crate::settings::Settings;

/// A request that passed the gate.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) path: PathValues,
    pub(crate) query: Query,
    pub(crate) body: Bytes,
    /// When its head arrived.
    pub(crate) now: DateTime<Utc>,
    pub(crate) service: &'a Service,
}

impl Call<'_> {
    /// The account, with all jobs ended whose end has come. Held locked: parse before.
    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        self.service.account(self.now)
    }

    pub(crate) fn settings(&self) -> &Settings {
        self.service.settings()
    }

    /// The address of the sandbox, without a path.
    pub(crate) fn base(&self) -> &str {
        self.service.url()
    }

    /// The URL of the request, without its query.
    pub(crate) fn url(&self) -> String {
        let mut url = self.base().to_owned();
        for segment in self.operation.path.split('/').skip(1) {
            url.push('/');
            match segment
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'))
            {
                Some(name) => {
                    let value = utf8_percent_encode(self.path.get(name), NON_ALPHANUMERIC);
                    url.extend(value);
                }
                None => url.push_str(segment),
            }
        }
        url
    }

    /// Reads the body.
    pub(crate) fn parse<'body, T: Deserialize<'body>>(&'body self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let detail = match error.classify() {
                serde_json::error::Category::Data => {
                    format!(
                        "The body has not the shape that {} takes.",
                        self.operation.id
                    )
                }
                _ => "The body is not JSON.".to_owned(),
            };
            Problem::invalid("/data", detail).into()
        })
    }
}
