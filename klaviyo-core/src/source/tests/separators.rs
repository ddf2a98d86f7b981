//! CSV with something else than commas between its cells.

use super::*;

fn separated_by(separator: char) -> SourceOptions {
    SourceOptions {
        separator: Separator::try_from(separator).unwrap(),
        ..SourceOptions::default()
    }
}

#[test]
fn cells_are_split_at_the_separator() {
    let folder = TempDir::new().unwrap();
    for separator in [',', ';', '\t', '|', '^'] {
        let lines = [
            "email,first_name,last_name",
            "ada@shop.example,,\"a,b;c\td|e^f\"",
            "nobody",
        ];
        // Commas in quotes are a part of their cell whatever separates the others.
        let content = lines.join("\n").replace(',', &separator.to_string());
        let path = file(&folder, "rows.csv", content.as_bytes());
        let mut source = Files::open([&path], separated_by(separator)).unwrap();
        let last_name = "a,b;c\td|e^f".replace(',', &separator.to_string());
        let row = json!({"email": "ada@shop.example", "last_name": last_name});
        let expected = [
            end_of(&mut encoder(), &row),
            End::Rejected("ragged_line", String::new()),
        ];
        assert_eq!(ends(&mut source), expected, "{separator:?}");
    }
}

#[test]
fn a_broken_line_keeps_its_separators() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "rows.csv", b"email;title\n\"a;b\";c,d;e\n");
    let mut source = Files::open([&path], separated_by(';')).unwrap();
    assert!(source.advance().unwrap());
    assert_eq!(source.broken_text().unwrap(), "\"a;b\";c,d;e");
}

#[test]
fn another_separator_than_is_said_is_told() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "rows.csv", b"email,title\n");
    let error = Files::open([&path], separated_by(';')).unwrap_err();
    let told = error.to_string();
    assert!(
        told.ends_with("separated by commas: give separator=\",\""),
        "{told}"
    );
}

#[test]
fn what_cannot_separate_is_refused() {
    for given in ['"', '\n', '\r', '\0', 'é'] {
        let error = Separator::try_from(given).unwrap_err();
        assert!(matches!(error, SourceError::Separator { .. }), "{error}");
    }
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "rows.ndjson", b"{}\n");
    let error = Files::open([&path], separated_by(';')).unwrap_err();
    assert!(matches!(error, SourceError::NoSeparator { .. }), "{error}");
}

#[test]
fn a_journal_is_told_only_of_another_than_the_comma() {
    let kept = |options: SourceOptions| serde_json::to_value(options).unwrap();
    assert_eq!(kept(SourceOptions::default()), json!({}));
    assert_eq!(kept(separated_by('\t')), json!({"separator": "\t"}));
}
