//! `GET /api/v1/exchange/documents/{notice}`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::Error;
use kordon_hub::notices::{self, NoticeId};
use kordon_schemas::notices::Notice;
use uuid::Uuid;

use super::written;
use crate::Hub;
use crate::answer::{AcceptsMedia, Form, Xml};
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::rights::permissions::{ExchangeDocuments, ReadOutages};
use crate::rights::{Granted, names};

/// Fetches a document of the hub.
///
/// A notice of an outage or a permit, `notice` of `/schemas/notices.xsd`, signed by the hub. What it tells never changes.
#[utoipa::path(
    operation_id = "show_document", tag = "exchange",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ExchangeDocuments>()))),
    params(("notice" = Uuid, Path, description = "The notice's id, as the inbox has it.")),
    responses((status = 200, description = "The notice.", content_type = "application/xml", body = Notice), OfReads)
)]
#[get("/exchange/documents/{notice}")]
pub(crate) async fn show_document(
    granted: Granted<ExchangeDocuments>,
    _: AcceptsMedia<Xml>,
    path: web::Path<String>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    granted.also::<ReadOutages>()?;
    let id =
        Uuid::parse_str(&path).map_err(|_| Error::NotFound { what: "document", id: path.to_string() })?;
    let mut connection = hub.database.connection().await?;
    let found = notices::get(&mut connection, NoticeId(id)).await?;
    drop(connection);
    let bytes = written(&request, &hub, &found.notice).await?;
    Ok(Form::Xml.answer_written(StatusCode::OK, bytes.into()))
}
