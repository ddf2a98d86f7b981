//! Of what type a value is, and which types a place takes.

use klaviyo_gen::{Kind, Schema};

use super::check::{Check, Limits};
use super::reason::Reason;

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Boolean,
    Integer,
    Number,
    Text,
    Array,
    Object,
}

impl Given {
    fn in_words(self) -> &'static str {
        match self {
            Given::Boolean => "true or false",
            Given::Integer => "an integer",
            Given::Number => "a number",
            Given::Text => "a text",
            Given::Array => "an array",
            Given::Object => "an object",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What a place takes. It is put together once for each place, not for each value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    schema: Option<&'static Schema>,
    check: Check,
    /// The types that it takes, as bits.
    types: u8,
    /// Whether a text is looked at beyond its length.
    reads_texts: bool,
    /// Whether it takes certain texts only.
    has_values: bool,
}

impl Rule {
    /// Any value of any type.
    pub(super) const ANYTHING: Rule = Rule {
        schema: None,
        check: Check::Nothing,
        types: u8::MAX,
        reads_texts: false,
        has_values: false,
    };

    /// A value that fits the schema, if there is one, and passes the check if it is a text.
    pub(super) fn new(schema: Option<&'static Schema>, check: Check) -> Self {
        let kind = schema.map_or(&Kind::Any, |schema| &schema.kind);
        let has_values = !values(kind).is_empty();
        Rule {
            schema,
            check,
            types: types(kind),
            reads_texts: check != Check::Nothing || has_values,
            has_values,
        }
    }

    /// What the elements of an array are to be.
    pub(super) fn of_elements(self) -> Self {
        match self.schema.map(|schema| &schema.kind) {
            Some(Kind::Array(element)) => Rule::new(Some(element), Check::Nothing),
            _ => Rule::ANYTHING,
        }
    }

    pub(super) fn schema(&self) -> Option<&'static Schema> {
        self.schema
    }

    pub(super) fn check(&self) -> Check {
        self.check
    }

    /// Checks a text; gives the form in which it is to be sent when that is another.
    ///
    /// # Errors
    /// When the place does not take it.
    #[inline]
    pub(super) fn check_text(&self, limits: &Limits, text: &str) -> Result<Option<String>, Reason> {
        self.expect(Given::Text)?;
        self.expect_one_of_the_values(text)?;
        limits.check(self.check, text)
    }

    /// Whether every value of that type will do that is within the limits.
    #[inline]
    pub(super) fn takes_as_it_stands(&self, given: Given) -> bool {
        self.takes(given)
            && match given {
                Given::Text => !self.reads_texts,
                Given::Array | Given::Object => self.schema.is_none(),
                Given::Boolean | Given::Integer | Given::Number => true,
            }
    }

    #[inline]
    fn takes(&self, given: Given) -> bool {
        self.types & given.bit() != 0
    }

    /// # Errors
    /// When the place does not take values of that type.
    #[inline]
    pub(super) fn expect(&self, given: Given) -> Result<(), Reason> {
        if self.takes(given) {
            return Ok(());
        }
        Err(self.wrong_type(given))
    }

    #[cold]
    fn wrong_type(&self, given: Given) -> Reason {
        let wanted = self
            .schema
            .map_or_else(String::new, |one| wanted(&one.kind));
        let way_out = match given {
            Given::Integer | Given::Number if self.check == Check::Time => {
                "write the moment out (\"2026-11-01T09:30:00Z\")"
            }
            Given::Integer | Given::Number if self.check == Check::Date => {
                "write the day out (\"2026-11-01\")"
            }
            Given::Integer if self.takes(Given::Text) => "cast it to a text first (\"17\", not 17)",
            _ => "convert it first",
        };
        let given = given.in_words();
        let detail = format!("expected {wanted}, got {given}; {way_out}");
        Reason::new("wrong_type", detail)
    }

    /// # Errors
    /// When the place takes certain texts only, and this is none of them.
    #[inline]
    fn expect_one_of_the_values(&self, text: &str) -> Result<(), Reason> {
        if !self.has_values {
            return Ok(());
        }
        self.expect_one_of(text)
    }

    #[inline(never)]
    fn expect_one_of(&self, text: &str) -> Result<(), Reason> {
        let values = self.schema.map_or(&[][..], |schema| values(&schema.kind));
        if values.contains(&text) {
            return Ok(());
        }
        let words = values.join(", ");
        let detail = format!("{text:?} is none of its values; give one of {words}");
        Err(Reason::new("wrong_value", detail))
    }
}

/// The only texts that there may be; any when there are none.
fn values(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::String { values, .. } => values,
        _ => &[],
    }
}

fn types(kind: &Kind) -> u8 {
    match kind {
        Kind::Any => u8::MAX,
        Kind::String { .. } => Given::Text.bit(),
        Kind::Integer => Given::Integer.bit(),
        Kind::Number => Given::Integer.bit() | Given::Number.bit(),
        Kind::Boolean => Given::Boolean.bit(),
        Kind::Array(_) => Given::Array.bit(),
        Kind::Object(_) => Given::Object.bit(),
        Kind::OneOf(several) => several.iter().fold(0, |all, one| all | types(&one.kind)),
    }
}

fn wanted(kind: &Kind) -> String {
    let given = match kind {
        Kind::Any => return "anything".to_owned(),
        Kind::String { .. } => Given::Text,
        Kind::Integer => Given::Integer,
        Kind::Number => Given::Number,
        Kind::Boolean => Given::Boolean,
        Kind::Array(_) => Given::Array,
        Kind::Object(_) => Given::Object,
        Kind::OneOf(several) => {
            let words: Vec<String> = several.iter().map(|one| wanted(&one.kind)).collect();
            return words.join(" or ");
        }
    };
    given.in_words().to_owned()
}
