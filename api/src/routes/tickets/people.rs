//! `PUT /api/v1/tickets/{ticket}/people`.

use actix_web::{HttpResponse, put, web};
use kordon_hub::support::tickets::acting::Wish;
use kordon_schemas::tickets::{PeopleIn, TicketSummary};

use super::done;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::conditional::IfMatch;
use crate::openapi::OfTicketActs;
use crate::problem::Result;
use crate::rights::permissions::NamePeople;
use crate::rights::{Granted, names};

/// Names the people involved.
///
/// In place of those named before. Whoever has an e-mail address there is a party of the ticket: what they write about it is put to it.
#[utoipa::path(
    operation_id = "name_people", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<NamePeople>()))),
    params(
        ("ticket" = Uuid, Path, description = "The ticket's id."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"2\"", description = "The `ETag` of the version that this is meant for.")
    ),
    request_body(content = PeopleIn, description = "Who is involved, with what part."),
    responses((status = 200, description = "Where the ticket stands now.", body = TicketSummary), OfTicketActs)
)]
#[put("/tickets/{ticket}/people")]
pub(crate) async fn name_people(
    granted: Granted<NamePeople>,
    _: AcceptsJson,
    path: web::Path<String>,
    version: IfMatch,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: PeopleIn = body.json()?;
    done(&hub, &granted.actor, &path, version, Wish::Involve(&asked)).await
}
