//! `POST /api/v1/checkpoints/{checkpoint}/calls`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::queue::calling;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::{Call, CallIn};

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfCalls;
use crate::problem::Result;
use crate::rights::permissions::Call as MayCall;
use crate::rights::{GrantedAt, names};

/// Calls a vehicle to the checkpoint.
///
/// An empty object calls the first in order of those in a waiting zone. Naming a booking calls that one; when another stands
/// first it needs a reason, which is kept with the call.
#[utoipa::path(
    operation_id = "call_vehicle", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<MayCall>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    request_body(content = CallIn, description = "Whom to call."),
    responses((status = 201, description = "The vehicle is called.", body = Call), OfCalls)
)]
#[post("/checkpoints/{checkpoint}/calls")]
pub(crate) async fn call_vehicle(
    granted: GrantedAt<MayCall>,
    _: AcceptsJson,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: CallIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let call =
        calling::call(&mut connection, &granted.actor, &granted.checkpoint, &asked, hub.clock.now()).await?;
    Ok(HttpResponse::Created().json(call))
}
