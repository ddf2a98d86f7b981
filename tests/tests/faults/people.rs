//! Who may be written to and who is on which list: subscriptions, suppressions, members.

use std::collections::HashMap;

use klaviyo_core::Outcome;
use klaviyo_gen::operations::GET_PROFILES_FOR_LIST;
use klaviyo_sandbox::{Channel, ConsentState, Profile};
use klaviyo_tests::World;
use serde_json::{Value, json};

use crate::family::{Family, address, row_of};
use crate::storm::storms;

/// The rows of the profiles of which something holds.
fn rows_where(world: &World, holds: impl Fn(&Profile) -> bool) -> Vec<u64> {
    let profiles = world.sandbox.profiles();
    let with = profiles.iter().filter(|profile| holds(profile));
    with.filter_map(|profile| row_of(profile.email()?))
        .collect()
}

fn people(rows: usize) -> Vec<Value> {
    (0..rows)
        .map(|row| json!({"email": address(row)}))
        .collect()
}

#[derive(Default)]
struct Subscriptions {
    list: String,
}

impl Family for Subscriptions {
    fn verb(&self) -> String {
        "subscribe_profiles".to_owned()
    }

    async fn arrange(&mut self, world: &World) {
        self.list = world.sandbox.create_list("Newsletter");
    }

    fn options(&self) -> Value {
        json!({"consent": true, "channels": ["email"], "list_id": self.list})
    }

    fn rows(&self) -> Vec<Value> {
        people(4_500)
    }

    async fn done(&self, world: &World) -> Vec<u64> {
        rows_where(world, |profile| {
            profile.consent(Channel::EmailMarketing) == ConsentState::Subscribed
        })
    }
}

struct Farewells;

impl Family for Farewells {
    fn verb(&self) -> String {
        "unsubscribe_profiles".to_owned()
    }

    async fn arrange(&mut self, _: &World) {}

    fn options(&self) -> Value {
        json!({"everywhere": true, "channels": ["email"]})
    }

    fn rows(&self) -> Vec<Value> {
        people(1_050)
    }

    async fn done(&self, world: &World) -> Vec<u64> {
        rows_where(world, |profile| {
            profile.consent(Channel::EmailMarketing) == ConsentState::Unsubscribed
        })
    }
}

struct Suppressions {
    lift: bool,
}

impl Family for Suppressions {
    fn verb(&self) -> String {
        let verb = if self.lift { "unsuppress" } else { "suppress" };
        format!("{verb}_profiles")
    }

    async fn arrange(&mut self, world: &World) {
        let before = world.client.bulk().import_profiles(self.rows());
        before.run().await.unwrap();
        if self.lift {
            let suppressed = world.client.bulk().suppress_profiles(self.rows());
            suppressed.run().await.unwrap();
            world.calm();
        }
    }

    fn rows(&self) -> Vec<Value> {
        people(1_050)
    }

    async fn done(&self, world: &World) -> Vec<u64> {
        rows_where(world, |profile| {
            profile.suppressions().is_empty() == self.lift
        })
    }
}

/// Members are put on the list by address, some of which nobody has, and taken off by id.
struct Members {
    leave: bool,
    list: String,
    ids: Vec<String>,
    /// By the ids of their profiles.
    rows: HashMap<String, u64>,
}

impl Members {
    const ROWS: usize = 3_500;

    fn new(leave: bool) -> Self {
        Members {
            leave,
            list: String::new(),
            ids: Vec::new(),
            rows: HashMap::new(),
        }
    }

    /// Nobody has this row's address.
    fn is_nobodys(row: usize) -> bool {
        row % 50 == 3
    }
}

impl Family for Members {
    fn verb(&self) -> String {
        match self.leave {
            true => "remove_profiles_from_list".to_owned(),
            false => "add_profiles_to_list".to_owned(),
        }
    }

    async fn arrange(&mut self, world: &World) {
        self.list = world.sandbox.create_list("Customers");
        let rows = people(Self::ROWS).into_iter().enumerate();
        let known = rows.filter(|(row, _)| self.leave || !Self::is_nobodys(*row));
        let mut import = world
            .client
            .bulk()
            .import_profiles(known.map(|(_, row)| row));
        if self.leave {
            import = import.list_id(&self.list);
        }
        import.run().await.unwrap();
        let profiles = world.sandbox.profiles();
        let row = |profile: &Profile| row_of(profile.email().unwrap()).unwrap();
        let rows = profiles.iter().map(|one| (one.id.clone(), row(one)));
        self.rows = rows.collect();
        self.ids = profiles.into_iter().map(|profile| profile.id).collect();
    }

    fn options(&self) -> Value {
        json!({"list_id": self.list})
    }

    fn rows(&self) -> Vec<Value> {
        match self.leave {
            true => self.ids.iter().map(|id| json!({"id": id})).collect(),
            false => people(Self::ROWS),
        }
    }

    fn refused(&self) -> Option<Outcome> {
        (!self.leave).then_some(Outcome::Rejected)
    }

    fn row_in(&self, text: &str) -> Option<u64> {
        self.rows.get(text).copied()
    }

    async fn done(&self, world: &World) -> Vec<u64> {
        let parameters = [("id", self.list.as_str()), ("page[size]", "100")];
        let members = world.all(&GET_PROFILES_FOR_LIST, &parameters).await;
        if !self.leave {
            let addresses = members
                .iter()
                .map(|one| one["attributes"]["email"].as_str());
            return addresses.flatten().filter_map(row_of).collect();
        }
        let members: std::collections::BTreeSet<&str> = members
            .iter()
            .filter_map(|one| one["id"].as_str())
            .collect();
        let rows = (0..).zip(&self.ids);
        let gone = rows.filter(|(_, id)| !members.contains(id.as_str()));
        gone.map(|(row, _)| row).collect()
    }
}

#[tokio::test]
async fn subscriptions() {
    storms(Subscriptions::default).await;
}

#[tokio::test]
async fn unsubscriptions() {
    storms(|| Farewells).await;
}

#[tokio::test]
async fn suppressions() {
    storms(|| Suppressions { lift: false }).await;
}

#[tokio::test]
async fn suppressions_lifted() {
    storms(|| Suppressions { lift: true }).await;
}

#[tokio::test]
async fn members_by_address() {
    storms(|| Members::new(false)).await;
}

#[tokio::test]
async fn members_that_leave() {
    storms(|| Members::new(true)).await;
}
