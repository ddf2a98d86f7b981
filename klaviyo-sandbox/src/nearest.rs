//! What somebody may have meant who wrote a name that there is none of.

/// The known name that is nearest, as a question in brackets behind the wrong one; nothing when none
/// is near.
pub(crate) fn did_you_mean(name: &str, known: &[&str]) -> String {
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    let nearest = known.iter().min_by_key(|known| distance(known));
    match nearest.filter(|known| distance(known) <= known.len() / 3) {
        Some(known) => format!(" (did you mean {known}?)"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn only_what_is_near_is_asked_for() {
        let known = ["times", "after", "operation"];
        assert_eq!(did_you_mean("time", &known), " (did you mean times?)");
        assert_eq!(
            did_you_mean("opertaion", &known),
            " (did you mean operation?)"
        );
        assert_eq!(did_you_mean("status", &known), "");
        assert_eq!(did_you_mean("status", &[]), "");
    }
}
