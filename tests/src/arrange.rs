//! What a test puts into a world before it begins, and looks up when it is over. Not by bulk
//! operations: those are what is tested.

use futures::TryStreamExt;
use klaviyo_core::Call;
use klaviyo_gen::Operation;
use klaviyo_gen::operations::{CREATE_COUPON, CREATE_DATA_SOURCE, CREATE_OBJECT_TYPE};
use serde_json::{Value, json};

use crate::World;

impl World {
    /// All resources of a list operation.
    ///
    /// # Panics
    /// When the sandbox refuses it.
    pub async fn all(
        &self,
        operation: &'static Operation,
        parameters: &[(&str, &str)],
    ) -> Vec<Value> {
        let parameters = parameters.iter();
        let call = Call {
            parameters: parameters
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            ..Call::default()
        };
        let pages = self
            .client
            .pages(operation, call)
            .expect("a list operation");
        let items = pages.items::<Value>().try_collect();
        items.await.expect("the weather is calm")
    }

    /// Creates a resource and gives its id.
    ///
    /// # Panics
    /// When the sandbox refuses it.
    pub async fn create(&self, operation: &'static Operation, data: Value) -> String {
        let call = Call {
            body: json!({"data": data}).to_string().into(),
            ..Call::default()
        };
        let answer = self.client.call(operation, call).await;
        let answer = answer.expect("the weather is calm");
        let answer: Value = serde_json::from_slice(&answer.body).expect("an answer with a body");
        answer["data"]["id"].as_str().expect("an id").to_owned()
    }

    /// A coupon of that id.
    pub async fn coupon(&self, id: &str) -> String {
        let attributes = json!({"external_id": id, "description": "Ten off"});
        let coupon = json!({"type": "coupon", "attributes": attributes});
        self.create(&CREATE_COUPON, coupon).await
    }

    /// A data source of pets, whose records have an `id`, a `name` that is required and an `age`; and
    /// the object type that they become objects of.
    pub async fn pets(&self) -> (String, String) {
        let attributes = json!({"title": "Shop"});
        let source = json!({"type": "data-source", "attributes": attributes});
        let source = self.create(&CREATE_DATA_SOURCE, source).await;
        let at = |path: &str| json!({"source_id": source, "id_path": "$.id", "data_path": path});
        let mapping = json!({"relationship_mappings": [], "property_mappings": [
            {"id": 1, "type": "simple", "source": at("$.name")},
            {"id": 2, "type": "simple", "source": at("$.age")},
        ]});
        let schema = json!({
            "properties": [
                {"id": 1, "name": "name", "type": "string"},
                {"id": 2, "name": "age", "type": "int"},
            ],
            "required": ["name"],
            "status": "active",
            "source-mapping": {"data": {"type": "source-mapping", "attributes": mapping}},
        });
        let attributes = json!({
            "title": "Pet",
            "object-schema": {"data": {"type": "object-schema", "attributes": schema}},
        });
        let object_type = json!({"type": "object-type", "attributes": attributes});
        let object_type = self.create(&CREATE_OBJECT_TYPE, object_type).await;
        (source, object_type)
    }
}
