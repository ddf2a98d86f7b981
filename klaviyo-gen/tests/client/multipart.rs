//! Reads a body of `multipart/form-data`.

use std::collections::BTreeMap;

/// The parts by name: what stands above each part, and what is in it.
pub(crate) fn parts(content_type: &str, body: &[u8]) -> BTreeMap<String, (String, Vec<u8>)> {
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap_or_else(|| panic!("{content_type} names no boundary"));
    let delimiter = format!("--{boundary}");
    let mut pieces = split(body, delimiter.as_bytes()).into_iter();
    assert_eq!(
        pieces.next(),
        Some(&b""[..]),
        "nothing stands before the first part"
    );
    let mut parts = BTreeMap::new();
    for piece in pieces {
        if piece == b"--\r\n" {
            return parts;
        }
        let piece = piece
            .strip_prefix(b"\r\n")
            .expect("a part begins on a new line");
        let piece = piece.strip_suffix(b"\r\n").expect("a part ends its line");
        let [head, content] = split(piece, b"\r\n\r\n")[..] else {
            panic!("a part has a head and a content");
        };
        let head = String::from_utf8(head.to_vec()).expect("a head is text");
        let name = head
            .split("name=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        parts.insert(
            name.expect("a part has a name").to_owned(),
            (head.clone(), content.to_vec()),
        );
    }
    panic!("the last boundary is missing")
}

fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest
        .windows(separator.len())
        .position(|window| window == separator)
    {
        pieces.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    pieces.push(rest);
    pieces
}
