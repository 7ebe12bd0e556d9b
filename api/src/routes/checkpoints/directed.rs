//! `GET /api/v1/checkpoints/{checkpoint}/directed`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::evidence::{self, Reading};
use kordon_hub::queue::views::directed;
use kordon_schemas::CheckpointCode;
use kordon_schemas::views::DirectedVehicles;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfPersonalReads;
use crate::problem::Result;
use crate::rights::permissions::ReadDirected;
use crate::rights::{GrantedAt, Purposeful, names};

/// Shows who was directed to the checkpoint.
///
/// For the police in the zones: plates, calls, and who has left. It shows the movements of vehicles, so the read is recorded with
/// its purpose.
#[utoipa::path(
    operation_id = "list_directed_vehicles", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadDirected>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses((status = 200, description = "The directed vehicles.", body = DirectedVehicles), OfPersonalReads)
)]
#[get("/checkpoints/{checkpoint}/directed")]
pub(crate) async fn list_directed_vehicles(
    granted: GrantedAt<ReadDirected>,
    _: AcceptsJson,
    purposeful: Purposeful,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    let (vehicles, records) = directed::directed(&mut connection, &granted.checkpoint).await?;
    let reading = Reading {
        actor: &granted.actor,
        operation: "list_directed_vehicles",
        purpose: &purposeful.purpose,
        checkpoint: Some(&granted.checkpoint),
        records,
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, reading, hub.clock.now()).await?;
    Ok(HttpResponse::Ok().json(vehicles))
}
