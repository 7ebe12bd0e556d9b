//! Whether each crossing is what its booking, its call and its facts come to, and mending it where it is not: for the operator,
//! after a restore or a defect, and for the tests.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::Stage;
use uuid::Uuid;

use super::model::{CallWindow, Crossing, CrossingId, Progress};
use super::{packed, rules, store, voids};
use crate::database::{Connection, Statement};
use crate::error::Result;

/// Crossings that are compared in one transaction, which holds the checkpoint's journal.
const AT_ONCE: i64 = 500;

/// What is kept of a crossing, so that nobody has to fold its facts to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// When it was booked, its call, and what its facts come to.
    pub crossing: Crossing,
    /// The furthest stage.
    pub stage: Stage,
    /// Whether it stands in the waiting queue or is on its way from the zone.
    pub awaits_entry: bool,
    /// Whether it can be called in its turn.
    pub waits: bool,
    /// Whether facts of it contradict each other.
    pub contradictory: bool,
}

/// A crossing of which something else is kept than its facts come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What is kept.
    pub kept: Kept,
    /// What it comes to.
    pub rebuilt: Kept,
}

/// Compares every crossing of a checkpoint with what its booking, its call and its facts come to. Changes nothing.
///
/// # Errors
/// When the database is away.
pub async fn verify(connection: &mut Connection, checkpoint: &CheckpointCode) -> Result<Vec<Difference>> {
    each(connection, checkpoint, None).await
}

/// Makes every crossing of a checkpoint what its booking, its call and its facts come to, and returns those that were not.
///
/// # Errors
/// When the database is away; what was mended by then stays mended.
pub async fn rebuild(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    now: DateTime<Utc>,
) -> Result<Vec<Difference>> {
    each(connection, checkpoint, Some(now)).await
}

async fn each(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    mend_at: Option<DateTime<Utc>>,
) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    let mut after = Uuid::nil();
    loop {
        let (last, different) = connection
            .transaction(async |connection| some(connection, checkpoint, after, mend_at).await)
            .await?;
        differences.extend(different);
        match last {
            Some(last) => after = last,
            None => return Ok(differences),
        }
    }
}

/// Compares the crossings after an id, as many as are done at once, and returns the last of them.
async fn some(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    after: Uuid,
    mend_at: Option<DateTime<Utc>>,
) -> Result<(Option<Uuid>, Vec<Difference>)> {
    // Under the journal's lock no fact, booking or call comes between what is kept and what it rests on.
    let mut journals = store::lock_journals(connection, &[checkpoint.as_str()]).await?;
    let rows = rows(connection, checkpoint, after).await?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok((None, Vec::new())) };
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut folded = voids::fold(connection, &vec![checkpoint.as_str(); ids.len()], &ids).await?;
    let mut differences = Vec::new();
    for row in rows {
        let progress =
            folded.remove(&(checkpoint.as_str().to_owned(), CrossingId(row.id))).unwrap_or_default();
        let rebuilt = Kept::of(row.rests_on(checkpoint, progress));
        let kept = row.kept(checkpoint)?;
        if kept != rebuilt {
            differences.push(Difference { kept, rebuilt });
        }
    }
    if let Some(now) = mend_at
        && !differences.is_empty()
    {
        for Difference { kept: _, rebuilt } in &differences {
            mend(connection, rebuilt, now).await?;
        }
        // Readers of the queue see that it has changed.
        for last in journals.values_mut() {
            *last += 1;
        }
        store::advance_journals(connection, &journals, now).await?;
    }
    Ok((Some(last), differences))
}

impl Kept {
    fn of(crossing: Crossing) -> Self {
        let stage = rules::stage(&crossing);
        Self {
            stage,
            awaits_entry: rules::is_awaited(&crossing),
            waits: rules::waits(&crossing),
            contradictory: !rules::contradictions(&crossing.progress).is_empty(),
            crossing,
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    booked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    kept_booked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    kept_called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    kept_deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    kept_ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Binary)]
    kept_progress: Vec<u8>,
    #[diesel(sql_type = Text)]
    kept_stage: String,
    #[diesel(sql_type = Bool)]
    kept_awaits_entry: bool,
    #[diesel(sql_type = Bool)]
    kept_waits: bool,
    #[diesel(sql_type = Bool)]
    kept_contradictory: bool,
}

async fn rows(connection: &mut Connection, checkpoint: &CheckpointCode, after: Uuid) -> Result<Vec<Row>> {
    Ok(Statement::new(
        "SELECT crossing.id, booking.booked_at, call.called_at, call.deadline_at, booking.ended_at,
                crossing.ended_at AS kept_ended_at,
                crossing.booked_at AS kept_booked_at, crossing.called_at AS kept_called_at,
                crossing.call_deadline_at AS kept_deadline_at, crossing.progress AS kept_progress,
                crossing.stage AS kept_stage, crossing.awaits_entry AS kept_awaits_entry,
                crossing.waits AS kept_waits, crossing.contradictory AS kept_contradictory
         FROM crossings AS crossing
         JOIN bookings AS booking ON booking.checkpoint = crossing.checkpoint AND booking.id = crossing.id
         LEFT JOIN LATERAL (
             SELECT called_at, deadline_at FROM calls
             WHERE calls.checkpoint = crossing.checkpoint AND calls.booking_id = crossing.id
               AND calls.missed_at IS NULL
             ORDER BY calls.position DESC LIMIT 1) AS call ON true
         WHERE crossing.checkpoint = ? AND crossing.id > ?
         ORDER BY crossing.id LIMIT ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(after)
    .bind::<BigInt, _>(AT_ONCE)
    .load(connection)
    .await?)
}

fn window(called_at: Option<DateTime<Utc>>, deadline_at: Option<DateTime<Utc>>) -> Option<CallWindow> {
    called_at.zip(deadline_at).map(|(called_at, deadline_at)| CallWindow { called_at, deadline_at })
}

impl Row {
    /// The crossing by its booking, its call and what its facts come to.
    fn rests_on(&self, checkpoint: &CheckpointCode, progress: Progress) -> Crossing {
        Crossing {
            checkpoint: checkpoint.clone(),
            id: CrossingId(self.id),
            booked_at: self.booked_at,
            call: window(self.called_at, self.deadline_at),
            ended_at: self.ended_at,
            progress,
        }
    }

    fn kept(self, checkpoint: &CheckpointCode) -> Result<Kept> {
        Ok(Kept {
            crossing: Crossing {
                checkpoint: checkpoint.clone(),
                id: CrossingId(self.id),
                booked_at: self.kept_booked_at,
                call: window(self.kept_called_at, self.kept_deadline_at),
                ended_at: self.kept_ended_at,
                progress: packed::unpack(&self.kept_progress)?,
            },
            stage: Stage::from_name(&self.kept_stage)
                .ok_or_else(|| store::stored_badly("a crossing's stage", &self.kept_stage))?,
            awaits_entry: self.kept_awaits_entry,
            waits: self.kept_waits,
            contradictory: self.kept_contradictory,
        })
    }
}

async fn mend(connection: &mut Connection, rebuilt: &Kept, now: DateTime<Utc>) -> Result<()> {
    let Crossing { checkpoint, id, booked_at, call, ended_at, progress: _ } = &rebuilt.crossing;
    Statement::new(
        "UPDATE crossings SET booked_at = ?, called_at = ?, call_deadline_at = ?, ended_at = ?,
                awaits_entry = awaits_entry AND ?::timestamptz IS NULL, waits = false
         WHERE checkpoint = ? AND id = ?",
    )
    .bind::<Timestamptz, _>(booked_at)
    .bind::<Nullable<Timestamptz>, _>(call.map(|call| call.called_at))
    .bind::<Nullable<Timestamptz>, _>(call.map(|call| call.deadline_at))
    .bind::<Nullable<Timestamptz>, _>(ended_at)
    .bind::<Nullable<Timestamptz>, _>(ended_at)
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<SqlUuid, _>(id.0)
    .execute(connection)
    .await?;
    store::update_crossings(connection, &[&rebuilt.crossing], now).await
}
