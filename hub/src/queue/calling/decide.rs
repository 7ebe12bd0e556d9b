//! Whom to call, and why: a pure function of who stands in the lane, the credits of the turns, what was
//! asked, and the time.

use chrono::{DateTime, Utc};
use kordon_schemas::ProblemCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::{CallExplanation, CallRule, QueueKind, Stood, TurnCredit};

use super::handed_in;
use crate::error::{Error, Result};
use crate::queue::model::BookingId;
use crate::queue::ranking::{Chosen, ChosenBy, Line, Merge, Place, Standing, Turns};
use crate::queue::waiting::Stand;

/// How many of each queue and class an explanation names.
pub(super) const NAMED: usize = 3;

/// Who is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whom.
    pub booking: BookingId,
    /// Why.
    pub explanation: CallExplanation,
    /// The credits after it. A call out of order takes no turn.
    pub turns: Turns,
}

/// Decides whom to call in a lane: the first in order of those in a waiting zone, or `wanted`, who needs a
/// reason to go before others. `stands` may be in any order. They are everyone, or where nobody is wanted, at
/// least the first of each queue and class; `behind` says how many wait behind those.
///
/// # Errors
/// [`ProblemCode::NotCallable`] when nobody can be called or `wanted` was called already or does not wait
/// here, [`ProblemCode::NotFirst`] when `wanted` has no reason to go first.
pub fn choose(
    merge: &Merge,
    stands: &[Stand],
    behind: usize,
    turns: &Turns,
    wanted: Option<BookingId>,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Decision> {
    let mut line = Line::of(merge, stands.iter().filter(|stand| stand.waits()).map(|stand| stand.place));
    let waiting = count(line.len() + behind);
    let explain = |line: &Line, place, waiting, rule| CallExplanation {
        place,
        waiting,
        rule,
        stood: stood(merge, line),
        turns: credits(merge, turns),
    };
    // What an explanation names, before the first is taken out.
    let mut explanation = explain(&line, 1, waiting, CallRule::Turn);
    let mut after = turns.clone();
    let whole = wanted.map(|_| line.clone());
    let first = line.next(merge, &mut after, now);
    match (wanted, first) {
        (None, None) => Err(Error::refused(ProblemCode::NotCallable, nobody(&line))),
        (None, Some(chosen)) => {
            explanation.rule = rule(chosen);
            Ok(Decision { booking: chosen.place.booking, explanation, turns: after })
        }
        (Some(wanted), Some(chosen)) if chosen.place.booking == wanted => {
            explanation.rule = rule(chosen);
            Ok(Decision { booking: wanted, explanation, turns: after })
        }
        (Some(wanted), _) => {
            let why_not_first = why_not_first(stands, wanted)?;
            if reason.is_none() {
                return Err(Error::refused(ProblemCode::NotFirst, why_not_first));
            }
            let order = whole.unwrap_or(line).rank(merge, turns, now, |at| at);
            let place = order.iter().position(|place| place.booking == wanted);
            (explanation.place, explanation.waiting) = match place {
                Some(before) => (count(before) + 1, waiting),
                None => (waiting + 1, waiting + 1),
            };
            explanation.rule = CallRule::OutOfOrder;
            Ok(Decision { booking: wanted, explanation, turns: turns.clone() })
        }
    }
}

/// What is known of a vehicle that has entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entered {
    /// When it was first known to be at the checkpoint.
    pub came_at: DateTime<Utc>,
    /// Whether its call is known.
    pub was_called: bool,
}

/// Takes in the call of another queue system, which decided whom. The call may be told after the entry that
/// followed it: `entered` is what is known of that.
///
/// # Errors
/// [`ProblemCode::NotCallable`] when that vehicle was called already, does not wait here, or had come before
/// the call was given.
pub fn hand_in(
    merge: &Merge,
    stands: &[Stand],
    turns: &Turns,
    wanted: BookingId,
    called_at: DateTime<Utc>,
    entered: Option<Entered>,
) -> Result<Decision> {
    match entered {
        None => {
            why_not_first(stands, wanted)?;
        }
        Some(Entered { was_called: true, came_at: _ }) => {
            return Err(Error::refused(ProblemCode::NotCallable, "the vehicle was called already"));
        }
        Some(Entered { was_called: false, came_at }) if came_at < called_at => {
            let detail = format!("the vehicle was at the checkpoint at {came_at}, before that call");
            return Err(Error::refused(ProblemCode::NotCallable, detail));
        }
        Some(Entered { was_called: false, came_at: _ }) => {}
    }
    let mut waiting: Vec<&Stand> =
        stands.iter().filter(|stand| stand.waits() || stand.booking() == wanted).collect();
    waiting.sort_unstable_by_key(|stand| stand.place);
    let place = waiting.iter().position(|stand| stand.booking() == wanted).unwrap_or_default();
    let mut explanation = handed_in(count(place) + 1, count(waiting.len()));
    explanation.turns = credits(merge, turns);
    Ok(Decision { booking: wanted, explanation, turns: turns.clone() })
}

/// The answer for a booking that is not in this queue, or is as if it were not.
pub(super) fn not_here() -> Error {
    Error::refused(ProblemCode::NotCallable, "the vehicle does not wait for this checkpoint")
}

/// Why a vehicle that can be called does not go first.
fn why_not_first(stands: &[Stand], wanted: BookingId) -> Result<&'static str> {
    let Some(stand) = stands.iter().find(|stand| stand.booking() == wanted) else {
        return Err(not_here());
    };
    match stand.stage {
        Stage::ZoneArrived if stand.in_zone => Ok(match stand.place.standing {
            Standing::Slot { .. } => "its slot has not begun, or another stands before it",
            Standing::Turn(_) => "another vehicle in the zone stands before this one",
        }),
        Stage::ZoneArrived | Stage::Booked => Ok("the vehicle is not in a waiting zone"),
        // What a missed call costs is for the checkpoint's rules; that the vehicle can be called again is
        // not.
        Stage::Called | Stage::ZoneLeft if stand.call_lapsed => Ok("the vehicle missed its call"),
        Stage::Called
        | Stage::ZoneLeft
        | Stage::CheckpointEntered
        | Stage::Controls
        | Stage::CheckpointLeft => {
            Err(Error::refused(ProblemCode::NotCallable, "the vehicle was called already"))
        }
    }
}

fn nobody(line: &Line) -> &'static str {
    if line.is_empty() {
        "nobody waits in a waiting zone"
    } else {
        "the slots of those in the zone have not begun"
    }
}

const fn rule(chosen: Chosen) -> CallRule {
    match chosen.by {
        ChosenBy::Slot => CallRule::Slot,
        ChosenBy::Turn(_) => CallRule::Turn,
    }
}

/// The first of each queue and class.
fn stood(merge: &Merge, line: &Line) -> Vec<Stood> {
    let turns = merge.contenders().flat_map(|contender| line.waiting(contender).take(NAMED));
    line.slots().take(NAMED).chain(turns).map(|place| named(merge, place)).collect()
}

fn named(merge: &Merge, place: Place) -> Stood {
    let Place { standing, since, booking } = place;
    let (queue, priority_class, slot_starts_at) = match standing {
        Standing::Slot { starts_at } => (QueueKind::PreBooked, None, Some(starts_at)),
        Standing::Turn(contender) => match merge.code(contender) {
            Some(code) => (QueueKind::Priority, Some(code.to_owned()), None),
            None => (QueueKind::Live, None, None),
        },
    };
    Stood { booking: booking.0, queue, priority_class, slot_starts_at, since }
}

fn credits(merge: &Merge, turns: &Turns) -> Vec<TurnCredit> {
    merge
        .contenders()
        .map(|contender| TurnCredit {
            priority_class: merge.code(contender).map(str::to_owned),
            weight: merge.weight(contender),
            credit: turns.credit(contender),
        })
        .collect()
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
