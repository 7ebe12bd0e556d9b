//! The SQL of calls.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::queue::{Call, CallExplanation, CallKind};
use kordon_schemas::{CheckpointCode, ProblemCode};
use uuid::Uuid;

use super::LastCall;
use crate::crossings::model::{CallWindow, Crossing, Position};
use crate::crossings::rules as crossing_rules;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result, violates};
use crate::parties::SystemId;
use crate::queue::model::BookingId;
use crate::queue::ranking::StoredTurns;

/// A call under an operator's reference.
pub(super) struct Referenced {
    pub(super) checkpoint: CheckpointCode,
    pub(super) position: i64,
    pub(super) digest: Vec<u8>,
}

pub(super) async fn by_reference(
    mut connection: &Connection,
    system: SystemId,
    reference: &str,
) -> Result<Option<Referenced>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        checkpoint: String,
        #[diesel(sql_type = BigInt)]
        position: i64,
        #[diesel(sql_type = Binary)]
        digest: Vec<u8>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT checkpoint, position, digest FROM calls WHERE system_id = ? AND reference = ?",
    )
    .bind::<SqlUuid, _>(system.0)
    .bind::<Text, _>(reference)
    .get_result(&mut connection)
    .await
    .optional()?;
    row.map(|Row { checkpoint, position, digest }| {
        let checkpoint = CheckpointCode::parse(&checkpoint)
            .map_err(|error| Error::stored_badly("the checkpoint of a call", error))?;
        Ok(Referenced { checkpoint, position, digest })
    })
    .transpose()
}

/// What the last call of a lane left behind. Before the first there is nothing.
pub(super) async fn last_of_lane(
    mut connection: &Connection,
    checkpoint: &CheckpointCode,
    lane: &str,
) -> Result<LastCall> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        turns: Option<String>,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        entry_expected_at: Option<DateTime<Utc>>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT turns::text AS turns, entry_expected_at FROM calls
         WHERE checkpoint = ? AND lane = ? ORDER BY position DESC LIMIT 1",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Text, _>(lane)
    .get_result(&mut connection)
    .await
    .optional()?;
    let Some(Row { turns, entry_expected_at }) = row else { return Ok(LastCall::default()) };
    let turns = match turns {
        Some(written) => serde_json::from_str(&written)
            .map_err(|error| Error::stored_badly("the turns of a call", error))?,
        None => StoredTurns::default(),
    };
    Ok(LastCall { turns, entry_expected_at })
}

/// A call as it is written.
pub(super) struct NewCall<'a> {
    pub(super) system: Option<SystemId>,
    pub(super) kind: CallKind,
    pub(super) lane: &'a str,
    pub(super) position: Position,
    pub(super) booking: BookingId,
    pub(super) window: CallWindow,
    pub(super) entry_expected_at: DateTime<Utc>,
    pub(super) reference: Option<(&'a str, [u8; 32])>,
    pub(super) reason: Option<&'a str>,
    pub(super) explanation: &'a CallExplanation,
    pub(super) turns: &'a StoredTurns,
    pub(super) rules_version: i32,
}

impl NewCall<'_> {
    /// The call as it is shown, of a vehicle with this plate.
    pub(super) fn shown(self, plate: String) -> Call {
        let Self {
            system: _,
            kind,
            lane,
            position,
            booking,
            window: CallWindow { called_at, deadline_at },
            entry_expected_at,
            reference,
            reason,
            explanation,
            turns: _,
            rules_version,
        } = self;
        Call {
            position: position.0,
            booking: booking.0,
            plate,
            lane: lane.to_owned(),
            kind,
            reference: reference.map(|(reference, _)| reference.to_owned()),
            reason: reason.map(str::to_owned),
            called_at,
            deadline_at,
            entry_expected_at,
            explanation: explanation.clone(),
            rules_version,
        }
    }
}

pub(super) async fn insert_call(
    mut connection: &Connection,
    checkpoint: &CheckpointCode,
    call: &NewCall<'_>,
) -> Result<()> {
    let NewCall {
        system,
        kind,
        lane,
        position,
        booking,
        window,
        entry_expected_at,
        reference,
        reason,
        explanation,
        turns,
        rules_version,
    } = call;
    let CallWindow { called_at, deadline_at } = window;
    let written = |error: serde_json::Error| Error::Internal(error.to_string());
    Statement::new(
        "INSERT INTO calls (checkpoint, position, booking_id, called_at, deadline_at, system_id, reason, explanation,
                            rules_version, lane, kind, entry_expected_at, turns, reference, digest)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?::text::jsonb, ?, ?, ?, ?, ?::text::jsonb, ?, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(position.0)
    .bind::<SqlUuid, _>(booking.0)
    .bind::<Timestamptz, _>(called_at)
    .bind::<Timestamptz, _>(deadline_at)
    .bind::<Nullable<SqlUuid>, _>(system.map(|system| system.0))
    .bind::<Nullable<Text>, _>(*reason)
    .bind::<Text, _>(serde_json::to_string(explanation).map_err(written)?)
    .bind::<Integer, _>(rules_version)
    .bind::<Text, _>(*lane)
    .bind::<Text, _>(kind.as_str())
    .bind::<Timestamptz, _>(entry_expected_at)
    .bind::<Text, _>(serde_json::to_string(turns).map_err(written)?)
    .bind::<Nullable<Text>, _>(reference.map(|(reference, _)| reference))
    .bind::<Nullable<Binary>, _>(reference.as_ref().map(|(_, digest)| &digest[..]))
    .execute(&mut connection)
    .await
    .map_err(|error| match reference {
        // At another checkpoint at the same moment: at one checkpoint they take turns.
        Some((reference, _)) if violates(&error, "calls_by_reference") => {
            let detail = format!("the reference {reference} stands for another call");
            Error::refused(ProblemCode::IdempotencyConflict, detail)
        }
        Some(_) | None => error.into(),
    })?;
    Ok(())
}

/// The call at a position.
pub(super) async fn call(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    position: Position,
) -> Result<Option<Call>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        booking_id: Uuid,
        #[diesel(sql_type = Text)]
        plate_written: String,
        #[diesel(sql_type = Text)]
        lane: String,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Nullable<Text>)]
        reference: Option<String>,
        #[diesel(sql_type = Nullable<Text>)]
        reason: Option<String>,
        #[diesel(sql_type = Timestamptz)]
        called_at: DateTime<Utc>,
        #[diesel(sql_type = Timestamptz)]
        deadline_at: DateTime<Utc>,
        #[diesel(sql_type = Timestamptz)]
        entry_expected_at: DateTime<Utc>,
        #[diesel(sql_type = Text)]
        explanation: String,
        #[diesel(sql_type = Integer)]
        rules_version: i32,
    }
    let row: Option<Row> = Statement::new(
        "SELECT booking_id, plate_written, call.lane, kind, reference, reason, call.called_at, deadline_at,
                coalesce(entry_expected_at, call.called_at) AS entry_expected_at, explanation::text AS explanation,
                rules_version
         FROM calls AS call
         JOIN crossings AS crossing ON crossing.checkpoint = call.checkpoint AND crossing.id = call.booking_id
         WHERE call.checkpoint = ? AND call.position = ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(position.0)
    .get_result(connection)
    .await
    .optional()?;
    row.map(|row| {
        Ok(Call {
            position: position.0,
            booking: row.booking_id,
            plate: row.plate_written,
            lane: row.lane,
            kind: CallKind::from_name(&row.kind)
                .ok_or_else(|| Error::stored_badly("the kind of a call", &row.kind))?,
            reference: row.reference,
            reason: row.reason,
            called_at: row.called_at,
            deadline_at: row.deadline_at,
            entry_expected_at: row.entry_expected_at,
            explanation: serde_json::from_str(&row.explanation)
                .map_err(|error| Error::stored_badly("the explanation of a call", error))?,
            rules_version: row.rules_version,
        })
    })
    .transpose()
}

/// The call that counts of a booking: its last that was not missed.
pub(in crate::queue) async fn current_call(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: BookingId,
) -> Result<Option<CallWindow>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Timestamptz)]
        called_at: DateTime<Utc>,
        #[diesel(sql_type = Timestamptz)]
        deadline_at: DateTime<Utc>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT called_at, deadline_at FROM calls
         WHERE checkpoint = ? AND booking_id = ? AND missed_at IS NULL ORDER BY position DESC LIMIT 1",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(booking.0)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|Row { called_at, deadline_at }| CallWindow { called_at, deadline_at }))
}

/// Notes the call, or that it counts no more, on its crossing, which the caller has moved by the rules. It
/// gives the plate as it was written, for the answer.
pub(in crate::queue) async fn update_called(
    mut connection: &Connection,
    crossing: &Crossing,
    now: DateTime<Utc>,
) -> Result<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        plate_written: String,
    }
    let stage = crossing_rules::stage(crossing);
    let Row { plate_written } = Statement::new(
        "UPDATE crossings SET called_at = ?, call_deadline_at = ?, stage = ?, awaits_entry = ?, waits = ?, changed_at = ?
         WHERE checkpoint = ? AND id = ? RETURNING plate_written",
    )
    .bind::<Nullable<Timestamptz>, _>(crossing.call.map(|call| call.called_at))
    .bind::<Nullable<Timestamptz>, _>(crossing.call.map(|call| call.deadline_at))
    .bind::<Text, _>(stage.as_str())
    .bind::<Bool, _>(crossing_rules::is_awaited(crossing))
    .bind::<Bool, _>(crossing_rules::waits(crossing))
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(crossing.checkpoint.as_str())
    .bind::<SqlUuid, _>(crossing.id.0)
    .get_result(&mut connection)
    .await?;
    Ok(plate_written)
}
