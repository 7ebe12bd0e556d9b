//! `POST /api/v1/checkpoints/{checkpoint}/events/{position}/placement`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::crossings::{CrossingId, Position, placement};
use kordon_hub::queue::rules::is_text;
use kordon_schemas::CheckpointCode;
use kordon_schemas::events::{EventAnswer, PlacementIn};

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfPlacements;
use crate::problem::{Failure, Result};
use crate::rights::permissions::PlaceEvents;
use crate::rights::{GrantedAt, names};

/// Places an unmatched event.
///
/// Gives an event that matched no crossing to one of the same checkpoint. The event stays as it was stated; who placed it, and
/// why, is kept.
#[utoipa::path(
    operation_id = "place_event", tag = "events",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<PlaceEvents>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("position" = i64, Path, minimum = 1, description = "The event's position in the checkpoint's journal.")
    ),
    request_body(content = PlacementIn, description = "Where it belongs, and why."),
    responses((status = 200, description = "The event is placed.", body = EventAnswer), OfPlacements)
)]
#[post("/checkpoints/{checkpoint}/events/{position}/placement")]
pub(crate) async fn place_event(
    granted: GrantedAt<PlaceEvents>,
    _: AcceptsJson,
    path: web::Path<(String, String)>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let (_, position) = path.into_inner();
    let position: i64 =
        position.parse().ok().filter(|position| *position > 0).ok_or_else(|| {
            Failure::malformed("path:position", "is a position in the journal, 1 or greater")
        })?;
    let PlacementIn { crossing, reason } = body.json()?;
    if !is_text(&reason, 500) {
        return Err(
            kordon_hub::Error::fault("/reason", "has 1 to 500 characters and no control characters").into()
        );
    }
    let mut connection = hub.database.connection().await?;
    let placed = placement::place_by_hand(
        &mut connection,
        &granted.actor,
        &granted.checkpoint,
        Position(position),
        CrossingId(crossing),
        &reason,
        hub.clock.now(),
    )
    .await?;
    Ok(HttpResponse::Ok().json(placed))
}
