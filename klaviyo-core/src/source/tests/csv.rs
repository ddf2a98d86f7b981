//! Files of CSV.

use klaviyo_gen::operations::BULK_CREATE_EVENTS;

use super::*;
use crate::encode::UniqueIds;

const HEADER: &str = "email,location.latitude,patch.unset,properties.text,properties.typed";

/// The ends of rows with these lines below [`HEADER`], the last column being of that type.
fn ends_of(lines: &[&str], stands_for: TextType) -> Vec<End> {
    let options = SourceOptions {
        types: [("properties.typed".to_owned(), stands_for)].into(),
        ..SourceOptions::default()
    };
    let folder = TempDir::new().unwrap();
    let content = format!("\u{feff}{HEADER}\n{}", lines.join("\n"));
    let path = file(&folder, "rows.csv", content.as_bytes());
    ends(&mut Files::open([path], options).unwrap())
}

fn events() -> Encoder {
    let rows = Rows::Events(UniqueIds::RunAndRow("run-1".to_owned()));
    let now = Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).unwrap();
    Encoder::new(&BULK_CREATE_EVENTS, &rows, RowOptions::default(), now).unwrap()
}

fn item(row: &Value) -> End {
    end_of(&mut encoder(), row)
}

#[test]
fn a_property_is_text_and_an_array_is_json() {
    let ends = ends_of(
        &[
            r#"ada@shop.example,51.5,"[""old"",""older""]",0123,"#,
            r#"ada@shop.example,,,"a ""quoted"", text
of two lines","#,
            "ada@shop.example,,old, kept ,",
        ],
        TextType::Text,
    );
    let email = "ada@shop.example";
    let expected = [
        // Klaviyo takes a latitude as a text, too, and so it keeps its digits.
        item(&json!({"email": email, "location.latitude": "51.5",
            "patch.unset": ["old", "older"], "properties.text": "0123"})),
        item(&json!({"email": email, "properties.text": "a \"quoted\", text\nof two lines"})),
        item(&json!({"email": email, "patch.unset": "old", "properties.text": " kept "})),
    ];
    assert_eq!(ends, expected);
}

#[test]
fn a_field_has_its_type() {
    let lines = ["11.77", " 12 ", "", "\"1,5\"", "NaN", "abc"];
    let lines = lines.map(|value| format!("Placed Order,ada@shop.example,{value}\n"));
    let folder = TempDir::new().unwrap();
    let content = format!("metric,email,value\n{}", lines.concat());
    let path = file(&folder, "rows.csv", content.as_bytes());
    let ends = ends_as(events(), &mut open(&path));
    let event = |value: Value| {
        let row = json!({"metric": "Placed Order", "email": "ada@shop.example", "value": value});
        end_of(&mut events(), &row)
    };
    let refused = |code| End::Rejected(code, "value".to_owned());
    let expected = [
        event(json!(11.77)),
        event(json!(12)),
        event(Value::Null),
        refused("wrong_type"),
        refused("not_finite"),
        refused("wrong_type"),
    ];
    assert_eq!(ends, expected);
}

#[test]
fn a_property_has_the_type_that_it_is_given() {
    for (stands_for, text, expected) in [
        (TextType::Text, "1", Ok(json!("1"))),
        (TextType::Number, "1", Ok(json!(1))),
        (TextType::Number, "-1.50", Ok(json!(-1.5))),
        (TextType::Number, "+1e3", Ok(json!(1000.0))),
        (TextType::Number, "1 000", Err("wrong_type")),
        (TextType::Number, "inf", Err("not_finite")),
        (
            TextType::Number,
            "9223372036854775808",
            Err("integer_out_of_range"),
        ),
        (TextType::Integer, "3.0", Ok(json!(3))),
        (TextType::Integer, "3.5", Err("wrong_type")),
        (TextType::Integer, ".0", Err("wrong_type")),
        (TextType::Boolean, "TRUE", Ok(json!(true))),
        (TextType::Boolean, "f", Ok(json!(false))),
        (TextType::Boolean, "maybe", Err("wrong_type")),
        (
            TextType::Json,
            r#""{""a"":[null]}""#,
            Ok(json!({"a": [null]})),
        ),
        (TextType::Json, "{", Err("wrong_type")),
    ] {
        let line = format!("ada@shop.example,,,,{text}");
        let expected = match expected {
            Ok(value) => item(&json!({"email": "ada@shop.example", "properties.typed": value})),
            Err(code) => End::Rejected(code, "properties.typed".to_owned()),
        };
        assert_eq!(ends_of(&[&line], stands_for), [expected], "{text}");
    }
}

#[test]
fn a_line_with_cells_missing_or_beyond_is_one_rejected_row_and_says_where() {
    for line_end in ["\n", "\r\n"] {
        let lines = [
            "email,first_name",
            "",
            "\"a\nb\",x",
            "c",
            "d,e,f",
            "ada@shop.example,Ada",
        ];
        let folder = TempDir::new().unwrap();
        let mut content = lines.join(line_end).into_bytes();
        content.extend_from_slice(b"\n\xff,x");
        let path = file(&folder, "rows.csv", &content);
        let rejected = rejections(&path);
        let codes: Vec<_> = rejected.iter().map(|rejection| rejection.code).collect();
        assert_eq!(
            codes,
            [
                "invalid_email",
                "ragged_line",
                "ragged_line",
                "invalid_utf8"
            ]
        );
        let begins = |detail: &str, line: u64| {
            detail.starts_with(&format!("line {line} of {} ", path.display()))
        };
        assert!(begins(&rejected[1].detail, 5), "{}", rejected[1].detail);
        assert!(begins(&rejected[2].detail, 6), "{}", rejected[2].detail);
        assert!(begins(&rejected[3].detail, 8), "{}", rejected[3].detail);
        assert_eq!(ends(&mut open(&path)).len(), 5);
    }
}

#[test]
fn a_broken_line_is_kept_as_it_was_and_a_cell_of_another_type_too() {
    let folder = TempDir::new().unwrap();
    let content = b"email,value\n,\"say \"\"hi\"\", then\ngo\",\nada@shop.example,abc\n";
    let path = file(&folder, "rows.csv", content);
    let options = SourceOptions {
        columns: [("value".to_owned(), "properties.value".to_owned())].into(),
        types: [("properties.value".to_owned(), TextType::Integer)].into(),
        ..SourceOptions::default()
    };
    let (mut source, mut encoder) = (Files::open([&path], options).unwrap(), encoder());
    let mut next = || {
        assert!(source.advance().unwrap());
        let rejection = encoder.encode(0, &source.row()).unwrap_err();
        located(rejection, &source)
    };
    let (ragged, mistyped) = (next(), next());
    assert_eq!(ragged.code, "ragged_line");
    assert_eq!(
        kept(&ragged)["$unsendable_line"],
        ",\"say \"\"hi\"\", then\ngo\","
    );
    assert_eq!(mistyped.code, "wrong_type");
    let place = format!(
        "\"abc\" is not an integer; correct it, or leave it empty (line 4 of {})",
        path.display()
    );
    assert_eq!(mistyped.detail, place);
    let mark = json!({
        "$unsendable": "wrong_type: \"abc\" is not an integer; correct it, or leave it empty",
        "$unsendable_text": "abc",
    });
    let row = json!({"email": "ada@shop.example", "properties.value": mark});
    assert_eq!(kept(&mistyped), row);
}

#[test]
fn a_mistyped_cell_is_rejected_again_until_it_is_mended() {
    let long = format!("[{}", "x".repeat(500));
    let folder = TempDir::new().unwrap();
    // Klaviyo takes a text where this array should be; the broken array must not become one.
    let content = format!("email,patch.unset\nada@shop.example,\"{long}\"\n");
    let path = file(&folder, "rows.csv", content.as_bytes());
    let mut row = kept(&rejections(&path)[0]);
    assert_eq!(row["patch.unset"]["$unsendable_text"], long);
    let again = encoder().encode(0, &row).unwrap_err();
    assert_eq!(again.field, "patch.unset");
    row["patch.unset"] = json!("x");
    assert!(matches!(end_of(&mut encoder(), &row), End::Item(_)));
}

#[test]
fn a_column_without_a_name_is_refused() {
    let folder = TempDir::new().unwrap();
    for (header, told) in [
        ("email,first_name,", "column 3 has no name"),
        (" ,email", "column 1 has no name"),
    ] {
        let path = file(&folder, "rows.csv", format!("{header}\n").as_bytes());
        let error = Files::open([&path], SourceOptions::default()).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        let way_out = "columns={\"\": \"properties.…\"}";
        assert!(error.to_string().contains(way_out), "{error}");
    }
    // One that is given a name has one.
    let path = file(&folder, "rows.csv", b",email\n7,ada@shop.example\n");
    let options = SourceOptions {
        columns: [(String::new(), "properties.n".to_owned())].into(),
        ..SourceOptions::default()
    };
    let row = json!({"email": "ada@shop.example", "properties.n": "7"});
    let mut source = Files::open([&path], options).unwrap();
    assert_eq!(ends(&mut source), [item(&row)]);
}

#[test]
fn a_file_with_other_separators_is_refused() {
    let folder = TempDir::new().unwrap();
    for (header, name, separator) in [
        ("email;title", "semicolons", "\";\""),
        ("email\ttitle", "tabs", "\"\\t\""),
        ("a|b|c", "bars", "\"|\""),
    ] {
        let path = file(&folder, "rows.csv", format!("{header}\n1").as_bytes());
        let error = Files::open([&path], SourceOptions::default()).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with(&format!("separated by {name}: give separator={separator}")),
            "{error}"
        );
        // Unless it is said that it is a name.
        let columns = [(header.to_owned(), "external_id".to_owned())].into();
        let options = SourceOptions {
            columns,
            ..SourceOptions::default()
        };
        assert_eq!(
            ends(&mut Files::open([&path], options).unwrap()),
            [item(&json!({"external_id": "1"}))]
        );
    }
    let path = file(&folder, "rows.csv", b"email,a;b\n");
    assert_eq!(ends(&mut open(&path)), []);
}

#[test]
fn a_quote_that_never_ends_does_not_fill_the_memory() {
    let mut content = b"email\nada@shop.example\n\"".to_vec();
    content.resize(place::LONGEST_ROW * 2, b'x');
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "rows.csv", &content);
    let ends = ends(&mut open(&path));
    assert!(matches!(ends[0], End::Item(_)));
    assert_eq!(ends[1..], [End::Rejected("too_large", String::new())]);
}

#[test]
fn a_column_that_an_option_names_must_be_there() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "rows.csv", b" E-Mail ,ltv\nada@shop.example,3\n");
    let open = |columns: &[(&str, &str)], typed: &str| {
        let columns = columns
            .iter()
            .map(|(from, to)| ((*from).into(), (*to).into()));
        let options = SourceOptions {
            columns: columns.collect(),
            types: [(typed.to_owned(), TextType::Number)].into(),
            ..SourceOptions::default()
        };
        Files::open([&path], options)
    };
    let columns = [("E-Mail", "email"), ("ltv", "properties.ltv")];
    let row = json!({"email": "ada@shop.example", "properties.ltv": 3});
    let mut source = open(&columns, "properties.ltv").unwrap();
    assert_eq!(ends(&mut source), [item(&row)]);
    // Types go by the names that columns were given.
    for (columns, typed, only) in [
        (&[("Mail", "email")][..], "ltv", "only \"E-Mail\", \"ltv\""),
        (&columns, "ltv", "only \"email\", \"properties.ltv\""),
    ] {
        let error = open(columns, typed).unwrap_err();
        assert!(matches!(error, SourceError::Column { .. }), "{error}");
        assert!(error.to_string().contains(only), "{error}");
    }
}

#[test]
fn a_file_without_a_line_has_no_rows() {
    let folder = TempDir::new().unwrap();
    for content in ["", "email\n", "email"] {
        let path = file(&folder, "rows.csv", content.as_bytes());
        assert_eq!(ends(&mut open(&path)), [], "{content:?}");
    }
}

#[test]
fn lines_that_a_stray_quote_swallowed_are_named() {
    let folder = TempDir::new().unwrap();
    let content = "email,first_name\na@shop.example,A\n\"b@shop.example,B\nc@shop.example,C\nd@shop.example,\"D\"\n\
                   e@shop.example,E\n";
    let path = file(&folder, "rows.csv", content.as_bytes());
    let rejected = rejections(&path);
    let [rejection] = &rejected[..] else {
        panic!("{rejected:?}")
    };
    assert_eq!(rejection.code, "ragged_line");
    let names_them = "all lines from 3 to 5 were read as this one";
    assert!(
        rejection.detail.contains(names_them),
        "{}",
        rejection.detail
    );
}
