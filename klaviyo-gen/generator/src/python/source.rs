//! Laying Python out, the way `ruff format` would.

/// The longest line.
pub(super) const WIDTH: usize = 100;

/// Words that cannot be names.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Whether a text can stand for itself as a name.
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    let begins = characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    begins
        && characters.all(|character| character.is_ascii_alphanumeric() || character == '_')
        && !KEYWORDS.contains(&text)
}

/// An identifier as a name; a keyword gets an underscore.
pub(super) fn name(identifier: &str) -> String {
    match KEYWORDS.contains(&identifier) {
        true => format!("{identifier}_"),
        false => identifier.to_owned(),
    }
}

/// A string literal, in double quotes unless it has such in it.
pub(super) fn literal(text: &str) -> String {
    let quote = match text.contains('"') && !text.contains('\'') {
        true => '\'',
        false => '"',
    };
    let mut literal = String::from(quote);
    for character in text.chars() {
        match character {
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            character if character == quote || character == '\\' => {
                literal.push('\\');
                literal.push(character);
            }
            character => literal.push(character),
        }
    }
    literal.push(quote);
    literal
}

/// `before`, the items between the brackets, `after`: on one line where that fits, else an item a line.
pub(super) fn bracketed(
    indent: usize,
    before: &str,
    [open, close]: [char; 2],
    items: &[String],
    after: &str,
) -> String {
    let pad = " ".repeat(indent);
    let line = format!("{pad}{before}{open}{}{close}{after}\n", items.join(", "));
    // An item of several lines has its own indentation already.
    let fits = !line.trim_end().contains('\n') && line.trim_end().chars().count() <= WIDTH;
    if fits || items.is_empty() {
        return line;
    }
    let items: String = items
        .iter()
        .map(|item| format!("{pad}    {item},\n"))
        .collect();
    format!("{pad}{before}{open}\n{items}{pad}{close}{after}\n")
}

/// A docstring; lines that begin with `- ` are broken with a hanging indent.
pub(super) fn docstring(indent: usize, text: &str) -> String {
    let pad = " ".repeat(indent);
    let text = text.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    // The quotes stand on the first line, and close on the only one.
    let one_line = format!("{pad}\"\"\"{text}\"\"\"\n");
    if !text.contains('\n') && one_line.trim_end().chars().count() <= WIDTH {
        return one_line;
    }
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let quotes = if index == 0 { 3 } else { 0 };
        let hanging = if line.starts_with("- ") { "  " } else { "" };
        lines.extend(broken(line, WIDTH - indent - quotes, hanging));
    }
    let lines = lines.into_iter().enumerate().map(|(index, line)| {
        let quotes = if index == 0 { "\"\"\"" } else { "" };
        let pad = if line.is_empty() { "" } else { &pad };
        format!("{pad}{quotes}{line}\n")
    });
    lines.collect::<String>() + &pad + "\"\"\"\n"
}

/// A line broken at spaces into lines of at most `width` characters, all but the first indented.
fn broken(line: &str, width: usize, hanging: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last_mut().filter(|last| {
            last.trim().is_empty() || last.chars().count() + 1 + word.chars().count() <= width
        });
        match last {
            Some(last) if last.trim().is_empty() => last.push_str(word),
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => lines.push(format!("{hanging}{word}")),
        }
    }
    lines
}
