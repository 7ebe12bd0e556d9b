//! `GET /api/v1/crossings/{crossing}/permits`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::queue::booking::permits;
use kordon_schemas::permits::CrossingPermits;
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::{Failure, Result};
use crate::rights::permissions::ReadCrossingPermits;
use crate::rights::{Granted, names};

/// Shows the permits of a crossing.
///
/// Those that were given as its documents, each as it stands now.
#[utoipa::path(
    operation_id = "show_crossing_permits", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadCrossingPermits>()))),
    params(("crossing" = Uuid, Path, description = "The crossing's id, which is also its booking's.")),
    responses((status = 200, description = "The permits of the crossing.", body = CrossingPermits), OfReads)
)]
#[get("/crossings/{crossing}/permits")]
pub(crate) async fn show_crossing_permits(
    granted: Granted<ReadCrossingPermits>,
    _: AcceptsJson,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = path.parse::<Uuid>().map_err(|_| Failure::malformed("path:crossing", "is a UUID"))?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let permits = permits::show(&mut connection, &granted.actor, id, now).await?;
    Ok(HttpResponse::Ok().json(permits))
}
