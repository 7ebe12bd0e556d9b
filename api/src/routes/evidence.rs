//! `GET /api/v1/evidence/{query_id}`.

use std::time::Duration;

use actix_web::http::header::{CONTENT_DISPOSITION, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, get, web};
use kordon_adapters::trembita::evidence::sealing::container;
use kordon_hub::evidence::{self, Reading};
use kordon_hub::sealing;
use tokio::sync::Semaphore;

use crate::Hub;
use crate::answer::{AcceptsMedia, Archive, Media};
use crate::openapi::OfPersonalReads;
use crate::problem::{Failure, Result};
use crate::rights::permissions::FetchEvidence;
use crate::rights::{Granted, Purposeful, names};

/// The most characters of an id.
const LONGEST: usize = 200;

/// One after the other: each takes memory and time as its messages are large, and nobody is in a hurry for a proof.
static TURNS: Semaphore = Semaphore::const_new(1);

/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// Fetches the evidence of an exchange.
///
/// An archive with a signed container (ASiC-E) for each message of the exchanges with that id, request and response, as they came and
/// went. Only the system that asked and the administrator have it. A message is signed within seconds of its answer, and time-stamped
/// within a minute or so; until it is signed there is nothing here. The read is recorded with its purpose.
#[utoipa::path(
    operation_id = "fetch_evidence", tag = "hub",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<FetchEvidence>()))),
    params(
        ("query_id" = String, Path, pattern = r"^[^\u0000-\u001f\u007f-\u009f]{1,200}$", description = "The id that the client gave its message, or else the `X-Request-Id` of the answer."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses(
        (status = 200, description = "The containers.", content_type = "application/zip", body = String),
        OfPersonalReads
    )
)]
#[get("/evidence/{query_id}")]
pub(crate) async fn fetch_evidence(
    granted: Granted<FetchEvidence>,
    _: AcceptsMedia<Archive>,
    purposeful: Purposeful,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = path.into_inner();
    if id.chars().count() > LONGEST || id.chars().any(char::is_control) {
        return Err(Failure::malformed(
            "path:query_id",
            "has 1 to 200 characters without control characters",
        ));
    }
    let _turn = tokio::time::timeout(PATIENCE, TURNS.acquire())
        .await
        .ok()
        .and_then(|turn| turn.ok())
        .ok_or(kordon_hub::Error::Overloaded)?;
    let mut connection = hub.database.connection().await?;
    let sealed = sealing::of_query(&mut connection, &granted.actor, &id).await?;
    if sealed.is_empty() {
        return Err(kordon_hub::Error::NotFound { what: "sealed exchange of yours", id }.into());
    }
    let read = Reading {
        actor: &granted.actor,
        operation: "fetch_evidence",
        purpose: &purposeful.purpose,
        checkpoint: None,
        records: sealed.iter().map(|message| message.id).collect(),
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, read, hub.clock.now()).await?;
    drop(connection);
    // Packing takes its time, and the thread has others to answer.
    let packed = web::block(move || container::write_all(&sealed))
        .await
        .map_err(|error| kordon_hub::Error::Internal(error.to_string()))??;
    Ok(HttpResponse::Ok()
        .content_type(Archive::TYPE)
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"evidence.zip\""))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(packed))
}
