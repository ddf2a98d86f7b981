//! What to say of a name that an operation does not know.

use super::reason::Reason;

/// The reason for an unknown name, with the nearest of the `known` ones. `properties` is the prefix
/// of custom properties, if the operation takes any.
pub(super) fn unknown(known: &[String], properties: Option<&str>, name: &str) -> Reason {
    let object = name.strip_suffix('.');
    let is_cut = object.is_some_and(|object| properties == Some(object) || begins_one(known, name));
    if name.is_empty() || is_cut {
        let detail = format!("there is no field {name:?}; a name is missing at its end");
        return Reason::new("unknown_field", detail).at(name);
    }
    let hint = nearest(known, name).map(|known| format!("did you mean {known:?}?"));
    let detail = if let Some(prefix) = properties {
        let hint = hint.map_or_else(|| "a".to_owned(), |hint| format!("{hint} A"));
        format!(
            "there is no field {name:?}; {hint} custom property is written \"{prefix}.{name}\", or \
             all unknown names become properties with extra=\"properties\""
        )
    } else {
        let way_out = hint.unwrap_or_else(|| format!("a row takes {}", known.join(", ")));
        format!("there is no field {name:?}; {way_out}")
    };
    Reason::new("unknown_field", detail).at(name)
}

fn begins_one(known: &[String], name: &str) -> bool {
    known.iter().any(|known| known.starts_with(name))
}

/// The one of the `known` names that is meant, if any is near.
pub(crate) fn nearest<'a, T: AsRef<str> + Ord>(known: &'a [T], name: &str) -> Option<&'a T> {
    let by_distance = known
        .iter()
        .map(|known| (distance(known.as_ref(), name), known));
    let nearest = by_distance.min();
    let near = nearest.filter(|(distance, known)| *distance <= known.as_ref().len() / 3);
    near.map(|(_, known)| known)
        .or_else(|| known.iter().find(|known| has_word(known.as_ref(), name)))
}

/// Whether a known name has the given one as a word: `phone_number` has `phone`.
fn has_word(known: &str, given: &str) -> bool {
    let given = given.to_lowercase();
    known.split(['.', '_']).any(|word| word == given)
}

/// How unlike two names are; case and separators do not count.
fn distance(known: &str, given: &str) -> usize {
    let plain = |name: &str| {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    strsim::damerau_levenshtein(&plain(known), &plain(given))
}
