//! `POST /api/v1/checkpoints/{checkpoint}/petitions/{petition}/decision`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::queue::petitions;
use kordon_schemas::CheckpointCode;
use kordon_schemas::bookings::{Petition, PetitionDecisionIn};

use super::id;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfDecisions;
use crate::problem::Result;
use crate::rights::permissions::DecidePetitions;
use crate::rights::{GrantedAt, names};

/// Decides a petition.
///
/// Once: a second decision is refused, whatever it says. Who decided and why is kept. Granted, the booking stands in the priority
/// queue in that class from now on, and gives up its slot if it had one.
#[utoipa::path(
    operation_id = "decide_petition", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<DecidePetitions>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("petition" = Uuid, Path, description = "The petition's id.")
    ),
    request_body(content = PetitionDecisionIn, description = "The decision."),
    responses((status = 200, description = "The petition as it is decided.", body = Petition), OfDecisions)
)]
#[post("/checkpoints/{checkpoint}/petitions/{petition}/decision")]
pub(crate) async fn decide_petition(
    granted: GrantedAt<DecidePetitions>,
    _: AcceptsJson,
    path: web::Path<(String, String)>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = id(&path)?;
    let asked: PetitionDecisionIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let petition =
        petitions::decide(&mut connection, &granted.actor, &granted.checkpoint, id, &asked, now).await?;
    Ok(HttpResponse::Ok().json(petition))
}
