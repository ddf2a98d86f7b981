//! Bodies of `multipart/form-data`, with which files are uploaded. They need nothing of the typed
//! client, so that whoever sends requests by the operation table alone can make them too.

use bytes::{BufMut, Bytes, BytesMut};

use crate::MediaType;

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

/// The parts of a body of `multipart/form-data`, in the order in which they go out.
///
/// ```
/// use klaviyo_gen::{File, Form};
///
/// let file = File {
///     name: "logo.png".to_owned(),
///     media_type: "image/png".to_owned(),
///     content: vec![0x89, b'P', b'N', b'G'].into(),
/// };
/// let form = Form::default().file("file", Some(&file)).text("hidden", Some(true));
/// let (content_type, body) = form.into_body();
/// assert!(content_type.starts_with("multipart/form-data; boundary="));
/// assert!(body.starts_with(b"--"));
/// ```
#[derive(Default)]
pub struct Form {
    parts: Vec<Part>,
}

struct Part {
    head: String,
    content: Bytes,
}

/// Of the parts, only their number is shown, for the same reason.
impl std::fmt::Debug for Form {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Form")
            .field("parts", &self.parts.len())
            .finish()
    }
}

impl Form {
    /// With a file, if there is one.
    #[must_use]
    pub fn file(mut self, name: &str, file: Option<&File>) -> Self {
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
    #[must_use]
    pub fn text(mut self, name: &str, text: Option<impl ToString>) -> Self {
        if let Some(text) = text {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"\r\n");
            self.parts.push(Part {
                head,
                content: text.to_string().into(),
            });
        }
        self
    }

    /// The value of the `Content-Type` header, which names the boundary between the parts, and the body.
    #[must_use]
    pub fn into_body(self) -> (String, Bytes) {
        let boundary = self.boundary();
        let mut body = BytesMut::new();
        for part in &self.parts {
            body.put_slice(format!("--{boundary}\r\n{}\r\n", part.head).as_bytes());
            body.put_slice(&part.content);
            body.put_slice(b"\r\n");
        }
        body.put_slice(format!("--{boundary}--\r\n").as_bytes());
        let content_type = format!("{}; boundary={boundary}", MediaType::Multipart.as_str());
        (content_type, body.freeze())
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
