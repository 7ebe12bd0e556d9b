//! `POST` and `GET /api/v1/checkpoints/{checkpoint}/pauses`, and `POST …/pauses/{pause}/end`.

use actix_web::{HttpResponse, get, post, web};
use kordon_hub::queue::pauses;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::{Pause, PauseIn, PauseList};
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::{OfPauseEnds, OfPauses, OfReads};
use crate::problem::{Failure, Result};
use crate::rights::permissions::PauseCalls;
use crate::rights::{GrantedAt, names};

/// Pauses the calls of a lane, or of the checkpoint.
///
/// While a pause lasts nobody is called, neither by the hub nor by the operator, and nobody is found absent from the checkpoint.
/// The queue shows it with its reason.
#[utoipa::path(
    operation_id = "pause_calls", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<PauseCalls>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    request_body(content = PauseIn, description = "What is paused, and why."),
    responses((status = 201, description = "It is paused.", body = Pause), OfPauses)
)]
#[post("/checkpoints/{checkpoint}/pauses")]
pub(crate) async fn pause_calls(
    granted: GrantedAt<PauseCalls>,
    _: AcceptsJson,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: PauseIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let pause =
        pauses::pause(&mut connection, &granted.actor, &granted.checkpoint, &asked, hub.clock.now()).await?;
    Ok(HttpResponse::Created().json(pause))
}

/// Lists the pauses that last.
///
/// With the id by which each is ended, whoever began it: also after an answer that was lost.
#[utoipa::path(
    operation_id = "list_pauses", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<PauseCalls>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    responses((status = 200, description = "The pauses that last.", body = PauseList), OfReads)
)]
#[get("/checkpoints/{checkpoint}/pauses")]
pub(crate) async fn list_pauses(
    granted: GrantedAt<PauseCalls>,
    _: AcceptsJson,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let connection = hub.database.connection().await?;
    Ok(HttpResponse::Ok().json(pauses::lasting(&connection, &granted.checkpoint).await?))
}

/// Ends a pause.
///
/// Calls go on, at the pace of the capacity; what was not used is not made up for. Whoever was called before the pause has as much
/// more time as it took. A pause that has ended stays as it is. What the border guard paused it alone lets go on (`lane_paused`).
#[utoipa::path(
    operation_id = "resume_calls", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<PauseCalls>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("pause" = Uuid, Path, description = "The pause's id.")
    ),
    responses((status = 200, description = "The pause, which is over.", body = Pause), OfPauseEnds)
)]
#[post("/checkpoints/{checkpoint}/pauses/{pause}/end")]
pub(crate) async fn resume_calls(
    granted: GrantedAt<PauseCalls>,
    _: AcceptsJson,
    path: web::Path<(String, String)>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = Uuid::parse_str(&path.1).map_err(|_| Failure::malformed("path:pause", "is a UUID"))?;
    let mut connection = hub.database.connection().await?;
    let pause =
        pauses::resume(&mut connection, &granted.actor, &granted.checkpoint, id, hub.clock.now()).await?;
    Ok(HttpResponse::Ok().json(pause))
}
