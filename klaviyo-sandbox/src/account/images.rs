//! The images that the account keeps. What they show is not held, only what is said about it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The formats that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Format {
    Gif,
    Jpeg,
    Png,
}

impl Format {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gif => "gif",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
        }
    }

    /// The format of a file, known by how it begins.
    pub(crate) fn of(content: &[u8]) -> Option<Self> {
        [
            (Self::Png, &b"\x89PNG"[..]),
            (Self::Jpeg, b"\xFF\xD8\xFF"),
            (Self::Gif, b"GIF8"),
        ]
        .into_iter()
        .find_map(|(format, magic)| content.starts_with(magic).then_some(format))
    }
}

/// An image.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Image {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) format: Format,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) hidden: bool,
    pub(crate) updated: DateTime<Utc>,
}

/// All images, in the order of their creation.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Images {
    images: Vec<Image>,
}

impl Images {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Image> {
        self.images.iter()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Image> {
        self.images.iter_mut().find(|image| image.id == id)
    }

    /// Keeps an image; its id is a number.
    pub(crate) fn create(
        &mut self,
        name: &str,
        format: Format,
        size: u64,
        now: DateTime<Utc>,
    ) -> &mut Image {
        let position = self.images.len();
        self.images.push(Image {
            id: (position + 1).to_string(),
            name: name.to_owned(),
            format,
            size,
            hidden: false,
            updated: now,
        });
        &mut self.images[position]
    }
}
