//! `/health/live` and `/health/ready`.

use actix_web::{HttpResponse, get, web};
use kordon_schemas::ProblemCode;

use crate::Vitals;
use crate::openapi::OfHealth;
use crate::problem::{Failure, Result};

/// Tells that the process is alive.
///
/// It asks nothing of the database: a hub without its database is alive and will be ready again.
#[utoipa::path(
    operation_id = "live", tag = "hub", security(()),
    responses((status = 204, description = "The process is alive."))
)]
#[get("/health/live")]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// Tells whether the hub can serve.
///
/// It is ready when its database answers.
#[utoipa::path(
    operation_id = "ready", tag = "hub", security(()),
    responses((status = 204, description = "The hub serves."), OfHealth)
)]
#[get("/health/ready")]
pub(crate) async fn ready(vitals: web::Data<Vitals>) -> Result<HttpResponse> {
    let mut connection = vitals.database.connection().await?;
    kordon_hub::checkpoints::edition(&mut connection)
        .await
        .map_err(|error| Failure::new(ProblemCode::DatabaseUnavailable, error.code().title_en()))?;
    Ok(HttpResponse::NoContent().finish())
}
