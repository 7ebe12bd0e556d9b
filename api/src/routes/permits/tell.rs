//! `POST /api/v1/permit-requests/{request}/tellings`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::permits::telling;
use kordon_schemas::permits::{PermitRequestSummary, PermitTellingIn};

use super::{answer, request_in};
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfPermitActs;
use crate::problem::Result;
use crate::rights::permissions::TellUsers;
use crate::rights::{Granted, names};

/// Records that the office or the trader was told of the decision.
///
/// Each is told once. When the later of the two was told, a permit is in force for 24 hours from that moment, and a refusal is over and
/// its ticket closed.
#[utoipa::path(
    operation_id = "tell_permit_decision", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<TellUsers>()))),
    params(("request" = Uuid, Path, description = "The request's id.")),
    request_body(content = PermitTellingIn, description = "Who was told, and when."),
    responses((status = 200, description = "Where the request stands now.", body = PermitRequestSummary), OfPermitActs)
)]
#[post("/permit-requests/{request}/tellings")]
pub(crate) async fn tell_permit_decision(
    granted: Granted<TellUsers>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = request_in(&path)?;
    let told: PermitTellingIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let request = telling::tell(&mut connection, &granted.actor, id, &told, now).await?;
    answer(&hub, &mut connection, StatusCode::OK, &request).await
}
