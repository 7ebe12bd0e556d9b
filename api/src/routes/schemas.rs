//! `GET /schemas/{name}`.

use actix_web::{HttpResponse, get, web};
use kordon_schemas::XSDS;

use crate::openapi::OfPages;
use crate::problem::Result;

/// Shows an XML schema.
///
/// The XSDs of the XML messages, by file name.
#[utoipa::path(
    operation_id = "show_schema", tag = "hub", security(()),
    params(("name" = String, Path, description = "The file name, for example `events.xsd`.")),
    responses((status = 200, description = "The schema.", content_type = "application/xml", body = String), OfPages)
)]
#[get("/schemas/{name}")]
pub(crate) async fn show_schema(name: web::Path<String>) -> Result<HttpResponse> {
    let (_, schema) = XSDS
        .iter()
        .find(|(file, _)| *file == name.as_str())
        .ok_or_else(|| kordon_hub::Error::NotFound { what: "schema", id: name.into_inner() })?;
    Ok(HttpResponse::Ok().content_type("application/xml; charset=utf-8").body(*schema))
}
