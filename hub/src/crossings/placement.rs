//! Unmatched facts find their crossing later: by a booking that came after them, or by hand (Resolution 1393,
//! clause 10).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::events::{EventAnswer, EventKind, Outcome};
use kordon_schemas::{CheckpointCode, FoldedPlate, ProblemCode};
use uuid::Uuid;

use super::journal::LockedJournal;
use super::model::{Crossing, CrossingId, Position};
use super::store::{Adoptable, PlacedEvent};
use super::{rules, store, voids};
use crate::checkpoints::operators;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{Actor, Role};
use crate::queue::booking::view;
use crate::queue::feed::{self, Noted};

/// Places an unmatched fact in a crossing of the same checkpoint, by hand and with a reason. The fact itself
/// stays as it was stated; only where it belongs is decided here, by whom is kept.
///
/// # Errors
/// [`Error::NotFound`] for an unknown event or crossing, or one that an operator does not run;
/// [`ProblemCode::AlreadyPlaced`] when the event has its crossing, and [`Error::Invalid`] for a void, which
/// follows the event it voids; [`ProblemCode::OtherOperator`].
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
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            operators::check(connection, actor, checkpoint, now).await?;
            let event = unmatched_event(connection, checkpoint, position).await?;
            let found = store::crossings(connection, &[checkpoint.as_str()], &[crossing.0]).await?;
            let Some((_, known)) = found.into_iter().next() else { return Err(unknown(crossing)) };
            if actor.role == Role::QueueOperator {
                // One of another operator is as if it were not there, to the word.
                match view::check_own(connection, actor, checkpoint, crossing.0, now).await {
                    Err(Error::NotFound { .. }) => return Err(unknown(crossing)),
                    judged => judged?,
                }
            }
            rules::may_place(actor.role, event.kind, event.occurred_at, &known)?;
            store::move_events(connection, checkpoint, &[position.0], crossing).await?;
            store::note_placement(connection, actor, checkpoint, position, crossing, reason, now).await?;
            let settled = voids::refold(connection, &[checkpoint.as_str()], &[crossing.0], now).await?;
            // The queue has changed, though nothing was added to the journal: draw a position, so that its
            // readers see it.
            let drawn = journal.draw();
            feed::note(connection, checkpoint, drawn, Noted::Placed, Some(crossing.0), now).await?;
            journal.advance(connection, now).await?;
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

fn unknown(crossing: CrossingId) -> Error {
    Error::NotFound { what: "crossing of this checkpoint", id: crossing.to_string() }
}

/// The event at a position, if a person may place it: one that no crossing has.
async fn unmatched_event(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    position: Position,
) -> Result<PlacedEvent> {
    let Some(event) = store::event_at(connection, checkpoint, position).await? else {
        return Err(Error::NotFound { what: "event at position", id: position.0.to_string() });
    };
    match (event.kind, event.crossing) {
        (EventKind::Void, _) => {
            Err(Error::fault("position", "is a void; it follows the event that it voids"))
        }
        (_, Some(crossing)) => Err(Error::refused(
            ProblemCode::AlreadyPlaced,
            format!("the event belongs to crossing {crossing}"),
        )),
        (_, None) => Ok(event),
    }
}

/// Gives a crossing that has just been booked, or just been corrected, the facts that belong to it by now:
/// unmatched ones, and those that seemed to belong to another journey of the vehicle. What a person placed
/// stays. The caller holds the journal's lock.
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
    // Later journeys, when the booking comes late, and the one just before: no fact of an older one can be of
    // this journey.
    let others: Vec<Uuid> = journeys
        .iter()
        .take_while(|journey| journey.booked_at >= crossing.booked_at)
        .chain(journeys.iter().find(|journey| journey.booked_at < crossing.booked_at))
        .filter(|journey| journey.id != crossing.id)
        .map(|journey| journey.id.0)
        .collect();
    let mut own = Vec::new();
    let mut touched = BTreeSet::from([crossing.id.0]);
    for fact in store::adoptable(connection, &crossing.checkpoint, plate, &others).await? {
        let Adoptable { position, kind, occurred_at, crossing_id } = fact;
        if rules::place(kind, occurred_at, &journeys) == Some(crossing.id) {
            own.push(position);
            touched.extend(crossing_id);
        }
    }
    if own.is_empty() {
        return Ok(());
    }
    store::move_events(connection, &crossing.checkpoint, &own, crossing.id).await?;
    let touched: Vec<Uuid> = touched.into_iter().collect();
    voids::refold(connection, &vec![checkpoint; touched.len()], &touched, now).await?;
    Ok(())
}
