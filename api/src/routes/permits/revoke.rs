//! `POST /api/v1/permits/{number}/revocation`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::permits::using;
use kordon_schemas::permits::{PermitRequestSummary, RevocationIn};

use super::answer;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfPermitActs;
use crate::problem::Result;
use crate::rights::permissions::RevokePermits;
use crate::rights::{Granted, names};

/// Takes a permit back.
///
/// At once and for good; the office still reports the uses that there were.
#[utoipa::path(
    operation_id = "revoke_permit", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<RevokePermits>()))),
    params(("number" = String, Path, pattern = "^UA-BCP-[0-9]{8}-[0-9]{4}-[0-9]{3,6}-[0-9]$", description = "The number of the permit.")),
    request_body(content = RevocationIn, description = "Why."),
    responses((status = 200, description = "Where the request stands now.", body = PermitRequestSummary), OfPermitActs)
)]
#[post("/permits/{number}/revocation")]
pub(crate) async fn revoke_permit(
    granted: Granted<RevokePermits>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let revocation: RevocationIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let request = using::revoke(&mut connection, &granted.actor, &path, &revocation, now).await?;
    answer(&hub, &mut connection, StatusCode::OK, &request).await
}
