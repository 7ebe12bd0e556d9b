//! `GET /api/v1/my-booking`.

use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, get, web};
use kordon_hub::queue::rules::is_reference;
use kordon_hub::queue::views::holder::{self, Held, Secret};
use kordon_schemas::ProblemCode;
use kordon_schemas::views::MyBooking;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfHolders;
use crate::problem::{Failure, Result};
use crate::query::Query;
use crate::rights::permissions::ServeHolders;
use crate::rights::{Granted, names};

/// Which booking.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// The reference of the booking, when the operator that made it asks. A holder names it with the secret.
    #[param(min_length = 1, max_length = 100, pattern = "^[!-~]{1,100}$")]
    reference: Option<String>,
}

/// Shows a holder their booking.
///
/// Where the vehicle stands, its place, where to go now, the predicted entry and the fee: of this booking, and nothing of others. The
/// holder sends `Authorization: Booking REFERENCE:SECRET`; the operator that made the booking may ask on their behalf, with its own
/// credential and `reference`.
#[utoipa::path(
    operation_id = "show_my_booking", tag = "queue",
    security(("token" = []), ("certificate" = []), ("booking" = [])), extensions(("x-roles" = json!(names::<ServeHolders>()))),
    params(Which),
    responses((status = 200, description = "The booking.", body = MyBooking), OfHolders)
)]
#[get("/my-booking")]
pub(crate) async fn show_my_booking(
    _: AcceptsJson,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let held = match named(&request)? {
        Some((reference, secret)) => by_secret(&hub, &reference, secret).await?,
        None => by_operator(&request, &hub).await?,
    };
    let mut connection = hub.database.connection().await?;
    let queue = (&hub.places, hub.positions.of(&held.checkpoint).await?);
    Ok(HttpResponse::Ok().json(holder::my_booking(&mut connection, &held, queue, hub.clock.now()).await?))
}

/// The reference and the secret that a holder sends; none when the request is a system's.
fn named(request: &HttpRequest) -> Result<Option<(String, Option<Secret>)>> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let (Some(header), None) = (headers.next(), headers.next()) else { return Ok(None) };
    let Some((scheme, credentials)) = header.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case("booking") {
        return Ok(None);
    }
    // The secret has no colon; a reference may.
    let (reference, secret) = credentials.trim().rsplit_once(':').ok_or_else(unknown)?;
    Ok(Some((reference.to_owned(), Secret::parse(secret))))
}

async fn by_secret(hub: &Hub, reference: &str, secret: Option<Secret>) -> Result<Held> {
    let secret = secret.ok_or_else(unknown)?;
    if !is_reference(reference) {
        return Err(unknown());
    }
    let mut connection = hub.database.connection().await?;
    holder::by_secret(&mut connection, reference, &secret).await?.ok_or_else(unknown)
}

/// Which of the two is wrong is not told.
fn unknown() -> Failure {
    Failure::new(ProblemCode::HolderUnknown, "there is no booking with this reference and secret")
}

async fn by_operator(request: &HttpRequest, hub: &Hub) -> Result<Held> {
    let granted = Granted::<ServeHolders>::from_request(request, &mut Payload::None).await?;
    let which = Query::<Which>::from_request(request, &mut Payload::None).await?;
    let reference = which.0.reference.ok_or_else(|| {
        Failure::malformed("query:reference", "is missing: the reference of a booking that this system made")
    })?;
    if !is_reference(&reference) {
        return Err(Failure::malformed(
            "query:reference",
            "has 1 to 100 printable ASCII characters without spaces",
        ));
    }
    let mut connection = hub.database.connection().await?;
    Ok(holder::by_operator(&mut connection, &granted.actor, &reference, hub.clock.now()).await?)
}
