//! The form of e-mail addresses.

use super::plain::{each, length_before};

/// What the labels of a domain are usually made of, by byte.
const IN_LABEL: [bool; 256] = {
    let mut usual = [false; 256];
    let mut byte = 0;
    while byte < usual.len() {
        usual[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'-';
        byte += 1;
    }
    usual
};

/// Whether the text has the form that every mail server agrees on; whether the address exists, only Klaviyo
/// can tell.
pub(super) fn is_address(text: &str) -> bool {
    let at = usual_length(text.as_bytes());
    match text.as_bytes().get(at) {
        Some(b'@') => at > 0 && is_domain(&text[at + 1..]),
        Some(_) => is_unusual_address(text),
        None => false,
    }
}

/// How many bytes at the beginning are usual in front of the `@`: ASCII that prints. Dots anywhere: some
/// carriers hand out addresses like `a..b.@`.
fn usual_length(text: &[u8]) -> usize {
    let unusual = |word: u64| {
        let below = word.wrapping_sub(each(b'!'));
        let beyond = word.wrapping_add(each(0x80 - 0x7f));
        let at = (word ^ each(b'@')).wrapping_sub(each(1));
        (word | below | beyond | at) & each(0x80)
    };
    let is_unusual = |byte: u8| !byte.is_ascii_graphic() || byte == b'@';
    length_before(text, unusual, is_unusual)
}

#[cold]
fn is_unusual_address(text: &str) -> bool {
    let is_allowed = |letter: char| !letter.is_whitespace() && !letter.is_control();
    text.split_once('@').is_some_and(|(local_part, domain)| {
        !local_part.is_empty() && local_part.chars().all(is_allowed) && is_domain(domain)
    })
}

/// Two labels or more.
fn is_domain(domain: &str) -> bool {
    is_usual_domain(domain.as_bytes()) || is_unusual_domain(domain)
}

fn is_usual_domain(domain: &[u8]) -> bool {
    let (mut rest, mut dots) = (domain, 0);
    loop {
        let (label, behind) = rest.split_at(label_length(rest));
        let is_label = !label.is_empty() && !label.starts_with(b"-") && !label.ends_with(b"-");
        match behind.split_first() {
            Some((b'.', behind)) if is_label => rest = behind,
            None => return is_label && dots > 0,
            Some(_) => return false,
        }
        dots += 1;
    }
}

fn label_length(domain: &[u8]) -> usize {
    let end = domain.iter().position(|byte| !IN_LABEL[usize::from(*byte)]);
    end.unwrap_or(domain.len())
}

/// The same with letters of all scripts.
#[cold]
fn is_unusual_domain(domain: &str) -> bool {
    let in_label = |letter: char| letter.is_alphanumeric() || letter == '-';
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(in_label)
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by the rules alone, character by character.
    fn by_the_rules(text: &str) -> bool {
        let Some((local_part, domain)) = text.rsplit_once('@') else {
            return false;
        };
        let allowed =
            |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != '@';
        !local_part.is_empty() && local_part.chars().all(allowed) && has_labels(domain)
    }

    /// Every label is known to be one when its end comes: a dot, or the end of the domain.
    fn has_labels(domain: &str) -> bool {
        let (mut before, mut dots) = ('.', 0);
        for letter in domain.chars() {
            let fits = match letter {
                _ if letter.is_alphanumeric() => true,
                '.' => before != '.' && before != '-',
                '-' => before != '.',
                _ => false,
            };
            if !fits {
                return false;
            }
            dots += usize::from(letter == '.');
            before = letter;
        }
        dots > 0 && before != '.' && before != '-'
    }

    /// What addresses are made of, and what they are not.
    fn letter() -> impl Strategy<Value = char> {
        prop_oneof![
            8 => prop::sample::select(vec!['a', 'Z', '7', '.', '-', '@']),
            2 => (0_u8..=127).prop_map(char::from),
            1 => prop::sample::select(vec!['ü', 'ß', '東', '\u{a0}', '\u{2028}', '\u{85}', 'İ', '·', '🙂']),
            1 => any::<char>(),
        ]
    }

    fn texts(letters: std::ops::Range<usize>) -> impl Strategy<Value = String> {
        prop::collection::vec(letter(), letters).prop_map(String::from_iter)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn any_text_is_judged_by_the_rules(text in texts(0..12)) {
            prop_assert_eq!(is_address(&text), by_the_rules(&text), "{:?}", text);
        }

        #[test]
        fn a_text_around_an_at_is_judged_by_the_rules(local_part in texts(0..6), domain in texts(0..9)) {
            for text in [
                format!("{local_part}@{domain}"),
                format!("{local_part}@{domain}.example"),
                format!("a@{domain}.example"),
                format!("{local_part}@shop.example"),
            ] {
                prop_assert_eq!(is_address(&text), by_the_rules(&text), "{:?}", text);
            }
        }
    }

    #[test]
    fn a_byte_is_unusual_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            let unusual = byte == b'@' || !(b'!'..=b'~').contains(&byte);
            for place in 0..20 {
                let mut text = [b'a'; 20];
                text[place] = byte;
                assert_eq!(
                    usual_length(&text),
                    if unusual { place } else { 20 },
                    "{byte}"
                );
            }
            assert_eq!(
                usual_length(&[byte; 20]),
                if unusual { 0 } else { 20 },
                "{byte}"
            );
        }
    }

    #[test]
    fn every_byte_is_judged_by_the_rules_in_every_place() {
        for letter in (0..=127_u8).map(char::from) {
            for text in [
                format!("{letter}@shop.example"),
                format!("a{letter}b@shop.example"),
                format!("a@{letter}shop.example"),
                format!("a@sh{letter}op.example"),
                format!("a@shop{letter}.example"),
                format!("a@shop.example{letter}"),
            ] {
                assert_eq!(is_address(&text), by_the_rules(&text), "{text:?}");
            }
        }
    }
}
