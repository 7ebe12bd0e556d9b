//! `POST /api/v1/checkpoints/{checkpoint}/petitions`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::queue::petitions::{self, Filed};
use kordon_schemas::CheckpointCode;
use kordon_schemas::bookings::{Petition, PetitionIn};

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::openapi::OfPetitions;
use crate::problem::Result;
use crate::rights::permissions::FilePetitions;
use crate::rights::{GrantedAt, names};

/// Files a petition for the priority queue.
///
/// It names the vehicle, the class and the documents that it rests on: their references, not their content. If the vehicle waits
/// here, the petition is for its booking; otherwise, once granted, for the booking that names it. The same reference with the
/// same content is the same petition and is answered with 200.
#[utoipa::path(
    operation_id = "file_petition", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<FilePetitions>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code.")),
    request_body(content = PetitionIn, description = "The petition."),
    responses(
        (status = 201, description = "The petition is filed.", body = Petition),
        (status = 200, description = "It was filed before, under the same reference.", body = Petition),
        OfPetitions
    )
)]
#[post("/checkpoints/{checkpoint}/petitions")]
pub(crate) async fn file_petition(
    granted: GrantedAt<FilePetitions>,
    _: AcceptsJson,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: PetitionIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let Filed { petition, is_new } =
        petitions::file(&mut connection, &granted.actor, &granted.checkpoint, &asked, now).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).json(petition))
}
