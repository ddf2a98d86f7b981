//! Coupon codes, and the records of custom objects.

use std::collections::BTreeSet;

use klaviyo_core::Outcome;
use klaviyo_gen::operations::{GET_COUPON_CODES, GET_RECORDS_FOR_OBJECT_TYPE};
use klaviyo_tests::World;
use serde_json::{Value, json};

use crate::family::{Family, row_of};
use crate::storm::storms;

/// Codes that exist already fail in their job.
struct Codes;

impl Codes {
    const ROWS: usize = 4_500;

    fn code(row: usize) -> Value {
        json!({"unique_code": format!("{row}@SAVE")})
    }

    fn is_there(row: usize) -> bool {
        row % 200 == 11
    }

    /// Those that were there before have another day.
    fn expiring(row: usize, day: &str) -> Value {
        let mut code = Self::code(row);
        code["expires_at"] = format!("{day}T00:00:00Z").into();
        code
    }
}

impl Family for Codes {
    fn verb(&self) -> String {
        "create_coupon_codes".to_owned()
    }

    async fn arrange(&mut self, world: &World) {
        world.coupon("SAVE10").await;
        let there = (0..Self::ROWS).filter(|row| Self::is_there(*row));
        let there = there.map(|row| Self::expiring(row, "2027-01-01"));
        let codes = world.client.bulk().create_coupon_codes(there);
        codes.coupon_id("SAVE10").run().await.unwrap();
    }

    fn options(&self) -> Value {
        json!({"coupon_id": "SAVE10"})
    }

    fn rows(&self) -> Vec<Value> {
        let rows = 0..Self::ROWS;
        rows.map(|row| Self::expiring(row, "2027-02-02")).collect()
    }

    fn refused(&self) -> Option<Outcome> {
        Some(Outcome::Failed)
    }

    async fn done(&self, world: &World) -> Vec<u64> {
        let of_coupon = r#"equals(coupon.id,"SAVE10")"#;
        let parameters = [("filter", of_coupon), ("page[size]", "100")];
        let codes = world.all(&GET_COUPON_CODES, &parameters).await;
        let attributes = codes.iter().map(|code| &code["attributes"]);
        let new = attributes.filter(|code| {
            let expires = code["expires_at"].as_str();
            expires.is_some_and(|day| day.starts_with("2027-02"))
        });
        let names = new.filter_map(|code| code["unique_code"].as_str());
        names.filter_map(row_of).collect()
    }
}

#[derive(Default)]
struct Records {
    delete: bool,
    source: String,
    object_type: String,
}

impl Records {
    const ROWS: usize = 2_200;

    fn records() -> impl Iterator<Item = Value> {
        (0..Self::ROWS).map(|row| json!({"id": row.to_string(), "name": "Rex"}))
    }
}

impl Family for Records {
    fn verb(&self) -> String {
        match self.delete {
            true => "delete_object_records".to_owned(),
            false => "create_data_source_records".to_owned(),
        }
    }

    async fn arrange(&mut self, world: &World) {
        (self.source, self.object_type) = world.pets().await;
        if self.delete {
            let bulk = world.client.bulk();
            let records = bulk.create_data_source_records(&self.source, Self::records());
            records.run().await.unwrap();
            world.calm();
        }
    }

    fn options(&self) -> Value {
        match self.delete {
            true => json!({}),
            false => json!({"data_source_id": self.source}),
        }
    }

    fn rows(&self) -> Vec<Value> {
        match self.delete {
            true => {
                let id = |row| format!("{}:::{row}", self.object_type);
                (0..Self::ROWS).map(|row| json!({"id": id(row)})).collect()
            }
            false => Self::records().collect(),
        }
    }

    async fn done(&self, world: &World) -> Vec<u64> {
        let parameters = [("id", self.object_type.as_str())];
        let records = world.all(&GET_RECORDS_FOR_OBJECT_TYPE, &parameters).await;
        let ids = records.iter().filter_map(|record| record["id"].as_str());
        let rows = ids.filter_map(|id| row_of(id.split_once(":::")?.1));
        if !self.delete {
            return rows.collect();
        }
        let left: BTreeSet<u64> = rows.collect();
        let all = (0..Self::ROWS).map(|row| row as u64);
        all.filter(|row| !left.contains(row)).collect()
    }
}

#[tokio::test]
async fn coupon_codes() {
    storms(|| Codes).await;
}

#[tokio::test]
async fn data_source_records() {
    storms(Records::default).await;
}

#[tokio::test]
async fn object_records_deleted() {
    storms(|| Records {
        delete: true,
        ..Records::default()
    })
    .await;
}
