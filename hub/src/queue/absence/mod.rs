//! Vehicles that do not come (Q11): pre-booked ones that are not in a waiting zone when their grace is over,
//! also those that were in one and left before their slot, and called ones that have not entered when their
//! deadline passed. What follows is said by the rules under which they were booked or called; it is a fact of
//! its own, with its position, the version and what was before. One that was at the gate in time and was not
//! let in loses its call and nothing else, whatever the rules say of those that did not come, and is no
//! no-show.
//!
//! **Nobody waits for ever.** One that was not called, is in no zone, and of which nothing was heard for 30
//! days did not come either, whatever queue it is in: its booking ends. After a pause it has the 30 days
//! anew. Else it would stand before those who came, and take the facts of its vehicle's next journey.
//!
//! **The crossing's facts win.** An entry (or an arrival) that was recorded offline and is handed in after
//! the absence was decided, but happened before it was due, takes the consequence back: the booking is what
//! it was, the call counts again, a ban is lifted. A refusal at the gate that was in time does the same; the
//! call is missed anew then, and that is all. What happened later changes nothing: the absence stands. So it
//! does when no fact that happened in time can be handed in any more. Each absence is settled once. So that
//! nothing is sold twice, the place of an absent vehicle in its slot stays sold; mostly the slot has begun,
//! and could not be sold any more.

mod store;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::bookings::EndedBy;
pub use kordon_schemas::queue::AbsentFrom;
use kordon_schemas::rules::{Consequence, Rules};
use kordon_schemas::{CheckpointCode, FoldedPlate};

use self::store::{Candidate, Open};
use super::bans;
use super::booking::store::FORGOTTEN;
use super::calling::{current_call, update_called};
use super::changes::ending;
use super::model::BookingId;
use super::pauses::PausesSince;
use super::waiting::Ground;
use crate::checkpoints::rules as checkpoint_rules;
use crate::crossings::model::{Crossing, Position};
use crate::crossings::{LockedJournal, rules as crossing_rules, store as crossing_store};
use crate::database::Connection;
use crate::error::{Error, Result};

/// How long a fact may take from the moment when it was found to be in time until it is recorded. Generous:
/// the clocks of replicas differ, and nothing is lost by waiting.
const RECORDED_WITHIN: TimeDelta = TimeDelta::hours(1);

/// Until when an absence must have been due for no fact to take it back any more: one that happened in time
/// would come too late.
fn past_recall(now: DateTime<Utc>) -> DateTime<Utc> {
    now - crossing_rules::OLDEST - RECORDED_WITHIN
}

/// How a booking that an absence ends was ended.
const fn ended_by(from: AbsentFrom) -> EndedBy {
    match from {
        AbsentFrom::Zone => EndedBy::NoShowAtZone,
        AbsentFrom::Checkpoint => EndedBy::NoShowAtCheckpoint,
    }
}

/// A vehicle that did not come, and what followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// Its position in the journal.
    pub position: Position,
    /// The booking.
    pub booking: BookingId,
    /// Where it did not come.
    pub from: AbsentFrom,
    /// Whether it was at the gate in time and was not let in.
    pub was_refused: bool,
    /// By when it had to.
    pub due_at: DateTime<Utc>,
    /// What followed.
    pub consequence: Consequence,
    /// The version of the rules that said so.
    pub rules_version: i32,
}

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// The absences that it decided.
    pub absences: Vec<Absence>,
    /// The bookings whose absence it took back.
    pub taken_back: Vec<BookingId>,
}

/// Decides the absences of a checkpoint that are due, takes back those that facts have shown to be wrong, and
/// lets those stand of which no fact can show it any more.
///
/// # Errors
/// When the database is away.
pub async fn sweep(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Swept> {
    if !store::has_work(connection, checkpoint, now, past_recall(now)).await? {
        return Ok(Swept::default());
    }
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            let swept = decide_due(connection, &mut journal, checkpoint, now).await?;
            journal.advance(connection, now).await?;
            Ok(swept)
        })
        .await
}

/// As [`sweep`], under a lock that is held already: for an act that rests on what a missed call costs, and
/// must not depend on whether the timer looked before it.
///
/// # Errors
/// When the database is away.
pub(super) async fn decide_due(
    connection: &mut Connection,
    journal: &mut LockedJournal<'_>,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Swept> {
    let mut swept = Swept::default();
    for open in store::open_with_facts(connection, checkpoint).await? {
        let position = match proves(&open) {
            Proof::InTime => {
                take_back(connection, checkpoint, &open, now).await?;
                swept.taken_back.push(open.booking);
                Some(journal.draw())
            }
            Proof::CallLost => {
                store::note_refusal(connection, checkpoint, open.position).await?;
                continue;
            }
            Proof::TooLate => None,
        };
        store::settle(connection, checkpoint, open.position, position, now).await?;
    }
    // After those with facts: a fact that is recorded counts, however late it is looked at.
    store::let_stand(connection, checkpoint, past_recall(now), now).await?;
    let ground = Ground::read(connection, checkpoint, now).await?;
    let candidates = store::candidates(connection, checkpoint, now).await?;
    let versions = versions(connection, checkpoint, &candidates).await?;
    let begins_at = candidates.iter().filter_map(|candidate| candidate.slot_starts_at).min();
    let pauses = PausesSince::read(connection, checkpoint, begins_at.unwrap_or(now)).await?;
    for candidate in candidates {
        let version = candidate.rules_version;
        let Some(rules) = versions.get(&version) else { continue };
        let lane = &ground.lane_of(&candidate.lane)?.lane;
        if ground.pause_of(lane).is_some() {
            continue;
        }
        let prolonged = |from, until| pauses.prolonged(lane, from, until);
        let Some((due_at, consequence)) = judge(&candidate, rules, prolonged, now) else { continue };
        let absence = Absence {
            position: journal.draw(),
            booking: candidate.booking,
            from: candidate.from(),
            was_refused: candidate.was_refused(),
            due_at,
            consequence,
            rules_version: version,
        };
        store::insert(connection, checkpoint, &absence, &candidate, now).await?;
        carry_out(connection, checkpoint, &absence, &candidate, now).await?;
        swept.absences.push(absence);
    }
    Ok(swept)
}

/// What facts that were told after an absence was decided prove of it.
enum Proof {
    /// The vehicle came in time, or it was refused in time and lost more than its call: what followed is taken
    /// back. A call that is still missed then is judged anew.
    InTime,
    /// It was refused in time, and lost no more than its call.
    CallLost,
    /// It came, but too late: the absence stands.
    TooLate,
}

fn proves(open: &Open) -> Proof {
    if open.came_at.is_some_and(|came_at| came_at <= open.due_at) {
        return Proof::InTime;
    }
    match (open.refused_at, open.is_back_in_queue) {
        (Some(_), false) => Proof::InTime,
        (Some(_), true) => Proof::CallLost,
        (None, _) => Proof::TooLate,
    }
}

/// The rules under which those vehicles were booked or called.
async fn versions(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    candidates: &[Candidate],
) -> Result<HashMap<i32, Rules>> {
    let numbers: BTreeSet<i32> = candidates.iter().map(|candidate| candidate.rules_version).collect();
    let mut versions = HashMap::with_capacity(numbers.len());
    for number in numbers {
        versions.insert(number, checkpoint_rules::of_version(connection, checkpoint, number).await?.rules);
    }
    Ok(versions)
}

/// Whether a vehicle is absent at `now`, by when it had to come, and what follows. `prolonged` gives a time
/// from one moment to another what its lane stood meanwhile; that of a call has been given it already. Of a
/// lane that stands now nobody is judged: neither absent, nor forgotten.
fn judge(
    candidate: &Candidate,
    rules: &Rules,
    prolonged: impl Fn(DateTime<Utc>, DateTime<Utc>) -> DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<(DateTime<Utc>, Consequence)> {
    let (due_at, consequence) = match (&candidate.call, candidate.forgotten_since, candidate.slot_starts_at) {
        // It came, so it is not as one that did not: it loses its call.
        (Some(call), _, _) if candidate.was_refused() => (call.deadline_at, Consequence::BackToQueue),
        (Some(call), _, _) => (call.deadline_at, rules.absence.at_checkpoint),
        (None, Some(since), _) => (since + FORGOTTEN, Consequence::Cancel),
        // It was there when its slot began. That it left then costs nothing (clause 42) until it is
        // forgotten.
        (None, None, Some(slot_starts_at)) if candidate.left_at.is_some_and(|left| left > slot_starts_at) => {
            return None;
        }
        (None, None, Some(slot_starts_at)) => {
            let grace = TimeDelta::minutes(i64::from(rules.absence.zone_grace_minutes));
            (prolonged(slot_starts_at, slot_starts_at + grace), rules.absence.at_zone)
        }
        (None, None, None) => return None,
    };
    (due_at <= now).then_some((due_at, consequence))
}

async fn carry_out(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    absence: &Absence,
    candidate: &Candidate,
    now: DateTime<Utc>,
) -> Result<()> {
    if let Some(call) = &candidate.call {
        store::mark_missed(connection, checkpoint, call.position, Some(now)).await?;
        let mut crossing = crossing(connection, checkpoint, absence.booking).await?;
        crossing.call = None;
        update_called(connection, &crossing, now).await?;
    }
    let (booking, ends) = (absence.booking, ended_by(absence.from));
    match absence.consequence {
        Consequence::BackToQueue => store::put_back(connection, checkpoint, booking, now).await,
        Consequence::Cancel => ending::end_with_its_place(connection, checkpoint, booking.0, ends, now).await,
        Consequence::Ban { days } => {
            ending::end_with_its_place(connection, checkpoint, booking.0, ends, now).await?;
            // However late it was found.
            let until = absence.due_at + TimeDelta::days(i64::from(days));
            let plate = FoldedPlate::from_stored(candidate.plate.clone());
            bans::impose(connection, &plate, checkpoint, booking.0, ends, until, now).await
        }
    }
}

async fn take_back(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    open: &Open,
    now: DateTime<Utc>,
) -> Result<()> {
    store::restore(connection, checkpoint, open).await?;
    if let Some(call) = open.call_position {
        store::mark_missed(connection, checkpoint, call, None).await?;
    }
    let mut crossing = crossing(connection, checkpoint, open.booking).await?;
    crossing.call = current_call(connection, checkpoint, open.booking).await?;
    update_called(connection, &crossing, now).await?;
    Ok(())
}

async fn crossing(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: BookingId,
) -> Result<Crossing> {
    let found = crossing_store::crossings(connection, &[checkpoint.as_str()], &[booking.0]).await?;
    let (_, crossing) = found
        .into_iter()
        .next()
        .ok_or_else(|| Error::Internal(format!("the booking {booking} has no crossing")))?;
    Ok(crossing)
}
