//! `POST /api/v1/permit-requests/{request}/decisions`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::permits::deciding;
use kordon_schemas::permits::{PermitDecisionIn, PermitRequestSummary};

use super::{answer, request_in};
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfPermitActs;
use crate::problem::Result;
use crate::rights::permissions::DecidePermits;
use crate::rights::{Granted, names};

/// Decides a request for a permit.
///
/// Line 2 confirms the failure, naming the outage that runs, or refuses on a ground. Within four hours of receipt by the clock; a later
/// decision is taken and marked. A permit of which not both were told is refused on the ground `solved`, when the incident was solved
/// meanwhile: it does not come into force any more. A confirmed failure becomes a permit where the procedure was asked for. Line 1 passes the ticket to
/// line 2 first, and gets it back with the decision, to tell the office and the trader.
#[utoipa::path(
    operation_id = "decide_permit_request", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<DecidePermits>()))),
    params(("request" = Uuid, Path, description = "The request's id.")),
    request_body(content = PermitDecisionIn, description = "What line 2 found."),
    responses((status = 200, description = "Where the request stands now.", body = PermitRequestSummary), OfPermitActs)
)]
#[post("/permit-requests/{request}/decisions")]
pub(crate) async fn decide_permit_request(
    granted: Granted<DecidePermits>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = request_in(&path)?;
    let found: PermitDecisionIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let request = deciding::decide(&mut connection, &granted.actor, id, &found, now).await?;
    answer(&hub, &mut connection, StatusCode::OK, &request).await
}
