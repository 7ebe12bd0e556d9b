//! `GET /api/v1/exchange/documents/{document}/acknowledgement`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::exchange;
use kordon_schemas::exchange::Acknowledgement;

use super::acknowledged;
use crate::Hub;
use crate::answer::{AcceptsMedia, Xml};
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::rights::permissions::ExchangeDocuments;
use crate::rights::{Granted, names};

/// Shows what became of a document.
///
/// The acknowledgement of a document that this system handed in, byte for byte as it was first given. Documents of other systems are not
/// found.
#[utoipa::path(
    operation_id = "show_acknowledgement", tag = "exchange",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ExchangeDocuments>()))),
    params(("document" = String, Path, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description = "The document's id, as its sender gave it.")),
    responses(
        (status = 200, description = "The acknowledgement.", content_type = "application/xml", body = Acknowledgement),
        OfReads
    )
)]
#[get("/exchange/documents/{document}/acknowledgement")]
pub(crate) async fn show_acknowledgement(
    granted: Granted<ExchangeDocuments>,
    _: AcceptsMedia<Xml>,
    path: web::Path<String>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let system = granted.actor.system;
    let mut connection = hub.database.connection().await?;
    let kept = exchange::acknowledgement(&mut connection, system, &path).await?;
    drop(connection);
    Ok(acknowledged(&request, &hub, system, &path, kept, StatusCode::OK).await?)
}
