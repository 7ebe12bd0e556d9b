//! `GET /api/v1/checkpoints/{checkpoint}/call-list`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use kordon_hub::evidence::{self, Reading};
use kordon_hub::queue::read;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::CallList;

use crate::Hub;
use crate::answer::Accepts;
use crate::openapi::OfPersonalReads;
use crate::problem::Result;
use crate::rights::permissions::ReadCallList;
use crate::rights::{GrantedAt, Purposeful, names};

/// Shows who was called.
///
/// The vehicles that were directed to the checkpoint and have not entered, with their drivers, for the border guard at the
/// gate. It shows persons, so the read is recorded with its purpose.
#[utoipa::path(
    operation_id = "show_call_list", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadCallList>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses(
        (status = 200, description = "The called vehicles.", content((CallList = "application/json"), (CallList = "application/xml"))),
        OfPersonalReads
    )
)]
#[get("/checkpoints/{checkpoint}/call-list")]
pub(crate) async fn show_call_list(
    granted: GrantedAt<ReadCallList>,
    accepts: Accepts,
    purposeful: Purposeful,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    let list = read::call_list(&mut connection, &granted.checkpoint).await?;
    let reading = Reading {
        actor: &granted.actor,
        operation: "show_call_list",
        purpose: &purposeful.purpose,
        checkpoint: Some(&granted.checkpoint),
        records: list.entries.iter().map(|entry| entry.booking).collect(),
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, reading, hub.clock.now()).await?;
    accepts.0.answer(StatusCode::OK, &list)
}
