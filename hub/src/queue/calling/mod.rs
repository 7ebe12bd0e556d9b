//! Calling a vehicle from its waiting zone to the checkpoint (Q3, Q13): by the operator, by the hub itself at
//! the pace of the lane's capacity, or handed in by another queue system. Every call is decided under the
//! journal's lock from what is stored, so that two who call at once make one call, and keeps what is needed
//! to come to the same call again.
//!
//! - [`decide`]: whom, as a pure function.
//! - `in_line`: as much of the line as that needs.
//! - [`automatic`]: the calls that the capacity of a lane makes due.

pub mod automatic;
pub mod decide;
mod in_line;
mod store;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use futures_util::{join, try_join};
use kordon_schemas::queue::{Call, CallExplanation, CallIn, CallKind, CallRule};
use kordon_schemas::rules::LaneRules;
use kordon_schemas::{CheckpointCode, Fault, ProblemCode};
use uuid::Uuid;

pub(super) use store::{current_call, update_called};

use self::decide::Decision;
use self::in_line::InLine;
use super::absence;
use super::booking::view;
use super::model::BookingId;
use super::pauses;
use super::ranking::{StoredTurns, Turns};
use super::waiting::{Ground, StandRow};
use super::{capacity, rules};
use crate::checkpoints::operators;
use crate::crossings::{CallWindow, Crossing, LockedJournal, Position, store as crossing_store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{Actor, SystemId};
use crate::repeats;

/// How far ahead of the hub's clock another system's clock may be.
const FUTURE_TOLERANCE: TimeDelta = TimeDelta::seconds(120);

/// How late a call may be handed in.
const OLDEST_CALL: TimeDelta = TimeDelta::days(7);

/// A call, and whether this request made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Called {
    /// The call.
    pub call: Call,
    /// False: it was there, under the same reference.
    pub is_new: bool,
}

/// Calls the first in order of a lane, or the booking that is named; or takes in the call of another queue
/// system. The same reference with the same content is the same call.
///
/// # Errors
/// [`Error::Invalid`] with every fault; [`ProblemCode::LanePaused`] while the lane or the checkpoint is
/// paused; [`ProblemCode::OtherOperator`] where another operator runs the queue;
/// [`ProblemCode::IdempotencyConflict`] when the reference stands for another call; as [`decide::choose`].
pub async fn call(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    asked: &CallIn,
    now: DateTime<Utc>,
) -> Result<Called> {
    let called_at = check(asked, now)?;
    let digest = repeats::digest(&(checkpoint, asked))?;
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            let at = called_at.unwrap_or(now);
            let wanted = asked.booking.map(BookingId);
            // Behind the lock, what is read may be asked for all at once.
            let (known, runs, ground, line) = join!(
                known(connection, actor, asked),
                operators::check(connection, actor, checkpoint, now),
                Ground::read(connection, checkpoint, at),
                line(connection, checkpoint, wanted, called_at.is_some(), now),
            );
            if let Some((known, reference)) = known? {
                return repeated(connection, known, reference, digest).await;
            }
            runs?;
            if let Some(wanted) = asked.booking {
                check_named(connection, actor, checkpoint, wanted, now).await?;
            }
            let (ground, mut line) = (ground?, line?);
            if line.missed_its_call(wanted, now) {
                // What that costs comes first, whether or not the timer has looked: else the call that was
                // missed would be neither kept nor missed.
                absence::decide_due(connection, &mut journal, checkpoint, now).await?;
                line = self::line(connection, checkpoint, wanted, called_at.is_some(), now).await?;
            }
            let lane = lane_asked(&ground, asked, &line.rows)?;
            check_goes_on(&ground, lane, called_at)?;
            let stands = line.of_lane(&ground, lane, now)?;
            let behind = line.behind_in(&ground, lane)?;
            let last = store::last_of_lane(connection, checkpoint, &lane.lane).await?;
            let turns = Turns::read(&ground.merge, &last.turns);
            let decision = match (called_at, wanted) {
                (Some(called_at), Some(wanted)) => {
                    let entered = line.entered(wanted)?;
                    decide::hand_in(&ground.merge, &stands, &turns, wanted, called_at, entered)?
                }
                (Some(_), None) | (None, _) => {
                    let reason = asked.reason.as_deref();
                    decide::choose(&ground.merge, &stands, behind, &turns, wanted, reason, now)?
                }
            };
            let plan = Plan {
                system: Some(actor.system),
                kind: if called_at.is_some() { CallKind::HandedIn } else { CallKind::Operator },
                ground: &ground,
                lane,
                at,
                entry_expected_at: expected_entry(&ground, lane, last.entry_expected_at, at),
                reference: asked.reference.as_deref().map(|reference| (reference, digest)),
                reason: asked.reason.as_deref(),
                decision: &decision,
            };
            let position = journal.draw();
            // Beside each other: the journal takes no way of its own to the database.
            let (call, ()) = try_join!(
                write(connection, checkpoint, position, plan, now),
                journal.advance(connection, now),
            )?;
            Ok(Called { call, is_new: true })
        })
        .await
}

/// Refuses calls of a lane that is paused. A call that is given now comes after every pause that stands,
/// whatever the clocks of two hubs say; one that is handed in may have been given before.
fn check_goes_on(ground: &Ground, lane: &LaneRules, called_at: Option<DateTime<Utc>>) -> Result<()> {
    match ground.pause_of(&lane.lane) {
        Some(pause) if called_at.is_none_or(|at| pause.paused_at <= at) => {
            Err(Error::refused(ProblemCode::LanePaused, pause.reason.clone()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Refuses a booking that is named by an operator that does not run it, as if it were not there. Who names
/// none calls the first of the one queue (Resolution 1393, clause 24), whoever booked it: nobody is passed
/// over by that, and nobody's call is said to be missed.
async fn check_named(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    wanted: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    match view::check_own(connection, actor, checkpoint, wanted, now).await {
        Err(Error::NotFound { .. }) => Err(decide::not_here()),
        judged => judged,
    }
}

/// When the call was given that is handed in, if one is.
fn check(asked: &CallIn, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let CallIn { lane: _, booking, reason, reference, called_at } = asked;
    let mut faults = Vec::new();
    if let Some(reason) = reason
        && !rules::is_text(reason, 500)
    {
        faults.push(Fault::new("/reason", "has 1 to 500 characters and no control characters"));
    }
    if let Some(reference) = reference
        && !rules::is_reference(reference)
    {
        faults.push(Fault::new("/reference", "has 1 to 100 printable ASCII characters without spaces"));
    }
    let called_at = called_at.map(|at| at.trunc_subsecs(6));
    if let Some(at) = called_at {
        if at > now + FUTURE_TOLERANCE {
            faults.push(Fault::new("/called_at", "lies in the future"));
        } else if at < now - OLDEST_CALL {
            faults.push(Fault::new("/called_at", "is more than 7 days ago"));
        }
        if booking.is_none() {
            faults.push(Fault::new("/booking", "names the vehicle that was called"));
        }
        if reference.is_none() {
            faults.push(Fault::new("/reference", "is the id of the call that is handed in"));
        }
    }
    if faults.is_empty() { Ok(called_at) } else { Err(Error::Invalid(faults)) }
}

/// The call that the reference stands for already, if any.
async fn known<'a>(
    connection: &Connection,
    actor: &Actor,
    asked: &'a CallIn,
) -> Result<Option<(store::Referenced, &'a str)>> {
    let Some(reference) = asked.reference.as_deref() else { return Ok(None) };
    let known = store::by_reference(connection, actor.system, reference).await?;
    Ok(known.map(|known| (known, reference)))
}

/// As much of the line as the decision needs.
async fn line(
    connection: &Connection,
    checkpoint: &CheckpointCode,
    wanted: Option<BookingId>,
    is_handed_in: bool,
    now: DateTime<Utc>,
) -> Result<InLine> {
    match wanted {
        None => InLine::first(connection, checkpoint, 1, now).await,
        Some(wanted) if is_handed_in => InLine::whole_with(connection, checkpoint, wanted).await,
        Some(_) => InLine::whole(connection, checkpoint).await,
    }
}

async fn repeated(
    connection: &mut Connection,
    known: store::Referenced,
    reference: &str,
    digest: [u8; 32],
) -> Result<Called> {
    let store::Referenced { checkpoint, position, digest: known_digest } = known;
    repeats::require_same(&known_digest, digest, || {
        format!("the reference {reference} stands for another call, at {checkpoint}")
    })?;
    let call = store::call(connection, &checkpoint, Position(position)).await?;
    call.map(|call| Called { call, is_new: false })
        .ok_or_else(|| Error::Internal(format!("the call {reference} is not where it was written")))
}

/// The lane that is asked for: by name, by the booking that is named, or the only one.
fn lane_asked<'a>(ground: &'a Ground, asked: &CallIn, rows: &[StandRow]) -> Result<&'a LaneRules> {
    let lanes = ground.lanes();
    let of_booking = match asked.booking {
        Some(wanted) => {
            let row = rows.iter().find(|row| row.id == wanted);
            Some(ground.lane_of(row.map_or("", |row| &row.lane))?)
        }
        None => None,
    };
    match (&asked.lane, of_booking, lanes) {
        (Some(named), _, _) => {
            let known = lanes.iter().find(|lane| lane.lane == *named);
            let known = known
                .ok_or_else(|| Error::fault("/lane", "is no lane of this checkpoint; its rules name them"))?;
            match of_booking {
                Some(own) if own.lane != known.lane => {
                    Err(Error::fault("/lane", "is not the lane of this booking"))
                }
                Some(_) | None => Ok(known),
            }
        }
        (None, Some(own), _) => Ok(own),
        (None, None, [only]) => Ok(only),
        (None, None, _) => Err(Error::fault("/lane", "is missing: this checkpoint has several lanes")),
    }
}

/// The entry that a call is for: by the capacity of the lane, or where none is known, by the way to the
/// checkpoint.
fn expected_entry(
    ground: &Ground,
    lane: &LaneRules,
    last: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
) -> DateTime<Utc> {
    let call = &ground.rules.rules.call;
    capacity::entry_of_next_call(lane, call, last, at).unwrap_or(at + capacity::lead(call))
}

/// A call that is to be written.
struct Plan<'a> {
    system: Option<SystemId>,
    kind: CallKind,
    ground: &'a Ground,
    lane: &'a LaneRules,
    /// When it is given.
    at: DateTime<Utc>,
    entry_expected_at: DateTime<Utc>,
    reference: Option<(&'a str, [u8; 32])>,
    reason: Option<&'a str>,
    decision: &'a Decision,
}

/// From when until when a call is good. Who is called long before the lane can let it in, because it opens
/// later or others were called for the hours between, has its time from when the hub would have called it:
/// else it would be late when it is on time.
fn window(ground: &Ground, at: DateTime<Utc>, entry_expected_at: DateTime<Utc>) -> CallWindow {
    let rules = &ground.rules.rules.call;
    let deadline = TimeDelta::minutes(i64::from(rules.deadline_minutes));
    CallWindow { called_at: at, deadline_at: at.max(entry_expected_at - capacity::lead(rules)) + deadline }
}

/// Writes a call at a position of the journal, and moves the crossing of the called vehicle on.
async fn write(
    connection: &Connection,
    checkpoint: &CheckpointCode,
    position: Position,
    plan: Plan<'_>,
    now: DateTime<Utc>,
) -> Result<Call> {
    let Plan { system, kind, ground, lane, at, entry_expected_at, reference, reason, decision } = plan;
    let Decision { booking, explanation, turns } = decision;
    let window = match kind {
        CallKind::HandedIn => {
            let window = window(ground, at, entry_expected_at);
            pauses::with_their_time(connection, checkpoint, &lane.lane, window).await?
        }
        CallKind::Operator | CallKind::Automatic => window(ground, at, entry_expected_at),
    };
    let new = store::NewCall {
        system,
        kind,
        lane: &lane.lane,
        position,
        booking: *booking,
        window,
        entry_expected_at,
        reference,
        reason,
        explanation,
        turns: &turns.stored(&ground.merge),
        rules_version: ground.rules.version,
    };
    let crossing = called(connection, checkpoint, *booking, window).await?;
    // Two writes, one way to the database and back.
    let (plate, ()) = try_join!(
        update_called(connection, &crossing, now),
        store::insert_call(connection, checkpoint, &new),
    )?;
    Ok(new.shown(plate))
}

/// The crossing of the called vehicle, moved on.
async fn called(
    connection: &Connection,
    checkpoint: &CheckpointCode,
    booking: BookingId,
    window: CallWindow,
) -> Result<Crossing> {
    let found = crossing_store::crossings(connection, &[checkpoint.as_str()], &[booking.0]).await?;
    let (_, mut crossing) = found
        .into_iter()
        .next()
        .ok_or_else(|| Error::NotFound { what: "booking", id: booking.to_string() })?;
    crossing.call = Some(window);
    Ok(crossing)
}

/// A call with its explanation, for the one whom it concerns and for whoever settles a dispute. It shows a
/// plate: the caller records the reading first.
///
/// # Errors
/// [`Error::NotFound`] when there is no call at that position.
pub async fn show(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    position: Position,
) -> Result<Call> {
    store::call(connection, checkpoint, position)
        .await?
        .ok_or_else(|| Error::NotFound { what: "call", id: position.0.to_string() })
}

/// What a lane's last call left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct LastCall {
    turns: StoredTurns,
    entry_expected_at: Option<DateTime<Utc>>,
}

/// The turns of a lane as its last call left them, and the entry that call was for.
pub(super) async fn standing_of_lane(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    ground: &Ground,
    lane: &LaneRules,
) -> Result<(Turns, Option<DateTime<Utc>>)> {
    let last = store::last_of_lane(connection, checkpoint, &lane.lane).await?;
    Ok((Turns::read(&ground.merge, &last.turns), last.entry_expected_at))
}

/// The explanation of a call that another system decided.
const fn handed_in(place: u32, waiting: u32) -> CallExplanation {
    CallExplanation { place, waiting, rule: CallRule::HandedIn, stood: Vec::new(), turns: Vec::new() }
}
