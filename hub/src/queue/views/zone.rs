//! The vehicles of one waiting zone, for its operator (Q23).

use kordon_schemas::CheckpointCode;
use kordon_schemas::views::{ZoneEntry, ZoneQueue};

use super::store;
use crate::database::Connection;
use crate::error::Result;
use crate::queue::waiting::{stored_queue, stored_stage};
use crate::queue::{read, rules};

/// The vehicles that await entry and arrived at this zone last, by arrival, then those that are booked for it
/// and have not arrived anywhere, by booking.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such checkpoint.
pub async fn zone_queue(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    zone: &str,
) -> Result<ZoneQueue> {
    let position = read::position(connection, checkpoint).await?;
    let entries = store::of_zone(connection, checkpoint, zone)
        .await?
        .into_iter()
        .map(|row| {
            let covered_until = rules::covered_until(&row.progress()?);
            let store::ZoneRow {
                id,
                plate_written,
                queue,
                stage,
                arrived_at,
                called_at,
                call_deadline_at,
                ..
            } = row;
            Ok(ZoneEntry {
                booking: id,
                plate: plate_written,
                queue: stored_queue(&queue)?,
                stage: stored_stage(&stage)?,
                zone_arrived_at: arrived_at,
                covered_until,
                called_at,
                deadline_at: call_deadline_at,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(ZoneQueue { checkpoint: checkpoint.clone(), zone: zone.to_owned(), position, entries })
}
