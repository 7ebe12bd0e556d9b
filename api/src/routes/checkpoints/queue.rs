//! `GET /api/v1/checkpoints/{checkpoint}/queue`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::TimeDelta;
use kordon_hub::queue::read;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::Queue;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::Accepts;
use crate::conditional::Tag;
use crate::openapi::OfQueue;
use crate::polls::Unchanged;
use crate::problem::Result;
use crate::query::Query;
use crate::rights::permissions::ReadQueue;
use crate::rights::{GrantedAt, names};
use crate::shown::{Key, View, Written};

/// Which part of the queue to show.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct QueueQuery {
    /// Only the vehicles of this lane.
    #[param(min_length = 1, max_length = 40)]
    lane: Option<String>,
}

/// Shows the waiting queue.
///
/// Called vehicles first, then the others by place: the merged order of the three queues in each lane. `changed_at` is the age of
/// the data: when anything about the checkpoint was last recorded. The `ETag` changes with everything that is recorded at the
/// checkpoint, and with the minute, since slots begin with the clock; polling with `If-None-Match` costs next to nothing.
#[utoipa::path(
    operation_id = "show_queue", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadQueue>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        QueueQuery,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the version that is known.")
    ),
    responses(
        (status = 200, description = "The queue.", content((Queue = "application/json"), (Queue = "application/xml"))),
        (status = 304, description = "The known version is the current one."),
        OfQueue
    )
)]
#[get("/checkpoints/{checkpoint}/queue")]
pub(crate) async fn show_queue(
    granted: GrantedAt<ReadQueue>,
    accepts: Accepts,
    query: Query<QueueQuery>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let QueueQuery { lane } = query.0;
    let now = hub.clock.now();
    let since = read::minute(now);
    let minute = since.timestamp() / 60;
    let tag_at = |position: i64| {
        let tag = format!("{}-{position}-{minute}-{}", granted.checkpoint, accepts.0.short());
        Tag(match lane.as_deref() {
            Some(lane) => format!("{tag}-{lane}"),
            None => tag,
        })
    };
    let unchanged = |position: i64| {
        let tag = Some(tag_at(position)).filter(|tag| tag.is_known_to(&request))?;
        let checkpoint = granted.checkpoint.clone();
        Some(Unchanged { checkpoint, position, during: since..since + TimeDelta::minutes(1) }.told(&tag))
    };
    if let Some(known) = hub.positions.recently(&granted.checkpoint).and_then(unchanged) {
        return Ok(known);
    }
    let position = hub.positions.of(&granted.checkpoint).await?;
    if let Some(known) = unchanged(position) {
        return Ok(known);
    }
    let key = Key {
        view: View::Whole,
        checkpoint: granted.checkpoint.clone(),
        lane: lane.clone(),
        position,
        minute,
        form: accepts.0,
    };
    let written = hub
        .shown
        .at(key, async {
            let mut connection = hub.database.connection().await?;
            let queue = read::queue(&mut connection, &granted.checkpoint, lane.as_deref(), now).await?;
            Ok(Written { position: queue.position, body: accepts.0.write(&queue)?.into() })
        })
        .await?;
    Ok(tag_at(written.position).mark(accepts.0.answer_written(StatusCode::OK, written.body)))
}
