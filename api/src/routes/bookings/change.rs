//! `POST /api/v1/bookings/{booking}/cancellation`, `/extension`, `/vehicle-swap` and `/ban-lifting`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::queue::changes::{self, AskedChange, Changed};
use kordon_schemas::bookings::{BanLiftingIn, BookingChange, CancellationIn, ExtensionIn, VehicleSwapIn};
use uuid::Uuid;

use super::id;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfBookingChanges;
use crate::problem::Result;
use crate::rights::permissions::ChangeBookings;
use crate::rights::{Granted, names};

/// Cancels a booking.
///
/// Until its vehicle has entered, also after its call. Its place is free again, and its vehicle may book anew. The same reference with
/// the same content is the same change and is answered with 200.
#[utoipa::path(
    operation_id = "cancel_booking", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ChangeBookings>()))),
    params(("booking" = Uuid, Path, description = "The booking's id.")),
    request_body(content = CancellationIn, description = "Why."),
    responses(
        (status = 201, description = "The booking is cancelled.", body = BookingChange),
        (status = 200, description = "It was cancelled before, under the same reference.", body = BookingChange),
        OfBookingChanges
    )
)]
#[post("/bookings/{booking}/cancellation")]
pub(crate) async fn cancel_booking(
    granted: Granted<ChangeBookings>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: CancellationIn = body.json()?;
    change(&granted, &hub, id(&path)?, AskedChange::Cancellation(&asked)).await
}

/// Moves a booking to a later slot.
///
/// Before its call, as often and as far as the rules allow that it was made under.
#[utoipa::path(
    operation_id = "extend_booking", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ChangeBookings>()))),
    params(("booking" = Uuid, Path, description = "The booking's id.")),
    request_body(content = ExtensionIn, description = "The later slot."),
    responses(
        (status = 201, description = "The booking has the later slot.", body = BookingChange),
        (status = 200, description = "It was moved before, under the same reference.", body = BookingChange),
        OfBookingChanges
    )
)]
#[post("/bookings/{booking}/extension")]
pub(crate) async fn extend_booking(
    granted: Granted<ChangeBookings>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: ExtensionIn = body.json()?;
    change(&granted, &hub, id(&path)?, AskedChange::Extension(&asked)).await
}

/// Gives a booking to another vehicle.
///
/// Before its call, as often as the rules allow that it was made under, and to a vehicle of the same lane that has no active
/// booking. What was stated of the vehicle before is of this crossing no more: the other one still has to arrive.
#[utoipa::path(
    operation_id = "swap_vehicle", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ChangeBookings>()))),
    params(("booking" = Uuid, Path, description = "The booking's id.")),
    request_body(content = VehicleSwapIn, description = "The other vehicle."),
    responses(
        (status = 201, description = "The booking is the other vehicle's.", body = BookingChange),
        (status = 200, description = "It was swapped before, under the same reference.", body = BookingChange),
        OfBookingChanges
    )
)]
#[post("/bookings/{booking}/vehicle-swap")]
pub(crate) async fn swap_vehicle(
    granted: Granted<ChangeBookings>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: VehicleSwapIn = body.json()?;
    change(&granted, &hub, id(&path)?, AskedChange::VehicleSwap(&asked)).await
}

/// Lets the vehicle of a booking book again before its ban is over.
///
/// A vehicle that did not come may not book for the days that the rules say. Where that was no fault of its driver's, the operator of
/// the queue lifts it, with a reason that stays in the booking's history (clause 34). The booking stays what it is, mostly over. A
/// vehicle that came after all needs no lifting: its arrival, handed in late, takes the absence back.
#[utoipa::path(
    operation_id = "lift_ban", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ChangeBookings>()))),
    params(("booking" = Uuid, Path, description = "The booking's id.")),
    request_body(content = BanLiftingIn, description = "Why."),
    responses(
        (status = 201, description = "Its vehicle may book again.", body = BookingChange),
        (status = 200, description = "It was lifted before, under the same reference.", body = BookingChange),
        OfBookingChanges
    )
)]
#[post("/bookings/{booking}/ban-lifting")]
pub(crate) async fn lift_ban(
    granted: Granted<ChangeBookings>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: BanLiftingIn = body.json()?;
    change(&granted, &hub, id(&path)?, AskedChange::BanLifting(&asked)).await
}

async fn change(
    granted: &Granted<ChangeBookings>,
    hub: &Hub,
    booking: Uuid,
    asked: AskedChange<'_>,
) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    let Changed { change, is_new } =
        changes::change(&mut connection, &granted.actor, booking, asked, hub.clock.now()).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(change))
}
