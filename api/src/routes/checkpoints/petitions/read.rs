//! `GET /api/v1/checkpoints/{checkpoint}/petitions`, and one of them.

use std::slice;

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::evidence::{self, Reading};
use kordon_hub::queue::petitions;
use kordon_schemas::CheckpointCode;
use kordon_schemas::bookings::{Petition, PetitionPage};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::id;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfPetitionReads;
use crate::problem::Result;
use crate::query::{LARGEST_PAGE, Limit, Query, check_after, next_page};
use crate::rights::permissions::ReadPetitions;
use crate::rights::{GrantedAt, Purposeful, names};

/// Which petitions to list.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only petitions that nobody decided yet.
    #[serde(default)]
    #[param(default = false)]
    undecided: bool,
    /// Only what comes after this position. Start with 0, go on with `next` of the last answer.
    #[serde(default)]
    #[param(minimum = 0, default = 0)]
    after: i64,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 500, default = 100)]
    limit: Limit<LARGEST_PAGE, 100>,
}

/// Lists the petitions of a checkpoint.
///
/// In the order in which they were filed. They show persons, so the read is recorded with its purpose.
#[utoipa::path(
    operation_id = "list_petitions", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadPetitions>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        Filter,
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses((status = 200, description = "A page of petitions.", body = PetitionPage), OfPetitionReads)
)]
#[get("/checkpoints/{checkpoint}/petitions")]
pub(crate) async fn list_petitions(
    granted: GrantedAt<ReadPetitions>,
    _: AcceptsJson,
    filter: Query<Filter>,
    request: HttpRequest,
    purposeful: Purposeful,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Filter { undecided, after, limit: Limit(limit) }) = filter;
    check_after(after)?;
    let mut connection = hub.database.connection().await?;
    let (actor, checkpoint, now) = (&granted.actor, &granted.checkpoint, hub.clock.now());
    let wanted = (undecided, after);
    let page = petitions::list(&mut connection, actor, checkpoint, wanted, limit, now).await?;
    let reading = reading(&granted, &purposeful, "list_petitions", records(&page.items));
    evidence::record_reading(&mut connection, reading, now).await?;
    let mut response = HttpResponse::Ok();
    if let Some(next) = page.next {
        response.insert_header(next_page(&request, next));
    }
    Ok(response.json(page))
}

/// Shows a petition.
///
/// With what it rests on and what was decided. It shows persons, so the read is recorded with its purpose.
#[utoipa::path(
    operation_id = "show_petition", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadPetitions>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("petition" = Uuid, Path, description = "The petition's id."),
        ("Kordon-Purpose" = Option<String>, Header, description = "The legal basis or purpose of this read, 3 to 200 characters. Needed, unless `Uxp-Purpose-Ids` names it.")
    ),
    responses((status = 200, description = "The petition.", body = Petition), OfPetitionReads)
)]
#[get("/checkpoints/{checkpoint}/petitions/{petition}")]
pub(crate) async fn show_petition(
    granted: GrantedAt<ReadPetitions>,
    _: AcceptsJson,
    path: web::Path<(String, String)>,
    purposeful: Purposeful,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = id(&path)?;
    let mut connection = hub.database.connection().await?;
    let (actor, checkpoint, now) = (&granted.actor, &granted.checkpoint, hub.clock.now());
    let petition = petitions::show(&mut connection, actor, checkpoint, id, now).await?;
    let reading = reading(&granted, &purposeful, "show_petition", records(slice::from_ref(&petition)));
    evidence::record_reading(&mut connection, reading, now).await?;
    Ok(HttpResponse::Ok().json(petition))
}

/// What is shown with petitions: each, and the booking that it is for, by which one asks who saw a crossing.
fn records(petitions: &[Petition]) -> Vec<Uuid> {
    petitions.iter().flat_map(|petition| [Some(petition.id), petition.booking]).flatten().collect()
}

fn reading<'a>(
    granted: &'a GrantedAt<ReadPetitions>,
    purposeful: &'a Purposeful,
    operation: &'static str,
    records: Vec<Uuid>,
) -> Reading<'a> {
    Reading {
        actor: &granted.actor,
        operation,
        purpose: &purposeful.purpose,
        checkpoint: Some(&granted.checkpoint),
        records,
        positions: None,
        request_id: purposeful.request_id,
    }
}
