//! `/api/v1/articles` and `/api/v1/open-data/articles`: the questions-and-answers section (Order 926, section
//! III, clauses 2 and 15).

pub(crate) mod change;
pub(crate) mod open;
pub(crate) mod read;
pub(crate) mod write;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use kordon_schemas::articles::Article;
use uuid::Uuid;

use crate::conditional::Tag;
use crate::problem::{Failure, Result};

/// The article that an address names.
fn article_in(path: &str) -> Result<Uuid> {
    path.parse().map_err(|_| Failure::malformed("path:article", "is a UUID"))
}

/// An article, with its version as its `ETag`.
fn answer(status: StatusCode, article: &Article) -> HttpResponse {
    Tag(article.version.to_string()).mark(HttpResponse::build(status).json(article))
}
