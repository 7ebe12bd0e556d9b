//! `GET` and `PUT /api/v1/checkpoints/{checkpoint}/tariff`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, put, web};
use kordon_hub::fees::tariff::{self, Put};
use kordon_schemas::CheckpointCode;
use kordon_schemas::fees::{Tariff, TariffIn, Tariffs};

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::{OfReads, OfTariffs};
use crate::problem::Result;
use crate::rights::permissions::{PutTariffs, ReadTariffs};
use crate::rights::{GrantedAt, names};

/// Shows the tariffs of a checkpoint.
///
/// The one that holds for bookings of today, and the latest versions: those of the past and those that are announced.
#[utoipa::path(
    operation_id = "show_tariffs", tag = "fees",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadTariffs>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    responses((status = 200, description = "The tariffs.", body = Tariffs), OfReads)
)]
#[get("/checkpoints/{checkpoint}/tariff")]
pub(crate) async fn show_tariffs(
    granted: GrantedAt<ReadTariffs>,
    _: AcceptsJson,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    let tariffs = tariff::show(&mut connection, &granted.checkpoint, hub.clock.now()).await?;
    Ok(HttpResponse::Ok().json(tariffs))
}

/// Puts the tariff of a checkpoint.
///
/// As its next version, for bookings from a day on. It is refused as a whole, with each reason, if it breaks the limits of the law.
/// A version is never changed: what was quoted and paid by it stays as it was. The same as the latest version again is answered with
/// 200.
#[utoipa::path(
    operation_id = "put_tariff", tag = "fees",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<PutTariffs>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    request_body(content = TariffIn, description = "The shares, and from when they hold."),
    responses(
        (status = 201, description = "The tariff is put.", body = Tariff),
        (status = 200, description = "The latest version says just this.", body = Tariff),
        OfTariffs
    )
)]
#[put("/checkpoints/{checkpoint}/tariff")]
pub(crate) async fn put_tariff(
    granted: GrantedAt<PutTariffs>,
    _: AcceptsJson,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: TariffIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let Put { tariff, is_new } =
        tariff::put(&mut connection, &granted.actor, &granted.checkpoint, &asked, hub.clock.now()).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(tariff))
}
