//! `GET /api/v1/articles`, `GET /api/v1/articles/{article}`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use kordon_hub::support::articles;
use kordon_schemas::articles::{Article, Articles};

use super::{answer, article_in};
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfReads;
use crate::problem::Result;
use crate::rights::permissions::ReadArticles;
use crate::rights::{Granted, names};

/// Lists all articles.
///
/// Drafts first, then the newest; also what was withdrawn.
#[utoipa::path(
    operation_id = "list_articles", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadArticles>()))),
    responses((status = 200, description = "The articles.", body = Articles), OfReads)
)]
#[get("/articles")]
pub(crate) async fn list_articles(
    _granted: Granted<ReadArticles>,
    _: AcceptsJson,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let mut connection = hub.database.connection().await?;
    Ok(HttpResponse::Ok().json(articles::list(&mut connection, false).await?))
}

/// Shows an article.
///
/// Also one that is not published.
#[utoipa::path(
    operation_id = "show_article", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadArticles>()))),
    params(("article" = Uuid, Path, description = "The article's id.")),
    responses((status = 200, description = "The article.", body = Article), OfReads)
)]
#[get("/articles/{article}")]
pub(crate) async fn show_article(
    _granted: Granted<ReadArticles>,
    _: AcceptsJson,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = article_in(&path)?;
    let mut connection = hub.database.connection().await?;
    Ok(answer(StatusCode::OK, &articles::get(&mut connection, id, false).await?))
}
