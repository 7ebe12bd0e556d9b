//! Telling that a call nears (Q13, Q34): each vehicle once for each time that it stands in a queue, and again
//! after its slot was moved, when its call is expected within the minutes that the rules say. When it is
//! expected follows from its place and the capacity of its lane; where no capacity is known nothing is
//! expected, and nobody is warned.

mod store;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::CheckpointCode;
use kordon_schemas::rules::LaneRules;
use uuid::Uuid;

use super::calling;
use super::capacity;
use super::model::BookingId;
use super::ranking::{Line, Turns};
use super::waiting::{Ground, Stand, WaitingRow, store as waiting_store};
use crate::crossings::{LockedJournal, Position};
use crate::database::Connection;
use crate::error::Result;

/// A vehicle whose call nears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warning {
    /// Its position in the journal.
    pub position: Position,
    /// The booking.
    pub booking: BookingId,
    /// Since when it stands in its queue.
    pub queued_at: DateTime<Utc>,
    /// When its call is expected.
    pub call_expected_at: DateTime<Utc>,
    /// Its place in its lane, counted from 1.
    pub place: i32,
}

/// Records the warnings of a checkpoint that are due.
///
/// # Errors
/// When the database is away.
pub async fn warn_due(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Vec<Warning>> {
    let ground = Ground::read(connection, checkpoint, now).await?;
    let is_known = ground.lanes().iter().any(|lane| !lane.capacity.is_empty());
    if ground.rules.rules.call.warn_minutes.is_none() || !is_known {
        return Ok(Vec::new());
    }
    let rows = waiting_store::awaiting(connection, checkpoint).await?;
    if expected(connection, checkpoint, &ground, &rows, now).await?.is_empty() {
        return Ok(Vec::new());
    }
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            let ground = Ground::read(connection, checkpoint, now).await?;
            let rows = waiting_store::awaiting(connection, checkpoint).await?;
            let mut due = expected(connection, checkpoint, &ground, &rows, now).await?;
            if due.is_empty() {
                return Ok(due);
            }
            for warning in &mut due {
                warning.position = journal.draw();
            }
            store::insert(connection, checkpoint, &due, ground.rules.version, now).await?;
            journal.advance(connection, now).await?;
            Ok(due)
        })
        .await
}

/// What was told of a booking holds no more: it is told again when its call nears. The caller holds the
/// journal's lock.
///
/// # Errors
/// When the database is away.
pub(super) async fn tell_again(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    store::supersede(connection, checkpoint, booking, now).await
}

/// Those whose call is expected soon enough and who were not told.
async fn expected(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    ground: &Ground,
    rows: &[WaitingRow],
    now: DateTime<Utc>,
) -> Result<Vec<Warning>> {
    let Some(minutes) = ground.rules.rules.call.warn_minutes else { return Ok(Vec::new()) };
    let until = now + TimeDelta::minutes(i64::from(minutes));
    let mut due = Vec::new();
    for lane in ground.lanes().iter().filter(|lane| ground.pause_of(&lane.lane).is_none()) {
        let (turns, last_entry) = calling::standing_of_lane(connection, checkpoint, ground, lane).await?;
        let mut stands = Vec::new();
        for row in rows {
            if ground.lane_of(&row.standing.lane)?.lane == lane.lane {
                stands.push(ground.stand(&row.standing, now)?);
            }
        }
        for (booking, call_expected_at, place) in
            forward(ground, lane, &stands, turns, last_entry, (now, until))
        {
            let told = rows.iter().find(|row| row.standing.id == booking.0);
            if let Some(row) = told
                && row.warned_at.is_none()
            {
                due.push(Warning {
                    position: Position(0),
                    booking,
                    queued_at: row.standing.queued_at,
                    call_expected_at,
                    place,
                });
            }
        }
    }
    Ok(due)
}

/// Works a lane forward: who is called when, until a moment, if nobody else comes.
fn forward(
    ground: &Ground,
    lane: &LaneRules,
    stands: &[Stand],
    mut turns: Turns,
    mut last_entry: Option<DateTime<Utc>>,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Vec<(BookingId, DateTime<Utc>, i32)> {
    let call = &ground.rules.rules.call;
    let lead = capacity::lead(call);
    let waiting = stands.iter().filter(|stand| stand.waits()).map(|stand| stand.place);
    let mut line = Line::of(&ground.merge, waiting);
    let mut called = Vec::new();
    let mut at = now;
    while let Some(entry) = capacity::entry_of_next_call(lane, call, last_entry, at) {
        at = at.max(entry - lead);
        if at > until {
            break;
        }
        if let Some(chosen) = line.next(&ground.merge, &mut turns, at) {
            let place = i32::try_from(called.len() + 1).unwrap_or(i32::MAX);
            called.push((chosen.place.booking, at, place));
            last_entry = Some(entry);
        } else if let Some(counts_from) = line.next_slot_counts_from(&ground.merge).filter(|from| *from > at)
        {
            at = counts_from;
        } else {
            break;
        }
    }
    called
}
