//! Calling a vehicle from its waiting zone to the checkpoint (Q3, Q13).

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::{Call, CallIn};

use super::model::{BookingId, Waiting};
use super::{rules, store};
use crate::crossings::{CallWindow, Position, store as crossing_store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;

/// Calls the first in order, or the booking that is named. The journal's lock makes it one call, also when two operators'
/// systems ask at once.
///
/// # Errors
/// As [`rules::choose`]; [`Error::Invalid`] for a reason that says nothing.
pub async fn call(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    asked: &CallIn,
    now: DateTime<Utc>,
) -> Result<Call> {
    let CallIn { booking: wanted, reason } = asked;
    if let Some(reason) = reason
        && !rules::is_text(reason, 500)
    {
        return Err(Error::fault("/reason", "has 1 to 500 characters and no control characters"));
    }
    connection
        .transaction(async |connection| {
            let mut journals = crossing_store::lock_journals(connection, &[checkpoint.as_str()]).await?;
            let rows = store::awaiting(connection, checkpoint).await?;
            let mut waiting: Vec<Waiting> = rows.iter().map(|row| row.waiting(now)).collect::<Result<_>>()?;
            rules::order(&mut waiting);
            let (booking, explanation) = rules::choose(&waiting, wanted.map(BookingId), reason.as_deref())?;
            let mut position = Position(0);
            for last in journals.values_mut() {
                *last += 1;
                position = Position(*last);
            }
            let window = CallWindow { called_at: now, deadline_at: now + rules::CALL_VALIDITY };
            let plate = note(connection, checkpoint, booking, window, now).await?;
            let new = store::NewCall {
                actor,
                position,
                booking,
                window,
                reason: reason.as_deref(),
                explanation: &explanation,
                rules_version: rules::VERSION,
            };
            store::insert_call(connection, checkpoint, &new).await?;
            crossing_store::advance_journals(connection, &journals, now).await?;
            Ok(Call {
                position: position.0,
                booking: booking.0,
                plate: rows
                    .into_iter()
                    .find(|row| row.id == booking.0)
                    .map_or(plate, |row| row.plate_written),
                called_at: window.called_at,
                deadline_at: window.deadline_at,
                explanation,
                rules_version: rules::VERSION,
            })
        })
        .await
}

/// Moves the crossing of the called vehicle on.
async fn note(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: BookingId,
    window: CallWindow,
    now: DateTime<Utc>,
) -> Result<String> {
    let found = crossing_store::crossings(connection, &[checkpoint.as_str()], &[booking.0]).await?;
    let Some((plate, mut crossing)) = found.into_iter().next() else {
        return Err(Error::NotFound { what: "booking", id: booking.to_string() });
    };
    crossing.call = Some(window);
    store::update_called(connection, &crossing, now).await?;
    Ok(plate)
}
