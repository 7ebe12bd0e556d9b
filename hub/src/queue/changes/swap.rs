//! A booking is given to another vehicle: before its call, within the limits of its rules, and to a vehicle
//! of the same lane.

use chrono::{DateTime, Utc};
use kordon_schemas::ProblemCode;
use kordon_schemas::bookings::{ChangeKind, ChangedParts, VehicleSwapIn};
use kordon_schemas::queue::{Driver, QueueKind};

use super::{Made, check_limit, check_not_called, check_open, store};
use crate::checkpoints::rules as checkpoint_rules;
use crate::checkpoints::rules::{RulesInForce, data_schema, lanes};
use crate::crossings::voids;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::queue::booking::store::Stored;
use crate::queue::booking::{claim, store as booking_store};
use crate::queue::{bans, warnings};

/// Gives the booking to the other vehicle, and the plate's one active booking with it. What was stated of the
/// vehicle before stays on record and is of this crossing no more: the other one still has to arrive.
pub(super) async fn swap(
    connection: &mut Connection,
    stored: &Stored,
    asked: &VehicleSwapIn,
    now: DateTime<Utc>,
) -> Result<Made> {
    let booking = &stored.booking;
    let (checkpoint, id, plate) = (&booking.checkpoint, booking.id, &asked.plate);
    let after = after(stored, asked);
    let rules_version = check(connection, stored, asked, &after).await?;
    bans::check(connection, plate, now).await?;
    booking_store::lock_plates(connection, &[plate.folded().as_str(), stored.plate.as_str()]).await?;
    store::release_plate(connection, checkpoint, id).await?;
    claim(connection, checkpoint, id, plate, now).await?;
    store::swap(connection, checkpoint, id, plate, &after, now).await?;
    warnings::tell_again(connection, checkpoint, id, now).await?;
    store::move_facts(connection, checkpoint, id, plate.folded(), now).await?;
    voids::refold(connection, &[checkpoint.as_str()], &[id], now).await?;
    Ok(Made { before: before(stored), after, rules_version })
}

/// Refuses what a swap is not for, and what the rules do not allow that the booking was made under. Gives the
/// version of those.
async fn check(
    connection: &mut Connection,
    stored: &Stored,
    asked: &VehicleSwapIn,
    after: &ChangedParts,
) -> Result<i32> {
    let booking = &stored.booking;
    check_open(stored)?;
    check_not_called(stored)?;
    // The priority is the vehicle's, and was granted or stated for it (Q11).
    if booking.queue == QueueKind::Priority {
        return Err(Error::refused(
            ProblemCode::ChangeNotAllowed,
            "the priority is of this vehicle: book the other one for itself",
        ));
    }
    if *asked.plate.folded() == stored.plate {
        return Err(Error::fault("/plate", "is the vehicle that is booked"));
    }
    let RulesInForce { version, rules } =
        checkpoint_rules::of_version(connection, &booking.checkpoint, booking.rules_version).await?;
    check_limit(connection, stored, ChangeKind::VehicleSwapped, rules.changes.swaps).await?;
    let lane = lanes::lane_of(&rules, after.vehicle.as_ref()).map_err(Error::Invalid)?;
    if lane.lane != booking.lane {
        let detail = format!("is of the lane {}; the place is in the lane {}", lane.lane, booking.lane);
        return Err(Error::fault("/vehicle", detail));
    }
    // What was stated with the booking fits the rules; what is stated anew has to fit them too.
    if asked.data.is_some() {
        let faults = data_schema::check(rules.booking.data_schema.as_ref(), asked.data.as_ref())?;
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
    }
    Ok(version)
}

/// What a swap replaces.
fn before(stored: &Stored) -> ChangedParts {
    let Stored { booking, vehicle, trailer_plate, driver_name, data, .. } = stored;
    ChangedParts {
        plate: Some(booking.plate.clone()),
        trailer_plate: trailer_plate.clone(),
        vehicle: vehicle.clone(),
        driver: driver_name.clone().map(|name| Driver { name }),
        data: data.clone(),
        ..ChangedParts::default()
    }
}

/// What takes its place. A trailer goes with its vehicle; what else is not stated anew stays as it was.
fn after(stored: &Stored, asked: &VehicleSwapIn) -> ChangedParts {
    let VehicleSwapIn { reference: _, plate, trailer_plate, vehicle, driver, data, reason: _ } = asked;
    let before = before(stored);
    ChangedParts {
        plate: Some(plate.as_written().to_owned()),
        trailer_plate: trailer_plate.as_ref().map(|trailer| trailer.as_written().to_owned()),
        vehicle: vehicle.clone().or(before.vehicle),
        driver: driver
            .as_ref()
            .map(|driver| Driver { name: driver.name.trim().to_owned() })
            .or(before.driver),
        data: data.clone().or(before.data),
        ..ChangedParts::default()
    }
}
