//! `POST /api/v1/checkpoints/{checkpoint}/bookings`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::queue::booking::{self, Booked};
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::{Booking, BookingIn};

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfBookings;
use crate::problem::Result;
use crate::rights::permissions::Book;
use crate::rights::{GrantedAt, names};

/// Books a vehicle into the waiting queue.
///
/// A vehicle has one active booking over all checkpoints. The same reference with the same content is the same booking and is
/// answered with 200. Events of the vehicle that came before its booking find their place in it.
#[utoipa::path(
    operation_id = "book_vehicle", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<Book>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    request_body(content = BookingIn, description = "The vehicle and its place."),
    responses(
        (status = 201, description = "The vehicle is booked.", body = Booking),
        (status = 200, description = "It was booked before, under the same reference.", body = Booking),
        OfBookings
    )
)]
#[post("/checkpoints/{checkpoint}/bookings")]
pub(crate) async fn book_vehicle(
    granted: GrantedAt<Book>,
    _: AcceptsJson,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: BookingIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let Booked { booking, is_new } =
        booking::book(&mut connection, &granted.actor, &granted.checkpoint, &asked, hub.clock.now()).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(booking))
}
