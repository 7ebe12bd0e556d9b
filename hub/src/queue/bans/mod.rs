//! Vehicles that may not book for a time, because they did not come (Resolution 1393, clause 11): at no
//! checkpoint, for the days that the rules of the one say where they did not come. Serves whoever books, and
//! the operator who settles a dispute about it (clause 34).
//!
//! A ban ends by time; by a fact which shows that the vehicle came after all (see [`super::absence`]); or by
//! its operator, with a reason, when it was no fault of the driver's.

mod store;

use chrono::{DateTime, Utc};
use kordon_schemas::bookings::{ChangedParts, EndedBy};
use kordon_schemas::{CheckpointCode, FoldedPlate, Plate, ProblemCode};
use uuid::Uuid;

use self::store::Ban;
use crate::database::Connection;
use crate::error::{Error, Result};

/// Keeps a vehicle from booking anywhere until a moment. The caller holds the journal's lock of the
/// checkpoint. One that is over already, since its absence was found late, is none.
pub(in crate::queue) async fn impose(
    connection: &mut Connection,
    plate: &FoldedPlate,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    ground: EndedBy,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    if until <= now {
        return Ok(());
    }
    store::insert(connection, plate, checkpoint, booking, ground, until, now).await
}

/// Refuses a vehicle that may not book for now, and says where it did not come: who runs that queue can lift
/// the ban.
pub(in crate::queue) async fn check(
    connection: &mut Connection,
    plate: &Plate,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(Ban { checkpoint, banned_until }) = store::last_of(connection, plate.folded(), now).await?
    else {
        return Ok(());
    };
    let until = banned_until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let detail =
        format!("{} may not book until {until}: it did not come at {checkpoint}", plate.as_written());
    Err(Error::refused(ProblemCode::VehicleBanned, detail))
}

/// Lifts what a booking's absences keep its vehicle from. Gives what stood before and stands after. The
/// caller holds the journal's lock of the checkpoint and records why.
pub(in crate::queue) async fn lift(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    now: DateTime<Utc>,
) -> Result<(ChangedParts, ChangedParts)> {
    let Some(banned_until) = store::delete(connection, checkpoint, booking, now).await? else {
        let detail = "nothing that came of this booking keeps a vehicle from booking";
        return Err(Error::refused(ProblemCode::ChangeNotAllowed, detail));
    };
    let before = ChangedParts { banned_until: Some(banned_until), ..ChangedParts::default() };
    Ok((before, ChangedParts::default()))
}
