//! `GET /api/v1/outages/{outage}`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use kordon_hub::outages::{self, OutageId};
use kordon_schemas::outages::Outage;
use uuid::Uuid;

use super::answer;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::{Failure, Result};
use crate::rights::permissions::ReadOutages;
use crate::rights::{Granted, names};

/// Shows an outage.
///
/// As it stands now. Its `ETag` is its version, for `If-Match` of a change.
#[utoipa::path(
    operation_id = "show_outage", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadOutages>()))),
    params(("outage" = Uuid, Path, description = "The outage's id.")),
    responses((status = 200, description = "The outage.", body = Outage), OfReads)
)]
#[get("/outages/{outage}")]
pub(crate) async fn show_outage(
    _: Granted<ReadOutages>,
    _: AcceptsJson,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = path.parse::<Uuid>().map_err(|_| Failure::malformed("path:outage", "is a UUID"))?;
    let mut connection = hub.database.connection().await?;
    let outage = outages::get(&mut connection, OutageId(id)).await?;
    Ok(answer(&hub, StatusCode::OK, &outage))
}
