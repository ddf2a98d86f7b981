//! Bodies of `multipart/form-data` (RFC 7578).

/// A part of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) name: &'a str,
    /// Of a file.
    pub(crate) file_name: Option<&'a str>,
    pub(crate) content: &'a [u8],
}

/// The parts of a form; `None` when it is not one.
///
/// The boundary is what the first line says: nobody writes anything before it.
pub(crate) fn parts(body: &[u8]) -> Option<Vec<Part<'_>>> {
    let first = body.get(..find(body, b"\r\n")?)?;
    if !first.starts_with(b"--") || first.len() < 3 {
        return None;
    }
    let delimiter = [b"\r\n", first].concat();
    let mut parts = Vec::new();
    let mut rest = &body[first.len()..];
    while let Some(head) = rest.strip_prefix(b"\r\n") {
        let end = find(head, &delimiter)?;
        parts.push(part(&head[..end])?);
        rest = &head[end + delimiter.len()..];
    }
    rest.starts_with(b"--").then_some(parts)
}

fn part(text: &[u8]) -> Option<Part<'_>> {
    let end = find(text, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&text[..end]).ok()?;
    let disposition = head.lines().find(|line| {
        let name = line.split(':').next().unwrap_or_default();
        name.eq_ignore_ascii_case("content-disposition")
    })?;
    Some(Part {
        name: quoted(disposition, "; name=\"")?,
        file_name: quoted(disposition, "; filename=\""),
        content: &text[end + 4..],
    })
}

/// What stands between quotation marks behind `label`.
fn quoted<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(label)?;
    rest.split_once('"').map(|(value, _)| value)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_its_parts() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
            Content-Type: image/png\r\n\r\n\x89PNG\r\n--\r\n--b\r\n\
            content-disposition: form-data; name=\"hidden\"\r\n\r\ntrue\r\n--b--\r\n";
        let file = Part {
            name: "file",
            file_name: Some("a.png"),
            content: b"\x89PNG\r\n--",
        };
        let hidden = Part {
            name: "hidden",
            file_name: None,
            content: b"true",
        };
        assert_eq!(parts(body), Some(vec![file, hidden]));
    }

    #[test]
    fn anything_else_is_none() {
        for body in [
            &b""[..],
            b"--",
            b"{}\r\n",
            b"--b\r\nno end\r\n--b",
            b"--b\r\n\r\n--b--",
        ] {
            assert_eq!(parts(body), None);
        }
    }
}
