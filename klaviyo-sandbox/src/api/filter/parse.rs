//! The grammar of filters: `operator(field,value)`, joined by commas or inside `and(…)`.

use super::condition::{Condition, Literal};

/// How deep `and(…)` may stand inside `and(…)`: the text comes from outside, and each level is a
/// call on the stack.
const MOST_NESTED: usize = 10;

/// Reads the conditions of a filter; the error says what was expected where.
pub(super) fn conditions(text: &str) -> Result<Vec<Condition>, String> {
    let mut reader = Reader {
        text,
        position: 0,
        depth: 0,
    };
    let conditions = reader.conditions()?;
    match reader.rest() {
        "" => Ok(conditions),
        _ => reader.expected("the end"),
    }
}

struct Reader<'a> {
    text: &'a str,
    position: usize,
    /// In how many `and(…)` the position is.
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn expected<T>(&self, what: &str) -> Result<T, String> {
        Err(format!(
            "{what} was expected at position {} of the filter.",
            self.position
        ))
    }

    fn skip_spaces(&mut self) {
        self.position += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes a mark if it is next.
    fn take(&mut self, mark: char) -> bool {
        self.skip_spaces();
        let next = self.rest().starts_with(mark);
        if next {
            self.position += mark.len_utf8();
        }
        next
    }

    fn require(&mut self, mark: char) -> Result<(), String> {
        if self.take(mark) {
            Ok(())
        } else {
            self.expected(&format!("`{mark}`"))
        }
    }

    fn conditions(&mut self) -> Result<Vec<Condition>, String> {
        let mut conditions = self.condition()?;
        while self.take(',') {
            conditions.append(&mut self.condition()?);
        }
        Ok(conditions)
    }

    fn condition(&mut self) -> Result<Vec<Condition>, String> {
        let operator = self.bare("an operator")?.to_owned();
        self.require('(')?;
        let conditions = if operator == "and" {
            self.inside_and()?
        } else {
            let field = self.bare("a field")?.to_owned();
            let values = if self.take(',') {
                self.values()?
            } else {
                Vec::new()
            };
            if values.is_empty() && operator != "has" {
                return self.expected("a value");
            }
            vec![Condition {
                operator,
                field,
                values,
            }]
        };
        self.require(')')?;
        Ok(conditions)
    }

    /// What stands between the marks of an `and(…)`.
    fn inside_and(&mut self) -> Result<Vec<Condition>, String> {
        if self.depth == MOST_NESTED {
            return self.expected(&format!(
                "no more than {MOST_NESTED} `and` inside each other"
            ));
        }
        self.depth += 1;
        let conditions = self.conditions()?;
        self.depth -= 1;
        Ok(conditions)
    }

    fn values(&mut self) -> Result<Vec<Literal>, String> {
        if !self.take('[') {
            return Ok(vec![self.literal()?]);
        }
        let mut values = vec![self.literal()?];
        while self.take(',') {
            values.push(self.literal()?);
        }
        self.require(']')?;
        Ok(values)
    }

    fn literal(&mut self) -> Result<Literal, String> {
        if self.take('"') {
            self.quoted()
        } else {
            Ok(Literal::Bare(self.bare("a value")?.to_owned()))
        }
    }

    /// The rest of a text in quotes, in which a backslash takes the next character as it is.
    fn quoted(&mut self) -> Result<Literal, String> {
        let mut text = String::new();
        let mut characters = self.rest().char_indices();
        while let Some((index, character)) = characters.next() {
            match character {
                '"' => {
                    self.position += index + 1;
                    return Ok(Literal::Quoted(text));
                }
                '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
                other => text.push(other),
            }
        }
        self.expected("a closing quote")
    }

    /// A word: whatever comes before a mark of the grammar.
    fn bare(&mut self, what: &str) -> Result<&'a str, String> {
        self.skip_spaces();
        let rest = self.rest();
        let end = rest
            .find(['(', ')', '[', ']', ',', '"'])
            .unwrap_or(rest.len());
        let word = rest[..end].trim_end();
        if word.is_empty() {
            return self.expected(what);
        }
        self.position += end;
        Ok(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(operator: &str, field: &str, values: &[Literal]) -> Condition {
        Condition {
            operator: operator.to_owned(),
            field: field.to_owned(),
            values: values.to_vec(),
        }
    }

    #[test]
    fn conditions_are_joined_by_commas_and_by_and() {
        let quoted = |text: &str| Literal::Quoted(text.to_owned());
        let both = [
            condition("any", "email", &[quoted("a,b"), quoted(r#"c"d"#)]),
            condition(
                "greater-than",
                "created",
                &[Literal::Bare("2026-01-01T00:00:00Z".to_owned())],
            ),
            condition("has", "profile", &[]),
        ];
        let text = r#"any(email,["a,b", "c\"d"]), greater-than(created,2026-01-01T00:00:00Z),has(profile)"#;
        assert_eq!(conditions(text).as_deref(), Ok(both.as_slice()));
        assert_eq!(
            conditions(&format!("and({text})")).as_deref(),
            Ok(both.as_slice())
        );
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |times| format!("{}has(a){}", "and(".repeat(times), ")".repeat(times));
        assert!(conditions(&nested(MOST_NESTED)).is_ok());
        assert!(conditions(&nested(MOST_NESTED + 1)).is_err());
        assert!(conditions(&"and(".repeat(16_000)).is_err());
    }

    #[test]
    fn what_is_not_a_filter_is_told_where() {
        for (text, position) in [
            ("", 0),
            ("equals", 6),
            ("equals(email)", 12),
            (r#"equals(email,"a)"#, 14),
            (r#"equals(email,"a")x"#, 17),
        ] {
            let error = conditions(text).unwrap_err();
            assert!(
                error.contains(&format!("position {position} ")),
                "{text}: {error}"
            );
        }
    }
}
