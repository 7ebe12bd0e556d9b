//! What others read of the queue: all of it for those with the right, the list at the gate.

use std::collections::HashMap;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind;
use kordon_schemas::queue::{CallList, CallListEntry, Driver, LaneState, Queue, QueueEntry, QueueLane};
use kordon_schemas::rules::LaneRules;
use uuid::Uuid;

use super::ranking::{Line, Turns};
use super::waiting::{Ground, StandRow, WaitingRow, store as waiting_store, stored_queue, stored_stage};
use super::{calling, capacity, rules, store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::outages;

/// How long before its minute a queue knows of an outage. All that is in a queue must be the same for all who
/// write it in that minute; what was told so long ago is committed and read by every replica.
const TOLD_BEFORE: TimeDelta = TimeDelta::seconds(10);

/// The position of a checkpoint's journal: what its queue is true up to. It changes with everything that is
/// recorded there.
///
/// # Errors
/// [`Error::NotFound`] when there is no such checkpoint.
pub async fn position(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<i64> {
    Ok(journal(connection, checkpoint).await?.last_position)
}

async fn journal(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<store::JournalRow> {
    store::journal(connection, checkpoint)
        .await?
        .ok_or_else(|| Error::NotFound { what: "checkpoint", id: checkpoint.to_string() })
}

/// The waiting queue in its order: called vehicles first, by their calls, then the others by place in their
/// lanes. Only one lane, where one is named.
///
/// The position is read before the entries: what it names may be newer than it says, never older.
///
/// # Errors
/// [`Error::NotFound`] when there is no such checkpoint; [`Error::Invalid`] for a lane that its rules do not
/// have.
pub async fn queue(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    only: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Queue> {
    let journal = journal(connection, checkpoint).await?;
    let as_of = minute(now);
    let ground = Ground::read(connection, checkpoint, as_of).await?;
    if let Some(named) = only
        && !ground.lanes().iter().any(|lane| lane.lane == named)
    {
        return Err(Error::fault("query:lane", "is no lane of this checkpoint; its rules name them"));
    }
    let mut by_lane: Vec<Vec<WaitingRow>> = ground.lanes().iter().map(|_| Vec::new()).collect();
    for row in waiting_store::awaiting(connection, checkpoint).await? {
        let own = &ground.lane_of(&row.standing.lane)?.lane;
        let lane = ground.lanes().iter().zip(&mut by_lane).find(|(lane, _)| lane.lane == *own);
        if let Some((_, rows)) = lane {
            rows.push(row);
        }
    }
    let mut view = Vec::new();
    let mut called = Vec::new();
    let mut waiting = Vec::new();
    for (number, (lane, rows)) in ground.lanes().iter().zip(by_lane).enumerate() {
        if only.is_some_and(|named| named != lane.lane) {
            continue;
        }
        let (turns, last_entry) = calling::standing_of_lane(connection, checkpoint, &ground, lane).await?;
        let places = places(&ground, lane, &rows, &turns, last_entry, as_of)?;
        let before = (waiting.len(), called.len());
        for row in rows {
            let mut entry = entry(row, &lane.lane, as_of)?;
            if entry.called_at.is_some() {
                called.push(entry);
            } else {
                entry.place = places.get(&entry.booking).copied();
                waiting.push((entry.place, number, entry));
            }
        }
        view.push(lane_view(&ground, lane, as_of, waiting.len() - before.0, called.len() - before.1));
    }
    called.sort_by_key(|entry| (entry.called_at, entry.booking));
    waiting.sort_by_key(|(place, lane, entry)| (*place, *lane, entry.booking));
    Ok(Queue {
        checkpoint: checkpoint.clone(),
        position: journal.last_position,
        changed_at: journal.changed_at,
        as_of,
        waiting: count(waiting.len()),
        called: count(called.len()),
        outages: outages::told_by(connection, as_of - TOLD_BEFORE, as_of).await?,
        lanes: view,
        entries: called.into_iter().chain(waiting.into_iter().map(|(_, _, entry)| entry)).collect(),
    })
}

/// The minute for which an order is told: slots begin and lanes close on the minute.
#[must_use]
pub fn minute(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now)
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// The places of those in a lane that were not called, in the order of the merge. Those who are still on
/// their way to a zone have one as if they were there.
fn places(
    ground: &Ground,
    lane: &LaneRules,
    rows: &[WaitingRow],
    turns: &Turns,
    last_entry: Option<DateTime<Utc>>,
    as_of: DateTime<Utc>,
) -> Result<HashMap<Uuid, u32>> {
    let mut waiting = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| row.called_at.is_none()) {
        waiting.push(ground.stand(&row.standing, as_of)?.place);
    }
    // By the capacity of the rules, as calls will be given; where there is none, time stands still.
    let call = &ground.rules.rules.call;
    let lead = capacity::lead(call);
    let entry = |last, at| capacity::entry_of_next_call(lane, call, last, at);
    let given =
        |entry: Option<DateTime<Utc>>, at: DateTime<Utc>| entry.map_or(at, |entry| at.max(entry - lead));
    let mut last = last_entry;
    let first = given(entry(last, as_of), as_of);
    let order = Line::of(&ground.merge, waiting).rank(&ground.merge, turns, first, |at| {
        last = entry(last, at);
        given(last.and_then(|made| entry(Some(made), at)), at)
    });
    Ok(order.into_iter().zip(1..).map(|(place, number)| (place.booking.0, number)).collect())
}

fn lane_view(
    ground: &Ground,
    lane: &LaneRules,
    as_of: DateTime<Utc>,
    waiting: usize,
    called: usize,
) -> QueueLane {
    let pause = ground.pause_of(&lane.lane);
    let state = match (pause, capacity::vehicles_per_hour(lane, as_of)) {
        (Some(_), _) => LaneState::Paused,
        (None, Some(0)) => LaneState::Closed,
        (None, Some(_) | None) => LaneState::Open,
    };
    QueueLane {
        lane: lane.lane.clone(),
        state,
        reason: pause.map(|pause| pause.reason.clone()),
        since: pause.map(|pause| pause.paused_at),
        waiting: count(waiting),
        called: count(called),
    }
}

fn entry(row: WaitingRow, lane: &str, as_of: DateTime<Utc>) -> Result<QueueEntry> {
    let WaitingRow { standing, plate_written, booked_at, called_at, contradictory, warned_at } = row;
    let progress = standing.progress()?;
    let StandRow {
        id,
        call_deadline_at,
        stage,
        queue,
        lane: _,
        priority_class,
        slot_starts_at,
        slot_ends_at,
        queued_at,
        ..
    } = standing;
    Ok(QueueEntry {
        place: None,
        booking: id,
        plate: plate_written,
        lane: lane.to_owned(),
        queue: stored_queue(&queue)?,
        priority_class,
        slot_starts_at,
        slot_ends_at,
        stage: stored_stage(&stage)?,
        booked_at,
        queued_at,
        zone_arrived_at: progress.first(EventKind::ZoneArrived).map(|arrived| arrived.at),
        zone_overstay_seconds: rules::overstay_seconds(&progress, called_at.unwrap_or(as_of)),
        warned_at,
        called_at,
        deadline_at: call_deadline_at,
        contradictory,
    })
}

/// The vehicles that were directed to the checkpoint and have not entered, by their calls. It shows persons:
/// the caller records the reading first.
///
/// # Errors
/// [`Error::NotFound`] when there is no such checkpoint.
pub async fn call_list(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<CallList> {
    let position = position(connection, checkpoint).await?;
    let entries = store::called(connection, checkpoint)
        .await?
        .into_iter()
        .map(|row| {
            let stage = stored_stage(&row.stage)?;
            let store::CalledRow {
                id,
                plate_written,
                trailer_plate,
                driver_name,
                called_at,
                call_deadline_at,
                stage: _,
            } = row;
            Ok(CallListEntry {
                booking: id,
                plate: plate_written,
                trailer_plate,
                driver: driver_name.map(|name| Driver { name }),
                called_at,
                deadline_at: call_deadline_at,
                zone_left: stage == Stage::ZoneLeft,
            })
        })
        .collect::<Result<_>>()?;
    Ok(CallList { checkpoint: checkpoint.clone(), position, entries })
}
