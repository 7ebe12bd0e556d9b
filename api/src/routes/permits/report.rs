//! `POST /api/v1/permits/{number}/reports`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::permits::using;
use kordon_schemas::permits::{PermitReportIn, PermitRequestSummary};

use super::answer;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfPermitActs;
use crate::problem::Result;
use crate::rights::permissions::ReportPermits;
use crate::rights::{Granted, names};

/// Reports the uses of a permit, or why there was none.
///
/// For each use the number under which the office registered the paper declaration and the day of release. The number is of a series of
/// its own, never of an MRN's form. A release after the permit's end, and a use that comes after a complete
/// report, are taken and marked; a number or a day that was mistyped is corrected with a reason. A complete
/// report ends the permit and closes the ticket; the same use again is the same use.
#[utoipa::path(
    operation_id = "report_permit", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReportPermits>()))),
    params(("number" = String, Path, pattern = "^UA-BCP-[0-9]{8}-[0-9]{4}-[0-9]{3,6}-[0-9]$", description = "The number of the permit.")),
    request_body(content = PermitReportIn, description = "The uses, or why there was none."),
    responses((status = 200, description = "Where the request stands now.", body = PermitRequestSummary), OfPermitActs)
)]
#[post("/permits/{number}/reports")]
pub(crate) async fn report_permit(
    granted: Granted<ReportPermits>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let reported: PermitReportIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let request = using::report(&mut connection, &granted.actor, &path, &reported, now).await?;
    answer(&hub, &mut connection, StatusCode::OK, &request).await
}
