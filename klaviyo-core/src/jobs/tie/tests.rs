//! Errors of every kind against a batch of three.

use super::*;
use crate::api_error::ErrorSource;
use crate::chunk::{Caps, Chunker, Encoded, Envelope, Identity};
use serde_json::json;

const ITEMS: &str = "/data/attributes/profiles/data";

fn batch() -> Batch {
    let mut chunker = Chunker::new(Envelope {
        prefix: b"[".to_vec(),
        suffix: b"]".to_vec(),
        group_close: Vec::new(),
        caps: Caps {
            max_items: 10,
            max_request_bytes: 10_000,
            max_item_bytes: 10_000,
        },
    });
    let profiles = [
        json!({"type": "profile", "attributes": {"email": "Ada@shop.example", "phone_number": "+12025550100"}}),
        json!({"type": "profile", "attributes": {"email": "bob@shop.example", "phone_number": "+12025550100"}}),
        json!({"type": "profile", "attributes": {"external_id": "3"}}),
    ];
    for (row, profile) in profiles.iter().enumerate() {
        let item = profile.to_string();
        let encoded = Encoded {
            group: b"",
            item: item.as_bytes(),
            identity: &Identity::none(),
            repeat_is_safe: true,
        };
        chunker.push(row as u64, encoded).unwrap();
    }
    chunker.close().unwrap()
}

fn error(pointer: &str, payload: Value) -> ItemError {
    ItemError {
        code: "invalid".to_owned(),
        detail: "why".to_owned(),
        source: ErrorSource {
            pointer: pointer.to_owned(),
            parameter: String::new(),
        },
        original_payload: Some(payload),
        ..ItemError::default()
    }
}

/// The ends as words; completed is empty.
fn ends(errors: &[ItemError], failed: u64) -> Vec<&'static str> {
    let state = State {
        failed_count: Some(failed),
        completed_count: Some(3 - failed),
        ..State::default()
    };
    tie(&Items::of_batch(ITEMS, &batch()), errors, &state)
        .iter()
        .map(|end| end.as_ref().map_or("", |(outcome, _)| outcome.as_str()))
        .collect()
}

#[test]
fn a_pointer_names_the_row() {
    let named = error(
        "/data/attributes/profiles/data/1/attributes/email",
        Value::Null,
    );
    assert_eq!(ends(&[named], 1), ["", "failed", ""]);
}

#[test]
fn without_one_the_payload_does() {
    let flat = error("/data", json!({"email": "ada@shop.example"}));
    let nested = error(
        "/data",
        json!({"type": "profile", "attributes": {"external_id": "3"}}),
    );
    assert_eq!(ends(&[flat, nested], 2), ["failed", "", "failed"]);
}

#[test]
fn a_second_identifier_decides_between_two_rows() {
    let both = json!({"phone_number": "+12025550100", "email": "bob@shop.example"});
    assert_eq!(ends(&[error("/data", both)], 1), ["", "failed", ""]);
    let shared = json!({"phone_number": "+12025550100"});
    assert_eq!(
        ends(&[error("/data", shared)], 1),
        ["unknown", "unknown", ""]
    );
}

#[test]
fn what_names_no_row_puts_all_in_doubt_but_those_that_failed() {
    let stray = error("/data", json!({"email": "stranger@shop.example"}));
    let named = error("/data/attributes/profiles/data/2", Value::Null);
    assert_eq!(ends(&[stray, named], 2), ["unknown", "unknown", "failed"]);
    assert_eq!(ends(&[error("/data", Value::Null)], 1), ["unknown"; 3]);
}

#[test]
fn failures_that_are_only_counted_put_all_in_doubt() {
    assert_eq!(ends(&[], 1), ["unknown"; 3]);
    let odd = State {
        failed_count: Some(0),
        completed_count: Some(2),
        ..State::default()
    };
    assert!(
        tie(&Items::of_batch(ITEMS, &batch()), &[], &odd)
            .iter()
            .all(Option::is_some)
    );
}

#[test]
fn two_errors_of_one_row_do_not_hide_that_another_failed() {
    let twice = || error("/data/attributes/profiles/data/1", Value::Null);
    assert_eq!(
        ends(&[twice(), twice()], 2),
        ["unknown", "failed", "unknown"]
    );
}

#[test]
fn an_error_that_may_mean_two_rows_does_not_hide_that_another_failed() {
    let shared = || error("/data", json!({"phone_number": "+12025550100"}));
    assert_eq!(ends(&[shared()], 2), ["unknown"; 3]);
    let named = || error("/data/attributes/profiles/data/0", Value::Null);
    assert_eq!(
        ends(&[named(), shared()], 2),
        ["failed", "unknown", ""],
        "the two account for both"
    );
    assert_eq!(
        ends(&[named(), shared(), shared()], 3),
        ["failed", "unknown", "unknown"],
        "two more errors, but only one more row"
    );
    assert_eq!(ends(&[shared(), shared()], 2), ["unknown", "unknown", ""]);
}

#[test]
fn without_counts_the_errors_speak_for_themselves() {
    let named = error("/data/attributes/profiles/data/1", Value::Null);
    let ends = tie(
        &Items::of_batch(ITEMS, &batch()),
        &[named],
        &State::default(),
    );
    assert_eq!(ends.iter().flatten().count(), 1);
}

#[test]
fn what_was_skipped_puts_all_in_doubt() {
    let state = |skipped| State {
        total_count: Some(3),
        completed_count: Some(3 - skipped),
        skipped_count: Some(skipped),
        ..State::default()
    };
    let batch = batch();
    let ends = |skipped| tie(&Items::of_batch(ITEMS, &batch), &[], &state(skipped));
    assert!(ends(0).iter().all(Option::is_none));
    for end in ends(1) {
        let (outcome, cause) = end.unwrap();
        assert_eq!(
            (outcome, cause.code.as_str()),
            (Outcome::Unknown, "job_skipped")
        );
    }
}

#[test]
fn without_the_items_only_a_pointer_names_a_row() {
    let batch = batch();
    let items = Items::in_order(ITEMS, &batch);
    let pointed = error("/data/attributes/profiles/data/2", Value::Null);
    let paid = error("/data", json!({"external_id": "3"}));
    assert_eq!(items.meant_by(&pointed), [2]);
    assert!(items.meant_by(&paid).is_empty());
}
