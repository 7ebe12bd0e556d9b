//! The holder of a booking sees that booking and nothing of others (Q25): by the reference and a secret, or
//! through the operator that made it.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::CheckpointCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::queue::{Call, CallExplanation, CallRule};
use kordon_schemas::views::{Direction, FeeKnowledge, HolderSecret, MyBooking, MyCall};
use kordon_schemas::{Amount, Money};
use uuid::Uuid;

use super::places::Places;
use super::store;
use crate::checkpoints;
use crate::crossings::{Position, store as crossing_store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;
use crate::prediction;
use crate::queue::booking::view;
use crate::queue::calling;
use crate::queue::waiting::stored_stage;

/// Bytes of a holder's secret: 160 random bits.
const LENGTH: usize = 20;

/// What the holder of a booking proves themselves with. It never appears in a log: `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Draws a new one from the system's random source.
    ///
    /// # Errors
    /// [`Error::Internal`] when the machine has no randomness to give.
    pub fn draw() -> Result<Self> {
        let mut bits = [0_u8; LENGTH];
        openssl::rand::rand_bytes(&mut bits).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self(hex::encode(bits)))
    }

    /// Reads one as it was sent. Anything that is not of the form is no secret and is not looked up.
    #[must_use]
    pub fn parse(sent: &str) -> Option<Self> {
        let well_formed =
            sent.len() == 2 * LENGTH && sent.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        well_formed.then(|| Self(sent.to_owned()))
    }

    /// The secret itself, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        openssl::sha::sha256(self.0.as_bytes())
    }

    /// Whether `hash` is of this secret, in a time that does not tell how much of it is right.
    fn is_behind(&self, hash: &[u8]) -> bool {
        let own = self.hash();
        hash.len() == own.len() && openssl::memcmp::eq(hash, &own)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(secret)")
    }
}

/// A booking that was proved to be the asker's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its checkpoint.
    pub checkpoint: CheckpointCode,
    /// Its id.
    pub booking: Uuid,
}

/// Gives a booking a secret, in place of an earlier one. In the transaction of the booking.
///
/// # Errors
/// When the database is away.
pub(crate) async fn give_secret(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    reference: &str,
    now: DateTime<Utc>,
) -> Result<Secret> {
    let secret = Secret::draw()?;
    store::put_secret(connection, checkpoint, booking, reference, secret.hash(), now).await?;
    Ok(secret)
}

/// Gives a booking that the operator runs a new secret, when the first was lost. The one before ends.
///
/// # Errors
/// [`Error::NotFound`] when there is none at the checkpoint, or it is another operator's.
pub async fn renew_secret(
    connection: &mut Connection,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    booking: Uuid,
    now: DateTime<Utc>,
) -> Result<HolderSecret> {
    connection
        .transaction(async |connection| {
            let reference = view::own(connection, actor, checkpoint, booking, now).await?.booking.reference;
            let secret = give_secret(connection, checkpoint, booking, &reference, now).await?;
            Ok(HolderSecret { booking, reference, holder_secret: secret.reveal().to_owned() })
        })
        .await
}

/// The booking behind a reference and its secret. Every booking under the reference is compared, so that the
/// time tells nothing.
///
/// # Errors
/// When the database is away.
pub async fn by_secret(
    connection: &mut Connection,
    reference: &str,
    secret: &Secret,
) -> Result<Option<Held>> {
    let mut found = None;
    for row in store::secrets_of(connection, reference).await? {
        if secret.is_behind(&row.hash) {
            found = Some(row);
        }
    }
    found.map(|row| held_at(&row.checkpoint, row.booking_id)).transpose()
}

/// The booking under a reference that the operator runs: one that its own system made before others, also one
/// that it took over.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or at a checkpoint that its scope does not reach.
pub async fn by_operator(
    connection: &mut Connection,
    actor: &Actor,
    reference: &str,
    now: DateTime<Utc>,
) -> Result<Held> {
    let unknown = || Error::NotFound { what: "booking", id: reference.to_owned() };
    let row = store::run_by_reference(connection, actor.system, reference, now).await?.ok_or_else(unknown)?;
    let held = held_at(&row.checkpoint, row.id)?;
    if crate::parties::reaches(actor, &held.checkpoint) { Ok(held) } else { Err(unknown()) }
}

fn held_at(checkpoint: &str, booking: Uuid) -> Result<Held> {
    Ok(Held { checkpoint: crossing_store::stored_checkpoint(checkpoint)?, booking })
}

/// The booking as its holder sees it, in a queue that has reached a position. The place is that of the queue
/// as everybody with the right reads it; of its other entries nothing is taken.
///
/// # Errors
/// [`Error::NotFound`] when the booking is not there any more.
pub async fn my_booking(
    connection: &mut Connection,
    held: &Held,
    (places, position): (&Places, i64),
    now: DateTime<Utc>,
) -> Result<MyBooking> {
    let Held { checkpoint, booking } = held;
    let unknown = || Error::NotFound { what: "booking", id: booking.to_string() };
    let row = store::held(connection, checkpoint, *booking).await?.ok_or_else(unknown)?;
    let placed = places.of(connection, checkpoint, position, now).await?;
    // Who was called since they were worked out has none any more.
    let place = placed.places.get(booking).copied().filter(|_| row.called_at.is_none());
    let name = checkpoints::checkpoint(connection, checkpoint).await?.name;
    let stage = stored_stage(&row.stage)?;
    let direction = ahead(stage, row.waits, row.ended_at.is_some(), row.zone);
    let call = match row.call_position {
        Some(position) => Some(my_call(calling::show(connection, checkpoint, Position(position)).await?)),
        None => None,
    };
    let predicted_entry = prediction::read::entry(connection, checkpoint, *booking, now).await?;
    let fee = fee(store::paid(connection, checkpoint, *booking).await?);
    Ok(MyBooking {
        booking: *booking,
        reference: row.reference,
        checkpoint: checkpoint.clone(),
        checkpoint_name: name,
        plate: row.plate_written,
        stage,
        place,
        called_at: row.called_at,
        deadline_at: row.call_deadline_at,
        warned_at: row.warned_at,
        call,
        direction,
        predicted_entry,
        fee,
        changed_at: placed.changed_at,
    })
}

/// Why it was called. A reason is shown for a call out of order only: it speaks of this vehicle then.
fn my_call(call: Call) -> MyCall {
    let Call { reason, explanation, .. } = call;
    let CallExplanation { place, waiting, rule, stood: _, turns: _ } = explanation;
    MyCall { place, waiting, rule, reason: reason.filter(|_| rule == CallRule::OutOfOrder) }
}

/// What is known of the fee, from the sums of what was paid and given back.
fn fee(store::PaidRow { paid, refunded }: store::PaidRow) -> FeeKnowledge {
    let hryvnias = |kopiyky: i64| Money::hryvnias(Amount::of_hundredths(kopiyky));
    match paid {
        None => FeeKnowledge::NotRecorded,
        Some(paid) => {
            FeeKnowledge::Paid { paid: hryvnias(paid), refunded: hryvnias(refunded.unwrap_or_default()) }
        }
    }
}

/// Where the vehicle is to go. One that was in a zone and left it without a call is to come back: it is
/// called from there alone.
fn ahead(stage: Stage, waits: bool, has_ended: bool, zone: Option<String>) -> Direction {
    match stage {
        _ if has_ended => Direction::On,
        Stage::ZoneArrived if waits => Direction::Stay,
        Stage::Booked | Stage::ZoneArrived => Direction::Zone { zone },
        Stage::Called | Stage::ZoneLeft => Direction::Checkpoint,
        Stage::CheckpointEntered | Stage::Controls | Stage::CheckpointLeft => Direction::On,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_alone() {
        let (secret, other) = (Secret::draw().unwrap(), Secret::draw().unwrap());
        assert_eq!(Secret::parse(secret.reveal()), Some(secret.clone()));
        assert!(secret.is_behind(&secret.hash()) && !other.is_behind(&secret.hash()));
        assert!(!secret.is_behind(&[]));
        assert_eq!(format!("{secret:?}"), "Secret(secret)");
        assert_eq!(Secret::parse("0123"), None);
        assert_eq!(
            Secret::parse(&secret.reveal().to_uppercase().replace(|c: char| c.is_ascii_digit(), "A")),
            None
        );
    }

    #[test]
    fn a_holder_is_told_where_to_go() {
        let to = |stage| ahead(stage, false, false, Some("KRAKIVETS-1".into()));
        let zone = Direction::Zone { zone: Some("KRAKIVETS-1".into()) };
        assert_eq!(to(Stage::Booked), zone);
        assert_eq!(ahead(Stage::ZoneArrived, true, false, None), Direction::Stay);
        assert_eq!(to(Stage::ZoneArrived), zone, "it left its zone again");
        assert_eq!(to(Stage::Called), Direction::Checkpoint);
        assert_eq!(to(Stage::Controls), Direction::On);
        assert_eq!(ahead(Stage::Booked, false, true, None), Direction::On);
    }
}
