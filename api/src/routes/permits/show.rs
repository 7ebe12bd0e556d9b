//! `GET /api/v1/permit-requests/{request}`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::evidence::{self, Reading};
use kordon_hub::permits::reading;
use kordon_schemas::permits::PermitRequest;

use super::request_in;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfPersonalReads;
use crate::problem::Result;
use crate::rights::permissions::ReadPermits;
use crate::rights::{Granted, Purposeful, names};

/// Shows a request for a permit.
///
/// With the contacts of the official and the trader, the data to withdraw, the uses. Contacts are personal data, so the read is
/// recorded with its purpose.
#[utoipa::path(
    operation_id = "show_permit_request", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadPermits>()))),
    params(
        ("request" = Uuid, Path, description = "The request's id."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses((status = 200, description = "The request.", body = PermitRequest), OfPersonalReads)
)]
#[get("/permit-requests/{request}")]
pub(crate) async fn show_permit_request(
    granted: Granted<ReadPermits>,
    _: AcceptsJson,
    purposeful: Purposeful,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = request_in(&path)?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let request = reading::get(&mut connection, &granted.actor, id, now).await?;
    let read = Reading {
        actor: &granted.actor,
        operation: "show_permit_request",
        purpose: &purposeful.purpose,
        checkpoint: None,
        records: vec![id.0],
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, read, now).await?;
    Ok(HttpResponse::Ok().json(request))
}
