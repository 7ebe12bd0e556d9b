//! The calls that the capacity of a lane makes due (Q3): at the pace of the rules, by the hour of Kyiv, and
//! never more on the way than are let in meanwhile. What is due follows from the stored calls, under the
//! journal's lock: no counter is kept anywhere, so any number of hubs may ask at once and each entry is
//! called for once.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::{Call, CallKind};
use kordon_schemas::rules::LaneRules;

use super::{InLine, Plan, decide, store, write};
use crate::crossings::LockedJournal;
use crate::database::Connection;
use crate::error::Result;
use crate::queue::capacity;
use crate::queue::ranking::Turns;
use crate::queue::waiting::{Ground, LaneCount, store as waiting_store};

/// At most so many calls of a lane in one transaction: more are due at once only after a stop of the timer.
const AT_ONCE: usize = 20;

/// Gives the calls of a checkpoint that are due.
///
/// # Errors
/// When the database is away.
pub async fn call_due(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Vec<Call>> {
    // Most of the time nothing is due; that is found out without the journal's lock.
    if !may_be_due(connection, checkpoint, now).await? {
        return Ok(Vec::new());
    }
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            let ground = Ground::read(connection, checkpoint, now).await?;
            let line = InLine::first(connection, checkpoint, AT_ONCE, now).await?;
            let under_way = waiting_store::on_the_way(connection, checkpoint, now).await?;
            let mut calls = Vec::new();
            for lane in ground.lanes() {
                let mut stands = line.of_lane(&ground, lane, now)?;
                let behind = line.behind_in(&ground, lane)?;
                let on_the_way = on_the_way(&ground, lane, &under_way)?;
                for called in 0..AT_ONCE {
                    let Some(entry) = entry_due(connection, checkpoint, &ground, lane, now).await? else {
                        break;
                    };
                    if on_the_way + called >= most(&ground, lane, entry) {
                        break;
                    }
                    let last = store::last_of_lane(connection, checkpoint, &lane.lane).await?;
                    let turns = Turns::read(&ground.merge, &last.turns);
                    // Nobody to call is no failure here.
                    let Ok(decision) =
                        decide::choose(&ground.merge, &stands, behind, &turns, None, None, now)
                    else {
                        break;
                    };
                    let plan = Plan {
                        system: None,
                        kind: CallKind::Automatic,
                        ground: &ground,
                        lane,
                        at: now,
                        entry_expected_at: entry,
                        reference: None,
                        reason: None,
                        decision: &decision,
                    };
                    calls.push(write(connection, checkpoint, journal.draw(), plan, now).await?);
                    stands.retain(|stand| stand.booking() != decision.booking);
                }
            }
            journal.advance(connection, now).await?;
            Ok(calls)
        })
        .await
}

/// Whether a lane has a call that is due, somebody to be called, and room on the way. A lane where nobody
/// waits has a call due all the time.
async fn may_be_due(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<bool> {
    let ground = Ground::read(connection, checkpoint, now).await?;
    let mut due = Vec::new();
    for lane in ground.lanes() {
        if let Some(entry) = entry_due(connection, checkpoint, &ground, lane, now).await? {
            due.push((lane, entry));
        }
    }
    if due.is_empty() || !waiting_store::anyone_waits(connection, checkpoint).await? {
        return Ok(false);
    }
    let under_way = waiting_store::on_the_way(connection, checkpoint, now).await?;
    for (lane, entry) in due {
        if on_the_way(&ground, lane, &under_way)? < most(&ground, lane, entry) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The entry that the next call of a lane is for, if that call is due.
async fn entry_due(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    ground: &Ground,
    lane: &LaneRules,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    if lane.capacity.is_empty() || ground.pause_of(&lane.lane).is_some() {
        return Ok(None);
    }
    let call = &ground.rules.rules.call;
    let last = store::last_of_lane(connection, checkpoint, &lane.lane).await?;
    let entry = capacity::entry_of_next_call(lane, call, last.entry_expected_at, now);
    Ok(entry.filter(|entry| *entry <= now + capacity::lead(call)))
}

fn most(ground: &Ground, lane: &LaneRules, entry: DateTime<Utc>) -> usize {
    let most = capacity::most_on_the_way(lane, &ground.rules.rules.call, entry).unwrap_or_default();
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// How many of a lane were called and may still enter.
fn on_the_way(ground: &Ground, lane: &LaneRules, counted: &[LaneCount]) -> Result<usize> {
    let mut sum = 0;
    for LaneCount { lane: booked, vehicles } in counted {
        if ground.lane_of(booked)?.lane == lane.lane {
            sum += usize::try_from(*vehicles).unwrap_or_default();
        }
    }
    Ok(sum)
}
