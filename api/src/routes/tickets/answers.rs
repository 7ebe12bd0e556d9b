//! `POST /api/v1/tickets/{ticket}/answers`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::support::letters::answering;
use kordon_schemas::messages::{AnswerIn, Answered};

use super::ticket_in;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::conditional::{IfMatch, Tag};
use crate::openapi::OfTicketActs;
use crate::problem::Result;
use crate::rights::permissions::AnswerUsers;
use crate::rights::{Granted, names};

/// Writes to the user.
///
/// Through the channel of the ticket: a question while the matter is open, the answer once it is resolved. By e-mail the user counts as
/// told when the mail server has taken the letter, and the ticket then records that by itself; what is written to a ticket of the web
/// module is told with that, and so is what line 1 says by telephone and enters here.
#[utoipa::path(
    operation_id = "answer_user", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<AnswerUsers>()))),
    params(
        ("ticket" = Uuid, Path, description = "The ticket's id."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"3\"", description = "The `ETag` of the version that this is meant for.")
    ),
    request_body(content = AnswerIn, description = "What it is, and the words."),
    responses((status = 201, description = "The letter, and where the ticket stands now.", body = Answered), OfTicketActs)
)]
#[post("/tickets/{ticket}/answers")]
pub(crate) async fn answer_user(
    granted: Granted<AnswerUsers>,
    _: AcceptsJson,
    path: web::Path<String>,
    version: IfMatch,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = ticket_in(&path)?;
    let written: AnswerIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let (letter, ticket) =
        answering::answer(&mut connection, &granted.actor, id, version.0, &written, hub.clock.now()).await?;
    let answered = Answered { letter: letter.seen(), ticket: ticket.summary() };
    Ok(Tag(ticket.version.to_string()).mark(HttpResponse::Created().json(answered)))
}
