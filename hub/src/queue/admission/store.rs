//! The SQL of admission.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::{CheckpointCode, FoldedPlate};
use uuid::Uuid;

use super::rules::AtGate;
use crate::crossings::CallWindow;
use crate::database::{Connection, Statement};
use crate::error::Result;
use crate::queue::model::BookingId;
use crate::queue::waiting::stored_stage;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    stage: String,
    #[diesel(sql_type = Text)]
    lane: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    call_deadline_at: Option<DateTime<Utc>>,
}

/// The journey of a plate that counts at the gate: the one that awaits entry, else the latest. A booking that
/// has ended opens no gate. Three journeys are enough to look at: a vehicle has one active booking.
pub(super) async fn at_the_gate(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    plate: &FoldedPlate,
) -> Result<Option<AtGate>> {
    let row: Option<Row> = Statement::new(
        "SELECT id, stage, lane, called_at, call_deadline_at FROM (
             SELECT crossing.id, stage, crossing.lane, called_at, call_deadline_at, awaits_entry, crossing.booked_at
             FROM crossings AS crossing
             JOIN bookings AS booking ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
             WHERE crossing.checkpoint = ? AND crossing.plate = ? AND booking.ended_at IS NULL
             ORDER BY crossing.booked_at DESC LIMIT 3) AS latest
         ORDER BY awaits_entry DESC, booked_at DESC LIMIT 1",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(plate.as_str())
    .get_result(connection)
    .await
    .optional()?;
    row.map(|Row { id, stage, lane, called_at, call_deadline_at }| {
        let call = called_at
            .zip(call_deadline_at)
            .map(|(called_at, deadline_at)| CallWindow { called_at, deadline_at });
        Ok(AtGate { booking: BookingId(id), stage: stored_stage(&stage)?, lane, call })
    })
    .transpose()
}
