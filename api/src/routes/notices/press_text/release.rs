//! `POST /api/v1/notices/{notice}/press-text/release`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::notices::press_review;
use kordon_schemas::press_texts::PressReview;

use super::{answer, id};
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReviews;
use crate::problem::Result;
use crate::rights::permissions::ReviewPressTexts;
use crate::rights::{Granted, names};

/// Lets the text of a notice go to the press office.
///
/// As it stands, before its `review_until`, and earlier ones about the same outage before it. Nothing about it changes after that.
#[utoipa::path(
    operation_id = "release_press_text", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReviewPressTexts>()))),
    params(("notice" = Uuid, Path, description = "The notice's id.")),
    responses((status = 200, description = "The text as it goes.", body = PressReview), OfReviews)
)]
#[post("/notices/{notice}/press-text/release")]
pub(crate) async fn release_press_text(
    _: Granted<ReviewPressTexts>,
    _: AcceptsJson,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = id(&path)?;
    let mut connection = hub.database.connection().await?;
    Ok(answer(&press_review::release(&mut connection, id, hub.clock.now()).await?))
}
