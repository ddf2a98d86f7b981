//! Lines of CSV that are too long, and quotes that nothing closes.

use super::*;

/// The ends of a file's rows, and the reasons of those that are rejected.
fn read(content: &[u8]) -> (Vec<End>, Vec<Rejection>) {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "rows.csv", content);
    (ends(&mut open(&path)), rejections(&path))
}

/// What the rejection says, without the file's name.
fn told(rejection: &Rejection) -> String {
    let (line, rest) = rejection.detail.split_once(" of ").unwrap();
    let (_, rest) = rest.split_once("rows.csv ").unwrap();
    format!("{line} {rest}")
}

fn profile(email: &str) -> End {
    end_of(&mut encoder(), &json!({ "email": email }))
}

#[test]
fn a_line_that_is_too_long_is_one_rejected_row() {
    let longest = place::LONGEST_ROW;
    let one_cell = vec![b'x'; longest + 1];
    let many_cells = [vec![b','; 1000], vec![b'x'; longest * 2]].concat();
    let over_lines = [b"\"", &b"x\n".repeat(longest)[..], b"\""].concat();
    let only_commas = vec![b','; longest];
    for (long, lines) in [
        (one_cell, 1),
        (many_cells, 1),
        (over_lines, longest as u64 + 1),
        (only_commas, 1),
    ] {
        let rows = [
            b"ada@shop.example",
            &long[..],
            b"bo@shop.example",
            b"nobody",
        ];
        let content = [b"email", &rows.join(&b'\n')[..]].join(&b'\n');
        let (ends, rejected) = read(&content);
        let too_long = End::Rejected("too_large", String::new());
        let address = End::Rejected("invalid_email", "email".to_owned());
        let expected = [
            profile("ada@shop.example"),
            too_long,
            profile("bo@shop.example"),
            address,
        ];
        assert_eq!(ends, expected, "{lines}");
        let [too_long, address] = &rejected[..] else {
            panic!("{rejected:?}");
        };
        assert!(told(too_long).starts_with("line 3 is longer than 16 MiB"));
        assert_eq!(too_long.source, None);
        let behind = format!("(line {} of ", 3 + lines + 1);
        assert!(address.detail.contains(&behind), "{}", address.detail);
    }
}

#[test]
fn a_header_that_is_too_long_is_said_to_be_so() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "rows.csv", &vec![b'x'; place::LONGEST_ROW + 1]);
    let error = Files::open([&path], SourceOptions::default()).unwrap_err();
    let told = error.to_string();
    assert!(
        told.contains("the header cannot be read: line 1 of"),
        "{told}"
    );
    assert!(told.contains("is longer than 16 MiB"), "{told}");
}

#[test]
fn a_quote_that_nothing_closes_rejects_its_row_and_names_the_lines_in_it() {
    for (rest, swallowed) in [
        ("\"Bo", None),
        ("\"Bo\n", None),
        (
            "Bo,\"x\ncy@shop.example,Cy,",
            Some("so line 3 behind it was"),
        ),
        (
            "Bo,\"x\ncy@shop.example,Cy,\n\ndi@shop.example,Di,\n",
            Some("so the 3 lines behind it, 3 to 5, were"),
        ),
        // A doubled quote is one that is written, not one that is closed.
        (
            "Bo,\"x\"\"\ncy@shop.example,Cy,",
            Some("so line 3 behind it was"),
        ),
    ] {
        let content = format!("email,first_name,last_name\nbo@shop.example,{rest}");
        for content in [content.clone(), content.replace('\n', "\r\n")] {
            let (ends, rejected) = read(content.as_bytes());
            assert_eq!(ends, [End::Rejected("unclosed_quote", String::new())]);
            let told = told(&rejected[0]);
            assert!(
                told.starts_with("line 2 opens a quote that nothing closes"),
                "{told}"
            );
            assert_eq!(told.contains("behind it"), swallowed.is_some(), "{told}");
            assert!(told.contains(swallowed.unwrap_or_default()), "{told}");
            let text = kept(&rejected[0])["$unsendable_line"].to_string();
            assert!(text.contains("bo@shop.example"), "{text}");
        }
    }
}

#[test]
fn a_quote_that_is_closed_at_the_end_of_the_file_is_no_mistake() {
    for end in ["", "\n", "\r\n", "\r\n\r\n"] {
        let (ends, _) = read(format!("email,first_name\nbo@shop.example,\"Bo\"{end}").as_bytes());
        let row = json!({"email": "bo@shop.example", "first_name": "Bo"});
        assert_eq!(ends, [end_of(&mut encoder(), &row)], "{end:?}");
    }
}

#[test]
fn a_header_whose_quote_nothing_closes_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = file(
        &folder,
        "rows.csv",
        b"email,\"first_name\nada@shop.example,Ada\n",
    );
    let error = Files::open([&path], SourceOptions::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("opens a quote that nothing closes"),
        "{error}"
    );
}
