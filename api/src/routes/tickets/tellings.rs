//! `POST /api/v1/tickets/{ticket}/tellings`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::support::tickets::acting::Wish;
use kordon_schemas::tickets::{TellingIn, TicketSummary};

use super::done;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::conditional::IfMatch;
use crate::openapi::OfTicketActs;
use crate::problem::Result;
use crate::rights::permissions::TellUsers;
use crate::rights::{Granted, names};

/// Records that the user was told something.
///
/// Through the channel of the ticket. Ten days after the user was told the result the ticket is closed by itself, unless the user objects.
#[utoipa::path(
    operation_id = "record_telling", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<TellUsers>()))),
    params(
        ("ticket" = Uuid, Path, description = "The ticket's id."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"2\"", description = "The `ETag` of the version that this is meant for.")
    ),
    request_body(content = TellingIn, description = "What the user was told."),
    responses((status = 200, description = "Where the ticket stands now.", body = TicketSummary), OfTicketActs)
)]
#[post("/tickets/{ticket}/tellings")]
pub(crate) async fn record_telling(
    granted: Granted<TellUsers>,
    _: AcceptsJson,
    path: web::Path<String>,
    version: IfMatch,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: TellingIn = body.json()?;
    done(&hub, &granted.actor, &path, version, Wish::Tell(&asked)).await
}
