//! `GET /api/v1/checkpoints/{checkpoint}/queue/changes`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::crossings::Position;
use kordon_hub::queue::feed;
use kordon_schemas::CheckpointCode;
use kordon_schemas::changes::QueueChanges;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::query::{Limit, Page, Query, next_page};
use crate::rights::permissions::FollowQueue;
use crate::rights::{GrantedAt, names};

/// Lists what changed in a queue.
///
/// By position of the checkpoint's journal. Positions are drawn in the order of commits: who goes on from `next` misses nothing and
/// gets nothing twice. `limit` counts the positions that are looked at, so a page may hold fewer changes; there is no more for now
/// when `next` is `after`. A zone operator sees what concerns its zones, the police who was called and who left a zone. No change
/// names a plate.
#[utoipa::path(
    operation_id = "list_queue_changes", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<FollowQueue>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."), Page),
    responses((status = 200, description = "A page of changes.", body = QueueChanges), OfReads)
)]
#[get("/checkpoints/{checkpoint}/queue/changes")]
pub(crate) async fn list_queue_changes(
    granted: GrantedAt<FollowQueue>,
    _: AcceptsJson,
    page: Query<Page>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Page { after, limit: Limit(limit) } = page.0.checked()?;
    let mut connection = hub.database.connection().await?;
    let page =
        feed::after(&mut connection, &granted.actor, &granted.checkpoint, Position(after), limit).await?;
    let mut response = HttpResponse::Ok();
    if page.next.saturating_sub(after) >= limit {
        response.insert_header(next_page(&request, page.next));
    }
    Ok(response.json(page))
}
