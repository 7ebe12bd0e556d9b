//! `GET /api/v1/checkpoints`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::checkpoints;
use kordon_schemas::reference::Checkpoints;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::conditional::Tag;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::rights::permissions::ReadReference;
use crate::rights::{Granted, names};

/// Lists the road checkpoints.
///
/// Every road checkpoint on the state border, by code. The list changes with the edition of the reference data, so ask with
/// `If-None-Match`.
#[utoipa::path(
    operation_id = "list_checkpoints", tag = "checkpoints",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadReference>()))),
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the version that is known.")),
    responses(
        (status = 200, description = "The checkpoints.", body = Checkpoints),
        (status = 304, description = "The known version is the current one."),
        OfReads
    )
)]
#[get("/checkpoints")]
pub(crate) async fn list_checkpoints(
    _: Granted<ReadReference>,
    _: AcceptsJson,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    let list = checkpoints::checkpoints(&mut connection).await?;
    let tag = Tag(format!("checkpoints-{}", list.edition));
    Ok(if tag.is_known_to(&request) { tag.not_modified() } else { tag.mark(HttpResponse::Ok().json(list)) })
}
