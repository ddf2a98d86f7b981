//! Bodies of `multipart/form-data`, with which files are uploaded.

use bytes::{BufMut, Bytes, BytesMut};

/// A file to upload.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, with the extension by which Klaviyo may tell its kind.
    pub name: String,
    /// Its media type, for example `image/png`.
    pub media_type: String,
    /// What is in it.
    pub content: Bytes,
}

/// The content is the user's own data and may be large: only its length is shown.
impl std::fmt::Debug for File {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("File")
            .field("name", &self.name)
            .field("media_type", &self.media_type)
            .field("bytes", &self.content.len())
            .finish()
    }
}

/// The parts of a body of `multipart/form-data`.
#[derive(Default)]
pub(crate) struct Form {
    parts: Vec<Part>,
}

struct Part {
    head: String,
    content: Bytes,
}

impl Form {
    /// With a file, if there is one.
    pub(crate) fn file(mut self, name: &str, file: Option<&File>) -> Self {
        if let Some(file) = file {
            let head = format!(
                "Content-Disposition: form-data; name=\"{name}\"; filename=\"{}\"\r\n\
                 Content-Type: {}\r\n",
                quoted(&file.name),
                one_line(&file.media_type),
            );
            self.parts.push(Part {
                head,
                content: file.content.clone(),
            });
        }
        self
    }

    /// With a text, if there is one.
    pub(crate) fn text(mut self, name: &str, text: Option<impl ToString>) -> Self {
        if let Some(text) = text {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"\r\n");
            self.parts.push(Part {
                head,
                content: text.to_string().into(),
            });
        }
        self
    }

    /// The body, and the boundary that its content type has to name.
    pub(crate) fn into_body(self) -> (String, Bytes) {
        let boundary = self.boundary();
        let mut body = BytesMut::new();
        for part in &self.parts {
            body.put_slice(format!("--{boundary}\r\n{}\r\n", part.head).as_bytes());
            body.put_slice(&part.content);
            body.put_slice(b"\r\n");
        }
        body.put_slice(format!("--{boundary}--\r\n").as_bytes());
        (boundary, body.freeze())
    }

    /// A boundary that no part contains. It needs no chance, so that the same form is the same body.
    fn boundary(&self) -> String {
        let candidates = (0_u64..).map(|number| format!("klaviyo-form-{number}"));
        let is_free = |candidate: &String| !self.parts.iter().any(|part| part.contains(candidate));
        candidates.into_iter().find(is_free).unwrap_or_default()
    }
}

impl Part {
    fn contains(&self, text: &str) -> bool {
        self.head.contains(text)
            || self
                .content
                .windows(text.len())
                .any(|window| window == text.as_bytes())
    }
}

/// A file name inside quotes, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], "")
}
