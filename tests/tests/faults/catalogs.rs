//! Items, variants and categories: created, updated, deleted.

use std::collections::BTreeSet;

use klaviyo_core::Outcome;
use klaviyo_gen::Operation;
use klaviyo_gen::operations::{GET_CATALOG_CATEGORIES, GET_CATALOG_ITEMS, GET_CATALOG_VARIANTS};
use klaviyo_tests::World;
use serde_json::{Value, json};

use crate::family::{Family, row_of};
use crate::storm::storms;

const ROWS: usize = 850;
/// The item that all variants belong to.
const ITEM: &str = "shirt";

#[derive(Debug, Clone, Copy)]
enum Part {
    Items,
    Variants,
    Categories,
}

/// Some rows cannot be done: what they create is there already, what they change is not.
struct Catalog {
    verb: &'static str,
    part: Part,
}

impl Catalog {
    fn is_odd(row: usize) -> bool {
        row % 40 == 9
    }

    /// The verb of this part.
    fn verb_of(&self, verb: &str) -> String {
        let part = match self.part {
            Part::Items => "items",
            Part::Variants => "variants",
            Part::Categories => "categories",
        };
        format!("{verb}_catalog_{part}")
    }

    /// A row that creates, with this text.
    fn whole(&self, name: &str, text: &str) -> Value {
        let mut row = json!({"external_id": name});
        if let Part::Categories = self.part {
            row["name"] = text.into();
            return row;
        }
        row["title"] = text.into();
        row["description"] = "D".into();
        row["url"] = "https://shop.example".into();
        if let Part::Variants = self.part {
            row["item"] = ITEM.into();
            row["sku"] = name.into();
            row["price"] = 9.5.into();
            row["inventory_quantity"] = 2.into();
        }
        row
    }

    fn text(&self) -> &'static str {
        match self.part {
            Part::Categories => "name",
            Part::Items | Part::Variants => "title",
        }
    }

    async fn create(&self, world: &World, rows: Vec<Value>) {
        let options = klaviyo_core::bulk::options(&self.verb_of("create"), json!({})).unwrap();
        let mut run = world.client.bulk().start(&*options).await.unwrap();
        rows.iter().for_each(|row| run.push(row));
        let report = run.finish().await.unwrap();
        assert_eq!(report.counts.completed, rows.len() as u64);
    }
}

impl Family for Catalog {
    fn verb(&self) -> String {
        self.verb_of(self.verb)
    }

    async fn arrange(&mut self, world: &World) {
        if let Part::Variants = self.part {
            let items = Catalog {
                verb: "create",
                part: Part::Items,
            };
            items.create(world, vec![items.whole(ITEM, "Shirt")]).await;
        }
        let is_there = |row: &usize| Self::is_odd(*row) == (self.verb == "create");
        let rows = (0..ROWS).filter(is_there);
        let rows = rows.map(|row| self.whole(&row.to_string(), "before"));
        self.create(world, rows.collect()).await;
    }

    fn rows(&self) -> Vec<Value> {
        let row = |row: usize| {
            let name = row.to_string();
            match self.verb {
                "create" => self.whole(&name, "after"),
                "update" => json!({"external_id": name, self.text(): "after"}),
                _ => json!({"external_id": name}),
            }
        };
        (0..ROWS).map(row).collect()
    }

    fn refused(&self) -> Option<Outcome> {
        Some(Outcome::Failed)
    }

    async fn done(&self, world: &World) -> Vec<u64> {
        let list: &'static Operation = match self.part {
            Part::Items => &GET_CATALOG_ITEMS,
            Part::Variants => &GET_CATALOG_VARIANTS,
            Part::Categories => &GET_CATALOG_CATEGORIES,
        };
        let held = world.all(list, &[]).await;
        let rows = |text: Option<&str>| -> Vec<u64> {
            let attributes = held.iter().map(|one| &one["attributes"]);
            let with = attributes.filter(|one| text.is_none_or(|text| one[self.text()] == text));
            let names = with.filter_map(|one| one["external_id"].as_str());
            names.filter_map(row_of).collect()
        };
        if self.verb != "delete" {
            return rows(Some("after"));
        }
        let left: BTreeSet<u64> = rows(None).into_iter().collect();
        let there = (0..ROWS).filter(|row| !Self::is_odd(*row));
        there
            .map(|row| row as u64)
            .filter(|row| !left.contains(row))
            .collect()
    }
}

macro_rules! parts {
    ($($name:ident: $verb:literal, $part:ident;)+) => {$(
        #[tokio::test]
        async fn $name() {
            storms(|| Catalog { verb: $verb, part: Part::$part }).await;
        }
    )+};
}

parts! {
    items_created: "create", Items;
    items_updated: "update", Items;
    items_deleted: "delete", Items;
    variants_created: "create", Variants;
    variants_updated: "update", Variants;
    variants_deleted: "delete", Variants;
    categories_created: "create", Categories;
    categories_updated: "update", Categories;
    categories_deleted: "delete", Categories;
}
