//! What is changed about a booking after it was made (Q11, Q21): cancelled, moved to a later slot, given to
//! another vehicle; and that its vehicle may book again after it did not come (Q34). Each change is a recorded fact with its place in the journal; what the booking was before
//! is kept with it.
//!
//! - [`ending`]: how a booking ends without its vehicle entering.

pub mod ending;
pub(in crate::queue) mod store;
mod swap;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::bookings::{
    BanLiftingIn, BookedSlot, BookingChange, CancellationIn, ChangeKind, ChangedParts, EndedBy, ExtensionIn,
    VehicleSwapIn,
};
use kordon_schemas::{CheckpointCode, Fault, ProblemCode};
use serde::Serialize;
use uuid::Uuid;

use super::booking::store::Stored;
use super::booking::{places, rules as booking_rules, store as booking_store, view};
use super::rules::{is_reference, is_text};
use super::{bans, warnings};
use crate::checkpoints::rules as checkpoint_rules;
use crate::crossings::LockedJournal;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;
use crate::repeats;

/// A change, and whether this request made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The change.
    pub change: BookingChange,
    /// False: it was there, under the same reference and with the same content.
    pub is_new: bool,
}

/// A change that an operator asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum AskedChange<'a> {
    /// To cancel it, until its vehicle has entered.
    Cancellation(&'a CancellationIn),
    /// To move it to a later slot, before its call.
    Extension(&'a ExtensionIn),
    /// To give it to another vehicle, before its call.
    VehicleSwap(&'a VehicleSwapIn),
    /// To let its vehicle book again, after it did not come.
    BanLifting(&'a BanLiftingIn),
}

impl AskedChange<'_> {
    fn reference(&self) -> &str {
        match self {
            Self::Cancellation(asked) => &asked.reference,
            Self::Extension(asked) => &asked.reference,
            Self::VehicleSwap(asked) => &asked.reference,
            Self::BanLifting(asked) => &asked.reference,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Cancellation(asked) => Some(&asked.reason),
            Self::Extension(asked) => asked.reason.as_deref(),
            Self::VehicleSwap(asked) => Some(&asked.reason),
            Self::BanLifting(asked) => Some(&asked.reason),
        }
    }

    const fn kind(&self) -> ChangeKind {
        match self {
            Self::Cancellation(_) => ChangeKind::Cancelled,
            Self::Extension(_) => ChangeKind::Extended,
            Self::VehicleSwap(_) => ChangeKind::VehicleSwapped,
            Self::BanLifting(_) => ChangeKind::BanLifted,
        }
    }

    /// What is wrong with it whatever the booking is.
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !is_reference(self.reference()) {
            faults.push(Fault::new("/reference", "has 1 to 100 printable ASCII characters without spaces"));
        }
        if self.reason().is_some_and(|reason| !is_text(reason, 500)) {
            faults.push(Fault::new("/reason", "has 1 to 500 characters and no control characters"));
        }
        if let Self::VehicleSwap(asked) = self {
            faults.extend(asked.vehicle.iter().flat_map(booking_rules::faults_of_vehicle));
            if asked.driver.as_ref().is_some_and(|driver| !is_text(&driver.name, 200)) {
                faults.push(Fault::new("/driver/name", "has 1 to 200 characters and no control characters"));
            }
        }
        faults
    }
}

/// What a booking was before a change and is after it, by the rules of a version.
struct Made {
    before: ChangedParts,
    after: ChangedParts,
    rules_version: i32,
}

/// Changes a booking. The same reference with the same content is the same change. The limits are those of
/// the rules that the booking was made under.
///
/// # Errors
/// [`Error::NotFound`] when there is no such booking or it is another operator's; [`Error::Invalid`] with
/// every fault; [`ProblemCode::BookingOver`], [`ProblemCode::ChangeNotAllowed`],
/// [`ProblemCode::IdempotencyConflict`]; and for a slot or another vehicle what stands in the way of booking
/// them.
pub async fn change(
    connection: &mut Connection,
    actor: &Actor,
    booking: Uuid,
    asked: AskedChange<'_>,
    now: DateTime<Utc>,
) -> Result<Changed> {
    let now = now.trunc_subsecs(6);
    let checkpoint = view::checkpoint_of(connection, actor, booking).await?;
    let faults = asked.faults();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let digest = repeats::digest(&(booking, &asked))?;
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, &checkpoint).await?;
            let stored = view::own(connection, actor, &checkpoint, booking, now).await?;
            if let Some(known) = store::by_reference(connection, actor.system, asked.reference()).await? {
                return repeated(known, digest);
            }
            let position = journal.draw().0;
            let Made { before, after, rules_version } = match asked {
                AskedChange::Cancellation(_) => cancel(connection, &stored, now).await?,
                AskedChange::Extension(asked) => extend(connection, &stored, asked, now).await?,
                AskedChange::VehicleSwap(asked) => swap::swap(connection, &stored, asked, now).await?,
                AskedChange::BanLifting(_) => lift_ban(connection, &stored, now).await?,
            };
            let change = BookingChange {
                booking,
                position,
                reference: Some(asked.reference().to_owned()),
                kind: asked.kind(),
                made_at: now,
                system: actor.system.0,
                reason: asked.reason().map(str::to_owned),
                before,
                after,
                rules_version,
            };
            store::insert(connection, &checkpoint, &change, Some(digest)).await?;
            journal.advance(connection, now).await?;
            Ok(Changed { change, is_new: true })
        })
        .await
}

/// The changes of a booking, in the order in which they were recorded.
///
/// # Errors
/// When the database is away.
pub async fn of_booking(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    booking: Uuid,
) -> Result<Vec<BookingChange>> {
    store::of_booking(connection, checkpoint, booking).await
}

fn repeated((known, known_digest): (BookingChange, Vec<u8>), digest: [u8; 32]) -> Result<Changed> {
    repeats::require_same(&known_digest, digest, || {
        let reference = known.reference.as_deref().unwrap_or_default();
        format!("the reference {reference} stands for another change, of booking {}", known.booking)
    })?;
    Ok(Changed { change: known, is_new: false })
}

/// Refuses a booking that is over.
pub(in crate::queue) fn check_open(stored: &Stored) -> Result<()> {
    let over = |detail: &str| Err(Error::refused(ProblemCode::BookingOver, detail));
    match stored.ended_by {
        Some(EndedBy::Cancelled) => over("the booking was cancelled"),
        Some(EndedBy::NoShowAtZone | EndedBy::NoShowAtCheckpoint) => {
            over("the booking ended: its vehicle did not come")
        }
        None if !stored.awaits_entry => over("the vehicle has entered the checkpoint"),
        None => Ok(()),
    }
}

/// Refuses a booking whose vehicle was called.
pub(in crate::queue) fn check_not_called(stored: &Stored) -> Result<()> {
    match stored.called_at {
        Some(_) => Err(Error::refused(ProblemCode::ChangeNotAllowed, "the vehicle was called already")),
        None => Ok(()),
    }
}

/// Refuses a change that was made as often as the rules allow.
async fn check_limit(connection: &mut Connection, stored: &Stored, kind: ChangeKind, most: u8) -> Result<()> {
    let made = of_booking(connection, &stored.booking.checkpoint, stored.booking.id).await?;
    let made = made.iter().filter(|change| change.kind == kind).count();
    if made < usize::from(most) {
        return Ok(());
    }
    let version = stored.booking.rules_version;
    let detail = match most {
        0 => format!("the rules that the booking was made under (version {version}) do not allow it"),
        most => {
            format!("the rules that the booking was made under (version {version}) allow it {most} times")
        }
    };
    Err(Error::refused(ProblemCode::ChangeNotAllowed, detail))
}

async fn cancel(connection: &mut Connection, stored: &Stored, now: DateTime<Utc>) -> Result<Made> {
    check_open(stored)?;
    let booking = &stored.booking;
    ending::end(connection, &booking.checkpoint, booking.id, EndedBy::Cancelled, now).await?;
    let after = ChangedParts { ended_by: Some(EndedBy::Cancelled), ..ChangedParts::default() };
    let before = ChangedParts { slot: booking.slot, ..ChangedParts::default() };
    Ok(Made { before, after, rules_version: booking.rules_version })
}

/// The booking itself stays what it is: mostly over.
async fn lift_ban(connection: &mut Connection, stored: &Stored, now: DateTime<Utc>) -> Result<Made> {
    let booking = &stored.booking;
    let (before, after) = bans::lift(connection, &booking.checkpoint, booking.id, now).await?;
    Ok(Made { before, after, rules_version: booking.rules_version })
}

async fn extend(
    connection: &mut Connection,
    stored: &Stored,
    asked: &ExtensionIn,
    now: DateTime<Utc>,
) -> Result<Made> {
    check_open(stored)?;
    let booking = &stored.booking;
    let checkpoint = &booking.checkpoint;
    let Some(slot) = booking.slot else {
        let detail = "only a booking with a slot is moved to a later one";
        return Err(Error::refused(ProblemCode::ChangeNotAllowed, detail));
    };
    check_not_called(stored)?;
    let made_under = checkpoint_rules::of_version(connection, checkpoint, booking.rules_version).await?;
    let limits = made_under.rules.changes;
    check_limit(connection, stored, ChangeKind::Extended, limits.extensions).await?;
    let later = asked.slot_starts_at.to_utc() - slot.starts_at;
    let most = TimeDelta::hours(i64::from(limits.extension_hours));
    if later <= TimeDelta::zero() || later > most {
        let detail = format!("is after the slot that is booked, by at most {} hours", most.num_hours());
        return Err(Error::fault("/slot_starts_at", detail));
    }
    let in_force = checkpoint_rules::in_force(connection, checkpoint, now).await?;
    let of_slot = checkpoint_rules::in_force(connection, checkpoint, asked.slot_starts_at.to_utc()).await?;
    let sold = booking_rules::slot(&booking.lane, &in_force, &of_slot, asked.slot_starts_at, now)
        .map_err(|fault| Error::Invalid(vec![fault]))?;
    booking_store::free_place(connection, checkpoint, booking.id).await?;
    places::draw(connection, checkpoint, &booking.lane, sold, booking.id).await?;
    store::move_to_slot(connection, checkpoint, booking.id, sold.slot).await?;
    warnings::tell_again(connection, checkpoint, booking.id, now).await?;
    let later = BookedSlot { starts_at: sold.slot.starts_at, ends_at: sold.slot.ends_at };
    Ok(Made {
        before: ChangedParts { slot: Some(slot), ..ChangedParts::default() },
        after: ChangedParts { slot: Some(later), ..ChangedParts::default() },
        rules_version: made_under.version,
    })
}
