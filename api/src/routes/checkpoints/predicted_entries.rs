//! `GET /api/v1/checkpoints/{checkpoint}/predicted-entries`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::prediction::read;
use kordon_hub::queue::read as queue_read;
use kordon_schemas::CheckpointCode;
use kordon_schemas::prediction::PredictedEntries;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::conditional::Tag;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::rights::permissions::ReadPredictions;
use crate::rights::{GrantedAt, names};

/// Lists the predicted entries.
///
/// Of every vehicle that waits and is not called: a range, or why there is none. They are worked out anew within two minutes of what
/// is recorded, and every ten minutes; `as_of` says when. The `ETag` changes with either.
#[utoipa::path(
    operation_id = "list_predicted_entries", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadPredictions>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the version that is known.")
    ),
    responses(
        (status = 200, description = "The predicted entries, by booking.", body = PredictedEntries),
        (status = 304, description = "The known version is the current one."),
        OfReads
    )
)]
#[get("/checkpoints/{checkpoint}/predicted-entries")]
pub(crate) async fn list_predicted_entries(
    granted: GrantedAt<ReadPredictions>,
    _: AcceptsJson,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let checkpoint = &granted.checkpoint;
    let now = hub.clock.now();
    let mut connection = hub.database.connection().await?;
    // Both are read before the entries: the tag may be of an older state than the answer, never of a newer
    // one.
    let position = queue_read::position(&mut connection, checkpoint).await?;
    let version = read::version(&mut connection, checkpoint, now).await?;
    let tag = Tag(format!("{checkpoint}-{position}-{version}"));
    if tag.is_known_to(&request) {
        return Ok(tag.not_modified());
    }
    let entries = read::entries(&mut connection, checkpoint, now).await?;
    Ok(tag.mark(HttpResponse::Ok().json(entries)))
}
