//! `GET /api/v1/checkpoints/{checkpoint}/events`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::crossings::Position;
use kordon_hub::crossings::read::{self, EventQuery};
use kordon_hub::evidence::{self, Reading};
use kordon_schemas::CheckpointCode;
use kordon_schemas::events::RecordedEvents;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::Accepts;
use crate::openapi::OfPersonalReads;
use crate::problem::Result;
use crate::query::{LARGEST_PAGE, Limit, Query, add_header, check_after, is_full, next_page};
use crate::rights::permissions::ReadEvents;
use crate::rights::{GrantedAt, Purposeful, names};

/// Which events to list.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only what comes after this position. Start with 0, go on with `next` of the last answer.
    #[serde(default)]
    #[param(minimum = 0, default = 0)]
    after: i64,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 500, default = 100)]
    limit: Limit<LARGEST_PAGE, 100>,
    /// Only events that are placed in no crossing.
    #[serde(default)]
    #[param(default = false)]
    unmatched: bool,
}

/// Lists recorded events.
///
/// In the order in which they were recorded. Positions are drawn in the order of commits: who goes on from `next` misses
/// nothing. The movements of vehicles are personal data, so the read is recorded with its purpose.
#[utoipa::path(
    operation_id = "list_events", tag = "events",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadEvents>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it."),
        Filter
    ),
    responses(
        (status = 200, description = "A page of events.", content((RecordedEvents = "application/json"), (RecordedEvents = "application/xml"))),
        OfPersonalReads
    )
)]
#[get("/checkpoints/{checkpoint}/events")]
pub(crate) async fn list_events(
    granted: GrantedAt<ReadEvents>,
    accepts: Accepts,
    filter: Query<Filter>,
    request: HttpRequest,
    purposeful: Purposeful,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Filter { after, limit: Limit(limit), unmatched }) = filter;
    check_after(after)?;
    let mut connection = hub.database.connection().await?;
    let query = EventQuery { after: Position(after), limit, unmatched_only: unmatched };
    let items = read::events(&mut connection, &granted.checkpoint, query).await?;
    let mut records: Vec<_> = items.iter().filter_map(|event| event.crossing).collect();
    records.sort_unstable();
    records.dedup();
    let reading = Reading {
        actor: &granted.actor,
        operation: "list_events",
        purpose: &purposeful.purpose,
        checkpoint: Some(&granted.checkpoint),
        records,
        positions: items.first().zip(items.last()).map(|(first, last)| (first.position, last.position)),
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, reading, hub.clock.now()).await?;
    let next = items.last().map_or(after, |last| last.position);
    let link = is_full(items.len(), limit).then(|| next_page(&request, next));
    let mut response = accepts.0.answer(StatusCode::OK, &RecordedEvents { items, next })?;
    link.into_iter().for_each(|link| add_header(&mut response, link));
    Ok(response)
}
