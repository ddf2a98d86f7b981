//! Finds where a text needs an escape in JSON, or is otherwise special, eight bytes at a time.

/// A byte in each of eight places.
pub(super) const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// How many bytes at the beginning stand for themselves between the quotes of a JSON text: none of them
/// is a quote, a backslash or a control character.
#[inline]
pub(super) fn plain_length(text: &[u8]) -> usize {
    length_before(text, specials, is_special)
}

/// How many bytes at the beginning are not special. `specials` marks those of a word by their highest bits;
/// above the lowest mark, there may be marks that mean nothing.
#[inline]
pub(super) fn length_before(
    text: &[u8],
    specials: impl Fn(u64) -> u64,
    is_special: impl Fn(u8) -> bool,
) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let special = specials(u64::from_le_bytes(*word));
        if special != 0 {
            return index * 8 + first(special);
        }
    }
    let plain = rest.iter().take_while(|byte| !is_special(**byte));
    words.len() * 8 + plain.count()
}

/// Whether all bytes stand for themselves between the quotes of a JSON text.
#[inline]
pub(super) fn is_plain(text: &[u8]) -> bool {
    // Words may overlap: each byte is seen once at least.
    if let Some(last) = text.last_chunk::<8>() {
        let (words, _) = text.as_chunks::<8>();
        let special = |word: &[u8; 8]| specials(u64::from_le_bytes(*word));
        words
            .iter()
            .fold(special(last), |seen, word| seen | special(word))
            == 0
    } else if let (Some(head), Some(tail)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let (head, tail) = (u32::from_le_bytes(*head), u32::from_le_bytes(*tail));
        specials(u64::from(head) << 32 | u64::from(tail)) == 0
    } else {
        !text.iter().any(|byte| is_special(*byte))
    }
}

fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// The place of the lowest mark.
fn first(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

/// Marks the special bytes of a word by their highest bits. Above the lowest mark, where a subtraction
/// may have borrowed, there may be marks that mean nothing.
#[inline]
fn specials(word: u64) -> u64 {
    let control = word.wrapping_sub(each(b' '));
    let quote = (word ^ each(b'"')).wrapping_sub(each(1));
    let backslash = (word ^ each(b'\\')).wrapping_sub(each(1));
    // What has its highest bit by itself is part of a longer character, and plain.
    (control | quote | backslash) & !word & each(0x80)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_find_what_bytes_find(
            text in proptest::collection::vec(
                prop_oneof![9 => any::<u8>().prop_filter("plain", |byte| !is_special(*byte)), 1 => any::<u8>()],
                0..40,
            ),
        ) {
            let expected = text.iter().position(|byte| is_special(*byte));
            prop_assert_eq!(plain_length(&text), expected.unwrap_or(text.len()));
            prop_assert_eq!(is_plain(&text), expected.is_none());
        }
    }

    #[test]
    fn every_byte_alone_is_what_it_is() {
        for byte in 0..=u8::MAX {
            let text = [byte; 9];
            for length in 1..=9 {
                let expected = if is_special(byte) { 0 } else { length };
                assert_eq!(plain_length(&text[..length]), expected, "{byte}");
                assert_eq!(is_plain(&text[..length]), !is_special(byte), "{byte}");
            }
        }
    }
}
