//! What a correction does to the uses that an office reported (Order 926, section IV, clause 8). Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kordon_schemas::Fault;
use kordon_schemas::permits::{PermitUse, UseCorrection, UseCorrectionIn};

use crate::permits::model::Reported;

/// A use that is put in the place of another, or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseChange {
    /// What was reported.
    pub before: PermitUse,
    /// What takes its place; `None`: nothing, it never was.
    pub after: Option<PermitUse>,
    /// Why.
    pub reason: String,
}

/// What corrections change of the uses that stand, one after the other. One that was made already is the same
/// correction, and changes nothing.
///
/// # Errors
/// A [`Fault`] for each that has nothing to correct, or would make two uses one.
pub fn changes(
    stand: &[Reported],
    made: &[UseCorrection],
    asked: &[UseCorrectionIn],
) -> Result<Vec<UseChange>, Vec<Fault>> {
    let mut days: BTreeMap<&str, NaiveDate> = stand
        .iter()
        .map(|Reported { used, at: _ }| (used.registration_number.as_str(), used.released_on))
        .collect();
    let mut changes = Vec::new();
    let mut faults = Vec::new();
    for (place, correction) in asked.iter().enumerate() {
        // Without `to` it never was: checked before.
        let UseCorrectionIn { registration_number: number, to, never_was: _, reason } = correction;
        let mut fault = |member: &str, detail: &str| {
            faults.push(Fault::new(format!("/corrections/{place}/{member}"), detail));
        };
        let is_made = made.iter().any(|made| made.before.registration_number == *number && made.after == *to);
        let renamed = to.as_ref().filter(|to| to.registration_number != *number);
        match days.get(number.as_str()).copied() {
            None if is_made => {}
            None => fault("registration_number", "was not reported"),
            Some(_) if renamed.is_some_and(|to| days.contains_key(to.registration_number.as_str())) => {
                fault("to/registration_number", "was reported as another use");
            }
            Some(day) if to.as_ref().is_some_and(|to| renamed.is_none() && day == to.released_on) => {
                if !is_made {
                    fault("to", "is what is recorded");
                }
            }
            Some(released_on) => {
                days.remove(number.as_str());
                if let Some(to) = to {
                    days.insert(&to.registration_number, to.released_on);
                }
                let before = PermitUse { registration_number: number.clone(), released_on };
                changes.push(UseChange { before, after: to.clone(), reason: reason.trim().to_owned() });
            }
        }
    }
    if faults.is_empty() { Ok(changes) } else { Err(faults) }
}

#[cfg(test)]
mod tests;
