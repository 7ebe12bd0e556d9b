//! `/api/v1/checkpoints/{checkpoint}/operator`.

use actix_web::{HttpResponse, get, put, web};
use kordon_hub::checkpoints::operators;
use kordon_schemas::CheckpointCode;
use kordon_schemas::operators::{OperatorIn, Operators};

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::{OfQuestions, OfReads};
use crate::problem::Result;
use crate::rights::permissions::{HandOverQueue, ReadRules};
use crate::rights::{GrantedAt, names};

/// Shows who runs the queue of a checkpoint.
///
/// The operator of now, and every hand-over that is recorded, the latest first.
#[utoipa::path(
    operation_id = "show_operator", tag = "rules",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadRules>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    responses((status = 200, description = "The operators.", body = Operators), OfReads)
)]
#[get("/checkpoints/{checkpoint}/operator")]
pub(crate) async fn show_operator(
    granted: GrantedAt<ReadRules>,
    _: AcceptsJson,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    let operators = operators::list(&mut connection, &granted.checkpoint, hub.clock.now()).await?;
    Ok(HttpResponse::Ok().json(operators))
}

/// Hands the queue of a checkpoint to an operator.
///
/// From the moment that is named only systems of this organisation book and call there; it takes over the bookings of the one
/// before. The same again is the same hand-over.
#[utoipa::path(
    operation_id = "hand_over_queue", tag = "rules",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<HandOverQueue>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    request_body(content = OperatorIn, description = "To whom, from when, and by which decision."),
    responses((status = 200, description = "The operators as they are recorded now.", body = Operators), OfQuestions)
)]
#[put("/checkpoints/{checkpoint}/operator")]
pub(crate) async fn hand_over_queue(
    granted: GrantedAt<HandOverQueue>,
    _: AcceptsJson,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: OperatorIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let operators =
        operators::hand_over(&mut connection, &granted.actor, &granted.checkpoint, &asked, now).await?;
    Ok(HttpResponse::Ok().json(operators))
}
