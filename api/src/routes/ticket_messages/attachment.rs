//! `GET /api/v1/ticket-messages/{message}/attachments/{attachment}`.

use actix_web::http::header::{CONTENT_DISPOSITION, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, get, web};
use kordon_hub::evidence::{self, Reading};
use kordon_hub::support::mail::reading;

use super::message_in;
use crate::Hub;
use crate::answer::{AcceptsMedia, Attached, Media};
use crate::openapi::OfPersonalReads;
use crate::problem::{Failure, Result};
use crate::rights::permissions::ReadTickets;
use crate::rights::{Granted, Purposeful, names};

/// Takes an attachment.
///
/// Its bytes as they came; nobody has looked into them. The read is recorded with its purpose.
#[utoipa::path(
    operation_id = "take_attachment", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadTickets>()))),
    params(
        ("message" = Uuid, Path, description = "The message's id."),
        ("attachment" = i32, Path, minimum = 1, maximum = 1000, description = "The number of the attachment within the message."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses(
        (status = 200, description = "The bytes.", content_type = "application/octet-stream", body = String),
        OfPersonalReads
    )
)]
#[get("/ticket-messages/{message}/attachments/{attachment}")]
pub(crate) async fn take_attachment(
    granted: Granted<ReadTickets>,
    _: AcceptsMedia<Attached>,
    purposeful: Purposeful,
    path: web::Path<(String, String)>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let (message, number) = path.into_inner();
    let id = message_in(&message)?;
    let number: i32 = number
        .parse()
        .ok()
        .filter(|number| (1..=1000).contains(number))
        .ok_or_else(|| Failure::malformed("path:attachment", "is a number from 1 to 1000"))?;
    let mut connection = hub.database.connection().await?;
    let content = reading::attachment(&mut connection, &granted.actor, id, number, hub.clock.now()).await?;
    let read = Reading {
        actor: &granted.actor,
        operation: "take_attachment",
        purpose: &purposeful.purpose,
        checkpoint: None,
        records: vec![id.0],
        positions: None,
        request_id: purposeful.request_id,
    };
    evidence::record_reading(&mut connection, read, hub.clock.now()).await?;
    // A browser is to put it into a file, whatever it holds.
    Ok(HttpResponse::Ok()
        .content_type(Attached::TYPE)
        .insert_header((CONTENT_DISPOSITION, "attachment"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(content))
}
