//! `POST /api/v1/permit-requests/{request}/withdrawals`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::permits::filing;
use kordon_schemas::permits::{DataToWithdraw, PermitRequestSummary};

use super::{answer, request_in};
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfPermitActs;
use crate::problem::Result;
use crate::rights::permissions::ReportPermits;
use crate::rights::{Granted, names};

/// States transit data to withdraw from NCTS, or that it was withdrawn.
///
/// Nothing runs in both worlds: what was lodged in NCTS before the procedure is used is withdrawn from it. Said again with
/// `withdrawn_at`, it was; what was withdrawn stays so.
#[utoipa::path(
    operation_id = "state_withdrawal", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReportPermits>()))),
    params(("request" = Uuid, Path, description = "The request's id.")),
    request_body(content = DataToWithdraw, description = "Its number, and when it was withdrawn."),
    responses((status = 200, description = "Where the request stands now.", body = PermitRequestSummary), OfPermitActs)
)]
#[post("/permit-requests/{request}/withdrawals")]
pub(crate) async fn state_withdrawal(
    granted: Granted<ReportPermits>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = request_in(&path)?;
    let data: DataToWithdraw = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let request = filing::state_data(&mut connection, &granted.actor, id, &data, now).await?;
    answer(&hub, &mut connection, StatusCode::OK, &request).await
}
