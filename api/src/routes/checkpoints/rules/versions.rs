//! `GET /api/v1/checkpoints/{checkpoint}/rules/versions`.

use actix_web::{HttpRequest, HttpResponse, get, web};
use kordon_hub::checkpoints::rules;
use kordon_schemas::CheckpointCode;
use kordon_schemas::rules::RulesVersions;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::{Failure, Result};
use crate::query::{Limit, Query, next_page_by};
use crate::rights::permissions::ReadRules;
use crate::rights::{GrantedAt, names};

/// A page of versions.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// Only versions before this one: `next` of the page before.
    #[param(minimum = 1)]
    before: Option<i32>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 100, default = 50)]
    limit: Limit<100, 50>,
}

/// Lists the versions of a checkpoint's rules.
///
/// The newest first, with the decisions that they rest on and which one is in force now. The last is version 1, the hub's own default.
#[utoipa::path(
    operation_id = "list_rules_versions", tag = "rules",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadRules>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."), Page),
    responses((status = 200, description = "A page of versions.", body = RulesVersions), OfReads)
)]
#[get("/checkpoints/{checkpoint}/rules/versions")]
pub(crate) async fn list_rules_versions(
    granted: GrantedAt<ReadRules>,
    _: AcceptsJson,
    page: Query<Page>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Page { before, limit: Limit(limit) }) = page;
    if before.is_some_and(|before| before < 1) {
        return Err(Failure::malformed("query:before", "is 1 or greater"));
    }
    let mut connection = hub.database.connection().await?;
    let page = rules::versions(&mut connection, &granted.checkpoint, before, limit, hub.clock.now()).await?;
    let mut response = HttpResponse::Ok();
    if let Some(next) = page.next {
        response.insert_header(next_page_by(&request, "before", next));
    }
    Ok(response.json(page))
}
