//! `GET /api/v1/checkpoints/{checkpoint}/admission-list`.

use std::sync::Arc;

use actix_web::{HttpResponse, get, web};
use kordon_hub::evidence::{self, Reading};
use kordon_hub::queue::admission_list::{self, LONGEST_HOURS};
use kordon_schemas::CheckpointCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::{AcceptsMedia, Cms, Media};
use crate::openapi::OfPersonalReads;
use crate::problem::{Failure, Result};
use crate::query::Query;
use crate::rights::permissions::ReadAdmissionList;
use crate::rights::{GrantedAt, Purposeful, names};
use crate::signatures::beside;

/// For how long.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Ahead {
    /// Who may enter in so many hours from now.
    #[serde(default = "default_hours")]
    #[param(minimum = 1, maximum = 72, default = 24)]
    hours: i64,
}

const fn default_hours() -> i64 {
    24
}

/// Takes the signed list of the gate.
///
/// Who may enter in the next hours, for a gate that may be cut off: the vehicles that were called, with their deadlines, and those
/// that are expected to be called. A CMS message (DER) signed by the hub; `openssl cms -verify -inform DER -binary -in list.p7m -CAfile
/// certificate.pem` verifies it and gives out its content in JSON: `id`, `checkpoint`, `position`, `issued_at`, `valid_until`, `called`
/// (each with `booking`, `plate`, `queue` and `deadline_at`) and `expected` (each with `turn`, `booking`, `plate`, `queue` and, if it
/// has a slot, `slot_starts_at`). What happens at the gate meanwhile is stated as events
/// when the line is back, each with its `occurred_at`. It shows the movements of vehicles, so the read is recorded with its purpose.
#[utoipa::path(
    operation_id = "show_admission_list", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadAdmissionList>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it."),
        Ahead
    ),
    responses(
        (status = 200, description = "The signed list.", content_type = "application/cms", body = String),
        OfPersonalReads
    )
)]
#[get("/checkpoints/{checkpoint}/admission-list")]
pub(crate) async fn show_admission_list(
    granted: GrantedAt<ReadAdmissionList>,
    _: AcceptsMedia<Cms>,
    ahead: Query<Ahead>,
    purposeful: Purposeful,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Ahead { hours }) = ahead;
    if !(1..=LONGEST_HOURS).contains(&hours) {
        return Err(Failure::malformed("query:hours", format!("is 1 to {LONGEST_HOURS}")));
    }
    let now = hub.clock.now();
    let mut connection = hub.database.connection().await?;
    let list = admission_list::admission_list(&mut connection, &granted.checkpoint, hours, now).await?;
    let content =
        serde_json::to_vec(&list).map_err(|error| kordon_hub::Error::Internal(error.to_string()))?;
    let signer = Arc::clone(&hub.signer);
    let signed = beside::sign(move || signer.sign(&content, now)).await?;
    let called = list.called.iter().map(|vehicle| vehicle.booking);
    let reading = Reading {
        actor: &granted.actor,
        operation: "show_admission_list",
        purpose: &purposeful.purpose,
        checkpoint: Some(&granted.checkpoint),
        records: called.chain(list.expected.iter().map(|vehicle| vehicle.booking)).collect(),
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, reading, now).await?;
    Ok(HttpResponse::Ok().content_type(Cms::TYPE).body(signed))
}
