//! The SQL of petitions.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::bookings::{Petition, PetitionDecision, PetitionOutcome};
use kordon_schemas::{CheckpointCode, FoldedPlate, ProblemCode};
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::{Error, Result, violates};
use crate::parties::SystemId;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = SqlUuid)]
    system_id: Uuid,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
    #[diesel(sql_type = Text)]
    plate: String,
    #[diesel(sql_type = Text)]
    plate_written: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    booking_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = Text)]
    stated_by: String,
    #[diesel(sql_type = Text)]
    documents: String,
    #[diesel(sql_type = Timestamptz)]
    filed_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    rules_version: i32,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    decision_position: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    decision_reason: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    decided_by: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    decided_at: Option<DateTime<Utc>>,
}

impl Row {
    fn read(self) -> Result<(Petition, FoldedPlate, Vec<u8>)> {
        let decided =
            (self.outcome, self.decision_position, self.decision_reason, self.decided_by, self.decided_at);
        let decision = match decided {
            (Some(outcome), Some(position), Some(reason), Some(system), Some(decided_at)) => {
                Some(PetitionDecision {
                    outcome: PetitionOutcome::from_name(&outcome)
                        .ok_or_else(|| Error::stored_badly("an outcome", &outcome))?,
                    reason,
                    system,
                    decided_at,
                    position,
                })
            }
            _ => None,
        };
        let petition = Petition {
            id: self.id,
            checkpoint: CheckpointCode::parse(&self.checkpoint)
                .map_err(|error| Error::stored_badly("a checkpoint", error))?,
            position: self.position,
            system: self.system_id,
            reference: self.reference,
            plate: self.plate_written,
            booking: self.booking_id,
            class: self.class,
            stated_by: self.stated_by,
            documents: serde_json::from_str(&self.documents)
                .map_err(|error| Error::stored_badly("a petition's documents", error))?,
            filed_at: self.filed_at,
            decision,
            rules_version: self.rules_version,
        };
        Ok((petition, FoldedPlate::from_stored(self.plate), self.digest))
    }
}

/// A read of petitions: every column that makes one, and what follows the table's name.
macro_rules! select_petitions {
    ($rest:literal) => {
        concat!(
            "SELECT checkpoint, id, position, system_id, reference, digest, plate, plate_written, booking_id, class, stated_by,
                    documents::text AS documents, filed_at, rules_version, outcome, decision_position, decision_reason,
                    decided_by, decided_at
             FROM petitions ",
            $rest
        )
    };
}

/// The petition that a system has under a reference, with the digest of what it sent.
pub(super) async fn by_reference(
    connection: &mut Connection,
    system: SystemId,
    reference: &str,
) -> Result<Option<(Petition, Vec<u8>)>> {
    let row: Option<Row> = Statement::new(select_petitions!("WHERE system_id = ? AND reference = ?"))
        .bind::<SqlUuid, _>(system.0)
        .bind::<Text, _>(reference)
        .get_result(connection)
        .await
        .optional()?;
    row.map(|row| row.read().map(|(petition, _, digest)| (petition, digest))).transpose()
}

pub(super) async fn by_id(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    id: Uuid,
) -> Result<Option<(Petition, FoldedPlate)>> {
    let row: Option<Row> = Statement::new(select_petitions!("WHERE checkpoint = ? AND id = ?"))
        .bind::<Text, _>(checkpoint.as_str())
        .bind::<SqlUuid, _>(id)
        .get_result(connection)
        .await
        .optional()?;
    row.map(|row| row.read().map(|(petition, plate, _)| (petition, plate))).transpose()
}

pub(super) async fn list(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    undecided: bool,
    after: i64,
    limit: i64,
) -> Result<Vec<Petition>> {
    // Two statements: one that asks for either uses the index of the undecided for none.
    let statement = if undecided {
        Statement::new(select_petitions!(
            "WHERE checkpoint = ? AND position > ? AND outcome IS NULL ORDER BY position LIMIT ?"
        ))
    } else {
        Statement::new(select_petitions!("WHERE checkpoint = ? AND position > ? ORDER BY position LIMIT ?"))
    };
    let rows: Vec<Row> = statement
        .bind::<Text, _>(checkpoint.as_str())
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(limit)
        .load(connection)
        .await?;
    rows.into_iter().map(|row| row.read().map(|(petition, _, _)| petition)).collect()
}

/// The booking of a vehicle that waits at a checkpoint, and who made it.
pub(super) async fn waiting_booking(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    plate: &FoldedPlate,
) -> Result<Option<(Uuid, SystemId)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        system_id: Uuid,
    }
    let row: Option<Row> = Statement::new(
        "SELECT booking.id, booking.system_id
         FROM crossings AS crossing
         JOIN bookings AS booking ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
         WHERE crossing.checkpoint = ? AND crossing.plate = ? AND crossing.awaits_entry
         ORDER BY crossing.booked_at DESC LIMIT 1",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(plate.as_str())
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|Row { id, system_id }| (id, SystemId(system_id))))
}

pub(super) async fn insert(
    connection: &mut Connection,
    petition: &Petition,
    plate: &FoldedPlate,
    digest: [u8; 32],
) -> Result<()> {
    let Petition {
        id,
        checkpoint,
        position,
        system,
        reference,
        plate: plate_written,
        booking,
        class,
        stated_by,
        documents,
        filed_at,
        decision: _,
        rules_version,
    } = petition;
    let documents = serde_json::to_string(documents).map_err(|error| Error::Internal(error.to_string()))?;
    Statement::new(
        "INSERT INTO petitions (checkpoint, id, position, system_id, reference, digest, plate, plate_written, booking_id,
                                class, stated_by, documents, filed_at, rules_version)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::text::jsonb, ?, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(id)
    .bind::<BigInt, _>(position)
    .bind::<SqlUuid, _>(system)
    .bind::<Text, _>(reference)
    .bind::<Binary, _>(digest.to_vec())
    .bind::<Text, _>(plate.as_str())
    .bind::<Text, _>(plate_written)
    .bind::<Nullable<SqlUuid>, _>(booking)
    .bind::<Text, _>(class)
    .bind::<Text, _>(stated_by)
    .bind::<Text, _>(documents)
    .bind::<Timestamptz, _>(filed_at)
    .bind::<Integer, _>(rules_version)
    .execute(connection)
    .await
    .map_err(|error| {
        // At another checkpoint at the same moment: at one checkpoint they take turns.
        if violates(&error, "petitions_by_reference") {
            let detail = format!("the reference {reference} stands for another petition");
            Error::refused(ProblemCode::IdempotencyConflict, detail)
        } else {
            error.into()
        }
    })?;
    Ok(())
}

/// Writes what was decided, and the booking that it is for.
pub(super) async fn decide(
    connection: &mut Connection,
    petition: &Petition,
    decision: &PetitionDecision,
) -> Result<()> {
    let PetitionDecision { outcome, reason, system, decided_at, position } = decision;
    Statement::new(
        "UPDATE petitions SET outcome = ?, decision_position = ?, decision_reason = ?, decided_by = ?, decided_at = ?,
                              booking_id = ?
         WHERE checkpoint = ? AND id = ? AND outcome IS NULL",
    )
    .bind::<Text, _>(outcome.as_str())
    .bind::<BigInt, _>(position)
    .bind::<Text, _>(reason)
    .bind::<SqlUuid, _>(system)
    .bind::<Timestamptz, _>(decided_at)
    .bind::<Nullable<SqlUuid>, _>(petition.booking)
    .bind::<Text, _>(petition.checkpoint.as_str())
    .bind::<SqlUuid, _>(petition.id)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn used(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    id: Uuid,
    booking: Uuid,
) -> Result<()> {
    Statement::new(
        "UPDATE petitions SET booking_id = ? WHERE checkpoint = ? AND id = ? AND booking_id IS NULL",
    )
    .bind::<SqlUuid, _>(booking)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(id)
    .execute(connection)
    .await?;
    Ok(())
}
