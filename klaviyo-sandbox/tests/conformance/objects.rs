//! Custom objects: records sent to a data source, mapped by the schema of an object type (spec, docs).

use std::time::Duration;

use klaviyo_gen::operations::BULK_CREATE_DATA_SOURCE_RECORDS;
use klaviyo_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, ids, path_of, stopped};

pub(crate) async fn source(desk: &Desk, title: &str) -> String {
    let attributes = json!({"title": title});
    let body = json!({"data": {"type": "data-source", "attributes": attributes}});
    desk.post("/api/data-sources", body).await.id().to_owned()
}

/// The properties of a pet: a name that is required, and an age.
fn properties() -> Value {
    json!([
        {"id": 1, "name": "name", "type": "string"},
        {"id": 2, "name": "age", "type": "int"},
    ])
}

/// Where they stand in the records of a source.
fn mappings(source: &str) -> Value {
    let at = |path: &str| json!({"source_id": source, "id_path": "$['id']", "data_path": path});
    json!([
        {"id": 1, "type": "simple", "source": at("$['name']")},
        {"id": 2, "type": "simple", "source": at("$.details.age")},
    ])
}

/// Creates the type of pets that come from a source.
pub(crate) async fn pets(desk: &Desk, source: &str, status: &str) -> Reply {
    let mapping = json!({"property_mappings": mappings(source), "relationship_mappings": []});
    let schema = json!({
        "properties": properties(), "required": ["name"], "status": status,
        "source-mapping": {"data": {"type": "source-mapping", "attributes": mapping}},
    });
    let attributes = json!({
        "title": "Pet", "object-schema": {"data": {"type": "object-schema", "attributes": schema}},
    });
    let body = json!({"data": {"type": "object-type", "attributes": attributes}});
    desk.post("/api/object-types", body).await
}

fn records_body(source: &str, records: &[Value]) -> Value {
    let records: Vec<Value> = records
        .iter()
        .map(|record| json!({"type": "data-source-record", "attributes": {"record": record}}))
        .collect();
    json!({"data": {
        "type": "data-source-record-bulk-create-job",
        "attributes": {"data-source-records": {"data": records}},
        "relationships": {"data-source": {"data": {"type": "data-source", "id": source}}},
    }})
}

pub(crate) async fn send(desk: &Desk, source: &str, records: &[Value]) -> Reply {
    let body = records_body(source, records);
    desk.post("/api/data-source-record-bulk-create-jobs", body)
        .await
}

/// The body that makes the next version of a type's schema.
pub(crate) fn next_schema(object_type: &str) -> Value {
    json!({"data": {
        "type": "object-schema",
        "attributes": {"title": "Pet", "properties": properties()},
        "relationships": {"object-type": {"data": {"type": "object-type", "id": object_type}}},
    }})
}

/// Puts a pet into an account, and says the ids of all that belongs to it by their collections. Its
/// schema is in use; the next version is a draft, if there is to be one.
pub(crate) async fn arrange(desk: &Desk, with_draft: bool) -> Vec<(&'static str, String)> {
    let shop = source(desk, "Shop").await;
    let pet = pets(desk, &shop, "active").await.id().to_owned();
    send(desk, &shop, &[json!({"id": "1", "name": "Rex"})]).await;
    let current = path_of("object-types", &pet) + "/current-schema";
    let mut schema = desk.get(&current).await.id().to_owned();
    let mapping = path_of("object-schemas", &schema) + "/source-mapping";
    let mapping = desk.get(&mapping).await.id().to_owned();
    if with_draft {
        let draft = desk.post("/api/object-schemas", next_schema(&pet)).await;
        schema = draft.id().to_owned();
    }
    vec![
        ("data-sources", shop),
        ("object-records", format!("{pet}:::1")),
        ("object-types", pet),
        ("object-schemas", schema),
        ("source-mappings", mapping),
    ]
}

/// What the records of a type hold.
async fn held(desk: &Desk, object_type: &str) -> Vec<Value> {
    let path = path_of("object-types", object_type) + "/object-records";
    let reply = desk.get(&path).await;
    let records = reply.body["data"].as_array().unwrap().iter();
    records
        .map(|record| record["attributes"]["record_properties"].clone())
        .collect()
}

#[tokio::test]
async fn a_title_is_unique_in_its_namespace() {
    let desk = Desk::open().await;
    let first = source(&desk, "Shop").await;
    let with =
        |attributes: Value| json!({"data": {"type": "data-source", "attributes": attributes}});
    let again = desk.post("/api/data-sources", with(json!({"title": "Shop"})));
    let again = again.await;
    assert_eq!(
        (again.status, again.pointers()),
        (409, vec!["/data/attributes/title"])
    );
    let elsewhere = with(json!({"title": "Shop", "namespace": "applications/1"}));
    assert_eq!(desk.post("/api/data-sources", elsewhere).await.status, 201);
    let long = with(json!({"title": "x".repeat(256)}));
    assert_eq!(desk.post("/api/data-sources", long).await.status, 400);

    let filtered = r#"/api/data-sources?filter=equals(namespace,"custom-objects")"#;
    let found = desk.get(filtered).await;
    assert_eq!(ids(&found.body["data"]), [first.as_str()]);
    let path = path_of("data-sources", &first);
    assert_eq!(desk.get(&path).await.body["data"], found.body["data"][0]);
    assert_eq!(desk.send(Method::DELETE, &path, "").await.status, 204);
    assert_eq!(desk.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_record_becomes_an_object_record() {
    // docs: the id is the type's and the record's own, with three colons between.
    let desk = Desk::open().await;
    let shop = source(&desk, "Shop").await;
    let pet = pets(&desk, &shop, "active").await;
    let rex = json!({"id": 7, "name": "Rex", "details": {"age": 3}});
    assert_eq!(send(&desk, &shop, &[rex]).await.status, 204);
    let id = format!("{}:::7", pet.id());
    let record = desk.get(&path_of("object-records", &id)).await;
    assert_eq!(
        record.body["data"]["attributes"]["record_properties"],
        json!({"name": "Rex", "age": 3})
    );
    let linked = path_of("object-types", pet.id()) + "/relationships/object-records";
    assert_eq!(ids(&desk.get(&linked).await.body["data"]), [id]);

    // docs: a record is complete; what it leaves out is gone.
    send(&desk, &shop, &[json!({"id": "7", "name": "Rex II"})]).await;
    assert_eq!(held(&desk, pet.id()).await, [json!({"name": "Rex II"})]);
}

#[tokio::test]
async fn one_record_goes_the_same_way() {
    let desk = Desk::open().await;
    let shop = source(&desk, "Shop").await;
    let pet = pets(&desk, &shop, "active").await;
    let record =
        json!({"type": "data-source-record", "attributes": {"record": {"id": "1", "name": "Rex"}}});
    let body = json!({"data": {
        "type": "data-source-record-create-job",
        "attributes": {"data-source-record": {"data": record}},
        "relationships": {"data-source": {"data": {"type": "data-source", "id": shop}}},
    }});
    let reply = desk.post("/api/data-source-record-create-jobs", body).await;
    assert_eq!(reply.status, 204);
    assert_eq!(held(&desk, pet.id()).await, [json!({"name": "Rex"})]);
}

#[tokio::test]
async fn failures_show_only_in_the_log() {
    // spec: 204 all the same; the newest first, 14 days long.
    let builder = Sandbox::builder().clock(stopped()).limits(false);
    let desk = Desk::with(builder.job_time(Duration::ZERO)).await;
    let shop = source(&desk, "Shop").await;
    let pet = pets(&desk, &shop, "active").await;
    let bad = [
        json!({"id": "a", "name": ["Rex"], "details": {"age": "old"}}),
        json!({"id": "b"}),
        json!({"name": "Nobody"}),
    ];
    assert_eq!(send(&desk, &shop, &bad).await.status, 204);
    assert_eq!(held(&desk, pet.id()).await, Vec::<Value>::new());

    let path = path_of("object-types", pet.id()) + "/object-ingestion-logs";
    let all = desk.get(&format!("{path}?include=object-type")).await;
    let logs = all.body["data"].as_array().unwrap();
    let codes: Vec<Vec<(&str, &str)>> = logs
        .iter()
        .map(|log| {
            let errors = log["attributes"]["errors"].as_array().unwrap().iter();
            errors
                .map(|error| {
                    let text = |name: &str| error[name].as_str().unwrap();
                    (text("code"), text("property"))
                })
                .collect()
        })
        .collect();
    assert_eq!(
        codes,
        [
            vec![("missing", "$['id']")],
            vec![("missing", "name")],
            vec![("string_type", "name"), ("int_type", "age")],
        ]
    );
    // spec: the value as JSON, in a text.
    assert_eq!(
        logs[2]["attributes"]["errors"][0]["invalid_value"],
        r#"["Rex"]"#
    );
    assert_eq!(ids(&all.body["included"]), [pet.id()]);
    let filtered = desk
        .get(&format!(r#"{path}?filter=equals(record_id,"b")"#))
        .await;
    assert_eq!(
        ids(&filtered.body["data"]),
        [logs[1]["id"].as_str().unwrap()]
    );
    let linked = path_of("object-types", pet.id()) + "/relationships/object-ingestion-logs";
    assert_eq!(
        ids(&desk.get(&linked).await.body["data"]),
        ids(&all.body["data"])
    );

    desk.sandbox
        .clock()
        .advance(Duration::from_secs(14 * 86_400));
    assert_eq!(
        ids(&desk.get(&path).await.body["data"]),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn the_log_comes_fifty_at_a_time() {
    let desk = Desk::open().await;
    let shop = source(&desk, "Shop").await;
    let pet = pets(&desk, &shop, "active").await;
    let bad: Vec<Value> = (0..51).map(|id| json!({"id": id})).collect();
    send(&desk, &shop, &bad).await;
    let path = path_of("object-types", pet.id()) + "/object-ingestion-logs";
    let first = desk.get(&path).await;
    let next = first.body["links"]["next"].as_str().unwrap();
    let next = desk
        .get(next.strip_prefix(desk.sandbox.url()).unwrap())
        .await;
    assert_eq!(
        (
            ids(&first.body["data"]).len(),
            ids(&next.body["data"]).len()
        ),
        (50, 1)
    );
}

#[tokio::test]
async fn records_are_mapped_once_the_schema_is_active() {
    // docs: until then they are kept; chosen: those that came before are mapped too.
    let desk = Desk::open().await;
    let shop = source(&desk, "Shop").await;
    let pet = pets(&desk, &shop, "draft").await;
    assert_eq!(pet.body["data"]["attributes"]["status"], "draft");
    send(&desk, &shop, &[json!({"id": "1", "name": "Rex"})]).await;
    assert_eq!(held(&desk, pet.id()).await, Vec::<Value>::new());

    let owner = path_of("object-types", pet.id());
    let draft = desk.get(&format!("{owner}/draft-schema")).await;
    assert_eq!(
        desk.get(&format!("{owner}/current-schema")).await.status,
        404
    );
    let path = path_of("object-schemas", draft.id());
    let change = |attributes: Value| json!({"data": {"type": "object-schema", "id": draft.id(), "attributes": attributes}});
    let active = desk
        .send(
            Method::PATCH,
            &path,
            change(json!({"status": "active", "title": "Animal"})),
        )
        .await;
    assert_eq!(active.body["data"]["attributes"]["status"], "active");
    assert_eq!(held(&desk, pet.id()).await, [json!({"name": "Rex"})]);
    // spec: the titles of a type and its schema are one.
    let renamed = desk.get(&format!("{owner}?include=current-schema")).await;
    assert_eq!(renamed.body["data"]["attributes"]["title"], "Animal");
    assert_eq!(ids(&renamed.body["included"]), [draft.id()]);

    // docs: only a draft can be changed.
    let late = desk.send(Method::PATCH, &path, change(json!({"required": []})));
    assert_eq!(late.await.status, 400);
}

#[tokio::test]
async fn the_next_version_of_a_schema_is_a_draft() {
    let desk = Desk::open().await;
    let shop = source(&desk, "Shop").await;
    let pet = pets(&desk, &shop, "active").await;
    let owner = path_of("object-types", pet.id());
    let first = desk
        .get(&format!("{owner}/relationships/current-schema"))
        .await;
    let body = next_schema(pet.id());
    let next = desk.post("/api/object-schemas", body.clone()).await;
    assert_eq!(next.status, 201);
    let again = desk.post("/api/object-schemas", body).await;
    assert_eq!(again.status, 409);
    let drafted = desk
        .get(&format!("{owner}/relationships/draft-schema"))
        .await;
    assert_eq!(drafted.id(), next.id());
    for versions in ["schema-versions", "relationships/schema-versions"] {
        let reply = desk.get(&format!("{owner}/{versions}")).await;
        assert_eq!(ids(&reply.body["data"]), [first.id(), next.id()]);
    }
}

#[tokio::test]
async fn a_source_mapping_must_fit_its_schema() {
    let desk = Desk::open().await;
    let shop = source(&desk, "Shop").await;
    let pet = pets(&desk, &shop, "draft").await;
    let draft = path_of("object-types", pet.id()) + "/draft-schema";
    let schema = path_of("object-schemas", desk.get(&draft).await.id());
    let mapping = desk.get(&format!("{schema}/source-mapping")).await;
    assert_eq!(
        mapping.body["data"]["attributes"]["property_mappings"],
        mappings(&shop)
    );
    let id = mapping.id().to_owned();
    let linked = desk
        .get(&format!("{schema}/relationships/source-mapping"))
        .await;
    assert_eq!(linked.id(), id);

    let path = path_of("source-mappings", &id);
    let change = |mappings: Value| json!({"data": {"type": "source-mapping", "id": id, "attributes": {"property_mappings": mappings}}});
    let at = "/data/attributes/property_mappings/0";
    let simple = |source: &str, path: &str| json!([{"id": 1, "type": "simple", "source": {"source_id": source, "id_path": "$.id", "data_path": path}}]);
    for (mappings, pointer) in [
        (
            json!([{"id": 9, "type": "constant", "value": "x"}]),
            format!("{at}/id"),
        ),
        (simple("none", "$.name"), format!("{at}/source/source_id")),
        (simple(&shop, "name"), format!("{at}/source/data_path")),
    ] {
        let reply = desk.send(Method::PATCH, &path, change(mappings)).await;
        assert_eq!(
            (reply.status, reply.pointers()),
            (400, vec![pointer.as_str()])
        );
    }
    let constant = json!([{"id": 1, "type": "constant", "value": "Rex"}]);
    let changed = desk
        .send(Method::PATCH, &path, change(constant.clone()))
        .await;
    let attributes = &changed.body["data"]["attributes"];
    assert_eq!(attributes["property_mappings"], constant);
    assert_eq!(desk.get(&path).await.body["data"], changed.body["data"]);
}

#[tokio::test]
async fn records_are_deleted_and_nothing_tells_of_those_that_were_not_there() {
    let desk = Desk::open().await;
    let shop = source(&desk, "Shop").await;
    let pet = pets(&desk, &shop, "active").await;
    let records = ["1", "2"].map(|id| json!({"id": id, "name": id}));
    send(&desk, &shop, &records).await;
    let named: Vec<Value> = ["1", "none"]
        .iter()
        .map(|own| json!({"type": "object-record", "id": format!("{}:::{own}", pet.id())}))
        .collect();
    let body = json!({"data": {
        "type": "object-record-bulk-delete-job",
        "relationships": {"object-records": {"data": named}},
    }});
    let reply = desk.post("/api/object-record-bulk-delete-jobs", body).await;
    assert_eq!(reply.status, 202);
    assert_eq!(held(&desk, pet.id()).await, [json!({"name": "2"})]);
    assert_eq!(desk.sandbox.state().objects.object_records, 1);

    let path = path_of("object-types", pet.id());
    assert_eq!(desk.send(Method::DELETE, &path, "").await.status, 204);
    assert_eq!(desk.get(&path).await.status, 404);
    let id = format!("{}:::2", pet.id());
    assert_eq!(desk.get(&path_of("object-records", &id)).await.status, 404);
}

#[tokio::test]
async fn what_refuses_a_request_of_records() {
    let desk = Desk::open().await;
    let shop = source(&desk, "Shop").await;
    let lost = send(&desk, "none", &[json!({})]).await;
    assert_eq!(
        (lost.status, lost.pointers()),
        (400, vec!["/data/relationships/data-source/data/id"])
    );
    let caps = BULK_CREATE_DATA_SOURCE_RECORDS.caps.unwrap();
    let most = caps.max_items.unwrap() as usize;
    let items = caps.items.unwrap();
    let many = send(&desk, &shop, &vec![json!({}); most + 1]).await;
    assert_eq!((many.status, many.pointers()), (400, vec![items]));
    let large = "x".repeat(usize::try_from(caps.max_item_bytes.unwrap()).unwrap());
    let large = send(&desk, &shop, &[json!({}), json!({"text": large})]).await;
    assert_eq!(
        (large.status, large.pointers()),
        (400, vec![&*format!("{items}/1")])
    );
    let listed = send(&desk, &shop, &[json!([])]).await;
    assert_eq!(listed.status, 400);
}

#[tokio::test]
async fn records_take_their_time() {
    let builder = Sandbox::builder().clock(stopped()).limits(false);
    let desk = Desk::with(builder.job_time(Duration::from_secs(1))).await;
    let shop = source(&desk, "Shop").await;
    let pet = pets(&desk, &shop, "active").await;
    send(&desk, &shop, &[json!({"id": "1", "name": "Rex"})]).await;
    assert_eq!(held(&desk, pet.id()).await, Vec::<Value>::new());
    desk.sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(held(&desk, pet.id()).await, [json!({"name": "Rex"})]);
}
