//! What others read of the queue: all of it for those with the right, the list at the gate.

use chrono::DateTime;
use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::{CallList, CallListEntry, Driver, Queue, QueueEntry, QueueKind};

use super::store;
use crate::database::Connection;
use crate::error::{Error, Result};

/// The position of a checkpoint's journal: what its queue is true up to. It changes with everything that is recorded there.
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

/// The waiting queue in its order: called vehicles first, by their calls, then the others, by place.
///
/// The position is read before the entries: what it names may be newer than it says, never older.
///
/// # Errors
/// [`Error::NotFound`] when there is no such checkpoint.
pub async fn queue(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<Queue> {
    let journal = journal(connection, checkpoint).await?;
    let mut called = Vec::new();
    let mut waiting = Vec::new();
    for row in store::awaiting(connection, checkpoint).await? {
        let entry = entry(row)?;
        if entry.called_at.is_some() { called.push(entry) } else { waiting.push(entry) }
    }
    called.sort_by_key(|entry| (entry.called_at, entry.booking));
    waiting.sort_by_key(|entry| (entry.booked_at, entry.booking));
    for (entry, place) in waiting.iter_mut().zip(1..) {
        entry.place = Some(place);
    }
    let count = |entries: &[QueueEntry]| u32::try_from(entries.len()).unwrap_or(u32::MAX);
    Ok(Queue {
        checkpoint: checkpoint.clone(),
        position: journal.last_position,
        changed_at: journal.changed_at,
        waiting: count(&waiting),
        called: count(&called),
        entries: called.into_iter().chain(waiting).collect(),
    })
}

fn entry(row: store::AwaitingRow) -> Result<QueueEntry> {
    let stage = store::stored_stage(&row.stage)?;
    let store::AwaitingRow {
        id,
        plate_written,
        booked_at,
        called_at,
        call_deadline_at,
        stage: _,
        contradictory,
        zone_arrived_at,
    } = row;
    Ok(QueueEntry {
        place: None,
        booking: id,
        plate: plate_written,
        queue: QueueKind::Live,
        stage,
        booked_at,
        zone_arrived_at: zone_arrived_at.and_then(DateTime::from_timestamp_micros),
        called_at,
        deadline_at: call_deadline_at,
        contradictory,
    })
}

/// The vehicles that were directed to the checkpoint and have not entered, by their calls. It shows persons: the caller
/// records the reading first.
///
/// # Errors
/// [`Error::NotFound`] when there is no such checkpoint.
pub async fn call_list(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<CallList> {
    let position = position(connection, checkpoint).await?;
    let entries = store::called(connection, checkpoint)
        .await?
        .into_iter()
        .map(|row| {
            let stage = store::stored_stage(&row.stage)?;
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
