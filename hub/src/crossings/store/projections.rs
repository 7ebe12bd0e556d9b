//! The SQL of crossings as they are kept: what their facts come to.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::stored_checkpoint;
use crate::crossings::model::{CallWindow, Crossing, CrossingId};
use crate::crossings::read::Whereabouts;
use crate::crossings::{packed, rules};
use crate::database::{Connection, Statement};
use crate::error::Result;

#[derive(QueryableByName)]
struct CrossingRow {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    plate: String,
    #[diesel(sql_type = Timestamptz)]
    booked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    call_deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Binary)]
    progress: Vec<u8>,
}

impl CrossingRow {
    fn read(self) -> Result<(String, Crossing)> {
        let Self { checkpoint, id, plate, booked_at, called_at, call_deadline_at, ended_at, progress } = self;
        let call = called_at
            .zip(call_deadline_at)
            .map(|(called_at, deadline_at)| CallWindow { called_at, deadline_at });
        let progress = packed::unpack(&progress)?;
        let checkpoint = stored_checkpoint(&checkpoint)?;
        Ok((plate, Crossing { checkpoint, id: CrossingId(id), booked_at, call, ended_at, progress }))
    }
}

/// As many crossings of a plate as place almost every fact; a fact from before them is placed among [`ALL`].
pub(in crate::crossings) const RECENT: usize = 3;

/// More crossings of one plate at one checkpoint than fit into the days that a fact may be late.
pub(in crate::crossings) const ALL: usize = 1_000;

/// The crossings of each plate at each checkpoint with their plate, latest booking first, at most `most` of
/// each.
pub(in crate::crossings) async fn crossings_of_plates(
    mut connection: &Connection,
    checkpoints: &[&str],
    plates: &[&str],
    most: usize,
) -> Result<Vec<(String, Crossing)>> {
    let mut rows: Vec<CrossingRow> = Statement::new(
        "SELECT found.checkpoint, found.id, found.plate, found.booked_at, found.called_at, found.call_deadline_at,
                found.ended_at, found.progress
         FROM unnest(?, ?) AS wanted (checkpoint, plate)
         CROSS JOIN LATERAL (
             SELECT * FROM crossings
             WHERE crossings.checkpoint = wanted.checkpoint AND crossings.plate = wanted.plate
             ORDER BY crossings.booked_at DESC LIMIT ?) AS found",
    )
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<Text>, _>(plates)
    .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
    .load(&mut connection)
    .await?;
    rows.sort_by_key(|row| Reverse(row.booked_at));
    rows.into_iter().map(CrossingRow::read).collect()
}

/// The crossings of those ids, with their plates.
pub(crate) async fn crossings(
    mut connection: &Connection,
    checkpoints: &[&str],
    ids: &[Uuid],
) -> Result<Vec<(String, Crossing)>> {
    let rows: Vec<CrossingRow> = Statement::new(
        "SELECT found.checkpoint, found.id, found.plate, found.booked_at, found.called_at, found.call_deadline_at,
                found.ended_at, found.progress
         FROM unnest(?, ?) AS wanted (checkpoint, id)
         JOIN crossings AS found ON found.checkpoint = wanted.checkpoint AND found.id = wanted.id",
    )
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(&mut connection)
    .await?;
    rows.into_iter().map(CrossingRow::read).collect()
}

/// Writes what has become of crossings.
pub(in crate::crossings) async fn update_crossings(
    mut connection: &Connection,
    changed: &[&Crossing],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut checkpoints = Vec::with_capacity(changed.len());
    let mut ids = Vec::with_capacity(changed.len());
    let mut progresses = Vec::with_capacity(changed.len());
    let mut stages = Vec::with_capacity(changed.len());
    let mut awaits = Vec::with_capacity(changed.len());
    let mut waits = Vec::with_capacity(changed.len());
    let mut contradictory = Vec::with_capacity(changed.len());
    for crossing in changed {
        let stage = rules::stage(crossing);
        checkpoints.push(crossing.checkpoint.as_str());
        ids.push(crossing.id.0);
        progresses.push(packed::pack(&crossing.progress));
        stages.push(stage.as_str());
        awaits.push(rules::is_awaited(crossing));
        waits.push(rules::waits(crossing));
        contradictory.push(!rules::contradictions(&crossing.progress).is_empty());
    }
    Statement::new(
        "UPDATE crossings AS crossing
         SET progress = new.progress, stage = new.stage, awaits_entry = new.awaits_entry,
             waits = new.waits, contradictory = new.contradictory, changed_at = ?
         FROM (SELECT unnest(?) AS checkpoint, unnest(?) AS id, unnest(?) AS progress, unnest(?) AS stage,
                      unnest(?) AS awaits_entry, unnest(?) AS waits, unnest(?) AS contradictory) AS new
         WHERE crossing.checkpoint = new.checkpoint AND crossing.id = new.id",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Binary>, _>(progresses)
    .bind::<Array<Text>, _>(stages)
    .bind::<Array<Bool>, _>(awaits)
    .bind::<Array<Bool>, _>(waits)
    .bind::<Array<Bool>, _>(contradictory)
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// Where a crossing is.
pub(in crate::crossings) async fn whereabouts(
    connection: &mut Connection,
    id: CrossingId,
) -> Result<Option<Whereabouts>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        checkpoint: String,
        #[diesel(sql_type = Text)]
        plate_written: String,
    }
    let row: Option<Row> = Statement::new("SELECT checkpoint, plate_written FROM crossings WHERE id = ?")
        .bind::<SqlUuid, _>(id.0)
        .get_result(connection)
        .await
        .optional()?;
    row.map(|Row { checkpoint, plate_written }| {
        Ok(Whereabouts { checkpoint: stored_checkpoint(&checkpoint)?, plate_written })
    })
    .transpose()
}
