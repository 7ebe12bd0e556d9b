//! The vehicles that were directed to a checkpoint, for the police in its zones (Q33): plate, call, and
//! whether it has left.

use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::views::{DirectedVehicle, DirectedVehicles};
use uuid::Uuid;

use crate::database::Connection;
use crate::error::Result;
use crate::queue::waiting::stored_stage;
use crate::queue::{read, store};

/// The directed vehicles in the order of their calls, and the bookings that they are of, for the access log.
/// It shows the movements of vehicles: the caller records the reading first.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such checkpoint.
pub async fn directed(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
) -> Result<(DirectedVehicles, Vec<Uuid>)> {
    let position = read::position(connection, checkpoint).await?;
    let mut bookings = Vec::new();
    let mut entries = Vec::new();
    for row in store::called(connection, checkpoint).await? {
        let stage = stored_stage(&row.stage)?;
        bookings.push(row.id);
        entries.push(DirectedVehicle {
            plate: row.plate_written,
            called_at: row.called_at,
            zone_left: stage == Stage::ZoneLeft,
        });
    }
    Ok((DirectedVehicles { checkpoint: checkpoint.clone(), position, entries }, bookings))
}
