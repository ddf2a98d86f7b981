//! What has to be joined, before a part of something has a member.

use klaviyo_gen::{Method, OPERATIONS, Operation};
use serde_json::{Value, json};

use super::arranged::Arranged;
use super::made::{self, Query};
use crate::desk::path_of;
use crate::objects;

/// Collections whose name in the paths of what they belong to is another.
const NAMED: [(&str, &str); 2] = [
    ("variants", "catalog-variants"),
    ("schema-versions", "object-schemas"),
];

impl Arranged<'_> {
    /// Puts a member into the part of a collection that an operation lists, or changes.
    pub(crate) async fn join(&mut self, operation: &Operation) {
        let path = operation.path.trim_start_matches("/api/");
        let Some((owner, part)) = path.split_once("/{id}/") else {
            return;
        };
        let part = part.trim_start_matches("relationships/");
        match (operation.method, owner, part) {
            (Method::Get, "segments", "profiles") | (Method::Get, "profiles", "segments") => {
                self.join_segment().await;
            }
            (Method::Get, "profile-bulk-import-jobs", "import-errors") => {
                self.import_with_an_error().await;
            }
            (Method::Get, "object-types", "object-ingestion-logs") => {
                self.send_a_bad_record().await
            }
            (Method::Get, "object-types", "object-types" | "profile-object-types") => {
                self.relate_type(part).await;
            }
            (Method::Get, ..) => self.join_by_request(owner, part).await,
            (_, "object-schemas", "object-schemas" | "profile-object-schemas")
                if operation.method != Method::Post =>
            {
                self.join_by_request(owner, part).await;
            }
            _ => {}
        }
    }

    /// Joins by the operation that does it from this side, or from the other, or that creates what
    /// belongs to the owner.
    async fn join_by_request(&mut self, owner: &str, part: &str) {
        let named = NAMED.iter().find(|(name, _)| *name == part);
        let collection = named.map_or(part, |(_, collection)| collection);
        let paths = [
            format!("/api/{owner}/{{id}}/relationships/{part}"),
            format!("/api/{collection}/{{id}}/relationships/{owner}"),
            format!("/api/{collection}"),
        ];
        let post = |path: &String| {
            let mut operations = OPERATIONS.iter().copied();
            operations.find(|it| it.path == *path && it.method == Method::Post)
        };
        let Some(join) = paths.iter().find_map(post) else {
            return;
        };
        if join.path == paths[2] {
            // Made for the owner, as its body has it.
            self.id_in(collection).await;
            return;
        }
        let request = made::request(join, Query::Required, self).await;
        let reply = request.send(self.desk()).await;
        assert!(reply.status < 300, "{request}\n{}", reply.body);
    }

    async fn join_segment(&mut self) {
        let segment = self.id_in("segments").await.expect("a segment");
        let profile = self.id_in("profiles").await.expect("a profile");
        let sandbox = &self.desk().sandbox;
        sandbox.set_segment_members(&segment, [profile.as_str()]);
    }

    /// A row with another profile's phone number.
    async fn import_with_an_error(&mut self) {
        let phone = "+390110000001";
        let rows = ["ada@shop.example", "grace@shop.example"]
            .map(|email| json!({"email": email, "phone_number": phone}));
        let job = self.desk().import(&rows).await;
        self.know("profile-bulk-import-jobs", job.id());
    }

    /// A record without what its schema requires.
    async fn send_a_bad_record(&mut self) {
        let source = self.id_in("data-sources").await.expect("a data source");
        objects::send(self.desk(), &source, &[json!({"id": "2"})]).await;
    }

    /// Relates the draft of a type's schema, and puts it to use.
    async fn relate_type(&mut self, part: &str) {
        let draft = self.id_in("object-schemas").await.expect("a draft");
        let part = part.replace("types", "schemas");
        self.join_by_request("object-schemas", &part).await;
        let attributes = json!({"status": "active"});
        let body =
            json!({"data": {"type": "object-schema", "id": draft, "attributes": attributes}});
        let path = path_of("object-schemas", &draft);
        let reply = self.desk().send(reqwest::Method::PATCH, &path, body).await;
        assert_eq!(reply.status, 200);
    }

    /// Names the relationship in a body by the id that it has.
    pub(crate) async fn name_relationship(&mut self, body: &mut Value) {
        let first = match &mut body["data"] {
            Value::Array(data) => &mut data[0],
            data => data,
        };
        let Some(meta) = first
            .get_mut("meta")
            .filter(|it| !it["relationship_id"].is_null())
        else {
            return;
        };
        let schema = self.id_in("object-schemas").await.expect("a draft");
        let path = path_of("object-schemas", &schema);
        let path = format!("{path}?include=object-schemas,profile-object-schemas");
        let reply = self.desk().get(&path).await;
        meta["relationship_id"] = reply.body["included"][0]["meta"]["relationship_id"].clone();
    }
}
