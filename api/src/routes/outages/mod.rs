//! `/api/v1/outages`: when ETS or a system beside it is unavailable (Order 926, section III, clause 16).

pub(crate) mod amend;
pub(crate) mod declare;
pub(crate) mod list;
pub(crate) mod show;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use kordon_hub::outages::Outage;

use crate::Hub;
use crate::conditional::Tag;

/// An outage with its version as its `ETag`.
fn answer(hub: &Hub, status: StatusCode, outage: &Outage) -> HttpResponse {
    let tag = Tag(outage.version.to_string());
    tag.mark(HttpResponse::build(status).json(outage.seen_at(hub.clock.now())))
}
