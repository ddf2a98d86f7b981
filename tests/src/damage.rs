//! What bad weather really did: which requests it left in doubt, which jobs it killed, and which kinds
//! of misfortune there were.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use klaviyo_core::transport::{Breakage, Request, Response, TransportError};
use serde_json::Value;

/// What bad weather really did.
#[derive(Debug, Clone, Default)]
pub struct Damage {
    /// Bodies of bulk requests after which nobody but the sandbox can know whether they were applied.
    in_doubt: Vec<Bytes>,
    /// Bodies by the jobs that they began.
    jobs: BTreeMap<String, Bytes>,
    /// Jobs whose end the client cannot learn: cancelled, forgotten, or hidden behind a challenge page.
    lost_jobs: BTreeSet<String>,
    /// The misfortunes that there were, by their names.
    pub seen: BTreeSet<String>,
}

impl Damage {
    /// The client gets this for a request.
    pub(crate) fn note(&mut self, request: &Request, end: Result<&Response, &TransportError>) {
        let is_in_doubt = match end {
            Ok(answer) => answer.status == 408 || answer.status >= 500,
            Err(error) => error.breakage != Breakage::Connect,
        };
        if !request.operation.is_bulk() {
            if matches!(end, Ok(answer) if answer.status == 403) {
                let hidden = self.jobs.keys().filter(|id| request.target.contains(*id));
                self.lost_jobs.extend(hidden.cloned());
            }
        } else if is_in_doubt {
            self.in_doubt.push(request.body.clone());
        } else if let Some(job) = end.ok().and_then(named) {
            self.jobs.insert(job, request.body.clone());
        }
    }

    /// A job was cancelled.
    pub(crate) fn cancelled(&mut self, job: String) {
        self.see("a job is cancelled");
        self.lost_jobs.insert(job);
    }

    /// All jobs until now were forgotten.
    pub(crate) fn forgotten(&mut self) {
        self.lost_jobs.extend(self.jobs.keys().cloned());
    }

    /// A misfortune happened.
    pub(crate) fn see(&mut self, name: impl Into<String>) {
        self.seen.insert(name.into());
    }

    /// The texts in the bodies of requests whose rows may have no known end; of all jobs if the looking
    /// at them `stopped`.
    #[must_use]
    pub fn texts_in_doubt(&self, stopped: bool) -> BTreeSet<String> {
        let jobs = self.jobs.iter();
        let lost = jobs.filter(|(id, _)| stopped || self.lost_jobs.contains(*id));
        let bodies = self.in_doubt.iter().chain(lost.map(|(_, body)| body));
        let mut texts = BTreeSet::new();
        for body in bodies {
            let body = serde_json::from_slice(body).expect("bulk bodies are JSON");
            collect_texts(&body, &mut texts);
        }
        texts
    }
}

fn collect_texts(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            texts.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| collect_texts(value, texts)),
        Value::Object(members) => members
            .values()
            .for_each(|value| collect_texts(value, texts)),
        _ => {}
    }
}

/// The id of what the answer shows, perhaps a job.
pub(crate) fn named(answer: &Response) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    Some(body["data"]["id"].as_str()?.to_owned())
}
