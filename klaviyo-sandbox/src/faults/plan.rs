//! Which request meets which fault. Pure: the same seed and requests meet the same faults.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;

use super::{Fault, FaultError, FaultKind};

/// The faults that wait for requests, in the order in which they were asked for.
#[derive(Debug)]
pub(crate) struct Plan {
    faults: Vec<Planned>,
    /// How many were ever asked for.
    numbered: u64,
    random: StdRng,
}

/// What goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) kind: FaultKind,
    /// The fault's number in its plan.
    number: u64,
}

/// A fault and what it did so far.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Planned {
    #[serde(skip)]
    number: u64,
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
            numbered: 0,
            random: StdRng::seed_from_u64(seed),
        }
    }

    /// Takes a fault that can strike.
    pub(crate) fn add(&mut self, fault: Fault) -> Result<(), FaultError> {
        let fault = fault.checked()?;
        self.faults.push(Planned {
            number: self.numbered,
            fault,
            seen: 0,
            struck: 0,
        });
        self.numbered += 1;
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    pub(crate) fn faults(&self) -> &[Planned] {
        &self.faults
    }

    /// How often faults of this kind struck.
    pub(crate) fn struck(&self, kind: &FaultKind) -> u64 {
        let alike = self.faults.iter().filter(|it| it.fault.kind == *kind);
        alike.map(|it| u64::from(it.struck)).sum()
    }

    /// What goes wrong with a request to an operation: the first fault that strikes it.
    pub(crate) fn strike(&mut self, operation: &str) -> Option<Strike> {
        let random = &mut self.random;
        self.faults
            .iter_mut()
            .find_map(|planned| planned.strikes(operation, random))
    }

    /// Takes back a strike that found nothing: it is as if the request had not come.
    pub(crate) fn take_back(&mut self, strike: &Strike) {
        let mut faults = self.faults.iter_mut();
        if let Some(planned) = faults.find(|planned| planned.number == strike.number) {
            planned.seen = planned.seen.saturating_sub(1);
            planned.struck = planned.struck.saturating_sub(1);
        }
    }
}

impl Planned {
    fn strikes(&mut self, operation: &str, random: &mut StdRng) -> Option<Strike> {
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
        if self.seen <= *after || !random.random_bool(*chance) {
            return None;
        }
        self.struck += 1;
        Some(Strike {
            kind: kind.clone(),
            number: self.number,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: FaultKind = FaultKind::AppliedButLost;

    fn struck(fault: Fault, requests: u32) -> Vec<u32> {
        let mut plan = Plan::new(11);
        plan.add(fault).unwrap();
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
    }

    #[test]
    fn the_first_that_strikes_wins() {
        let mut plan = Plan::new(1);
        let reset = FaultKind::ResetAfterReading;
        plan.add(Fault::new(reset.clone()).times(1)).unwrap();
        plan.add(Fault::new(KIND)).unwrap();
        assert_eq!(plan.strike("create_event").unwrap().kind, reset);
        assert_eq!(plan.strike("create_event").unwrap().kind, KIND);
    }

    #[test]
    fn a_strike_that_is_taken_back_comes_again() {
        let mut plan = Plan::new(1);
        plan.add(Fault::new(KIND).after(1).times(1)).unwrap();
        assert_eq!(plan.strike("create_event"), None);
        let strike = plan.strike("create_event").unwrap();
        assert_eq!(plan.strike("create_event"), None);
        plan.take_back(&strike);
        assert_eq!(plan.strike("create_event"), Some(strike));
    }

    #[test]
    fn a_fault_is_written_flat() {
        let text = r#"{"kind": "throttle", "seconds": 3, "operation": "create_event", "times": 2}"#;
        let fault: Fault = serde_json::from_str(text).unwrap();
        let expected = Fault::new(FaultKind::Throttle {
            seconds: Some(3),
            as_date: false,
        })
        .on("create_event")
        .times(2);
        assert_eq!(fault, expected);
    }
}
