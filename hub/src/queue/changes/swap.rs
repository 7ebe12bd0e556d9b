//! A booking is given to another vehicle: before its call, within the limits of its rules, and to a vehicle
//! of the same lane.

use chrono::{DateTime, Utc};
use kordon_schemas::Plate;
use kordon_schemas::ProblemCode;
use kordon_schemas::bookings::{ChangeKind, ChangedParts, Vehicle, VehicleSwapIn};
use kordon_schemas::queue::{Driver, QueueKind};

use super::{Made, check_limit, check_not_called, store};
use crate::checkpoints::rules as checkpoint_rules;
use crate::checkpoints::rules::lanes;
use crate::crossings::voids;
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::queue::booking::store::Stored;
use crate::queue::booking::{check_ban, claim, store as booking_store};
use crate::queue::warnings;

/// Gives the booking to the other vehicle, and the plate's one active booking with it. What was stated of the
/// vehicle before stays on record and is of this crossing no more: the other one still has to arrive.
pub(super) async fn swap(
    connection: &mut Connection,
    stored: &Stored,
    asked: &VehicleSwapIn,
    now: DateTime<Utc>,
) -> Result<Made> {
    let VehicleSwapIn { reference: _, plate, trailer_plate, vehicle, driver, reason: _ } = asked;
    let booking = &stored.booking;
    let (checkpoint, id) = (&booking.checkpoint, booking.id);
    check_not_called(stored)?;
    // The priority is the vehicle's, and was granted or stated for it (Q11).
    if booking.queue == QueueKind::Priority {
        return Err(Error::refused(
            ProblemCode::ChangeNotAllowed,
            "the priority is of this vehicle: book the other one for itself",
        ));
    }
    if *plate.folded() == stored.plate {
        return Err(Error::fault("/plate", "is the vehicle that is booked"));
    }
    let made_under = checkpoint_rules::of_version(connection, checkpoint, booking.rules_version).await?;
    check_limit(connection, stored, ChangeKind::VehicleSwapped, made_under.rules.changes.swaps).await?;
    let vehicle: Option<Vehicle> = vehicle.clone().or_else(|| stored.vehicle.clone());
    let lane = lanes::lane_of(&made_under.rules, vehicle.as_ref()).map_err(Error::Invalid)?;
    if lane.lane != booking.lane {
        let detail = format!("is of the lane {}; the place is in the lane {}", lane.lane, booking.lane);
        return Err(Error::fault("/vehicle", detail));
    }
    check_ban(connection, plate, now).await?;
    booking_store::lock_plates(connection, &[plate.folded().as_str(), stored.plate.as_str()]).await?;
    store::release_plate(connection, checkpoint, id).await?;
    claim(connection, checkpoint, id, plate, now).await?;
    let trailer = trailer_plate.as_ref().map(Plate::as_written).map(str::to_owned);
    let driver_name =
        driver.as_ref().map(|driver| driver.name.trim().to_owned()).or_else(|| stored.driver_name.clone());
    let swapped = store::Swapped {
        plate,
        trailer: trailer.as_deref(),
        vehicle: vehicle.as_ref(),
        driver: driver_name.as_deref(),
    };
    store::swap(connection, checkpoint, id, &swapped, now).await?;
    warnings::tell_again(connection, checkpoint, id, now).await?;
    store::move_facts(connection, checkpoint, id, plate.folded(), now).await?;
    voids::refold(connection, &[checkpoint.as_str()], &[id], now).await?;
    let parts =
        |plate: &str, trailer: Option<String>, vehicle: Option<Vehicle>, name: Option<String>| ChangedParts {
            plate: Some(plate.to_owned()),
            trailer_plate: trailer,
            vehicle,
            driver: name.map(|name| Driver { name }),
            ..ChangedParts::default()
        };
    let old = stored.clone();
    Ok(Made {
        before: parts(&booking.plate, old.trailer_plate, old.vehicle, old.driver_name),
        after: parts(plate.as_written(), trailer, vehicle, driver_name),
        rules_version: made_under.version,
    })
}
