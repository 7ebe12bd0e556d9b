//! `GET /api/v1/checkpoints/{checkpoint}/slots`.

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::queue::booking::places;
use kordon_schemas::CheckpointCode;
use kordon_schemas::bookings::Slots;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfTimes;
use crate::problem::Result;
use crate::query::Query;
use crate::rights::permissions::ReadSlots;
use crate::rights::{GrantedAt, names};

/// Which slots to show.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// The lane.
    #[param(min_length = 1, max_length = 40, example = "all")]
    lane: String,
    /// Slots that begin at this moment or later. None: now.
    #[serde(default, deserialize_with = "kordon_schemas::instant::read_optional")]
    from: Option<DateTime<Utc>>,
    /// Slots that begin before this moment, at most 8 days after `from`. None: a day after it.
    #[serde(default, deserialize_with = "kordon_schemas::instant::read_optional")]
    to: Option<DateTime<Utc>>,
}

/// Shows what is free in the slots of a lane.
///
/// Slots that have begun and hours at which the lane is closed are left out. A place that is free now may be sold in the next moment.
#[utoipa::path(
    operation_id = "show_slots", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadSlots>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."), Which),
    responses((status = 200, description = "The slots.", body = Slots), OfTimes)
)]
#[get("/checkpoints/{checkpoint}/slots")]
pub(crate) async fn show_slots(
    granted: GrantedAt<ReadSlots>,
    _: AcceptsJson,
    which: Query<Which>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Which { lane, from, to }) = which;
    let now = hub.clock.now();
    let from = from.unwrap_or(now);
    let to = to.unwrap_or_else(|| from.checked_add_signed(TimeDelta::days(1)).unwrap_or(from));
    let mut connection = hub.database.connection().await?;
    let slots = places::slots(&mut connection, &granted.checkpoint, &lane, from, to, now).await?;
    Ok(HttpResponse::Ok().json(slots))
}
