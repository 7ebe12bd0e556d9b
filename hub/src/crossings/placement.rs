//! Unmatched facts find their crossing later: by a booking that came after them, or by hand.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, RunQueryDsl};
use kordon_schemas::events::{EventAnswer, EventKind, Outcome};
use kordon_schemas::{CheckpointCode, FoldedPlate, ProblemCode};
use uuid::Uuid;

use super::model::{Crossing, CrossingId, Position};
use super::{rules, store, voids};
use crate::checkpoints::operators;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::Actor;
use crate::queue::feed::{self, Noted};

/// Places an unmatched fact in a crossing of the same checkpoint, by hand and with a reason. The fact itself stays as it was
/// stated; only where it belongs is decided here, by whom is kept.
///
/// # Errors
/// [`Error::NotFound`] for an unknown event or crossing, [`ProblemCode::AlreadyPlaced`] when the event has its crossing, and
/// [`Error::Invalid`] for a void, which follows the event it voids; [`ProblemCode::OtherOperator`].
pub async fn place_by_hand(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    position: Position,
    crossing: CrossingId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<EventAnswer> {
    connection
        .transaction(async |connection| {
            let mut journals = store::lock_journals(connection, &[checkpoint.as_str()]).await?;
            operators::check(connection, actor, checkpoint, now).await?;
            let event = unmatched_event(connection, checkpoint, position).await?;
            let found = store::crossings(connection, &[checkpoint.as_str()], &[crossing.0]).await?;
            let Some((_, known)) = found.into_iter().next() else {
                return Err(Error::NotFound {
                    what: "crossing of this checkpoint",
                    id: crossing.to_string(),
                });
            };
            rules::may_place(actor.role, event.kind, event.occurred_at, &known)?;
            move_events(connection, checkpoint, &[position.0], crossing).await?;
            note_placement(connection, actor, checkpoint, position, crossing, reason, now).await?;
            let settled = voids::refold(connection, &[checkpoint.as_str()], &[crossing.0], now).await?;
            // The queue has changed, though nothing was added to the journal: draw a position, so that its readers see it.
            for last in journals.values_mut() {
                *last += 1;
                feed::note(connection, checkpoint, Position(*last), Noted::Placed, Some(crossing.0), now)
                    .await?;
            }
            store::advance_journals(connection, &journals, now).await?;
            let contradictory =
                settled.iter().any(|settled| !rules::contradictions(&settled.progress).is_empty());
            Ok(EventAnswer {
                id: Some(event.event_id),
                outcome: if contradictory { Outcome::Contradictory } else { Outcome::Recorded },
                position: Some(position.0),
                crossing: Some(crossing.0),
                problem: None,
            })
        })
        .await
}

/// An event that no crossing has.
struct Unmatched {
    event_id: String,
    kind: EventKind,
    occurred_at: DateTime<Utc>,
}

async fn unmatched_event(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    position: Position,
) -> Result<Unmatched> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        event_id: String,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Timestamptz)]
        occurred_at: DateTime<Utc>,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        crossing_id: Option<Uuid>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT event_id, kind, occurred_at, crossing_id FROM checkpoint_events WHERE checkpoint = ? AND position = ?",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(position.0)
    .get_result(connection)
    .await
    .optional()?;
    let Some(Row { event_id, kind, occurred_at, crossing_id }) = row else {
        return Err(Error::NotFound { what: "event at position", id: position.0.to_string() });
    };
    let kind = EventKind::from_name(&kind).ok_or_else(|| store::stored_badly("an event's kind", &kind))?;
    match (kind, crossing_id) {
        (EventKind::Void, _) => {
            Err(Error::fault("position", "is a void; it follows the event that it voids"))
        }
        (_, Some(crossing)) => Err(Error::refused(
            ProblemCode::AlreadyPlaced,
            format!("the event belongs to crossing {crossing}"),
        )),
        (kind, None) => Ok(Unmatched { event_id, kind, occurred_at }),
    }
}

async fn note_placement(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    position: Position,
    crossing: CrossingId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "INSERT INTO event_placements (checkpoint, position, crossing_id, placed_by, placed_at, reason)
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<BigInt, _>(position.0)
    .bind::<SqlUuid, _>(crossing.0)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(reason)
    .execute(connection)
    .await?;
    Ok(())
}

async fn move_events(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    positions: &[i64],
    crossing: CrossingId,
) -> Result<()> {
    Statement::new("UPDATE checkpoint_events SET crossing_id = ? WHERE checkpoint = ? AND position = ANY(?)")
        .bind::<SqlUuid, _>(crossing.0)
        .bind::<Text, _>(checkpoint.as_str())
        .bind::<Array<BigInt>, _>(positions)
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives a crossing that has just been booked, or just been corrected, the facts that belong to it by now: unmatched ones, and
/// those that seemed to belong to another journey of the vehicle. What a person placed stays. The caller holds the journal's lock.
pub(crate) async fn adopt_facts(
    connection: &mut Connection,
    crossing: &Crossing,
    plate: &FoldedPlate,
    now: DateTime<Utc>,
) -> Result<()> {
    let checkpoint = crossing.checkpoint.as_str();
    let journeys: Vec<Crossing> =
        store::crossings_of_plates(connection, &[checkpoint], &[plate.as_str()], store::ALL)
            .await?
            .into_iter()
            .map(|(_, journey)| journey)
            .collect();
    // Later journeys, when the booking comes late, and the one just before: no fact of an older one can be of this journey.
    let others: Vec<Uuid> = journeys
        .iter()
        .take_while(|journey| journey.booked_at >= crossing.booked_at)
        .chain(journeys.iter().find(|journey| journey.booked_at < crossing.booked_at))
        .filter(|journey| journey.id != crossing.id)
        .map(|journey| journey.id.0)
        .collect();
    let mut own = Vec::new();
    let mut touched = BTreeSet::from([crossing.id.0]);
    for fact in adoptable(connection, checkpoint, plate, &others).await? {
        let Adoptable { position, occurred_at, crossing_id } = fact;
        if rules::place(occurred_at, &journeys) == Some(crossing.id) {
            own.push(position);
            touched.extend(crossing_id);
        }
    }
    if own.is_empty() {
        return Ok(());
    }
    move_events(connection, &crossing.checkpoint, &own, crossing.id).await?;
    let touched: Vec<Uuid> = touched.into_iter().collect();
    voids::refold(connection, &vec![checkpoint; touched.len()], &touched, now).await?;
    Ok(())
}

/// A fact that a new booking may take.
#[derive(QueryableByName)]
struct Adoptable {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    crossing_id: Option<Uuid>,
}

async fn adoptable(
    connection: &mut Connection,
    checkpoint: &str,
    plate: &FoldedPlate,
    others: &[Uuid],
) -> Result<Vec<Adoptable>> {
    Ok(Statement::new(
        "SELECT position, occurred_at, crossing_id FROM checkpoint_events
         WHERE checkpoint = ? AND plate = ? AND crossing_id IS NULL AND plate IS NOT NULL
         UNION ALL
         SELECT event.position, event.occurred_at, event.crossing_id FROM checkpoint_events AS event
         LEFT JOIN event_placements AS placement
           ON placement.checkpoint = event.checkpoint AND placement.position = event.position
         WHERE event.checkpoint = ? AND event.crossing_id = ANY(?) AND placement.position IS NULL",
    )
    .bind::<Text, _>(checkpoint)
    .bind::<Text, _>(plate.as_str())
    .bind::<Text, _>(checkpoint)
    .bind::<Array<SqlUuid>, _>(others)
    .load(connection)
    .await?)
}
