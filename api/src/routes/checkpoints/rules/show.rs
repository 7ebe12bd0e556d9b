//! `GET /api/v1/checkpoints/{checkpoint}/rules`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use kordon_hub::checkpoints::rules;
use kordon_schemas::CheckpointCode;
use kordon_schemas::rules::RulesVersion;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::conditional::Tag;
use crate::openapi::OfTimes;
use crate::problem::{Failure, Result};
use crate::query::Query;
use crate::rights::permissions::ReadRules;
use crate::rights::{GrantedAt, names};

/// Which version to show. None of both: the one in force now.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// The version of this number.
    #[param(minimum = 1)]
    version: Option<i32>,
    /// The version in force at this moment, as far as it is decided by now.
    #[serde(default, deserialize_with = "kordon_schemas::instant::read_optional")]
    at: Option<DateTime<Utc>>,
}

/// Shows the rules of a checkpoint.
///
/// Those in force now, or of a version, or in force at a moment. Version 1 is the hub's own default, which holds where nothing was
/// decided. The `ETag` is the number of the version: to put new rules, name the newest of the list of versions.
#[utoipa::path(
    operation_id = "show_rules", tag = "rules",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadRules>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        Which,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the version that is known.")
    ),
    responses(
        (status = 200, description = "The rules.", body = RulesVersion),
        (status = 304, description = "The known version is the one that was asked for."),
        OfTimes
    )
)]
#[get("/checkpoints/{checkpoint}/rules")]
pub(crate) async fn show_rules(
    granted: GrantedAt<ReadRules>,
    _: AcceptsJson,
    which: Query<Which>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    let checkpoint = &granted.checkpoint;
    let version = match which.0 {
        Which { version: Some(_), at: Some(_) } => {
            return Err(
                kordon_hub::Error::fault("query:at", "is not asked for together with `version`").into()
            );
        }
        Which { version: Some(..=0), at: None } => {
            return Err(Failure::malformed("query:version", "is 1 or greater"));
        }
        Which { version: Some(version), at: None } => version,
        Which { version: None, at } => {
            let at = at.unwrap_or_else(|| hub.clock.now());
            rules::in_force(&connection, checkpoint, at).await?.version
        }
    };
    let shown = rules::show(&mut connection, checkpoint, version).await?;
    let tag = Tag(shown.version.to_string());
    if tag.is_known_to(&request) {
        return Ok(tag.not_modified());
    }
    Ok(tag.mark(HttpResponse::Ok().json(shown)))
}
