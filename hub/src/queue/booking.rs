//! Booking a vehicle into the waiting queue (Q3, Q34).

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::queue::{Booking, BookingIn, QueueKind};
use kordon_schemas::{CheckpointCode, ProblemCode};

use super::feed::{self, Noted};
use super::rules;
use super::store::{self, Decided};
use super::views::holder;
use crate::crossings::{Position, placement, store as crossing_store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;

/// A booking, and whether this request made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Booked {
    /// The booking.
    pub booking: Booking,
    /// False: it was there, under the same reference and with the same content.
    pub is_new: bool,
}

/// Books a vehicle. The same reference with the same content is the same booking. Facts that came before the booking find
/// their place in it.
///
/// # Errors
/// [`Error::Invalid`] with every fault; [`ProblemCode::IdempotencyConflict`] when the reference stands for another booking;
/// [`ProblemCode::AlreadyBooked`] when the vehicle has an active booking, here or elsewhere.
pub async fn book(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    booking: &BookingIn,
    now: DateTime<Utc>,
) -> Result<Booked> {
    let booked_at = rules::booked_at(booking, now)?;
    let digest = digest(checkpoint, booking)?;
    connection
        .transaction(async |connection| {
            let mut journals = crossing_store::lock_journals(connection, &[checkpoint.as_str()]).await?;
            if let Some(known) = store::by_reference(connection, actor.system, &booking.reference).await? {
                return repeated(known, checkpoint, booking, digest);
            }
            let crossing = store::new_crossing(checkpoint, booked_at);
            store::insert_crossing(connection, &crossing, &booking.plate, now).await?;
            let decided = Decided { actor, crossing: &crossing, digest, rules_version: rules::VERSION };
            store::insert_booking(connection, booking, &decided, now).await?;
            if !store::claim_plate(connection, &crossing, &booking.plate, now).await? {
                let detail = format!("{} is booked already", booking.plate.as_written());
                return Err(Error::refused(ProblemCode::AlreadyBooked, detail));
            }
            placement::adopt_facts(connection, &crossing, booking.plate.folded(), now).await?;
            for last in journals.values_mut() {
                *last += 1;
                let position = Position(*last);
                feed::note(connection, checkpoint, position, Noted::Booked, Some(crossing.id.0), now).await?;
            }
            let secret =
                holder::give_secret(connection, checkpoint, crossing.id.0, &booking.reference, now).await?;
            crossing_store::advance_journals(connection, &journals, now).await?;
            let booking = Booking {
                id: crossing.id.0,
                checkpoint: checkpoint.clone(),
                reference: booking.reference.clone(),
                plate: booking.plate.as_written().to_owned(),
                queue: booking.queue,
                booked_at,
                rules_version: rules::VERSION,
                holder_secret: Some(secret.reveal().to_owned()),
            };
            Ok(Booked { booking, is_new: true })
        })
        .await
}

/// SHA-256 over what was sent: whether a repeat says the same.
fn digest(checkpoint: &CheckpointCode, booking: &BookingIn) -> Result<[u8; 32]> {
    let sent =
        serde_json::to_vec(&(checkpoint, booking)).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(openssl::sha::sha256(&sent))
}

fn repeated(
    known: store::Referenced,
    checkpoint: &CheckpointCode,
    booking: &BookingIn,
    digest: [u8; 32],
) -> Result<Booked> {
    let store::Referenced {
        checkpoint: known_checkpoint,
        id,
        digest: known_digest,
        plate_written,
        booked_at,
        rules_version,
    } = known;
    if known_digest != digest {
        return Err(Error::refused(
            ProblemCode::IdempotencyConflict,
            format!("the reference {} stands for another booking, at {known_checkpoint}", booking.reference),
        ));
    }
    let booking = Booking {
        id,
        checkpoint: checkpoint.clone(),
        reference: booking.reference.clone(),
        plate: plate_written,
        queue: QueueKind::Live,
        booked_at,
        rules_version,
        holder_secret: None,
    };
    Ok(Booked { booking, is_new: false })
}
