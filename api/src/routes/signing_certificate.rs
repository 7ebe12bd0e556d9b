//! `GET /api/v1/signing-certificate`.

use actix_web::{HttpResponse, get, web};

use crate::Hub;
use crate::answer::{AcceptsMedia, Certificates, Media};
use crate::openapi::OfReads;
use crate::rights::permissions::ReadReference;
use crate::rights::{Granted, names};

/// Shows the certificate that the hub signs with.
///
/// PEM, and after it those above it. Take it once over a line that you trust and keep it: what is signed is believed by it when the
/// hub cannot be reached.
#[utoipa::path(
    operation_id = "show_signing_certificate", tag = "hub",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadReference>()))),
    responses(
        (status = 200, description = "The certificate.", content_type = "application/pem-certificate-chain", body = String),
        OfReads
    )
)]
#[get("/signing-certificate")]
pub(crate) async fn show_signing_certificate(
    _: Granted<ReadReference>,
    _: AcceptsMedia<Certificates>,
    hub: web::Data<Hub>,
) -> HttpResponse {
    HttpResponse::Ok().content_type(Certificates::TYPE).body(hub.signer.certificates().to_vec())
}
