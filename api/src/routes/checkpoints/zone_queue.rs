//! `GET /api/v1/checkpoints/{checkpoint}/zones/{zone}/queue`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::parties::is_of_zone;
use kordon_hub::queue::read;
use kordon_hub::queue::views::zone;
use kordon_schemas::codes::{ZONE_FORM, is_zone_code};
use kordon_schemas::views::ZoneQueue;
use kordon_schemas::{CheckpointCode, ProblemCode};

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::conditional::Tag;
use crate::openapi::OfReads;
use crate::problem::{Failure, Result};
use crate::rights::permissions::ReadZoneQueue;
use crate::rights::{GrantedAt, names};

/// Shows the vehicles of a waiting zone.
///
/// Those that arrived at the zone last and have not entered the checkpoint, then those that are booked for it. A zone operator sees
/// its own zones. The `ETag` changes with everything that is recorded at the checkpoint.
#[utoipa::path(
    operation_id = "show_zone_queue", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadZoneQueue>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("zone" = String, Path, min_length = 1, max_length = 40, pattern = "^[A-Z0-9-]{1,40}$", description = "The waiting zone's code."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the version that is known.")
    ),
    responses(
        (status = 200, description = "The vehicles.", body = ZoneQueue),
        (status = 304, description = "The known version is the current one."),
        OfReads
    )
)]
#[get("/checkpoints/{checkpoint}/zones/{zone}/queue")]
pub(crate) async fn show_zone_queue(
    granted: GrantedAt<ReadZoneQueue>,
    _: AcceptsJson,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let (_, zone) = path.into_inner();
    if !is_zone_code(&zone) {
        return Err(Failure::malformed("path:zone", ZONE_FORM));
    }
    if !is_of_zone(&granted.actor, &zone) {
        return Err(Failure::new(ProblemCode::OutOfScope, format!("this system is not of zone {zone}")));
    }
    let tag_at = |position: i64| Tag(format!("{}-{zone}-{position}", granted.checkpoint));
    let mut connection = hub.database.connection().await?;
    let tag = tag_at(read::position(&mut connection, &granted.checkpoint).await?);
    if tag.is_known_to(&request) {
        return Ok(tag.not_modified());
    }
    let queue = zone::zone_queue(&mut connection, &granted.checkpoint, &zone).await?;
    Ok(tag_at(queue.position).mark(HttpResponse::Ok().json(queue)))
}
