//! What must hold for every batch, whatever the rows.

use super::*;
use proptest::prelude::*;

const CAPS: Caps = Caps {
    max_items: 5,
    max_request_bytes: 120,
    max_item_bytes: 60,
};

fn envelope(group_close: &[u8]) -> Envelope {
    Envelope {
        prefix: br#"{"data":["#.to_vec(),
        suffix: b"]}".to_vec(),
        group_close: group_close.to_vec(),
        caps: CAPS,
    }
}

/// A row of the tests: the group it belongs to, and how long its item is.
type TestRow = (u8, usize);

fn item(row: usize, length: usize) -> Vec<u8> {
    let mut item = format!("\"{row:03}");
    item.push_str(&"x".repeat(length));
    item.push('"');
    item.into_bytes()
}

fn opening(group: u8) -> Vec<u8> {
    format!(r#"{{"g":{group},"items":["#).into_bytes()
}

/// Chunks rows; gives the batches and the rows that fitted nowhere.
fn chunk(rows: &[TestRow], grouped: bool) -> (Vec<Batch>, Vec<u64>) {
    let mut chunker = Chunker::new(envelope(if grouped { b"]}" } else { b"" }));
    let (mut batches, mut unfit) = (Vec::new(), Vec::new());
    for (row, &(group, length)) in rows.iter().enumerate() {
        let group = if grouped { opening(group) } else { Vec::new() };
        let item = item(row, length);
        let encoded = Encoded {
            group: &group,
            item: &item,
            identity: &Identity::none(),
            repeat_is_safe: true,
        };
        match chunker.push(row as u64, encoded) {
            Ok(full) => batches.extend(full),
            Err(_) => unfit.push(row as u64),
        }
    }
    batches.extend(chunker.close());
    (batches, unfit)
}

/// The items of a body, read back by a JSON parser, each with its group.
fn read_back(batch: &Batch, grouped: bool) -> Vec<(Option<u64>, String)> {
    let body: serde_json::Value = serde_json::from_slice(batch.body()).expect("valid JSON");
    let text = |item: &serde_json::Value| item.as_str().expect("a string").to_owned();
    let data = body["data"].as_array().expect("an array");
    if !grouped {
        return data.iter().map(|item| (None, text(item))).collect();
    }
    data.iter()
        .flat_map(|group| {
            let items = group["items"].as_array().expect("an array");
            assert!(!items.is_empty(), "a group without items");
            items
                .iter()
                .map(|item| (group["g"].as_u64(), text(item)))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The least number of contiguous batches, by trying every end of the first batch.
fn fewest(rows: &[TestRow], grouped: bool) -> usize {
    let mut best = vec![usize::MAX; rows.len() + 1];
    best[rows.len()] = 0;
    for start in (0..rows.len()).rev() {
        for end in start + 1..=rows.len() {
            let body = body_by_hand(&rows[start..end], grouped);
            if end - start <= CAPS.max_items && body <= CAPS.max_request_bytes {
                best[start] = best[start].min(1 + best[end]);
            }
        }
    }
    best[0]
}

fn body_by_hand(rows: &[TestRow], grouped: bool) -> usize {
    let mut size = r#"{"data":[]}"#.len() + rows.len() - 1;
    for (index, &(group, length)) in rows.iter().enumerate() {
        size += item(0, length).len();
        let opens = index == 0 || rows[index - 1].0 != group;
        if grouped && opens {
            size += opening(group).len() + "]}".len();
        }
    }
    size
}

fn rows(longest: usize, most: usize) -> impl Strategy<Value = Vec<TestRow>> {
    prop::collection::vec((0_u8..3, 0..longest), 0..most)
}

proptest! {
    #[test]
    fn no_batch_exceeds_a_cap(rows in rows(130, 60), grouped: bool) {
        for batch in chunk(&rows, grouped).0 {
            prop_assert!(batch.len() <= CAPS.max_items);
            prop_assert!(batch.body().len() <= CAPS.max_request_bytes);
            for index in 0..batch.len() {
                prop_assert!(batch.item(index).len() <= CAPS.max_item_bytes);
            }
        }
    }

    #[test]
    fn every_row_is_in_one_batch_or_rejected_in_order(rows in rows(130, 60), grouped: bool) {
        let (batches, unfit) = chunk(&rows, grouped);
        let sent: Vec<u64> = batches.iter().flat_map(Batch::rows).collect();
        prop_assert!(sent.is_sorted());
        let mut all = [sent, unfit].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..rows.len() as u64).collect::<Vec<_>>());
    }

    #[test]
    fn parsing_the_bodies_gives_the_rows(rows in rows(130, 60), grouped: bool) {
        for batch in chunk(&rows, grouped).0 {
            let expected: Vec<(Option<u64>, String)> = batch
                .rows()
                .map(|row| {
                    let (group, length) = rows[row as usize];
                    let text = String::from_utf8(item(row as usize, length)).expect("ASCII");
                    (grouped.then_some(u64::from(group)), text.trim_matches('"').to_owned())
                })
                .collect();
            prop_assert_eq!(read_back(&batch, grouped), expected);
        }
    }

    #[test]
    fn there_are_no_more_batches_than_needed(rows in rows(50, 14), grouped: bool) {
        let (batches, unfit) = chunk(&rows, grouped);
        prop_assume!(unfit.is_empty());
        prop_assert_eq!(batches.len(), fewest(&rows, grouped));
    }

    #[test]
    fn halves_hold_the_same_items_in_order(rows in rows(30, 14), grouped: bool) {
        for batch in chunk(&rows, grouped).0 {
            let Some((first, second)) = batch.halves() else {
                prop_assert_eq!(batch.len(), 1);
                continue;
            };
            let both = [read_back(&first, grouped), read_back(&second, grouped)].concat();
            prop_assert_eq!(both, read_back(&batch, grouped));
            prop_assert!(first.len().abs_diff(second.len()) <= 1);
        }
    }
}

#[test]
fn groups_name_their_items() {
    let (batches, _) = chunk(&[(0, 1), (0, 1), (1, 1)], true);
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0].items_of_group(0), 0..2);
    assert_eq!(batches[0].items_of_group(1), 2..3);
    assert!(batches[0].items_of_group(7).is_empty());
}

#[test]
fn an_item_over_the_cap_says_by_how_much() {
    let mut chunker = Chunker::new(envelope(b""));
    let item = item(0, 100);
    let encoded = Encoded {
        group: &[],
        item: &item,
        identity: &Identity::none(),
        repeat_is_safe: true,
    };
    let refused = chunker.push(0, encoded).unwrap_err();
    assert_eq!(
        refused,
        Unfit::ItemTooLarge {
            bytes: 105,
            most: 60
        }
    );
    assert!(chunker.close().is_none());
}

#[test]
fn a_repeated_identity_is_refused_within_a_batch_only() {
    let mut chunker = Chunker::new(envelope(b""));
    let mut same = Identity::none();
    same.add("", b"same");
    let mut push = |row| {
        let encoded = Encoded {
            group: &[],
            item: b"1",
            identity: &same,
            repeat_is_safe: true,
        };
        let result = chunker.push(row, encoded).map(|_| ());
        if row == 4 {
            drop(chunker.close());
        }
        result
    };
    assert_eq!(push(3), Ok(()));
    assert_eq!(push(4), Err(Unfit::Duplicate { first_row: 3 }));
    assert_eq!(push(5), Ok(()));
}

#[test]
fn one_unsafe_item_makes_its_batch_unsafe() {
    let mut chunker = Chunker::new(envelope(b""));
    for (row, repeat_is_safe) in [(0, true), (1, false)] {
        let encoded = Encoded {
            group: &[],
            item: b"1",
            identity: &Identity::none(),
            repeat_is_safe,
        };
        chunker.push(row, encoded).unwrap();
    }
    assert!(!chunker.close().unwrap().repeat_is_safe());
}
