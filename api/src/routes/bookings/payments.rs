//! `POST /api/v1/bookings/{booking}/payments`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::fees::pay::{self, Paid};
use kordon_schemas::fees::{Payment, PaymentIn};
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfPayments;
use crate::problem::{Failure, Result};
use crate::rights::permissions::RecordFees;
use crate::rights::{Granted, names};

/// Records that the fee of a booking was paid.
///
/// The operator takes the money; the hub records that it did. The amount is the total of the quote of the day of the booking. A
/// booking is paid once. The same reference with the same content is the same payment and is answered with 200.
#[utoipa::path(
    operation_id = "record_payment", tag = "fees",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<RecordFees>()))),
    params(("booking" = Uuid, Path, description = "The booking's id.")),
    request_body(content = PaymentIn, description = "What was paid and how."),
    responses(
        (status = 201, description = "The payment is recorded.", body = Payment),
        (status = 200, description = "It was recorded before, under the same reference.", body = Payment),
        OfPayments
    )
)]
#[post("/bookings/{booking}/payments")]
pub(crate) async fn record_payment(
    granted: Granted<RecordFees>,
    _: AcceptsJson,
    path: web::Path<String>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let booking = path.parse::<Uuid>().map_err(|_| Failure::malformed("path:booking", "is a UUID"))?;
    let asked: PaymentIn = body.json()?;
    let Paid { payment, is_new } =
        pay::pay(&hub.database, &hub.rates, &granted.actor, booking, &asked, hub.clock.now()).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(payment))
}
