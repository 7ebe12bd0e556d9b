//! `POST /api/v1/articles`, `PUT /api/v1/articles/{article}`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, put, web};
use kordon_hub::support::articles::{self, Change};
use kordon_schemas::articles::{Article, ArticleIn};

use super::{answer, article_in};
use crate::Hub;
use crate::answer::AcceptsJson;
use crate::body::Body;
use crate::conditional::IfMatch;
use crate::openapi::{OfArticles, OfQuestions};
use crate::problem::Result;
use crate::rights::permissions::WriteArticles;
use crate::rights::{Granted, names};

/// Begins an article.
///
/// As a draft, which only the support service reads.
#[utoipa::path(
    operation_id = "begin_article", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<WriteArticles>()))),
    request_body(content = ArticleIn, description = "The question and the answer, in both languages."),
    responses((status = 201, description = "The draft.", body = Article), OfQuestions)
)]
#[post("/articles")]
pub(crate) async fn begin_article(
    granted: Granted<WriteArticles>,
    _: AcceptsJson,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let written: ArticleIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let article = articles::begin(&mut connection, &granted.actor, &written, hub.clock.now()).await?;
    Ok(answer(StatusCode::CREATED, &article))
}

/// Rewrites an article.
///
/// One that is published stays so, with its new words.
#[utoipa::path(
    operation_id = "rewrite_article", tag = "support",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<WriteArticles>()))),
    params(
        ("article" = Uuid, Path, description = "The article's id."),
        ("If-Match" = String, Header, pattern = r#"^"[0-9]{1,9}"$"#, example = "\"1\"", description = "The `ETag` of the version that this is meant for.")
    ),
    request_body(content = ArticleIn, description = "The question and the answer, in both languages."),
    responses((status = 200, description = "The article.", body = Article), OfArticles)
)]
#[put("/articles/{article}")]
pub(crate) async fn rewrite_article(
    granted: Granted<WriteArticles>,
    _: AcceptsJson,
    path: web::Path<String>,
    version: IfMatch,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let id = article_in(&path)?;
    let written: ArticleIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let change = Change::Write(&written);
    let article =
        articles::change(&mut connection, &granted.actor, id, version.0, change, hub.clock.now()).await?;
    Ok(answer(StatusCode::OK, &article))
}
