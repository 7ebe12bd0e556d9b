//! `GET /api/v1/open-data/articles`, `GET /api/v1/open-data/articles/{article}`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::support::articles;
use kordon_schemas::articles::{Article, Articles};

use super::article_in;
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfOpenData;
use crate::problem::Result;

/// Lists the published articles.
///
/// For anybody, without a credential: the questions-and-answers section, the newest first.
#[utoipa::path(
    operation_id = "list_open_articles", tag = "support", security(()),
    responses((status = 200, description = "The articles.", body = Articles), OfOpenData)
)]
#[get("/open-data/articles")]
pub(crate) async fn list_open_articles(_: AcceptsJson, hub: web::Data<Hub>) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    Ok(HttpResponse::Ok().json(articles::list(&mut connection, true).await?))
}

/// Shows a published article.
///
/// For anybody, without a credential. One that is not published is not there.
#[utoipa::path(
    operation_id = "show_open_article", tag = "support", security(()),
    params(("article" = Uuid, Path, description = "The article's id.")),
    responses((status = 200, description = "The article.", body = Article), OfOpenData)
)]
#[get("/open-data/articles/{article}")]
pub(crate) async fn show_open_article(
    _: AcceptsJson,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = article_in(&path)?;
    let mut connection = hub.database.connection().await?;
    Ok(HttpResponse::Ok().json(articles::get(&mut connection, id, true).await?))
}
