//! Notices pages that lead in a circle, without remembering all of them.

/// Sees the target of each page that is asked for. Brent's way: of all targets only one is kept, a
/// later one each time that twice as many were seen, so that every circle is met in the end.
#[derive(Debug, Default)]
pub(crate) struct Circle {
    kept: String,
    seen: u64,
    keep_next_at: u64,
}

impl Circle {
    /// Whether the target leads back to a page that was asked for before.
    pub(crate) fn closes_with(&mut self, target: &str) -> bool {
        if self.kept == target {
            return true;
        }
        if self.seen == self.keep_next_at {
            target.clone_into(&mut self.kept);
            self.keep_next_at = self.keep_next_at * 2 + 1;
        }
        self.seen += 1;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pages are asked for until a circle is noticed that begins after `way` pages.
    fn asked(way: u32, length: u32) -> u32 {
        let mut circle = Circle::default();
        let page = |step: u32| {
            if step < way {
                step
            } else {
                way + (step - way) % length
            }
        };
        let found = (0..1000).find(|&step| circle.closes_with(&format!("/{}", page(step))));
        found.expect("it is noticed")
    }

    #[test]
    fn every_circle_is_noticed_soon() {
        assert_eq!(asked(0, 1), 1);
        for (way, length) in [(0, 2), (1, 1), (5, 1), (3, 7), (40, 13)] {
            let steps = asked(way, length);
            assert!(steps <= 4 * (way + length), "{way} {length}: {steps}");
        }
    }

    #[test]
    fn pages_without_a_circle_go_on() {
        let mut circle = Circle::default();
        assert!((0..5000).all(|page| !circle.closes_with(&page.to_string())));
    }
}
