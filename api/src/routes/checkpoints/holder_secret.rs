//! `POST /api/v1/checkpoints/{checkpoint}/bookings/{booking}/holder-secret`.

use actix_web::{HttpResponse, post, web};
use kordon_hub::queue::views::holder;
use kordon_schemas::CheckpointCode;
use kordon_schemas::views::HolderSecret;
use uuid::Uuid;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::{Failure, Result};
use crate::rights::permissions::ServeHolders;
use crate::rights::{GrantedAt, names};

/// Renews the secret of a booking's holder.
///
/// For a booking that this system made, when the secret was lost on its way. The one before is not good any more.
#[utoipa::path(
    operation_id = "renew_holder_secret", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ServeHolders>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("booking" = Uuid, Path, description = "The booking's id.")
    ),
    responses((status = 201, description = "The new secret, shown this once.", body = HolderSecret), OfReads)
)]
#[post("/checkpoints/{checkpoint}/bookings/{booking}/holder-secret")]
pub(crate) async fn renew_holder_secret(
    granted: GrantedAt<ServeHolders>,
    _: AcceptsJson,
    path: web::Path<(String, String)>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let (_, booking) = path.into_inner();
    let booking = booking.parse::<Uuid>().map_err(|_| Failure::malformed("path:booking", "is a UUID"))?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let secret =
        holder::renew_secret(&mut connection, &granted.actor, &granted.checkpoint, booking, now).await?;
    Ok(HttpResponse::Created().json(secret))
}
