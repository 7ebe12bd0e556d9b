//! `GET /api/v1/customs-offices`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::checkpoints;
use kordon_schemas::reference::CustomsOffices;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::conditional::Tag;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::rights::permissions::ReadReference;
use crate::rights::{Granted, names};

/// Lists the customs offices.
///
/// Every customs office of Ukraine that takes part in common transit, by reference number.
#[utoipa::path(
    operation_id = "list_customs_offices", tag = "checkpoints",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadReference>()))),
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the version that is known.")),
    responses(
        (status = 200, description = "The offices.", body = CustomsOffices),
        (status = 304, description = "The known version is the current one."),
        OfReads
    )
)]
#[get("/customs-offices")]
pub(crate) async fn list_customs_offices(
    _: Granted<ReadReference>,
    _: AcceptsJson,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    let list = checkpoints::customs_offices(&mut connection).await?;
    let tag = Tag(format!("customs-offices-{}", list.edition));
    Ok(if tag.is_known_to(&request) { tag.not_modified() } else { tag.mark(HttpResponse::Ok().json(list)) })
}
