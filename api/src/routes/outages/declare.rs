//! `POST /api/v1/outages`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use kordon_hub::outages::{self, Declared};
use kordon_schemas::outages::{Outage, OutageDeclaration};

use super::answer;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfDeclarations;
use crate::problem::{Failure, Result};
use crate::rights::permissions::DeclareOutages;
use crate::rights::{Granted, names};

/// Declares an outage.
///
/// Planned or unplanned. In the same transaction a notice is put in the outbox for DG TAXUD and the press office; it is sent at
/// once and again until it is taken, in order. Give an `Idempotency-Key` to be able to repeat a request whose answer was lost.
#[utoipa::path(
    operation_id = "declare_outage", tag = "outages",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<DeclareOutages>()))),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, pattern = "^[!-~]{1,128}$",
        description = "A key of your own, 1 to 128 visible ASCII characters: the same key with the same declaration is the same outage.")),
    request_body(content = OutageDeclaration, description = "What is or will be unavailable."),
    responses(
        (status = 201, description = "The outage is declared and its notice is on its way.", body = Outage),
        (status = 200, description = "It was declared before, under the same key.", body = Outage),
        OfDeclarations
    )
)]
#[post("/outages")]
pub(crate) async fn declare_outage(
    granted: Granted<DeclareOutages>,
    _: AcceptsJson,
    request: HttpRequest,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let declaration: OutageDeclaration = body.json()?;
    let key = match request.headers().get("Idempotency-Key") {
        Some(key) => Some(
            key.to_str()
                .map_err(|_| Failure::malformed("header:Idempotency-Key", "has visible ASCII characters"))?,
        ),
        None => None,
    };
    let mut connection = hub.database.connection().await?;
    let Declared { outage, repeated } =
        outages::declare(&mut connection, &granted.actor, &declaration, key, hub.clock.now()).await?;
    Ok(answer(&hub, if repeated { StatusCode::OK } else { StatusCode::CREATED }, &outage))
}
