//! What an account has to have before some requests make sense.

use std::collections::HashMap;

use klaviyo_gen::{Method, OPERATIONS, Operation};
use serde_json::json;

use super::made::{self, Query};
use crate::desk::{Desk, order};
use crate::objects;

/// What comes into being with something else: the collections of both.
const MADE_WITH: [(&str, &str); 1] = [(
    "campaign-recipient-estimations",
    "campaign-recipient-estimation-jobs",
)];

/// An account with something in it, and the ids of what was put there, by the part of the path under
/// which it is found.
pub(crate) struct Arranged<'a> {
    desk: &'a Desk,
    /// None for what is being made, and for what cannot be.
    ids: HashMap<String, Option<String>>,
}

impl<'a> Arranged<'a> {
    /// Two events, and with them a metric and two profiles.
    pub(crate) async fn new(desk: &'a Desk) -> Self {
        let event = order(None, "2026-10-15T08:30:00Z", 1.0);
        for profile in ["one", "other"] {
            let profile = json!({"external_id": profile});
            desk.send_events(&profile, std::slice::from_ref(&event))
                .await;
        }
        Self {
            desk,
            ids: HashMap::new(),
        }
    }

    /// The ids of two profiles.
    pub(crate) fn two_profiles(&self) -> [String; 2] {
        let profiles = self.desk.sandbox.profiles();
        [0, 1].map(|number| profiles[number].id.clone())
    }

    pub(crate) fn desk(&self) -> &'a Desk {
        self.desk
    }

    /// Takes a resource for the one of its collection.
    pub(crate) fn know(&mut self, collection: &str, id: &str) {
        self.ids.insert(collection.to_owned(), Some(id.to_owned()));
    }

    /// The company's id.
    pub(crate) fn company(&self) -> &str {
        self.desk.sandbox.company()
    }

    /// Leaves a collection to the operation that is looked at, if it puts something there.
    pub(crate) fn leave_to(&mut self, operation: &Operation) {
        if operation.method == Method::Post {
            let collection = operation.path.trim_start_matches("/api/");
            self.ids.insert(collection.to_owned(), None);
        }
    }

    /// Puts something into the collection that an operation lists.
    pub(crate) async fn fill(&mut self, operation: &Operation) {
        if operation.method == Method::Get && !operation.path.contains('{') {
            let collection = operation.path.trim_start_matches("/api/");
            self.id_in(collection).await;
        }
    }

    /// The id of a resource of a kind.
    pub(crate) async fn id_of(&mut self, kind: &str) -> Option<String> {
        self.id_in(&plural(kind)).await
    }

    /// Whether there is no resource of a kind, and no way to one.
    pub(crate) fn lacks(&self, kind: &str) -> bool {
        self.ids.get(&plural(kind)) == Some(&None)
    }

    /// The id of a resource in a collection, which is put there if nothing is; `None` for a
    /// collection into which nothing can be put.
    pub(crate) async fn id_in(&mut self, collection: &str) -> Option<String> {
        if let Some(id) = self.ids.get(collection) {
            return id.clone();
        }
        // Whatever needs one of its own kind to be made is made without.
        self.ids.insert(collection.to_owned(), None);
        let id = self.find(collection).await;
        self.ids.insert(collection.to_owned(), id.clone());
        id
    }

    async fn find(&mut self, collection: &str) -> Option<String> {
        if CUSTOM_OBJECTS.contains(&collection) {
            return self.find_custom_object(collection).await;
        }
        let with = MADE_WITH.iter().find(|(made, _)| *made == collection);
        let collection = with.map_or(collection, |(_, with)| with);
        let path = format!("/api/{collection}");
        let is_there = |method| {
            let operation = |it: &&Operation| it.path == path && it.method == method;
            OPERATIONS.iter().copied().find(operation)
        };
        if collection != "profiles"
            && let Some(create) = is_there(Method::Post)
        {
            let request = Box::pin(made::request(create, Query::Required, self)).await;
            let reply = request.send(self.desk).await;
            assert!(reply.status < 300, "{request}\n{}", reply.body);
            if let Some(id) = reply.body["data"]["id"].as_str() {
                return Some(id.to_owned());
            }
        }
        let list = is_there(Method::Get)?;
        let request = Box::pin(made::request(list, Query::Required, self)).await;
        let reply = request.send(self.desk).await;
        Some(reply.body["data"][0]["id"].as_str()?.to_owned())
    }

    /// Custom objects hang together: none makes sense without the others.
    async fn find_custom_object(&mut self, collection: &str) -> Option<String> {
        let with_draft = collection == "object-schemas" || !self.ids.contains_key("object-schemas");
        let mut found = None;
        for (other, id) in objects::arrange(self.desk, with_draft).await {
            if other == collection {
                found = Some(id);
            } else {
                self.ids.entry(other.to_owned()).or_insert(Some(id));
            }
        }
        found
    }
}

/// What is put into an account at once.
const CUSTOM_OBJECTS: [&str; 5] = [
    "data-sources",
    "object-types",
    "object-schemas",
    "object-records",
    "source-mappings",
];

fn plural(kind: &str) -> String {
    match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{kind}s"),
    }
}
