//! The lives of the vehicles of one checkpoint, as they are in truth: when each is booked and arrives, whom
//! the operator calls in which hour, and how long the way across the border takes after that.

use kordon_schemas::events::EventKind;

use super::chance::Chance;
use crate::commands::demo::day::{DAY, HOUR, LAST_ROUND, Moment};

/// A vehicle's day.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    /// When it is booked.
    pub(crate) booked: Moment,
    /// In which round the operator hands the booking in.
    pub(crate) booking_told: usize,
    /// Its stay in the zone; none for one that never comes.
    pub(crate) stay: Option<Stay>,
    /// Its call.
    pub(crate) call: Option<Called>,
    /// What happens after the call, in seconds after it, as far as the day goes; by time.
    pub(crate) way: Vec<(EventKind, i64)>,
}

/// A stay in the zone.
#[derive(Debug, Clone)]
pub(crate) struct Stay {
    pub(crate) arrived: Moment,
    /// In which round the zone tells so.
    pub(crate) arrival_told: usize,
    /// It left the zone before it was called, for a few minutes, and came back. Both are free (clause 42).
    pub(crate) away: Option<Away>,
}

/// An absence from the zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Away {
    pub(crate) left: Moment,
    pub(crate) left_told: usize,
    pub(crate) back: Moment,
    pub(crate) back_told: usize,
}

/// A call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Called {
    pub(crate) at: Moment,
    pub(crate) round: usize,
    /// Its place among those that waited in the zone, from 1.
    pub(crate) place: usize,
    /// How many waited there.
    pub(crate) waiting: usize,
}

/// What a checkpoint's day is made of.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    /// By booking.
    pub(crate) lives: Vec<Life>,
    /// Whom the operator calls, in order, by place in `lives`.
    pub(crate) calls: Vec<usize>,
    /// Whom it tries to call before others without a reason, and in which round.
    pub(crate) not_first: Option<(usize, usize)>,
}

/// Draws the day of `vehicles` vehicles.
pub(crate) fn draw(chance: &mut Chance, vehicles: usize) -> Drawn {
    let mut lives: Vec<Life> =
        (0..vehicles).map(|number| before_the_call(chance, number, vehicles)).collect();
    let (calls, not_first) = call(chance, &mut lives);
    for life in &mut lives {
        after_the_call(chance, life);
    }
    Drawn { lives, calls, not_first }
}

fn before_the_call(chance: &mut Chance, number: usize, vehicles: usize) -> Life {
    // Bookings come all day, no two at the same second, and the last leaves time to arrive.
    let share = 21 * HOUR / count(vehicles).max(1);
    let booked = Moment(share * count(number) + chance.between(0, share - 1));
    let booking_told = late(chance, booked.round(), 12, 2).min(LAST_ROUND - 1);
    let arrived = match chance.below(15) {
        0 => None,
        1 | 2 => Some(booked.after(-chance.between(2, 10) * 60)),
        _ => Some(booked.after(chance.between(20, 240) * 60 + chance.between(0, 59))),
    };
    let stay = arrived.filter(|arrived| arrived.0 < DAY - 600).map(|arrived| {
        let away = (arrived.0.rem_euclid(HOUR) < 2 * HOUR / 3 && chance.one_in(8)).then(|| {
            let left = arrived.after(chance.between(180, 300));
            let back = left.after(chance.between(120, 300));
            let (left_told, back_told) = (late(chance, left.round(), 3, 3), late(chance, back.round(), 6, 2));
            Away { left, left_told, back, back_told }
        });
        Stay { arrived, arrival_told: late(chance, arrived.round(), 6, 3), away }
    });
    Life { booked, booking_told, stay, call: None, way: Vec::new() }
}

/// The operator calls at the end of each hour: the first in order of those it knows to be in the zone, and
/// now and then another, for a reason.
fn call(chance: &mut Chance, lives: &mut [Life]) -> (Vec<usize>, Option<(usize, usize)>) {
    let an_hour = lives.len() / 24 + 1;
    let mut calls = Vec::new();
    let mut not_first = None;
    for round in 0..LAST_ROUND {
        let mut waiting: Vec<usize> = (0..)
            .zip(lives.iter())
            .filter(|(_, life)| life.call.is_none() && known_to_wait(life, round))
            .map(|(number, _)| number)
            .collect();
        if let (None, [_, .., last], 8..) = (not_first, waiting.as_slice(), round) {
            not_first = Some((round, *last));
        }
        let to_call = chance.below(2 * an_hour + 1).min(waiting.len());
        for turn in 0..to_call {
            let before = if chance.one_in(12) { chance.below(waiting.len()) } else { 0 };
            let at = Moment(HOUR * count(round) + HOUR * 11 / 12 + 300 * count(turn) / count(to_call).max(1));
            let called = Called { at, round, place: before + 1, waiting: waiting.len() };
            let number = waiting.remove(before);
            if let Some(life) = lives.get_mut(number) {
                life.call = Some(called);
                calls.push(number);
            }
        }
    }
    (calls, not_first)
}

/// Whether the hub knows at the end of a round that a booked vehicle is in its zone: it came, or came back,
/// and has not left since.
fn known_to_wait(life: &Life, round: usize) -> bool {
    let Some(stay) = &life.stay else { return false };
    let told = |in_round: usize| in_round <= round;
    let is_there = match stay.away {
        None => told(stay.arrival_told),
        // That it came back says that it is there, whatever was told before.
        Some(away) => told(away.back_told) || (told(stay.arrival_told) && !told(away.left_told)),
    };
    is_there && told(life.booking_told)
}

fn after_the_call(chance: &mut Chance, life: &mut Life) {
    let Some(called) = life.call else { return };
    // Of 25, one does not heed its call, one leaves the zone and does not come, one stands in the checkpoint
    // until midnight.
    let fate = chance.below(25);
    let mut minutes = |from: i64, to: i64| chance.between(from * 60, to * 60);
    let zone_left = minutes(5, 15);
    let entered = zone_left + minutes(10, 50);
    // The two controls run in either order.
    let border_started = entered + minutes(3, 30);
    let border_finished = border_started + minutes(5, 30);
    let customs_started = entered + minutes(3, 40);
    let customs_finished = customs_started + minutes(10, 40);
    let left = border_finished.max(customs_finished) + minutes(2, 15);
    life.way = vec![
        (EventKind::ZoneLeft, zone_left),
        (EventKind::CheckpointEntered, entered),
        (EventKind::BorderControlStarted, border_started),
        (EventKind::BorderControlFinished, border_finished),
        (EventKind::CustomsControlStarted, customs_started),
        (EventKind::CustomsControlFinished, customs_finished),
        (EventKind::CheckpointLeft, left),
    ];
    if fate < 3 {
        life.way.truncate(fate);
    }
    life.way.retain(|(_, seconds)| called.at.after(*seconds).0 < DAY);
    life.way.sort_by_key(|(_, seconds)| *seconds);
}

/// The round in which something is told that a prompt system would tell in `round`: one in `of` is up to
/// `rounds` late.
pub(crate) fn late(chance: &mut Chance, round: usize, of: usize, rounds: usize) -> usize {
    let delay = if chance.one_in(of) { 1 + chance.below(rounds) } else { 0 };
    (round + delay).min(LAST_ROUND)
}

fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}
