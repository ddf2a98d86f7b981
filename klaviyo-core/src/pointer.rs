//! Which items of a batch an error's JSON pointer means. Pure.

use std::ops::Range;

use crate::chunk::Batch;

/// What a pointer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meant {
    /// These items of the batch (one, or those of a group).
    Items(Range<usize>),
    /// Something beside the items: the request itself.
    Request,
    /// Nothing that could be followed: no pointer, or just the array of items.
    Nothing,
}

/// How the items of a request lie in it.
pub(crate) trait Layout {
    /// How many items there are.
    fn items(&self) -> usize;

    /// The items of a group; empty when there is no such group.
    fn items_of_group(&self, group: usize) -> Range<usize>;

    /// Whether items share a group.
    fn is_grouped(&self) -> bool;
}

impl Layout for Batch {
    fn items(&self) -> usize {
        self.len()
    }

    fn items_of_group(&self, group: usize) -> Range<usize> {
        Batch::items_of_group(self, group)
    }

    fn is_grouped(&self) -> bool {
        !self.group(0).is_empty()
    }
}

/// Finds what `pointer` means in a request whose items stand at `items` (`*`: each group).
///
/// Where a request is one group (client events), what stands beside its items is the group's: what is
/// wrong there concerns all items of this request, and not those of another.
pub(crate) fn locate(items: &str, pointer: &str, layout: &impl Layout) -> Meant {
    let mut steps = pointer
        .split('/')
        .filter(|step| !step.is_empty())
        .peekable();
    if steps.peek().is_none() {
        return Meant::Nothing;
    }
    let one_group = !items.contains('*') && layout.is_grouped();
    let mut group = None;
    for (depth, expected) in items.split('/').filter(|step| !step.is_empty()).enumerate() {
        let step = steps.next();
        match (expected, step) {
            ("*", Some(step)) => match step.parse() {
                Ok(index) => group = Some(layout.items_of_group(index)),
                Err(_) => return Meant::Nothing,
            },
            // The array of groups as a whole.
            ("*", None) => return Meant::Nothing,
            (expected, Some(step)) if step == expected => {}
            // Left the way to the items: inside a group that means the group, else the request.
            _ if one_group && (depth > 1 || step.is_some()) => {
                return items_or_nothing(0..layout.items());
            }
            _ => return group.map_or(Meant::Request, items_or_nothing),
        }
    }
    let all = group.unwrap_or(0..layout.items());
    match steps.next().map(str::parse::<usize>) {
        Some(Ok(index)) if index < all.len() => {
            Meant::Items(all.start + index..all.start + index + 1)
        }
        None if all.len() < layout.items() => items_or_nothing(all),
        _ => Meant::Nothing,
    }
}

fn items_or_nothing(items: Range<usize>) -> Meant {
    if items.is_empty() {
        Meant::Nothing
    } else {
        Meant::Items(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::{Caps, Chunker, Encoded, Envelope, Identity};

    /// Items 0 and 1 in the first group, 2 in the second; or three items without groups.
    fn batch(grouped: bool) -> Batch {
        let mut chunker = Chunker::new(Envelope {
            prefix: b"[".to_vec(),
            suffix: b"]".to_vec(),
            group_close: b"]".to_vec(),
            caps: Caps {
                max_items: 10,
                max_request_bytes: 100,
                max_item_bytes: 100,
            },
        });
        for (row, group) in [(0, "[0,"), (1, "[0,"), (2, "[1,")] {
            let encoded = Encoded {
                group: if grouped { group.as_bytes() } else { b"" },
                item: b"1",
                identity: &Identity::none(),
                repeat_is_safe: true,
            };
            chunker.push(row, encoded).unwrap();
        }
        chunker.close().unwrap()
    }

    #[test]
    fn pointers_into_a_flat_array() {
        let items = "/data/attributes/profiles/data";
        let table = [
            (
                "/data/attributes/profiles/data/2/attributes/email",
                Meant::Items(2..3),
            ),
            (
                "/data/attributes/profiles/data/0/attributes/",
                Meant::Items(0..1),
            ),
            ("/data/attributes/profiles/data/3", Meant::Nothing),
            ("/data/attributes/profiles/data", Meant::Nothing),
            ("/data/attributes/profiles/data/x", Meant::Nothing),
            ("/data", Meant::Request),
            ("/data/", Meant::Request),
            ("/data/relationships/lists/data/0/id", Meant::Request),
            ("/data/attributes", Meant::Request),
            ("", Meant::Nothing),
            ("/", Meant::Nothing),
        ];
        for (pointer, meant) in table {
            assert_eq!(locate(items, pointer, &batch(false)), meant, "{pointer}");
        }
    }

    #[test]
    fn pointers_into_a_request_that_is_one_group() {
        let items = "/data/attributes/events/data";
        let mut chunker = Chunker::new(Envelope {
            prefix: b"{\"data\":".to_vec(),
            suffix: b"}".to_vec(),
            group_close: b"]".to_vec(),
            caps: Caps {
                max_items: 10,
                max_request_bytes: 100,
                max_item_bytes: 100,
            },
        });
        for row in 0..2 {
            let encoded = Encoded {
                group: b"[",
                item: b"1",
                identity: &Identity::none(),
                repeat_is_safe: true,
            };
            chunker.push(row, encoded).unwrap();
        }
        let batch = chunker.close().unwrap();
        for (pointer, meant) in [
            (
                "/data/attributes/events/data/1/attributes/time",
                Meant::Items(1..2),
            ),
            (
                "/data/attributes/profile/data/attributes/email",
                Meant::Items(0..2),
            ),
            ("/data/attributes", Meant::Items(0..2)),
            ("/data/attributes/events/data", Meant::Nothing),
            ("/data", Meant::Request),
        ] {
            assert_eq!(locate(items, pointer, &batch), meant, "{pointer}");
        }
    }

    #[test]
    fn pointers_into_groups() {
        let items = "/data/attributes/events-bulk-create/data/*/attributes/events/data";
        let group = |rest: &str| format!("/data/attributes/events-bulk-create/data/{rest}");
        let table = [
            (
                group("0/attributes/events/data/1/attributes/time"),
                Meant::Items(1..2),
            ),
            (group("1/attributes/events/data/0"), Meant::Items(2..3)),
            (group("1/attributes/events/data/1"), Meant::Nothing),
            (
                group("0/attributes/profile/data/attributes/email"),
                Meant::Items(0..2),
            ),
            (group("0/attributes/events/data"), Meant::Items(0..2)),
            (group("0"), Meant::Items(0..2)),
            (group("9"), Meant::Nothing),
            (group(""), Meant::Nothing),
            ("/data/attributes".to_owned(), Meant::Request),
        ];
        for (pointer, meant) in table {
            assert_eq!(locate(items, &pointer, &batch(true)), meant, "{pointer}");
        }
    }
}
