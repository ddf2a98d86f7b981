//! A JSON pointer that grows and shrinks on the way through a body.

use std::fmt::{Display, Formatter, Result};

/// A place in a body. It knows the way only: no text is made of it before something is wrong there.
#[derive(Clone, Copy)]
pub(crate) enum Pointer<'a> {
    /// Where the way begins, as text.
    Start(&'a str),
    /// One step below another place.
    Below(&'a Pointer<'a>, &'a dyn Display),
}

impl<'a> Pointer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self::Start(text)
    }

    /// Does something one step deeper.
    pub(crate) fn within<T>(&self, step: impl Display, work: impl FnOnce(&Pointer<'_>) -> T) -> T {
        work(&Pointer::Below(self, &step))
    }

    /// The place one step deeper, as text.
    pub(crate) fn at(&self, step: impl Display) -> String {
        format!("{self}/{step}")
    }
}

impl Display for Pointer<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Start(text) => f.write_str(text),
            Self::Below(above, step) => write!(f, "{above}/{step}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_from_the_start() {
        let place = Pointer::new("/data").within("attributes", |at| {
            at.within(3, |at| (at.to_string(), at.at("email")))
        });
        assert_eq!(place.0, "/data/attributes/3");
        assert_eq!(place.1, "/data/attributes/3/email");
    }
}
