//! `POST /api/v1/permit-requests`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use kordon_hub::permits::filing::{self, Filed};
use kordon_schemas::permits::{PermitRequestIn, PermitRequestSummary};

use super::answer;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfPermitRequests;
use crate::problem::{Failure, Result};
use crate::rights::permissions::RequestPermits;
use crate::rights::{Granted, names};

/// Files a request for the continuity procedure.
///
/// A departure office files it, agreed with the trader; line 1 enters what an office telephoned or wrote,
/// naming the call or the recorded mail. It is registered as a critical ticket
/// at the same moment. What is missing is named member by member, and nothing is registered. One incident of a trader at an office has
/// one request or permit at a time; the next may be filed in the last four hours of a permit. Give an `Idempotency-Key` to be able to
/// repeat a request whose answer was lost.
#[utoipa::path(
    operation_id = "file_permit_request", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<RequestPermits>()))),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, pattern = "^[!-~]{1,128}$",
        description = "A key of your own, 1 to 128 visible ASCII characters: the same key with the same request is the same request.")),
    request_body(content = PermitRequestIn, description = "What is asked for, for whom, and what was checked."),
    responses(
        (status = 201, description = "The request is filed, and its ticket registered.", body = PermitRequestSummary),
        (status = 200, description = "It was filed before, under the same key.", body = PermitRequestSummary),
        OfPermitRequests
    )
)]
#[post("/permit-requests")]
pub(crate) async fn file_permit_request(
    granted: Granted<RequestPermits>,
    _: AcceptsJson,
    request: HttpRequest,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: PermitRequestIn = body.json()?;
    let key = match request.headers().get("Idempotency-Key") {
        Some(key) => Some(
            key.to_str()
                .map_err(|_| Failure::malformed("header:Idempotency-Key", "has visible ASCII characters"))?,
        ),
        None => None,
    };
    let mut connection = hub.database.connection().await?;
    let Filed { request, repeated } =
        filing::file(&mut connection, &granted.actor, &asked, key, hub.clock.now()).await?;
    let status = if repeated { StatusCode::OK } else { StatusCode::CREATED };
    answer(&hub, &mut connection, status, &request).await
}
