//! Booking a vehicle into the waiting queue (Q3, Q11, Q22, Q34): pre-booked with a slot, live, or priority by
//! a granted petition.
//!
//! - `rules`: whether a booking can be taken, every fault at once.
//! - [`places`]: what is free in the slots, and how a place is drawn.
//! - [`permits`]: permits for the continuity procedure as documents of a booking.
//! - [`view`]: a booking as its operator sees it.

pub mod permits;
pub mod places;
pub(in crate::queue) mod rules;
pub(in crate::queue) mod store;
pub mod view;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::queue::{Booking, BookingIn, QueueKind};
use kordon_schemas::{CheckpointCode, Plate, ProblemCode};

use super::feed::{self, Noted};
use super::views::holder;
use super::{bans, petitions};
use crate::checkpoints::{operators, rules as checkpoint_rules};
use crate::crossings::{LockedJournal, placement};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;
use crate::repeats;

/// A booking, and whether this request made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Booked {
    /// The booking.
    pub booking: Booking,
    /// False: it was there, under the same reference and with the same content.
    pub is_new: bool,
}

/// Books a vehicle. The same reference with the same content is the same booking, as it stands by now. Facts
/// that came before the booking find their place in it.
///
/// # Errors
/// [`Error::Invalid`] with every fault; [`ProblemCode::IdempotencyConflict`] when the reference stands for
/// another booking; [`ProblemCode::AlreadyBooked`] when the vehicle has an active booking, here or elsewhere;
/// [`ProblemCode::VehicleBanned`], [`ProblemCode::SlotTaken`], [`ProblemCode::PetitionNotUsable`],
/// [`ProblemCode::OtherOperator`].
pub async fn book(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    asked: &BookingIn,
    now: DateTime<Utc>,
) -> Result<Booked> {
    let digest = repeats::digest(&(checkpoint, asked))?;
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, checkpoint).await?;
            if let Some(known) = store::by_reference(connection, actor.system, &asked.reference).await? {
                return repeated(known, digest);
            }
            operators::check(connection, actor, checkpoint, now).await?;
            let mut decided = decide(connection, checkpoint, asked, now).await?;
            bans::check(connection, &asked.plate, now).await?;
            if let Some(petition) = asked.petition {
                let petitions::Usable { class, granted_at } =
                    petitions::usable(connection, checkpoint, petition, asked.plate.folded()).await?;
                decided.priority_class = Some(class);
                decided.queued_at = decided.booked_at.max(granted_at);
            }
            let position = journal.draw();
            let crossing = store::new_crossing(checkpoint, decided.booked_at);
            let id = crossing.id.0;
            store::insert_crossing(connection, &crossing, asked, &decided, now).await?;
            let new = store::New { actor, crossing: &crossing, position, digest, decided: &decided };
            store::insert_booking(connection, asked, &new, now).await?;
            if let Some(sold) = decided.slot {
                places::draw(connection, checkpoint, &decided.lane, sold, id).await?;
            }
            if let Some(petition) = asked.petition {
                petitions::used(connection, checkpoint, petition, id).await?;
            }
            claim(connection, checkpoint, id, &asked.plate, now).await?;
            placement::adopt_facts(connection, &crossing, asked.plate.folded(), now).await?;
            feed::note(connection, checkpoint, position, Noted::Booked, Some(id), now).await?;
            let secret = holder::give_secret(connection, checkpoint, id, &asked.reference, now).await?;
            journal.advance(connection, now).await?;
            let made = store::by_id(connection, checkpoint, id).await?;
            let made =
                made.ok_or_else(|| Error::Internal("a booking that was just made is not there".into()))?;
            let holder_secret = Some(secret.reveal().to_owned());
            Ok(Booked { booking: Booking { holder_secret, ..made.booking }, is_new: true })
        })
        .await
}

async fn decide(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    asked: &BookingIn,
    now: DateTime<Utc>,
) -> Result<rules::Decided> {
    let in_force = checkpoint_rules::in_force(connection, checkpoint, now).await?;
    let of_slot = match (asked.queue, asked.slot_starts_at) {
        (QueueKind::PreBooked, Some(starts_at)) if starts_at > now => {
            checkpoint_rules::in_force(connection, checkpoint, starts_at.to_utc()).await?
        }
        _ => in_force.clone(),
    };
    rules::decide(asked, &in_force, &of_slot, now)
}

/// Makes a booking the one active booking of a vehicle.
pub(in crate::queue) async fn claim(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: uuid::Uuid,
    plate: &Plate,
    now: DateTime<Utc>,
) -> Result<()> {
    if store::claim_plate(connection, checkpoint, booking, plate.folded(), now).await? {
        return Ok(());
    }
    let detail = format!("{} is booked already", plate.as_written());
    Err(Error::refused(ProblemCode::AlreadyBooked, detail))
}

fn repeated(known: store::Stored, digest: [u8; 32]) -> Result<Booked> {
    let store::Stored { booking, digest: known_digest, .. } = known;
    repeats::require_same(&known_digest, digest, || {
        format!("the reference {} stands for another booking, at {}", booking.reference, booking.checkpoint)
    })?;
    Ok(Booked { booking, is_new: false })
}
