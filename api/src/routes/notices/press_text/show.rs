//! `GET /api/v1/notices/{notice}/press-text`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::notices::press_review;
use kordon_schemas::press_texts::PressReview;

use super::{answer, id};
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::rights::permissions::ReviewPressTexts;
use crate::rights::{Granted, names};

/// Shows the text of a notice for the press office.
///
/// As it goes, or went: the words of the template, or those that a person put. Notices of outages have one.
#[utoipa::path(
    operation_id = "show_press_text", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReviewPressTexts>()))),
    params(("notice" = Uuid, Path, description = "The notice's id.")),
    responses((status = 200, description = "The text.", body = PressReview), OfReads)
)]
#[get("/notices/{notice}/press-text")]
pub(crate) async fn show_press_text(
    _: Granted<ReviewPressTexts>,
    _: AcceptsJson,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = id(&path)?;
    let mut connection = hub.database.connection().await?;
    Ok(answer(&press_review::show(&mut connection, id, hub.clock.now()).await?))
}
