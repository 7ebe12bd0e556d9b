//! `GET /api/v1/notices/{notice}`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::notices::{self, NoticeId};
use kordon_schemas::notices::NoticeWithDeliveries;
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::{Failure, Result};
use crate::rights::permissions::ReadDeliveries;
use crate::rights::{Granted, names};

/// Shows a notice and its deliveries.
///
/// To whom it was delivered, to whom it is still to be, and every attempt with what the other side said.
#[utoipa::path(
    operation_id = "show_notice", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadDeliveries>()))),
    params(("notice" = Uuid, Path, description = "The notice's id.")),
    responses((status = 200, description = "The notice.", body = NoticeWithDeliveries), OfReads)
)]
#[get("/notices/{notice}")]
pub(crate) async fn show_notice(
    _: Granted<ReadDeliveries>,
    _: AcceptsJson,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = path.parse::<Uuid>().map_err(|_| Failure::malformed("path:notice", "is a UUID"))?;
    let mut connection = hub.database.connection().await?;
    Ok(HttpResponse::Ok().json(notices::get(&mut connection, NoticeId(id)).await?))
}
