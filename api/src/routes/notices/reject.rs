//! `POST /api/v1/notice-rejections`: CD906C and CD917C of DG TAXUD.

use actix_web::{HttpResponse, post, web};
use kordon_adapters::taxud::rejection::{self, NotRead};
use kordon_hub::notices::rejections;
use kordon_schemas::ProblemCode;
use kordon_schemas::notices::NoticeWithDeliveries;
use kordon_schemas::read::decode_xml;

use crate::Hub;
use crate::answer::{AcceptsJson, Form};
use crate::body::Body;
use crate::openapi::OfQuestions;
use crate::problem::{Failure, Result};
use crate::rights::permissions::RejectNotices;
use crate::rights::{Granted, names};

/// Takes a rejection of a notice.
///
/// A CD906C or CD917C of DG TAXUD, whose `correlationIdentifier` names the message that it rejects. The delivery of that notice has
/// failed then: an alarm rings, and the notice shows why. The same rejection again is the same.
#[utoipa::path(
    operation_id = "reject_notice", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<RejectNotices>()))),
    request_body(content = String, content_type = "application/xml", description = "The CD906C or CD917C."),
    responses((status = 200, description = "The notice that was rejected.", body = NoticeWithDeliveries), OfQuestions)
)]
#[post("/notice-rejections")]
pub(crate) async fn reject_notice(
    _: Granted<RejectNotices>,
    _: AcceptsJson,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    if body.form != Form::Xml {
        return Err(Failure::new(ProblemCode::UnsupportedMediaType, "this operation takes XML"));
    }
    let text = decode_xml(&body.bytes, body.charset.as_deref())?;
    let rejected = rejection::read(&text).map_err(|fault| match fault {
        NotRead::Malformed(detail) => Failure::new(ProblemCode::MalformedXml, detail),
        NotRead::Wrong(faults) => Failure::from(kordon_hub::Error::Invalid(faults)),
    })?;
    let mut connection = hub.database.connection().await?;
    let notice = rejections::record(&mut connection, &rejected, hub.clock.now()).await?;
    Ok(HttpResponse::Ok().json(notice))
}
