//! Which request meets which fault. Pure: the same seed and requests meet the same faults.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;

use super::{Fault, FaultKind};

/// The faults that wait for requests, in the order in which they were asked for.
#[derive(Debug)]
pub(crate) struct Plan {
    faults: Vec<Planned>,
    random: StdRng,
}

/// A fault and what it did so far.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Planned {
    #[serde(flatten)]
    fault: Fault,
    /// Requests that it could have struck.
    seen: u32,
    /// Requests that it struck.
    struck: u32,
}

impl Plan {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            faults: Vec::new(),
            random: StdRng::seed_from_u64(seed),
        }
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.faults.push(Planned {
            fault,
            seen: 0,
            struck: 0,
        });
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    pub(crate) fn faults(&self) -> &[Planned] {
        &self.faults
    }

    /// What goes wrong with a request to an operation: the first fault that strikes it.
    pub(crate) fn strike(&mut self, operation: &str) -> Option<FaultKind> {
        let random = &mut self.random;
        self.faults
            .iter_mut()
            .find_map(|planned| planned.strikes(operation, random))
    }
}

impl Planned {
    fn strikes(&mut self, operation: &str, random: &mut StdRng) -> Option<FaultKind> {
        let Fault {
            kind,
            operation: only,
            after,
            times,
            chance,
        } = &self.fault;
        if only.as_deref().is_some_and(|only| only != operation)
            || times.is_some_and(|times| self.struck >= times)
        {
            return None;
        }
        self.seen += 1;
        if self.seen <= *after || !random.random_bool(chance.clamp(0.0, 1.0)) {
            return None;
        }
        self.struck += 1;
        Some(kind.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: FaultKind = FaultKind::AppliedButLost;

    fn struck(fault: Fault, requests: u32) -> Vec<u32> {
        let mut plan = Plan::new(11);
        plan.add(fault);
        (0..requests)
            .filter(|_| plan.strike("create_event").is_some())
            .collect()
    }

    #[test]
    fn it_strikes_when_and_as_often_as_asked() {
        assert_eq!(struck(Fault::new(KIND), 3), [0, 1, 2]);
        assert_eq!(struck(Fault::new(KIND).after(2).times(2), 9), [2, 3]);
        assert_eq!(struck(Fault::new(KIND).on("create_event"), 1), [0]);
        assert_eq!(
            struck(Fault::new(KIND).on("get_profiles"), 3),
            Vec::<u32>::new()
        );
    }

    #[test]
    fn chance_is_drawn_from_the_seed() {
        let one = struck(Fault::new(KIND).chance(0.3), 1000);
        assert_eq!(one, struck(Fault::new(KIND).chance(0.3), 1000));
        assert!((200..400).contains(&one.len()), "{}", one.len());
        assert!(struck(Fault::new(KIND).chance(0.0), 100).is_empty());
    }

    #[test]
    fn the_first_that_strikes_wins() {
        let mut plan = Plan::new(1);
        plan.add(Fault::new(FaultKind::ResetAfterReading).times(1));
        plan.add(Fault::new(KIND));
        assert_eq!(
            plan.strike("create_event"),
            Some(FaultKind::ResetAfterReading)
        );
        assert_eq!(plan.strike("create_event"), Some(KIND));
    }

    #[test]
    fn a_fault_is_written_flat() {
        let text = r#"{"kind": "throttle", "seconds": 3, "operation": "create_event", "times": 2}"#;
        let fault: Fault = serde_json::from_str(text).unwrap();
        let expected = Fault::new(FaultKind::Throttle {
            seconds: 3,
            as_date: false,
        })
        .on("create_event")
        .times(2);
        assert_eq!(fault, expected);
    }
}
