//! `PATCH /api/v1/outages/{outage}`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, patch, web};
use kordon_hub::outages::{self, OutageId};
use kordon_schemas::outages::{Outage, OutageChanges};
use uuid::Uuid;

use super::answer;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::conditional::IfMatch;
use crate::openapi::OfChanges;
use crate::problem::{Failure, Result};
use crate::rights::permissions::DeclareOutages;
use crate::rights::{Granted, names};

/// Changes an outage.
///
/// Moves its times, its text or what is affected, records the recovery, or withdraws it. Each change is a notice of its own. A
/// member that is left out stays as it is. `If-Match` names the version that the change is meant for.
#[utoipa::path(
    operation_id = "amend_outage", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<DeclareOutages>()))),
    params(
        ("outage" = Uuid, Path, description = "The outage's id."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"1\"", description = "The `ETag` of the version that the change is meant for.")
    ),
    request_body(content = OutageChanges, description = "What changes."),
    responses((status = 200, description = "The outage as it stands now.", body = Outage), OfChanges)
)]
#[patch("/outages/{outage}")]
pub(crate) async fn amend_outage(
    granted: Granted<DeclareOutages>,
    _: AcceptsJson,
    path: web::Path<String>,
    IfMatch(version): IfMatch,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = path.parse::<Uuid>().map_err(|_| Failure::malformed("path:outage", "is a UUID"))?;
    let changes: OutageChanges = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let outage =
        outages::amend(&mut connection, &granted.actor, OutageId(id), Some(version), &changes, now).await?;
    Ok(answer(&hub, StatusCode::OK, &outage))
}
