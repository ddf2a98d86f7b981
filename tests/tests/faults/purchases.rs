//! Profiles and what they did: imports, events, events of a shop's pages.

use klaviyo_core::Outcome;
use klaviyo_sandbox::Identifier;
use klaviyo_tests::World;
use serde_json::{Value, json};

use crate::family::{Family, row_of};
use crate::storm::storms;

/// Profiles that exist already and want somebody else's number fail in their job.
struct Imports;

/// What a run leaves on the profiles that it reached.
const MARK: &str = "imported";

impl Imports {
    const ROWS: usize = 20_050;
    const NUMBER: &str = "+12025550100";

    fn is_rival(row: usize) -> bool {
        row % 100 == 7
    }
}

impl Family for Imports {
    fn verb(&self) -> String {
        "import_profiles".to_owned()
    }

    async fn arrange(&mut self, world: &World) {
        let rivals = (0..Self::ROWS).filter(|row| Self::is_rival(*row));
        let rivals = rivals.map(|row| json!({"external_id": row.to_string()}));
        let owner = json!({"external_id": "owner", "phone_number": Self::NUMBER});
        let before = world.client.bulk().import_profiles(rivals.chain([owner]));
        before.run().await.unwrap();
    }

    fn rows(&self) -> Vec<Value> {
        let row = |row: usize| {
            let mut profile = json!({"external_id": row.to_string(), "properties": {MARK: true}});
            if Self::is_rival(row) {
                profile["phone_number"] = Self::NUMBER.into();
            }
            profile
        };
        (0..Self::ROWS).map(row).collect()
    }

    fn refused(&self) -> Option<Outcome> {
        Some(Outcome::Failed)
    }

    async fn done(&self, world: &World) -> Vec<u64> {
        let profiles = world.sandbox.profiles();
        let marked = profiles
            .iter()
            .filter(|one| one.properties.contains_key(MARK));
        let names = marked.filter_map(|one| one.identifier(Identifier::ExternalId));
        names.filter_map(row_of).collect()
    }
}

struct Events {
    verb: &'static str,
    rows: usize,
    /// Events of each profile, one after the other.
    of_a_profile: usize,
}

impl Family for Events {
    fn verb(&self) -> String {
        self.verb.to_owned()
    }

    async fn arrange(&mut self, _: &World) {}

    fn options(&self) -> Value {
        match self.verb {
            "create_client_events" => json!({"company_id": "SNDBX1"}),
            _ => json!({}),
        }
    }

    fn rows(&self) -> Vec<Value> {
        let row = |row: usize| {
            let profile = (row / self.of_a_profile).to_string();
            json!({"metric": "Seen", "external_id": profile, "properties.row": format!("row {row}")})
        };
        (0..self.rows).map(row).collect()
    }

    fn row_in(&self, text: &str) -> Option<u64> {
        text.strip_prefix("row ")?.parse().ok()
    }

    async fn done(&self, world: &World) -> Vec<u64> {
        let events = world.sandbox.events("Seen");
        let rows = events.iter().map(|event| event.properties["row"].as_str());
        rows.map(|row| self.row_in(row.unwrap()).unwrap()).collect()
    }
}

#[tokio::test]
async fn imports() {
    storms(|| Imports).await;
}

#[tokio::test]
async fn events() {
    storms(|| Events {
        verb: "create_events",
        rows: 5_500,
        of_a_profile: 3,
    })
    .await;
}

#[tokio::test]
async fn events_of_a_shops_pages() {
    storms(|| Events {
        verb: "create_client_events",
        rows: 1_200,
        of_a_profile: 100,
    })
    .await;
}
