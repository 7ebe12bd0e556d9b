//! `PUT /api/v1/notices/{notice}/press-text`.

use actix_web::{HttpResponse, put, web};
use kordon_hub::notices::press_review;
use kordon_schemas::press_texts::{PressReview, PressTexts};

use super::{answer, id};
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfReviews;
use crate::problem::Result;
use crate::rights::permissions::ReviewPressTexts;
use crate::rights::{Granted, names};

/// Changes the text of a notice before it goes to the press office.
///
/// While it waits for a person: the outage was declared, or changed, with `press_review_until`. Both languages are put whole; the mail then has
/// these words and nothing of the template. DG TAXUD is sent what was declared, not these.
#[utoipa::path(
    operation_id = "edit_press_text", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReviewPressTexts>()))),
    params(("notice" = Uuid, Path, description = "The notice's id.")),
    request_body(content = PressTexts, description = "The words."),
    responses((status = 200, description = "The text as it will go.", body = PressReview), OfReviews)
)]
#[put("/notices/{notice}/press-text")]
pub(crate) async fn edit_press_text(
    granted: Granted<ReviewPressTexts>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = id(&path)?;
    let texts: PressTexts = body.json()?;
    let mut connection = hub.database.connection().await?;
    let review = press_review::edit(&mut connection, &granted.actor, id, &texts, hub.clock.now()).await?;
    Ok(answer(&review))
}
