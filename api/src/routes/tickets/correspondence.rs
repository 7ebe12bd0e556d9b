//! `GET /api/v1/tickets/{ticket}/correspondence`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::evidence::{self, Reading};
use kordon_hub::support::mail::reading;
use kordon_schemas::messages::Correspondence;

use super::ticket_in;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfPersonalReads;
use crate::problem::Result;
use crate::rights::permissions::ReadTickets;
use crate::rights::{Granted, Purposeful, names};

/// Shows what a user wrote and was told.
///
/// The mails of the user, and the letters to them with how far each got. A trader or an office reads the answers to its tickets here. It
/// is personal data, so the read is recorded with its purpose.
#[utoipa::path(
    operation_id = "show_correspondence", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadTickets>()))),
    params(
        ("ticket" = Uuid, Path, description = "The ticket's id."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses((status = 200, description = "The correspondence.", body = Correspondence), OfPersonalReads)
)]
#[get("/tickets/{ticket}/correspondence")]
pub(crate) async fn show_correspondence(
    granted: Granted<ReadTickets>,
    _: AcceptsJson,
    purposeful: Purposeful,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = ticket_in(&path)?;
    let mut connection = hub.database.connection().await?;
    let correspondence =
        reading::correspondence(&mut connection, &granted.actor, id, hub.clock.now()).await?;
    let read = Reading {
        actor: &granted.actor,
        operation: "show_correspondence",
        purpose: &purposeful.purpose,
        checkpoint: None,
        records: vec![id.0],
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, read, hub.clock.now()).await?;
    Ok(HttpResponse::Ok().json(correspondence))
}
