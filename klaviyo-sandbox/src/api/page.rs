//! Pages: a cursor and a size in, a part of the rows and the links to the others out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use super::query::Query;
use crate::problem::{Problem, Refusal};

/// Rows of a page whose size neither the request nor the table says. Unverified.
const UNSTATED_SIZE: usize = 200;

/// What has to be encoded in a query's names and values, brackets included.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'=')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A part of the rows, and the links to the others.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) links: Value,
}

impl<T> Page<T> {
    /// Takes the page that a query asks for. `url` is the request's own, without its query.
    pub(crate) fn of(
        all: impl Iterator<Item = T>,
        query: &Query,
        url: &str,
    ) -> Result<Self, Refusal> {
        let size = query.integer("page[size]").unwrap_or(UNSTATED_SIZE);
        Self::of_size(size, all, query, url)
    }

    /// Takes a page of a size that the query does not say.
    pub(crate) fn of_size(
        size: usize,
        all: impl Iterator<Item = T>,
        query: &Query,
        url: &str,
    ) -> Result<Self, Refusal> {
        let start = match query.get("page[cursor]") {
            Some(cursor) => position(cursor).ok_or_else(|| {
                Problem::parameter("page[cursor]", "The cursor is not one that was given out.")
            })?,
            None => 0,
        };
        let mut rest = all.skip(start);
        let rows: Vec<T> = rest.by_ref().take(size).collect();
        let next = rest.next().map(|_| link(query, url, Some(start + size)));
        let previous = (start > 0).then(|| link(query, url, Some(start.saturating_sub(size))));
        let own = link(query, url, (start > 0).then_some(start));
        Ok(Self {
            rows,
            links: json!({"self": own, "next": next, "prev": previous}),
        })
    }
}

fn link(query: &Query, url: &str, start: Option<usize>) -> String {
    let cursor = start.map(cursor);
    let cursor = cursor
        .iter()
        .map(|cursor| ("page[cursor]", cursor.as_str()));
    let mut link = url.to_owned();
    for (index, (name, value)) in query.without("page[cursor]").chain(cursor).enumerate() {
        link.push(if index == 0 { '?' } else { '&' });
        link.extend(utf8_percent_encode(name, ENCODED));
        link.push('=');
        link.extend(utf8_percent_encode(value, ENCODED));
    }
    link
}

/// An opaque text for a position: clients must not learn to count on it.
fn cursor(position: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("after:{position}"))
}

/// The cursor in the query of a link; a cursor is written without anything to be decoded.
fn cursor_in(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        (percent_decode_str(name).decode_utf8().ok()? == "page[cursor]").then_some(value)
    })
}

/// The position that a cursor stands for. A whole link stands for the cursor in it: that is how
/// Klaviyo's own SDKs take `links.next` for the next page.
fn position(cursor: &str) -> Option<usize> {
    let cursor = match cursor.split_once('?') {
        Some((_, query)) => cursor_in(query)?,
        None => cursor,
    };
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    text.strip_prefix("after:")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use klaviyo_gen::operations::GET_PROFILES;

    use super::*;

    fn page(query: &str) -> Page<u32> {
        let query = Query::parse(&GET_PROFILES, query).unwrap();
        Page::of(0..45, &query, "http://127.0.0.1/api/profiles").unwrap()
    }

    #[test]
    fn links_lead_through_all_rows_and_back() {
        let mut query = "fields%5Bprofile%5D=email".to_owned();
        let mut seen = Vec::new();
        let last = loop {
            let page = page(&query);
            seen.extend(page.rows);
            match page.links["next"].as_str() {
                Some(next) => query = next.split_once('?').unwrap().1.to_owned(),
                None => break page.links,
            }
            assert!(query.starts_with("fields%5Bprofile%5D=email&page%5Bcursor%5D="));
        };
        assert_eq!(seen, (0..45).collect::<Vec<_>>());
        assert_eq!(last["next"], Value::Null);
        let back = last["prev"].as_str().unwrap().split_once('?').unwrap().1;
        assert_eq!(page(back).rows, (20..40).collect::<Vec<_>>());
    }

    #[test]
    fn a_made_up_cursor_is_refused() {
        let query = Query::parse(&GET_PROFILES, "page[cursor]=40").unwrap();
        assert!(Page::of(0..45, &query, "").is_err());
    }
}
