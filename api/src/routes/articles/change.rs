//! `POST /api/v1/articles/{article}/publication`, `POST /api/v1/articles/{article}/withdrawal`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use kordon_hub::support::articles::{self, Change};
use kordon_schemas::articles::Article;

use super::{answer, article_in};
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::conditional::IfMatch;
use crate::openapi::OfArticles;
use crate::problem::Result;
use crate::rights::permissions::WriteArticles;
use crate::rights::{Granted, names};

/// Publishes an article.
///
/// Anybody may read it from then on, and answers may link it.
#[utoipa::path(
    operation_id = "publish_article", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<WriteArticles>()))),
    params(
        ("article" = Uuid, Path, description = "The article's id."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"1\"", description = "The `ETag` of the version that this is meant for.")
    ),
    responses((status = 200, description = "The article.", body = Article), OfArticles)
)]
#[post("/articles/{article}/publication")]
pub(crate) async fn publish_article(
    granted: Granted<WriteArticles>,
    _: AcceptsJson,
    path: web::Path<String>,
    version: IfMatch,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = article_in(&path)?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let article =
        articles::change(&mut connection, &granted.actor, id, version.0, Change::Publish, now).await?;
    Ok(answer(StatusCode::OK, &article))
}

/// Withdraws an article.
///
/// Only the support service reads it from then on.
#[utoipa::path(
    operation_id = "withdraw_article", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<WriteArticles>()))),
    params(
        ("article" = Uuid, Path, description = "The article's id."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"1\"", description = "The `ETag` of the version that this is meant for.")
    ),
    responses((status = 200, description = "The article.", body = Article), OfArticles)
)]
#[post("/articles/{article}/withdrawal")]
pub(crate) async fn withdraw_article(
    granted: Granted<WriteArticles>,
    _: AcceptsJson,
    path: web::Path<String>,
    version: IfMatch,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = article_in(&path)?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let article =
        articles::change(&mut connection, &granted.actor, id, version.0, Change::Withdraw, now).await?;
    Ok(answer(StatusCode::OK, &article))
}
