//! `POST /api/v1/notices/{notice}/publications`: what the press office published (H3.17).

use actix_web::{HttpResponse, post, web};
use kordon_hub::notices::{NoticeId, publications};
use kordon_schemas::notices::{NoticeWithDeliveries, Publication};
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfQuestions;
use crate::problem::{Failure, Result};
use crate::rights::permissions::RecordPublications;
use crate::rights::{Granted, names};

/// Records what was published of a notice.
///
/// Where, under which title, and when. The same address again is the same publication, as it was recorded last.
#[utoipa::path(
    operation_id = "record_publication", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<RecordPublications>()))),
    params(("notice" = Uuid, Path, description = "The notice's id.")),
    request_body(content = Publication, description = "What was published."),
    responses((status = 200, description = "The notice with all that was published of it.", body = NoticeWithDeliveries), OfQuestions)
)]
#[post("/notices/{notice}/publications")]
pub(crate) async fn record_publication(
    granted: Granted<RecordPublications>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = path.parse::<Uuid>().map_err(|_| Failure::malformed("path:notice", "is a UUID"))?;
    let publication: Publication = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let notice =
        publications::record(&mut connection, &granted.actor, NoticeId(id), &publication, now).await?;
    Ok(HttpResponse::Ok().json(notice))
}
