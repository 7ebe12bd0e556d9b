//! `POST /api/v1/bookings/{booking}/refunds`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::fees::refund::{self, Refunded};
use kordon_schemas::fees::{Refund, RefundIn};
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfRefunds;
use crate::problem::{Failure, Result};
use crate::rights::permissions::RecordFees;
use crate::rights::{Granted, names};

/// Records that a fee was given back.
///
/// How much follows from the case, the facts of the booking, and the rules that it was booked under; the answer says all three. Each
/// case gives once, and all together never more than was paid. The same reference with the same content is the same refund and is
/// answered with 200.
#[utoipa::path(
    operation_id = "record_refund", tag = "fees",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<RecordFees>()))),
    params(("booking" = Uuid, Path, description = "The booking's id.")),
    request_body(content = RefundIn, description = "The case."),
    responses(
        (status = 201, description = "The refund is recorded.", body = Refund),
        (status = 200, description = "It was recorded before, under the same reference.", body = Refund),
        OfRefunds
    )
)]
#[post("/bookings/{booking}/refunds")]
pub(crate) async fn record_refund(
    granted: Granted<RecordFees>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let booking = path.parse::<Uuid>().map_err(|_| Failure::malformed("path:booking", "is a UUID"))?;
    let asked: RefundIn = body.json()?;
    let Refunded { refund, is_new } =
        refund::refund(&hub.database, &granted.actor, booking, &asked, hub.clock.now()).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(refund))
}
