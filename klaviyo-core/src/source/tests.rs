//! Files in, items or reasons out, as from rows of serde.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{TimeZone, Utc};
use klaviyo_gen::operations::BULK_IMPORT_PROFILES;
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::encode::{Encoder, Rejection, RowOptions, Rows};

/// What became of a row: its item, or the code and field of its rejection.
#[derive(Debug, PartialEq)]
pub(super) enum End {
    Item(Value),
    Rejected(&'static str, String),
}

pub(super) fn encoder() -> Encoder {
    let now = Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).unwrap();
    let options = RowOptions::default();
    Encoder::new(&BULK_IMPORT_PROFILES, &Rows::Profiles, options, now).unwrap()
}

pub(super) fn end_of(encoder: &mut Encoder, row: &(impl Serialize + ?Sized)) -> End {
    match encoder.encode(0, row) {
        Ok(encoded) => End::Item(serde_json::from_slice(encoded.item).unwrap()),
        Err(Rejection { code, field, .. }) => End::Rejected(code, field),
    }
}

/// The ends of all rows of a source.
pub(super) fn ends(source: &mut dyn Source) -> Vec<End> {
    ends_as(encoder(), source)
}

pub(super) fn ends_as(mut encoder: Encoder, source: &mut dyn Source) -> Vec<End> {
    let mut ends = Vec::new();
    while source.advance().unwrap() {
        ends.push(end_of(&mut encoder, &source.row()));
    }
    ends
}

pub(super) fn file(folder: &TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::File::create(&path)
        .unwrap()
        .write_all(content)
        .unwrap();
    path
}

pub(super) fn open(path: &Path) -> Files {
    Files::open([path], SourceOptions::default()).unwrap()
}

/// The rejections of a file's rows.
fn rejections(path: &Path) -> Vec<Rejection> {
    let (mut source, mut encoder) = (open(path), encoder());
    let mut rejections = Vec::new();
    while source.advance().unwrap() {
        let rejected = encoder.encode(0, &source.row()).err();
        rejections.extend(rejected.map(|rejection| located(rejection, &source)));
    }
    rejections
}

/// What is kept of the rejected row.
fn kept(rejection: &Rejection) -> Value {
    serde_json::from_str(rejection.source.as_deref().unwrap()).unwrap()
}

#[test]
fn a_rejected_row_names_its_line_and_a_broken_one_shows_its_text() {
    let folder = TempDir::new().unwrap();
    let lines: [&[u8]; 5] = [
        br#"{"email":"ada@shop.example"}"#,
        b"",
        br#"{"email":"nobody"}"#,
        br#"{"email":"bo@shop.example""#,
        b"{\"email\":\"\xff\"}",
    ];
    let path = file(&folder, "rows.ndjson", &lines.join(&b'\n'));
    let rejected = rejections(&path);
    let [address, json, utf8] = &rejected[..] else {
        panic!("{rejected:?}");
    };
    let line_3 = format!(" (line 3 of {})", path.display());
    assert!(address.detail.ends_with(&line_3), "{}", address.detail);
    assert_eq!(kept(address), json!({"email": "nobody"}));
    let line_4 = format!("line 4 of {} is no JSON", path.display());
    assert!(json.detail.starts_with(&line_4), "{}", json.detail);
    let why = format!("invalid_json: {}", json.detail);
    let row = json!({"$unsendable": why, "$unsendable_line": r#"{"email":"bo@shop.example""#});
    assert_eq!(kept(json), row);
    assert_eq!(kept(utf8)["$unsendable_line"], "{\"email\":\"\u{fffd}\"}");
    // Sent again as it is, it is no row.
    let again = encoder().encode(0, &row).unwrap_err();
    assert_eq!(
        (again.code, again.field.as_str()),
        ("unmended_value", "$unsendable")
    );
}

#[test]
fn a_line_of_json_is_the_row_that_serde_json_makes_of_it() {
    let lines = [
        r#"{"email":"ada@shop.example","properties":{"a":[1,2.5,-3,{"b":null}],"c":true}}"#,
        r#"{"email":"ada@shop.example","properties.text":"\"\\\u00e9\n\ud83d\ude00 ü"}"#,
        r#"{"email":"ada@shop.example","properties.e\u00e9":1e3,"properties.z":-0.0}"#,
        r#"{"email":"ada@shop.example","properties.i":-9223372036854775808}"#,
        r#"{"email":"ada@shop.example","properties.i":9223372036854775808}"#,
        r#"{"email":"ada@shop.example","properties.deep":[[[[[[[[[[[1]]]]]]]]]]]}"#,
        r#"{ "email" : "ada@shop.example" , "location" : { "city" : "London" } }"#,
        r#"{"email":"no address"}"#,
        r#"{"email":null}"#,
        r#"{"email":"ada@shop.example","email":"bo@shop.example"}"#,
        "{}",
        "[1]",
        "\"text\"",
        "null",
    ];
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "rows.ndjson", lines.join("\n").as_bytes());
    let mut encoder = encoder();
    let expected: Vec<End> = lines
        .map(|line| match line {
            // A map of serde_json keeps only the last of two equal names.
            line if line.contains("bo@") => End::Rejected("duplicate_field", "email".to_owned()),
            line => end_of(&mut encoder, &serde_json::from_str::<Value>(line).unwrap()),
        })
        .into();
    assert_eq!(ends(&mut open(&path)), expected);
}

#[test]
fn what_no_value_of_serde_json_can_hold_is_rejected() {
    for (value, code) in [
        ("18446744073709551616", "integer_out_of_range"),
        (&"9".repeat(400), "integer_out_of_range"),
        ("1e400", "not_finite"),
        (r#""\ud800""#, "lone_surrogate"),
        (r#"{"\ud800":1}"#, "lone_surrogate"),
        (
            &format!("{}{}", "[".repeat(5000), "]".repeat(5000)),
            "too_deep",
        ),
    ] {
        let folder = TempDir::new().unwrap();
        let line = format!(r#"{{"email":"ada@shop.example","properties.x":{value}}}"#);
        let path = file(&folder, "rows.jsonl", line.as_bytes());
        let expected = End::Rejected(code, "properties.x".to_owned());
        assert_eq!(ends(&mut open(&path)), [expected], "{value}");
    }
}

#[test]
fn a_line_that_is_no_json_is_one_rejected_row_and_says_where() {
    let content = b"\xef\xbb\xbf{\"email\":\"ada@shop.example\"}\r\n  \n{\"email\":}\n\xff\xfe\n{\"email\":\"bo@shop.example\"}";
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "rows.ndjson", content);
    let ends = ends(&mut open(&path));
    assert_eq!(ends.len(), 4);
    assert!(matches!([&ends[0], &ends[3]], [End::Item(_), End::Item(_)]));
    let rejected = rejections(&path);
    assert_eq!(rejected[0].code, "invalid_json");
    let place = format!("line 3 of {} is no JSON", path.display());
    assert!(
        rejected[0].detail.starts_with(&place),
        "{}",
        rejected[0].detail
    );
    assert!(rejected[0].detail.ends_with("at column 10"));
    assert_eq!(rejected[1].code, "invalid_utf8");
    assert!(rejected[1].detail.starts_with("line 4 of"));
}

#[test]
fn what_is_no_json_is_told_before_all_else() {
    let broken = [
        r#"{"no such field":1,"email":"#,
        r#"{"email":"no address"} x"#,
        r#"{"email":"ada@shop.example"}{}"#,
        r#"{"email":"ada@shop.example","properties.x":[1,{"a":tru}]}"#,
        r#"{"email":"ada@shop.example","properties.x":01}"#,
        r#"{"email":"ada@shop.example","properties.x":1.}"#,
        r#"{"email":"ada@shop.example","properties.x":-}"#,
        r#"{"email":"ada@shop.example","properties.x":"\x"}"#,
        r#"{"email":"ada@shop.example","properties.x":"\"}"#,
        "{\"email\":\"ada@shop.example\",\"properties.x\":\"\t\"}",
        r#"{"email":"ada@shop.example",}"#,
        r#"{"email":"ada@shop.example" "id":1}"#,
        r#"{"type":"profile","attributes":{"email":"ada@shop.example"}"#,
    ];
    for line in broken {
        assert!(serde_json::from_str::<Value>(line).is_err(), "{line}");
        let folder = TempDir::new().unwrap();
        let path = file(&folder, "rows.ndjson", line.as_bytes());
        let expected = End::Rejected("invalid_json", String::new());
        assert_eq!(ends(&mut open(&path)), [expected], "{line}");
        assert_eq!(kept(&rejections(&path)[0])["$unsendable_line"], line);
    }
}

#[test]
fn a_line_that_is_too_long_is_skipped() {
    let mut content = vec![b'x'; place::LONGEST_ROW + 1];
    content.extend_from_slice(b"\n{\"email\":\"ada@shop.example\"}\n");
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "rows.ndjson", &content);
    let ends = ends(&mut open(&path));
    assert_eq!(ends[0], End::Rejected("too_large", String::new()));
    assert!(matches!(ends[1..], [End::Item(_)]));
}

#[test]
fn a_file_of_dead_letters_gives_their_rows() {
    let folder = TempDir::new().unwrap();
    let content = concat!(
        r#"{"row":7,"outcome":"unknown","code":"lost","detail":"","pointer":"","item":"#,
        r#"{"type":"profile","attributes":{"email":"ada@shop.example"}}}"#,
        "\n",
        r#"{"row":8,"outcome":"rejected","code":"x","detail":"","pointer":"","item":null}"#,
        "\n",
        r#"{"row":9,"email":"ada@shop.example"}"#,
    );
    let path = file(&folder, "letters.ndjson", content.as_bytes());
    let sent = json!({"email": "ada@shop.example"});
    let expected = [
        end_of(&mut encoder(), &sent),
        End::Rejected("no_row", String::new()),
        End::Rejected("unknown_field", "row".to_owned()),
    ];
    assert_eq!(ends(&mut open(&path)), expected);
}

#[test]
fn columns_are_renamed_but_not_what_is_inside() {
    let options = SourceOptions {
        columns: [("E-Mail".to_owned(), "email".to_owned())].into(),
        ..SourceOptions::default()
    };
    let folder = TempDir::new().unwrap();
    let line = br#"{"E-Mail":"ada@shop.example","properties":{"E-Mail":1}}"#;
    let mut source = Files::open([file(&folder, "rows.ndjson", line)], options).unwrap();
    let row = json!({"email": "ada@shop.example", "properties": {"E-Mail": 1}});
    assert_eq!(ends(&mut source), [end_of(&mut encoder(), &row)]);
}

#[test]
fn files_are_read_one_after_the_other() {
    let folder = TempDir::new().unwrap();
    let one = br#"{"email":"ada@shop.example"}"#;
    let paths = [
        file(&folder, "1.ndjson", one),
        file(&folder, "2.ndjson", b""),
        file(&folder, "3.JSONL", one),
    ];
    let mut source = Files::open(paths, SourceOptions::default()).unwrap();
    assert_eq!(ends(&mut source).len(), 2);
    assert!(!source.advance().unwrap());
}

#[test]
fn a_name_that_says_nothing_is_refused_before_anything_is_read() {
    let folder = TempDir::new().unwrap();
    let good = file(&folder, "rows.ndjson", b"");
    let open = |name: &str| Files::open([good.clone(), name.into()], SourceOptions::default());
    for name in ["rows", "rows.xlsx", "rows.json", "rows.gz", ".csv.bak"] {
        let error = open(name).unwrap_err();
        assert!(matches!(error, SourceError::Format { .. }), "{error}");
        assert!(error.to_string().contains(".ndjson"), "{error}");
    }
    let missing = folder.path().join("missing.ndjson");
    let error = Files::open([missing], SourceOptions::default()).unwrap_err();
    assert!(matches!(error, SourceError::Io { .. }), "{error}");
}

#[cfg(feature = "arrow")]
mod arrow;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
mod csv_lines;
mod files;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "csv")]
mod separators;

#[cfg(feature = "compression")]
#[test]
fn compressed_files_are_read_through() {
    let line = b"{\"email\":\"ada@shop.example\"}\n";
    let gzip = || {
        let level = flate2::Compression::default();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(line).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = || zstd::stream::encode_all(&line[..], 0).unwrap();
    let folder = TempDir::new().unwrap();
    let paths = [
        file(&folder, "rows.ndjson.gz", &[gzip(), gzip()].concat()),
        file(&folder, "rows.jsonl.ZST", &[zstd(), zstd()].concat()),
    ];
    let mut source = Files::open(paths, SourceOptions::default()).unwrap();
    assert_eq!(ends(&mut source).len(), 4);

    let cut = gzip();
    let cut = file(&folder, "cut.ndjson.gz", &cut[..cut.len() - 4]);
    let mut cut = open(&cut);
    let error = loop {
        match cut.advance() {
            Ok(more) => assert!(more, "the end of the file is missing"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, SourceError::Io { .. }), "{error}");
}
