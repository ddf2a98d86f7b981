//! Several files, and files that are not what their names say.

use super::*;

#[test]
fn every_file_is_looked_at_before_the_first_row() {
    let folder = TempDir::new().unwrap();
    let good = file(&folder, "good.ndjson", b"{}\n");
    let missing = folder.path().join("missing.ndjson");
    let directory = folder.path().join("directory.ndjson");
    std::fs::create_dir(&directory).unwrap();
    for bad in [missing, directory] {
        let error = Files::open([&good, &bad], SourceOptions::default()).unwrap_err();
        assert!(matches!(error, SourceError::Io { .. }), "{error}");
        let name = bad.display().to_string();
        assert!(error.to_string().contains(&name), "{error}");
    }
}

#[cfg(feature = "csv")]
#[test]
fn so_is_every_header() {
    let folder = TempDir::new().unwrap();
    let good = file(&folder, "good.csv", b"mail\nada@shop.example\n");
    let other = file(&folder, "other.csv", b"email\nbo@shop.example\n");
    let options = SourceOptions {
        columns: [("mail".to_owned(), "email".to_owned())].into(),
        ..SourceOptions::default()
    };
    let error = Files::open([&good, &other], options.clone()).unwrap_err();
    assert!(matches!(error, SourceError::Column { .. }), "{error}");
    let mut twice = Files::open([&good, &good], options).unwrap();
    assert_eq!(ends(&mut twice).len(), 2);
}

#[test]
fn a_json_array_in_place_of_lines_is_told() {
    let folder = TempDir::new().unwrap();
    let row = r#"{"email":"ada@shop.example"}"#;
    let in_a_line = format!("[{row},{row}]");
    let long = format!("[{row}{}]", " ".repeat(place::LONGEST_ROW));
    let over_lines = format!("\u{feff}\n [\n{row},\n{row}\n]");
    for (content, code, count) in [
        (in_a_line, "not_an_object", 1),
        (long, "too_large", 1),
        (over_lines, "invalid_json", 3),
    ] {
        let path = file(&folder, "rows.ndjson", content.as_bytes());
        let rejected = rejections(&path);
        assert_eq!(rejected.len(), count, "{rejected:?}");
        for rejection in &rejected {
            assert_eq!(rejection.code, code);
            let hint = "the file looks like a JSON array; write one object a line";
            assert!(rejection.detail.contains(hint), "{}", rejection.detail);
        }
    }
    // Only the file's beginning says so.
    let path = file(&folder, "rows.ndjson", format!("{row}\n[").as_bytes());
    let [rejection] = &rejections(&path)[..] else {
        panic!("one line is broken");
    };
    assert!(!rejection.detail.contains("array;"), "{}", rejection.detail);
}
