//! `GET /api/v1/notices`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::notices;
use kordon_schemas::notices::NoticeFeed;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::query::{Limit, Page, Query, is_full, next_page};
use crate::rights::permissions::ReadOutages;
use crate::rights::{Granted, names};

/// Reads the feed of notices.
///
/// Every notice, in order, for those who pull. Positions are drawn in the order of commits: who goes on from `next` misses
/// nothing and gets nothing twice.
#[utoipa::path(
    operation_id = "read_notices", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadOutages>()))),
    params(Page),
    responses((status = 200, description = "A page of the feed.", body = NoticeFeed), OfReads)
)]
#[get("/notices")]
pub(crate) async fn read_notices(
    _: Granted<ReadOutages>,
    _: AcceptsJson,
    page: Query<Page>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Page { after, limit: Limit(limit) } = page.0.checked()?;
    let mut connection = hub.database.connection().await?;
    let feed = notices::feed(&mut connection, after, limit).await?;
    let mut response = HttpResponse::Ok();
    if is_full(feed.items.len(), limit) {
        response.insert_header(next_page(&request, feed.next));
    }
    Ok(response.json(feed))
}
