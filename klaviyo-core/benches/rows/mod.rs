//! What the benchmarks work on: profiles as a shop has them, 330 bytes each on the wire.

use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::HeaderMap;
use klaviyo_core::auth::{Authorizer, Credentials};
use klaviyo_core::bulk::ImportProfilesOptions;
use klaviyo_core::chunk::{Caps, Chunker, Encoded, Envelope, Identity};
use klaviyo_core::clock::FakeClock;
use klaviyo_core::limit::LimitOptions;
use klaviyo_core::retry::RetryOptions;
use klaviyo_core::run::Planning;
use klaviyo_core::transport::{Request, Response, Transport, TransportError};
use klaviyo_core::{Client, Secret};
use klaviyo_gen::operations::BULK_IMPORT_PROFILES;
use serde_json::{Value, json};

/// One profile.
pub(crate) fn row(number: usize) -> Value {
    json!({
        "email": format!("customer-{number:08}@shop.example"),
        "external_id": format!("{number:08}"),
        "first_name": "Ada",
        "last_name": format!("Number {number:08}"),
        "location": {"city": "København", "country": "Denmark", "zip": "2100"},
        "properties": {
            "orders": number % 17,
            "spend": number as f64 * 1.07,
            "vip": number.is_multiple_of(5),
            "tags": ["web", "newsletter"],
            "last_order": "2026-10-31T12:00:00Z",
        },
    })
}

/// Answers every request from memory.
#[derive(Debug)]
struct Memory(fn(&Request) -> Bytes);

impl Transport for Memory {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let response = Response {
            status: 200,
            headers: HeaderMap::new(),
            body: (self.0)(&request),
        };
        Box::pin(async move { Ok(response) })
    }
}

/// A client that is answered from memory; its clock jumps ahead instead of waiting.
pub(crate) fn client(answer: fn(&Request) -> Bytes) -> Client {
    let credentials = Credentials::ApiKey(Secret::new("pk_bench"));
    Client::over(
        Arc::new(Memory(answer)),
        Arc::new(FakeClock::new(1)),
        Authorizer::new(credentials).expect("a key"),
        LimitOptions::default(),
        RetryOptions::default(),
    )
}

/// A dry run: rows are encoded and packed, and the batches dropped. Nothing is sent.
pub(crate) fn planning() -> Planning {
    let options = ImportProfilesOptions::default();
    let planning = client(|_| Bytes::new()).bulk().planning(&options);
    planning.expect("usual options")
}

/// A chunker of profiles.
pub(crate) fn chunker() -> Chunker {
    Chunker::new(Envelope {
        prefix: br#"{"data":{"type":"profile-bulk-import-job","attributes":{"profiles":{"data":["#
            .to_vec(),
        suffix: b"]}}}}".to_vec(),
        group_close: Vec::new(),
        caps: Caps::of(&BULK_IMPORT_PROFILES).expect("it has caps"),
    })
}

/// An item as the encoder gives it.
pub(crate) struct Item {
    item: Vec<u8>,
    identity: Identity,
}

impl Item {
    /// The item of that row.
    pub(crate) fn of(number: usize) -> Self {
        let item = json!({"type": "profile", "attributes": row(number)}).to_string();
        let (email, id) = (
            format!("customer-{number:08}@shop.example"),
            format!("{number:08}"),
        );
        let mut identity = Identity::none();
        identity.add("email", format!("\"{email}\"").as_bytes());
        identity.add("external_id", format!("\"{id}\"").as_bytes());
        Item {
            item: item.into_bytes(),
            identity,
        }
    }

    pub(crate) fn encoded(&self) -> Encoded<'_> {
        Encoded {
            group: b"",
            item: &self.item,
            identity: &self.identity,
            repeat_is_safe: true,
        }
    }
}
