//! A process that is killed again and again, and resumes its run each time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod import;
mod written;

use import::{Import, Rows};

const EVENTS: Rows = Rows {
    kind: "events",
    operation: "bulk_create_events",
    rows: 200_000,
    batches: 200,
};
const PROFILES: Rows = Rows {
    kind: "profiles",
    operation: "bulk_import_profiles",
    rows: 200_000,
    batches: 20,
};
/// By their addresses, which are looked up first; so many of them nobody has.
const MEMBERS: Rows = Rows {
    kind: "members",
    operation: "add_profiles_to_list",
    rows: 20_500,
    batches: 20,
};
const STRANGERS: u64 = 500;

#[test]
fn every_event_is_recorded_once() {
    let mut import = Import::new(EVENTS);
    import.kill_again_and_again(5);
    assert!(import.journal_is_private());
    import.ends_with("200000 0 200000 0");
    let state = import.sandbox.state();
    assert_eq!(state.events, EVENTS.rows);
    // All that came twice was dropped: it had the same unique_ids. Nothing else was sent.
    let repeats = state.dropped_events.repeats / (EVENTS.rows / EVENTS.batches);
    let answered = state.requests_to(EVENTS.operation).answered(202);
    assert_eq!(answered, EVENTS.batches + repeats);
}

#[test]
fn every_profile_is_imported_once() {
    let mut import = Import::new(PROFILES);
    import.kill_again_and_again(6);
    import.ends_with("200000 200000 0 0");
    let profiles = import.sandbox.profiles();
    let row = |profile: &klaviyo_sandbox::Profile| profile.external_id().unwrap().parse();
    let mut rows: Vec<u64> = profiles
        .iter()
        .map(|profile| row(profile).unwrap())
        .collect();
    rows.sort_unstable();
    assert!(rows.into_iter().eq(0..PROFILES.rows));
}

#[test]
fn every_member_is_put_on_the_list_once() {
    let list = |import: &Import| {
        let lists = import.sandbox.state().lists;
        lists.into_iter().next().unwrap()
    };
    let known = MEMBERS.rows - STRANGERS;
    let mut import = Import::new(MEMBERS);
    import.prepare_people(known);
    import.sandbox.create_list("Customers");
    import.kill_again_and_again(7);
    // The strangers are the last rows.
    import.ends_with("20500 20000 0 500");
    assert_eq!(list(&import).profiles, known);
    // What was found is written down, so the same rows make the same requests.
    assert_eq!(import.written().lookups, MEMBERS.rows.div_ceil(100));
}
