//! What is read out of answers that are as loose as Klaviyo's.

use super::*;

#[test]
fn nulls_and_missing_members_are_read() {
    let page = ErrorPage::read(
        br#"{"data":[{"type":"import-error","attributes":{"code":null,"source":null}},
                     {"attributes":{"detail":["odd"],"code":7}}, {"attributes":"odd"}],"links":{"next":null,"self":"x"}}"#,
    )
    .unwrap();
    let odd = ItemError {
        code: "7".to_owned(),
        detail: "[\"odd\"]".to_owned(),
        ..ItemError::default()
    };
    let expected = [ItemError::default(), odd, ItemError::default()];
    assert_eq!(page.errors, expected);
    assert_eq!(page.next, None);
    let state = State::read(br#"{"data":{"attributes":{"status":"a new one"}}}"#).unwrap();
    assert_eq!(state.status.as_deref(), Some("a new one"));
}

#[test]
fn an_answer_that_is_no_job_is_said_to_be_none() {
    assert!(State::read(b"<html>").is_err());
    assert_eq!(Begun::read(b""), None);
    assert_eq!(Begun::read(br#"{"data":{"id":""}}"#), None);
    assert_eq!(Begun::read(br#"{"data":{"id":7}}"#), None);
}

#[test]
fn a_job_that_began_says_when_it_expires_or_not() {
    let read = |attributes: &str| {
        let body = format!(r#"{{"data":{{"id":"am9i","attributes":{attributes}}}}}"#);
        let begun = Begun::read(body.as_bytes()).unwrap();
        assert_eq!(begun.id, "am9i");
        begun.expires.map(|time| time.timestamp())
    };
    let told = r#"{"expires_at":"2026-11-08T01:00:00+01:00"}"#;
    assert_eq!(read(told), Some(1_794_096_000));
    assert_eq!(read(r#"{"expires_at":"soon"}"#), None);
    assert_eq!(read("null"), None);
}

#[test]
fn a_listing_gives_states_by_id_and_leaves_out_what_has_none() {
    let page = JobPage::read(
        br#"{"data":[{"id":"a","attributes":{"status":"queued"}},{"attributes":{}},{"id":"b"}],
             "links":{"next":"https://shop.example/api/x?page=2"}}"#,
    )
    .unwrap();
    assert_eq!(page.jobs.len(), 2);
    assert_eq!(page.jobs["a"].status.as_deref(), Some("queued"));
    assert!(page.next.is_some());
    assert!(JobPage::read(b"<html>").is_err());
}

#[test]
fn errors_that_stand_in_the_job_are_read() {
    let state = State::read(
        br#"{"data":{"attributes":{"status":"complete","errors":[
            {"id":"1","code":"invalid","detail":"D","source":{"pointer":"/data/attributes/items/data/1"}},7]}}}"#,
    )
    .unwrap();
    assert_eq!(state.errors.len(), 2);
    assert_eq!(
        state.errors[0].source.pointer,
        "/data/attributes/items/data/1"
    );
    let none = State::read(br#"{"data":{"attributes":{"errors":null}}}"#).unwrap();
    assert!(none.errors.is_empty());
}

#[test]
fn counts_that_disagree_are_not_clean() {
    let state = |total, completed, failed| State {
        total_count: total,
        completed_count: completed,
        failed_count: failed,
        ..State::default()
    };
    assert!(state(Some(5), Some(5), Some(0)).is_clean(5));
    assert!(state(None, None, Some(0)).is_clean(5));
    assert!(
        !state(None, None, None).is_clean(5),
        "the errors must be looked at"
    );
    assert!(!state(Some(5), Some(4), Some(1)).is_clean(5));
    assert!(!state(Some(5), Some(4), Some(0)).is_clean(5));
    assert!(!state(Some(4), Some(4), Some(0)).is_clean(5));
    let skipped = |skipped| State {
        total_count: Some(5),
        skipped_count: Some(skipped),
        ..State::default()
    };
    assert!(skipped(0).is_clean(5));
    assert!(!skipped(1).is_clean(5));
    let named = State {
        errors: vec![ItemError::default()],
        ..skipped(0)
    };
    assert!(!named.is_clean(5));
}
