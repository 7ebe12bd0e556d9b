//! `PUT /api/v1/checkpoints/{checkpoint}/rules`.

use actix_web::{HttpResponse, put, web};
use kordon_hub::checkpoints::rules;
use kordon_schemas::CheckpointCode;
use kordon_schemas::rules::{RulesIn, RulesVersion};

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::conditional::{IfMatch, Tag};
use crate::openapi::OfRules;
use crate::problem::Result;
use crate::rights::permissions::PutRules;
use crate::rights::{GrantedAt, names};

/// Puts new rules for a checkpoint.
///
/// They are put whole, with the decision that they rest on and the moment from which they apply. What was booked, called or decided
/// before stays under the version that decided it. Rules that contradict themselves are refused as a whole, with every place. Of
/// the versions whose moment has come the newest is in force. `If-Match` names the newest version, in force or still to come.
#[utoipa::path(
    operation_id = "put_rules", tag = "rules",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<PutRules>()))),
    params(
        ("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"1\"", description = "The `ETag` of the newest version.")
    ),
    request_body(content = RulesIn, description = "The rules."),
    responses((status = 201, description = "The rules are a new version.", body = RulesVersion), OfRules)
)]
#[put("/checkpoints/{checkpoint}/rules")]
pub(crate) async fn put_rules(
    granted: GrantedAt<PutRules>,
    _: AcceptsJson,
    IfMatch(known): IfMatch,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let asked: RulesIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let version =
        rules::put(&mut connection, &granted.actor, &granted.checkpoint, known, &asked, now).await?;
    Ok(Tag(version.version.to_string()).mark(HttpResponse::Created().json(version)))
}
