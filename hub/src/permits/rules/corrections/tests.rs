//! A correction changes one use, once (Order 926, section IV, clause 8).

use chrono::{DateTime, Utc};

use super::*;

fn used(number: &str, day: &str) -> PermitUse {
    PermitUse { registration_number: number.into(), released_on: format!("2026-11-{day}").parse().unwrap() }
}

fn correction(number: &str, to: PermitUse) -> UseCorrectionIn {
    UseCorrectionIn {
        registration_number: number.into(),
        to: Some(to),
        never_was: false,
        reason: " Помилка. ".into(),
    }
}

fn never_was(number: &str) -> UseCorrectionIn {
    UseCorrectionIn { to: None, never_was: true, ..correction(number, used(number, "23")) }
}

/// A permit's uses, and the corrections that were made.
struct Register(Vec<Reported>, Vec<UseCorrection>);

impl Register {
    fn of(uses: &[PermitUse]) -> Self {
        Self(
            uses.iter().map(|used| Reported { used: used.clone(), at: DateTime::UNIX_EPOCH }).collect(),
            vec![],
        )
    }

    /// How many changes were made of what was asked.
    fn correct(&mut self, asked: &[UseCorrectionIn]) -> Result<usize, String> {
        let Self(uses, made) = self;
        let said = |faults: Vec<Fault>| {
            faults
                .iter()
                .map(|fault| format!("{} {}", fault.path, fault.detail))
                .collect::<Vec<_>>()
                .join("; ")
        };
        let changes = changes(uses, made, asked).map_err(said)?;
        for UseChange { before, after, reason } in &changes {
            let place = uses.iter().position(|reported| reported.used == *before).unwrap();
            match after {
                Some(after) => uses[place].used = after.clone(),
                None => drop(uses.remove(place)),
            }
            let (before, after, reason) = (before.clone(), after.clone(), reason.clone());
            made.push(UseCorrection { before, after, reason, corrected_at: DateTime::<Utc>::UNIX_EPOCH });
        }
        Ok(changes.len())
    }
}

#[test]
fn the_same_correction_again_changes_nothing() {
    let mut register = Register::of(&[used("71", "23"), used("2", "23")]);
    let asked = [correction("71", used("17", "24")), correction("2", used("2", "24"))];
    assert_eq!(register.correct(&asked), Ok(2));
    assert_eq!(register.correct(&asked), Ok(0));
    assert_eq!(register.1[0].reason, "Помилка.");
    let on = [correction("17", used("18", "24"))];
    assert_eq!(register.correct(&on), Ok(1));
    assert_eq!(register.correct(&asked), Ok(0), "also when what it led to was corrected, too");
}

#[test]
fn a_use_that_never_was_is_taken_back_once() {
    let mut register = Register::of(&[used("71", "23"), used("2", "23")]);
    assert_eq!(register.correct(&[never_was("71")]), Ok(1));
    assert_eq!(register.correct(&[never_was("71")]), Ok(0), "the same correction");
    let register_of = |register: &Register| register.0.iter().map(|one| one.used.clone()).collect::<Vec<_>>();
    assert_eq!(register_of(&register), [used("2", "23")]);
    let told = register.correct(&[never_was("3")]).unwrap_err();
    assert_eq!(told, "/corrections/0/registration_number was not reported");
    assert_eq!(register.correct(&[correction("2", used("71", "24"))]), Ok(1), "its number is free again");
    let told = register.correct(&[correction("2", used("3", "24"))]).unwrap_err();
    assert_eq!(told, "/corrections/0/registration_number was not reported");
}

#[test]
fn numbers_that_follow_each_other_are_corrected_in_that_order() {
    let mut register = Register::of(&[used("17", "23"), used("18", "23")]);
    let down = [correction("17", used("16", "23")), correction("18", used("17", "23"))];
    assert_eq!(register.correct(&down), Ok(2));
    let up = [correction("16", used("17", "23")), correction("17", used("18", "23"))];
    let told = register.correct(&up).unwrap_err();
    assert_eq!(told, "/corrections/0/to/registration_number was reported as another use");
}

#[test]
fn a_correction_has_one_use_to_correct() {
    let mut register = Register::of(&[used("71", "23"), used("2", "23")]);
    let asked = [
        correction("3", used("4", "23")),
        correction("2", used("2", "23")),
        correction("71", used("2", "24")),
    ];
    assert_eq!(
        register.correct(&asked).unwrap_err(),
        "/corrections/0/registration_number was not reported; /corrections/1/to is what is recorded; \
         /corrections/2/to/registration_number was reported as another use"
    );
}
