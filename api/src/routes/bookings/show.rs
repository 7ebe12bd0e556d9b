//! `GET /api/v1/bookings/{booking}`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::evidence::{self, Reading};
use kordon_hub::queue::booking::view;
use kordon_schemas::bookings::BookingView;

use super::id;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfPersonalReads;
use crate::problem::Result;
use crate::rights::permissions::ReadBookings;
use crate::rights::{Granted, Purposeful, names};

/// Shows a booking.
///
/// With its vehicle, its documents, its driver, and the history of its changes, calls and absences: to the operator that runs it, and to border
/// guard and customs at their checkpoints (clauses 22, 23). It shows persons, so the read is recorded
/// with its purpose. A booking of another operator is as if it were not there.
#[utoipa::path(
    operation_id = "show_booking", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadBookings>()))),
    params(
        ("booking" = Uuid, Path, description = "The booking's id."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses((status = 200, description = "The booking.", body = BookingView), OfPersonalReads)
)]
#[get("/bookings/{booking}")]
pub(crate) async fn show_booking(
    granted: Granted<ReadBookings>,
    _: AcceptsJson,
    path: web::Path<String>,
    purposeful: Purposeful,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = id(&path)?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let booking = view::show(&mut connection, &granted.actor, id, now).await?;
    let reading = Reading {
        actor: &granted.actor,
        operation: "show_booking",
        purpose: &purposeful.purpose,
        checkpoint: Some(&booking.booking.checkpoint),
        records: vec![id],
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, reading, now).await?;
    Ok(HttpResponse::Ok().json(booking))
}
