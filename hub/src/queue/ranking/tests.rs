//! The laws of the ranking, on lines that proptest thinks up and on days that a small simulator plays.

mod cases;
mod laws;
mod simulator;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::rules::{CallRules, MergeRules, PriorityClass};
use kordon_schemas::text::Bilingual;
use uuid::Uuid;

use super::*;
use crate::queue::model::BookingId;

/// Rules with a class for each weight but the last, which is the live queue's; called so many minutes before
/// the slot.
fn merge(weights: &[u8], lead_minutes: u16) -> Merge {
    let (live_weight, classes) = weights.split_last().unwrap();
    let classes = classes
        .iter()
        .enumerate()
        .map(|(number, &weight)| PriorityClass {
            class: format!("class-{number}"),
            name: Bilingual { uk: "Клас".into(), en: "Class".into() },
            weight,
        })
        .collect();
    Merge::of(
        &MergeRules { classes, live_weight: *live_weight },
        &CallRules { lead_minutes, deadline_minutes: 240, warn_minutes: None },
    )
}

fn noon(minutes: i64) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-03-02T12:00:00Z").unwrap().to_utc() + TimeDelta::minutes(minutes)
}

fn id(number: u128) -> BookingId {
    BookingId(Uuid::from_u128(number))
}

/// The place of a booking that came to its zone when it was booked.
fn place(merge: &Merge, number: u128, queued: Queued<'_>, minutes: i64) -> Place {
    merge.place(id(number), queued, noon(minutes), Some(noon(minutes)))
}

fn slot(from: i64, to: i64) -> Queued<'static> {
    Queued::PreBooked { slot_starts_at: noon(from), slot_ends_at: noon(to) }
}

/// The bookings that are called one after another at `now`, until nobody can be called.
fn calls(merge: &Merge, places: &[Place], now: DateTime<Utc>) -> Vec<u128> {
    let mut line = Line::of(merge, places.iter().copied());
    let mut turns = Turns::none(merge);
    std::iter::from_fn(|| line.next(merge, &mut turns, now)).map(|chosen| number(chosen.place)).collect()
}

fn number(place: Place) -> u128 {
    place.booking.0.as_u128()
}
