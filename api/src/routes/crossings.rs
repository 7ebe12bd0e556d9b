//! `GET /api/v1/crossings/{crossing}`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use kordon_hub::crossings::{CrossingId, read};
use kordon_hub::evidence::{self, Reading};
use kordon_schemas::crossings::CrossingView;
use uuid::Uuid;

use crate::Hub;
use crate::answer::Accepts;
use crate::openapi::OfPersonalReads;
use crate::problem::{Failure, Result};
use crate::rights::permissions::ReadCrossings;
use crate::rights::{Granted, Purposeful, names};

/// Shows a crossing.
///
/// The seven stages with their times and the events that they rest on, gaps and contradictions included. The movements of a
/// vehicle are personal data, so the read is recorded with its purpose.
#[utoipa::path(
    operation_id = "show_crossing", tag = "events",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadCrossings>()))),
    params(
        ("crossing" = Uuid, Path, description = "The crossing's id, which is also its booking's."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses(
        (status = 200, description = "The crossing.", content((CrossingView = "application/json"), (CrossingView = "application/xml"))),
        OfPersonalReads
    )
)]
#[get("/crossings/{crossing}")]
pub(crate) async fn show_crossing(
    granted: Granted<ReadCrossings>,
    accepts: Accepts,
    purposeful: Purposeful,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = path.parse::<Uuid>().map_err(|_| Failure::malformed("path:crossing", "is a UUID"))?;
    let mut connection = hub.database.connection().await?;
    let at = read::whereabouts(&mut connection, CrossingId(id)).await?;
    // Where a crossing is, is not told to those whose scope does not reach there.
    granted.at(&at.checkpoint).map_err(|_| unknown(id))?;
    let crossing = read::crossing(&mut connection, &at, CrossingId(id)).await?;
    let reading = Reading {
        actor: &granted.actor,
        operation: "show_crossing",
        purpose: &purposeful.purpose,
        checkpoint: Some(&at.checkpoint),
        records: vec![id],
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, reading, hub.clock.now()).await?;
    accepts.0.answer(StatusCode::OK, &crossing)
}

fn unknown(id: Uuid) -> Failure {
    kordon_hub::Error::NotFound { what: "crossing", id: id.to_string() }.into()
}
