//! Reads caps out of an operation's description, sentence by sentence. A sentence states a cap
//! when it holds a number and the words that go with that cap.

/// The caps that a description states.
#[derive(Debug, Default, PartialEq)]
pub(super) struct StatedCaps {
    pub(super) max_items: Option<u64>,
    pub(super) max_request_bytes: Option<u64>,
    pub(super) max_item_bytes: Option<u64>,
    pub(super) max_string_bytes: Option<u64>,
    pub(super) max_jobs_in_progress: Option<u64>,
}

/// A number in a sentence.
#[derive(Debug, PartialEq)]
enum Quantity {
    Count(u64),
    Bytes(u64),
}

/// Reads the caps that a description states.
pub(super) fn caps(description: &str) -> StatedCaps {
    // The rate limits follow; they are facts of their own.
    let (prose, _) = description
        .split_once("Rate limits")
        .unwrap_or((description, ""));
    let mut caps = StatedCaps::default();
    for sentence in sentences(prose) {
        if let Some(quantity) = sentence.split_whitespace().find_map(quantity)
            && let Some(cap) = stated(&mut caps, &sentence, &quantity)
        {
            let (Quantity::Count(value) | Quantity::Bytes(value)) = quantity;
            *cap = Some(value);
        }
    }
    caps
}

/// Which cap a sentence states, if any.
fn stated<'a>(
    caps: &'a mut StatedCaps,
    sentence: &str,
    quantity: &Quantity,
) -> Option<&'a mut Option<u64>> {
    let says = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
    if !says(&["up to", "max", "limit", "cannot exceed"]) {
        return None;
    }
    match quantity {
        Quantity::Count(_) if says(&["jobs in progress", "jobs queued"]) => {
            Some(&mut caps.max_jobs_in_progress)
        }
        Quantity::Count(_) if says(&["per request", "per call", "per job", "be submitted"]) => {
            Some(&mut caps.max_items)
        }
        Quantity::Bytes(_) if says(&["string"]) => Some(&mut caps.max_string_bytes),
        Quantity::Bytes(_) if says(&["payload size per"]) => Some(&mut caps.max_item_bytes),
        Quantity::Bytes(_) if says(&["payload"]) => Some(&mut caps.max_request_bytes),
        _ => None,
    }
}

/// The sentences in lower case, without markup.
fn sentences(prose: &str) -> impl Iterator<Item = String> {
    let prose = prose.to_lowercase().replace(['`', '*'], "");
    let sentences: Vec<String> = prose
        .split(". ")
        .flat_map(|sentence| sentence.split(['\n', '<']))
        .map(str::to_owned)
        .collect();
    sentences.into_iter()
}

/// `1,000` → 1,000 things; `5mb` → 5,000,000 bytes.
fn quantity(word: &str) -> Option<Quantity> {
    let word = word.trim_end_matches(['.', ',', ':']).replace(',', "");
    let bytes = |number: &str, unit: u64| Some(Quantity::Bytes(number.parse::<u64>().ok()? * unit));
    match word.as_str() {
        word if word.ends_with("kb") => bytes(word.trim_end_matches("kb"), 1_000),
        word if word.ends_with("mb") => bytes(word.trim_end_matches("mb"), 1_000_000),
        word => word.parse().ok().map(Quantity::Count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_items_are_read() {
        for sentence in [
            "Takes in up to 2,000 widgets per request.",
            "At a maximum of `2000` widgets per call.",
            "The max number of widgets per job is 2000.",
            "Widgets per request limit: 2000<br>",
            "Maximum number of widgets that can be submitted: 2000",
        ] {
            assert_eq!(caps(sentence).max_items, Some(2000), "{sentence}");
        }
    }

    #[test]
    fn sizes_are_read_as_powers_of_ten() {
        let text = "The maximum payload size is 3MB. The maximum payload size per-widget is 7KB. \
                    A string cannot exceed 2KB.";
        let expected = StatedCaps {
            max_request_bytes: Some(3_000_000),
            max_item_bytes: Some(7_000),
            max_string_bytes: Some(2_000),
            ..StatedCaps::default()
        };
        assert_eq!(caps(text), expected);
    }

    #[test]
    fn jobs_are_not_items() {
        let expected = StatedCaps {
            max_jobs_in_progress: Some(500),
            ..StatedCaps::default()
        };
        assert_eq!(
            caps("The maximum number of jobs in progress is 500."),
            expected
        );
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for sentence in [
            "Answers 201 or 200.",
            "An account cannot have more than **500** widgets.",
            "Up to par.\n\n*Rate limits*:<br>Burst: `10/s`, 5 per request",
        ] {
            assert_eq!(caps(sentence), StatedCaps::default(), "{sentence}");
        }
    }
}
