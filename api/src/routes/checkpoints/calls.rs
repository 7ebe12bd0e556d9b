//! `POST /api/v1/checkpoints/{checkpoint}/calls`, and `GET …/calls/{position}`.

use actix_web::{HttpResponse, get, post, web};
use kordon_hub::crossings::Position;
use kordon_hub::evidence::{self, Reading};
use kordon_hub::queue::calling;
use kordon_schemas::CheckpointCode;
use kordon_schemas::queue::{Call, CallIn};

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::{OfCalls, OfPersonalReads};
use crate::problem::{Failure, Result};
use crate::rights::permissions::{Call as MayCall, ReadCalls};
use crate::rights::{GrantedAt, Purposeful, names};

/// Calls a vehicle to the checkpoint.
///
/// An empty object calls the first in order of those in a waiting zone; where the checkpoint has several lanes, name one. Naming a
/// booking calls that one; when another stands first it needs a reason, which is kept with the call. With a `reference` the same
/// request may be sent again: it calls nobody else and is answered 200 with the same call. A call that another queue system gave is
/// handed in with its `called_at`, `booking` and `reference`.
#[utoipa::path(
    operation_id = "call_vehicle", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<MayCall>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    request_body(content = CallIn, description = "Whom to call."),
    responses(
        (status = 201, description = "The vehicle is called.", body = Call),
        (status = 200, description = "The call was there, under the same reference.", body = Call),
        OfCalls
    )
)]
#[post("/checkpoints/{checkpoint}/calls")]
pub(crate) async fn call_vehicle(
    granted: GrantedAt<MayCall>,
    _: AcceptsJson,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: CallIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let called =
        calling::call(&mut connection, &granted.actor, &granted.checkpoint, &asked, hub.clock.now()).await?;
    let mut answer = if called.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(called.call))
}

/// Shows a call with its explanation.
///
/// Who stood where, the credits of the turns before it, the rule that put this vehicle first and the version of the rules: enough
/// to come to the same call again, for the one whom it concerns and for whoever settles a dispute. It shows a vehicle, so the read
/// is recorded with its purpose.
#[utoipa::path(
    operation_id = "show_call", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadCalls>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("position" = i64, Path, description = "The position of the call in the checkpoint's journal."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses((status = 200, description = "The call.", body = Call), OfPersonalReads)
)]
#[get("/checkpoints/{checkpoint}/calls/{position}")]
pub(crate) async fn show_call(
    granted: GrantedAt<ReadCalls>,
    _: AcceptsJson,
    purposeful: Purposeful,
    path: web::Path<(String, String)>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let position = path
        .1
        .parse()
        .map_err(|_| Failure::malformed("path:position", "is the number of a position in the journal"))?;
    let mut connection = hub.database.connection().await?;
    let call = calling::show(&mut connection, &granted.checkpoint, Position(position)).await?;
    let reading = Reading {
        actor: &granted.actor,
        operation: "show_call",
        purpose: &purposeful.purpose,
        checkpoint: Some(&granted.checkpoint),
        records: vec![call.booking],
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, reading, hub.clock.now()).await?;
    Ok(HttpResponse::Ok().json(call))
}
