//! `/problems`: the closed list of problems, each with its page.

use actix_web::{HttpResponse, get, web};
use kordon_schemas::{Bilingual, ProblemCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::{OfFixedPages, OfPages};
use crate::problem::Result;

/// What a problem code means.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "not_found", "status": 404,
    "title": {"uk": "Такого немає", "en": "There is no such thing"},
    "advice": "Check the address and the ids in it."
}))]
pub(crate) struct ProblemPage {
    /// The code.
    code: ProblemCode,
    /// The HTTP status it is answered with.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// Its name.
    title: Bilingual,
    /// What the one who meets it is to do.
    advice: &'static str,
}

impl ProblemPage {
    fn of(code: ProblemCode) -> Self {
        let title = Bilingual { uk: code.title_uk().into(), en: code.title_en().into() };
        Self { code, status: code.status(), title, advice: code.advice() }
    }
}

/// Every problem that a failed request can carry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"items": [{
    "code": "not_found", "status": 404,
    "title": {"uk": "Такого немає", "en": "There is no such thing"},
    "advice": "Check the address and the ids in it."
}]}))]
pub(crate) struct ProblemPages {
    /// The problems.
    items: Vec<ProblemPage>,
}

/// Lists the problems.
///
/// The closed list of codes that a failed request can carry.
#[utoipa::path(
    operation_id = "list_problems", tag = "hub", security(()),
    responses((status = 200, description = "Every problem.", body = ProblemPages), OfFixedPages)
)]
#[get("/problems")]
pub(crate) async fn list_problems() -> HttpResponse {
    let items = ProblemCode::ALL.iter().copied().map(ProblemPage::of).collect();
    HttpResponse::Ok().json(ProblemPages { items })
}

/// Explains a problem.
///
/// The page that `type` of a problem points to.
#[utoipa::path(
    operation_id = "show_problem", tag = "hub", security(()),
    params(("code" = ProblemCode, Path, description = "The code.")),
    responses((status = 200, description = "The problem.", body = ProblemPage), OfPages)
)]
#[get("/problems/{code}")]
pub(crate) async fn show_problem(code: web::Path<String>) -> Result<HttpResponse> {
    let known = ProblemCode::ALL.iter().copied().find(|known| known.as_str() == code.as_str());
    let known =
        known.ok_or_else(|| kordon_hub::Error::NotFound { what: "problem", id: code.into_inner() })?;
    Ok(HttpResponse::Ok().json(ProblemPage::of(known)))
}
