//! When a job is looked at next. Pure: ages are arguments.

use std::time::Duration;

use klaviyo_gen::Limits;

/// Wait before a job is first looked at, and the least between two looks: small jobs end within a
/// second or two, and a few looks cost little of a limit of ten a second.
const FIRST_LOOK: Duration = Duration::from_millis(250);
/// Longest wait between two looks at a job, however old it is.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A job is looked at again when its age has grown by a third: its end is seen at most that much late.
const PART_OF_AGE: u32 = 3;

/// How long to wait before a job of this age is looked at (again), when looks at it must be at least
/// `apart`.
pub(super) fn wait_before_look(age: Duration, apart: Duration) -> Duration {
    (age / PART_OF_AGE)
        .clamp(FIRST_LOOK, LONGEST_WAIT)
        .max(apart)
}

/// How far apart `requests` have to be for the steady limit to let them through without a wait.
pub(super) fn at_steady_pace(limits: &Limits, requests: usize) -> Duration {
    let requests = u32::try_from(requests).unwrap_or(u32::MAX);
    limits.steady.map_or(Duration::ZERO, |steady| {
        Duration::from_secs(60) * requests / steady.max(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many looks it takes to see the end of a job of that length, and how late it is seen.
    fn looks(length: Duration) -> (u32, Duration) {
        let (mut age, mut looks) = (Duration::ZERO, 0);
        while age < length {
            age += wait_before_look(age, Duration::ZERO);
            looks += 1;
        }
        (looks, age - length)
    }

    /// A first look after 1 s and waits that grow by half, the rule before this one, saw these ends
    /// with 1, 1, 2, 4, 9 and 27 looks, and 800, 100, 500, 3,125, 14,887 and 14,887 ms late.
    #[test]
    fn an_end_is_seen_early_with_few_looks() {
        for (length, seen) in [
            (200, (1, 50)),
            (900, (4, 100)),
            (2_000, (7, 370)),
            (5_000, (10, 618)),
            (60_000, (19, 14_830)),
            (600_000, (37, 9_774)),
        ] {
            let (looks, late) = looks(Duration::from_millis(length));
            assert_eq!((looks, late.as_millis()), seen, "{length} ms");
        }
    }

    #[test]
    fn many_jobs_are_looked_at_further_apart() {
        let limits = Limits {
            burst: Some(10),
            steady: Some(150),
            daily: None,
        };
        assert_eq!(at_steady_pace(&limits, 20), Duration::from_secs(8));
        let apart = at_steady_pace(&limits, 20);
        assert_eq!(wait_before_look(Duration::ZERO, apart), apart);
        let unlimited = Limits {
            steady: None,
            ..limits
        };
        assert_eq!(at_steady_pace(&unlimited, 20), Duration::ZERO);
    }
}
