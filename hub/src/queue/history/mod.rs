//! What became of a booking besides its changes: the calls that it was given and the absences that were
//! decided. Whoever settles a dispute sees why a vehicle stands where it stands (clauses 22, 34).

mod store;

use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::{DecidedAbsence, GivenCall};
use uuid::Uuid;

use crate::database::Connection;
use crate::error::Result;

/// The calls and the absences of a booking, in the order of the journal.
///
/// # Errors
/// When the database is away.
pub(super) async fn of_booking(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
) -> Result<(Vec<GivenCall>, Vec<DecidedAbsence>)> {
    let calls = store::calls(connection, checkpoint, booking).await?;
    let absences = store::absences(connection, checkpoint, booking).await?;
    Ok((calls, absences))
}
