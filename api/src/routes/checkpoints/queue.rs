//! `GET /api/v1/checkpoints/{checkpoint}/queue`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::queue::read;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::Queue;

use crate::Hub;
use crate::answer::Accepts;
use crate::conditional::Tag;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::rights::permissions::ReadQueue;
use crate::rights::{GrantedAt, names};
use crate::shown::{Key, Written};

/// Shows the waiting queue.
///
/// Called vehicles first, then the others by place. `changed_at` is the age of the data: when anything about the checkpoint was
/// last recorded. The `ETag` changes with everything that is recorded at the checkpoint, so polling with `If-None-Match` costs
/// next to nothing.
#[utoipa::path(
    operation_id = "show_queue", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadQueue>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the version that is known.")
    ),
    responses(
        (status = 200, description = "The queue.", content((Queue = "application/json"), (Queue = "application/xml"))),
        (status = 304, description = "The known version is the current one."),
        OfReads
    )
)]
#[get("/checkpoints/{checkpoint}/queue")]
pub(crate) async fn show_queue(
    granted: GrantedAt<ReadQueue>,
    accepts: Accepts,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let position = hub.positions.of(&granted.checkpoint).await?;
    let tag_at = |position: i64| Tag(format!("{}-{position}-{}", granted.checkpoint, accepts.0.short()));
    if tag_at(position).is_known_to(&request) {
        return Ok(tag_at(position).not_modified());
    }
    let key = Key { checkpoint: granted.checkpoint.clone(), position, form: accepts.0 };
    let written = hub
        .shown
        .at(key, async {
            let mut connection = hub.database.connection().await?;
            let queue = read::queue(&mut connection, &granted.checkpoint).await?;
            Ok(Written { position: queue.position, body: accepts.0.write(&queue)?.into() })
        })
        .await?;
    Ok(tag_at(written.position).mark(accepts.0.answer_written(StatusCode::OK, written.body)))
}
