//! `GET /api/v1/checkpoints/{checkpoint}`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::checkpoints;
use kordon_schemas::CheckpointCode;
use kordon_schemas::reference::Checkpoint;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::rights::permissions::ReadReference;
use crate::rights::{GrantedAt, names};

/// Shows a road checkpoint.
///
/// Its names, settlement, traffic and the checkpoint across the border.
#[utoipa::path(
    operation_id = "show_checkpoint", tag = "checkpoints",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadReference>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    responses((status = 200, description = "The checkpoint.", body = Checkpoint), OfReads)
)]
#[get("/checkpoints/{checkpoint}")]
pub(crate) async fn show_checkpoint(
    granted: GrantedAt<ReadReference>,
    _: AcceptsJson,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    Ok(HttpResponse::Ok().json(checkpoints::checkpoint(&mut connection, &granted.checkpoint).await?))
}
