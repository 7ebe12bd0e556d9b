//! `GET /api/v1/checkpoints/{checkpoint}/fee-quote`.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use kordon_hub::fees::quote;
use kordon_schemas::CheckpointCode;
use kordon_schemas::fees::FeeQuote;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfQuotes;
use crate::problem::Result;
use crate::query::Query;
use crate::rights::permissions::QuoteFees;
use crate::rights::{GrantedAt, names};

/// Which day to quote.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfDay {
    /// The day of the booking, in Kyiv: a year ago to tomorrow. Without it, today.
    #[serde(default, deserialize_with = "kordon_schemas::day::read_optional")]
    day: Option<NaiveDate>,
}

/// Quotes the fee of a booking.
///
/// By the tariff that holds for the day, in euros, and in hryvnias at the National Bank's rate in force at 00:00 in Kyiv of that day.
/// When that rate cannot be had the answer is 503 `rate_unavailable`; the rate of another day is never taken in its place.
#[utoipa::path(
    operation_id = "quote_fee", tag = "fees",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<QuoteFees>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."), OfDay),
    responses((status = 200, description = "The quote.", body = FeeQuote), OfQuotes)
)]
#[get("/checkpoints/{checkpoint}/fee-quote")]
pub(crate) async fn quote_fee(
    granted: GrantedAt<QuoteFees>,
    _: AcceptsJson,
    query: Query<OfDay>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(OfDay { day }) = query;
    let quote = quote::quote(&hub.database, &hub.rates, &granted.checkpoint, day, hub.clock.now()).await?;
    Ok(HttpResponse::Ok().json(quote))
}
