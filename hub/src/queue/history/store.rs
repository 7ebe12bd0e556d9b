//! The SQL of what became of a booking: its calls and its absences (Resolution 1393, clause 22).

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::{AbsentFrom, CallKind, DecidedAbsence, GivenCall};
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::{Error, Result};

/// The calls of a booking, the first first.
pub(super) async fn calls(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
) -> Result<Vec<GivenCall>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        position: i64,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Timestamptz)]
        called_at: DateTime<Utc>,
        #[diesel(sql_type = Timestamptz)]
        deadline_at: DateTime<Utc>,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        missed_at: Option<DateTime<Utc>>,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT position, kind, called_at, deadline_at, missed_at FROM calls
         WHERE checkpoint = ? AND booking_id = ? ORDER BY position",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .load(connection)
    .await?;
    rows.into_iter()
        .map(|Row { position, kind, called_at, deadline_at, missed_at }| {
            let kind =
                CallKind::from_name(&kind).ok_or_else(|| Error::stored_badly("the kind of a call", &kind))?;
            Ok(GivenCall { position, kind, called_at, deadline_at, missed_at })
        })
        .collect()
}

/// The absences of a booking, the first first.
pub(super) async fn absences(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
) -> Result<Vec<DecidedAbsence>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        position: i64,
        #[diesel(sql_type = Text)]
        place: String,
        #[diesel(sql_type = Bool)]
        was_refused: bool,
        #[diesel(sql_type = Timestamptz)]
        due_at: DateTime<Utc>,
        #[diesel(sql_type = Timestamptz)]
        decided_at: DateTime<Utc>,
        #[diesel(sql_type = Text)]
        consequence: String,
        #[diesel(sql_type = Integer)]
        rules_version: i32,
        #[diesel(sql_type = Bool)]
        taken_back: bool,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT position, place, was_refused, due_at, decided_at, consequence::text AS consequence, rules_version,
                taken_back_position IS NOT NULL AS taken_back
         FROM absences WHERE checkpoint = ? AND booking_id = ? ORDER BY position",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking)
    .load(connection)
    .await?;
    rows.into_iter()
        .map(
            |Row {
                 position,
                 place,
                 was_refused,
                 due_at,
                 decided_at,
                 consequence,
                 rules_version,
                 taken_back,
             }| {
                Ok(DecidedAbsence {
                    position,
                    place: AbsentFrom::from_name(&place)
                        .ok_or_else(|| Error::stored_badly("the place of an absence", &place))?,
                    was_refused,
                    due_at,
                    decided_at,
                    consequence: serde_json::from_str(&consequence)
                        .map_err(|error| Error::stored_badly("the consequence of an absence", error))?,
                    rules_version,
                    taken_back,
                })
            },
        )
        .collect()
}
