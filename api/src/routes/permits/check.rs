//! `GET /api/v1/permits/{number}/check`.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, get, web};
use kordon_hub::permits::reading;
use kordon_schemas::Edrpou;
use kordon_schemas::permits::PermitCheck;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfPermitChecks;
use crate::problem::{Failure, Result};
use crate::query::Query;
use crate::rights::permissions::CheckPermits;
use crate::rights::{Granted, names};

/// What is asked about a permit.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PermitCheckQuery {
    /// The code of the trader who shows it.
    #[param(pattern = "^[0-9]{8}$")]
    edrpou: Option<String>,
}

/// Checks a permit.
///
/// For any office that is shown a stamped declaration: whether the permit holds at this moment, where and until when; with a code,
/// whether it was given to that trader. Whose it is is not told.
#[utoipa::path(
    operation_id = "check_permit", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<CheckPermits>()))),
    params(
        ("number" = String, Path, pattern = "^UA-BCP-[0-9]{8}-[0-9]{4}-[0-9]{3,6}-[0-9]$", description = "The number on the stamp."),
        PermitCheckQuery
    ),
    responses((status = 200, description = "Whether it holds.", body = PermitCheck), OfPermitChecks)
)]
#[get("/permits/{number}/check")]
pub(crate) async fn check_permit(
    _: Granted<CheckPermits>,
    _: AcceptsJson,
    path: web::Path<String>,
    asked: Query<PermitCheckQuery>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let trader =
        match &asked.0.edrpou {
            Some(code) => Some(Edrpou::parse(code).map_err(|fault| {
                Failure::from(kordon_hub::Error::fault("query:edrpou", fault.to_string()))
            })?),
            None => None,
        };
    let mut connection = hub.database.connection().await?;
    let checked = reading::check(&mut connection, &path, trader.as_ref(), hub.clock.now()).await?;
    let mut response = HttpResponse::Ok().json(checked);
    // It is true at one moment.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
