//! The SQL of warnings.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use uuid::Uuid;

use super::Warning;
use crate::database::{Connection, Statement};
use crate::error::Result;

/// What was told of a call that nears holds no more: the booking has another slot, or another vehicle, whose
/// driver was not told.
pub(super) async fn supersede(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE call_warnings SET superseded_at = ? WHERE checkpoint = ? AND booking_id = ? AND superseded_at IS NULL",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    warnings: &[Warning],
    rules_version: i32,
    now: DateTime<Utc>,
) -> Result<()> {
    let (mut positions, mut bookings, mut queued, mut expected, mut places) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Warning { position, booking, queued_at, call_expected_at, place } in warnings {
        positions.push(position.0);
        bookings.push(booking.0);
        queued.push(*queued_at);
        expected.push(*call_expected_at);
        places.push(*place);
    }
    Statement::new(
        "INSERT INTO call_warnings (checkpoint, position, booking_id, queued_at, warned_at, call_expected_at, place,
                                    rules_version)
         SELECT ?, new.position, new.booking_id, new.queued_at, ?, new.call_expected_at, new.place, ?
         FROM unnest(?, ?, ?, ?, ?) AS new (position, booking_id, queued_at, call_expected_at, place)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(now)
    .bind::<Integer, _>(rules_version)
    .bind::<Array<BigInt>, _>(positions)
    .bind::<Array<SqlUuid>, _>(bookings)
    .bind::<Array<Timestamptz>, _>(queued)
    .bind::<Array<Timestamptz>, _>(expected)
    .bind::<Array<Integer>, _>(places)
    .execute(connection)
    .await?;
    Ok(())
}
