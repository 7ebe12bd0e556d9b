//! `POST /api/v1/crossings/{crossing}/permits`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::queue::booking::permits;
use kordon_schemas::permits::{CrossingPermits, PermitReferenceIn};
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfQuestions;
use crate::problem::{Failure, Result};
use crate::rights::permissions::StateCrossingPermits;
use crate::rights::{Granted, names};

/// States that a vehicle travels under a permit.
///
/// A permit for the continuity procedure as a document of a crossing, which is also its booking: by the operator of the booking, or by
/// customs. The same again is the same.
#[utoipa::path(
    operation_id = "state_crossing_permit", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<StateCrossingPermits>()))),
    params(("crossing" = Uuid, Path, description = "The crossing's id, which is also its booking's.")),
    request_body(content = PermitReferenceIn, description = "The permit."),
    responses((status = 200, description = "The permits of the crossing.", body = CrossingPermits), OfQuestions)
)]
#[post("/crossings/{crossing}/permits")]
pub(crate) async fn state_crossing_permit(
    granted: Granted<StateCrossingPermits>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = path.parse::<Uuid>().map_err(|_| Failure::malformed("path:crossing", "is a UUID"))?;
    let stated: PermitReferenceIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let permits = permits::state(&mut connection, &granted.actor, id, &stated, now).await?;
    Ok(HttpResponse::Ok().json(permits))
}
