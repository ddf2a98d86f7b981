//! Which faults can strike. One that never could would let a test pass that shows nothing.

use std::fmt;
use std::ops::RangeInclusive;

use klaviyo_gen::OPERATIONS;

use super::{Fault, FaultError, FaultKind};
use crate::nearest::did_you_mean;

/// A year: no client waits longer, and the date is still one that HTTP can write.
const MOST_SECONDS: u64 = 365 * 86_400;

impl Fault {
    /// The fault with its operation under today's name, if it can strike at all.
    pub(crate) fn checked(mut self) -> Result<Self, FaultError> {
        if let Some(name) = self.operation.as_deref() {
            let found = klaviyo_gen::find(name).ok_or_else(|| no_operation(name))?;
            self.operation = Some(found.id.to_owned());
        }
        if !(self.chance > 0.0 && self.chance <= 1.0) {
            return refuse("chance", "above 0 and at most 1", self.chance);
        }
        if self.times == Some(0) {
            return refuse("times", "at least 1", 0);
        }
        match self.kind {
            FaultKind::ServerError { status } => within("status", 500..=599, status)?,
            // A challenge page comes as 403.
            FaultKind::GatewayError { status, .. } => within("status", 400..=599, status)?,
            FaultKind::Throttle {
                seconds: Some(seconds),
                ..
            } => within("seconds", 0..=MOST_SECONDS, seconds)?,
            FaultKind::Throttle { as_date: true, .. } => {
                let reason = "as_date is about seconds, and none are given.";
                return Err(FaultError::new("as_date", reason));
            }
            _ => {}
        }
        Ok(self)
    }
}

fn within<T: PartialOrd + fmt::Display>(
    field: &str,
    range: RangeInclusive<T>,
    value: T,
) -> Result<(), FaultError> {
    if range.contains(&value) {
        return Ok(());
    }
    let range = format!("from {} to {}", range.start(), range.end());
    refuse(field, &range, value)
}

fn refuse<T>(field: &str, range: &str, value: impl fmt::Display) -> Result<T, FaultError> {
    let detail = format!("{field} is {range}, not {value}.");
    Err(FaultError::new(field, detail))
}

fn no_operation(name: &str) -> FaultError {
    let known: Vec<_> = OPERATIONS.iter().map(|operation| operation.id).collect();
    let hint = did_you_mean(name, &known);
    FaultError::new("operation", format!("No operation is named {name}{hint}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(fault: Fault) -> String {
        fault.checked().unwrap_err().to_string()
    }

    #[test]
    fn what_can_never_strike_is_refused_with_the_reason() {
        let lost = || Fault::new(FaultKind::AppliedButLost);
        assert_eq!(
            refusal(lost().on("bulk_import_profile")),
            "No operation is named bulk_import_profile (did you mean bulk_import_profiles?)."
        );
        for chance in [-5.0, 0.0, 1.5, f64::NAN] {
            assert!(refusal(lost().chance(chance)).starts_with("chance is above 0"));
        }
        assert_eq!(refusal(lost().times(0)), "times is at least 1, not 0.");
        assert_eq!(
            lost().chance(0.5).times(1).checked().unwrap().times,
            Some(1)
        );
    }

    #[test]
    fn what_no_server_answers_is_refused() {
        for status in [42, 200, 499, 600] {
            refusal(Fault::new(FaultKind::ServerError { status }));
        }
        for status in [101, 399, 600] {
            let empty = true;
            refusal(Fault::new(FaultKind::GatewayError { status, empty }));
        }
        let throttle = |seconds| {
            Fault::new(FaultKind::Throttle {
                seconds,
                as_date: true,
            })
        };
        refusal(throttle(Some(u64::MAX)));
        refusal(throttle(Some(MOST_SECONDS + 1)));
        assert!(throttle(Some(MOST_SECONDS)).checked().is_ok());
        assert_eq!(
            refusal(throttle(None)),
            "as_date is about seconds, and none are given."
        );
    }

    #[test]
    fn an_earlier_name_of_an_operation_is_taken_for_its_name_now() {
        let fault = Fault::new(FaultKind::AppliedButLost).on("spawn_bulk_profile_import_job");
        let operation = fault.checked().unwrap().operation;
        assert_eq!(operation.as_deref(), Some("bulk_import_profiles"));
    }
}
