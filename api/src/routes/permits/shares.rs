//! `GET /api/v1/continuity-use` and `PUT /api/v1/continuity-use/{trader}/{year}`: how often traders use the
//! continuity procedure.

use actix_web::{HttpRequest, HttpResponse, get, put, web};
use kordon_hub::permits::shares::{self, LARGEST_PAGE, Wanted};
use kordon_schemas::Edrpou;
use kordon_schemas::continuity::{ContinuityUsePage, DeclarationTotal, DeclarationTotalIn};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::{AcceptsJson, AcceptsTable};
use crate::body::Body;
use crate::openapi::{OfPeriods, OfQuestions};
use crate::problem::{Failure, Result};
use crate::query::{Limit, Query, add_header, next_page};
use crate::rights::permissions::{ReadContinuityUse, StateDeclarationTotals};
use crate::rights::{Granted, names};

/// Which year and which traders.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// The year, by the calendar of Kyiv.
    #[param(minimum = 2000, maximum = 2199, example = 2026)]
    year: i32,
    /// Only the trader of this code.
    #[param(pattern = "^[0-9]{8}$")]
    trader: Option<String>,
    /// `true`: only traders whose uses are beyond the limit.
    #[serde(default)]
    #[param(default = false)]
    beyond_limit: bool,
    /// Only traders after this one: `next` of the page before.
    #[param(pattern = "^[0-9]{8}$")]
    after: Option<String>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 500, default = 100)]
    limit: Limit<LARGEST_PAGE, 100>,
}

/// Lists how often traders used the continuity procedure.
///
/// By trader and year: requests, refusals, permits, uses, and their share of all declarations, where somebody has stated how many those were.
/// `own_link` counts failures of the trader's own link alone: the share that peers hold against the limit of 2 %. A trader sees itself. With
/// `Accept: text/csv` it is a table, without names.
#[utoipa::path(
    operation_id = "list_continuity_use", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadContinuityUse>()))),
    params(Filter),
    responses(
        (status = 200, description = "A page of traders. No personal data.", content((ContinuityUsePage = "application/json"), (String = "text/csv"))),
        OfPeriods
    )
)]
#[get("/continuity-use")]
pub(crate) async fn list_continuity_use(
    granted: Granted<ReadContinuityUse>,
    accepts: AcceptsTable,
    filter: Query<Filter>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Filter { year, trader, beyond_limit, after, limit: Limit(limit) }) = filter;
    let trader = trader.map(|code| read("query:trader", &code)).transpose()?;
    let after = after.map(|code| read("query:after", &code)).transpose()?;
    let wanted = Wanted { trader, beyond_limit, after };
    let mut connection = hub.database.connection().await?;
    let page = shares::list(&mut connection, &granted.actor, year, &wanted, limit).await?;
    let mut response = accepts.0.answer(&page);
    if let Some(next) = &page.next {
        add_header(&mut response, next_page(&request, next.as_str()));
    }
    Ok(response)
}

/// States how many transit declarations a trader lodged in a year.
///
/// All of them, electronic and on paper, up to a day. It may be stated again as the year goes on; each statement is kept, and the latest
/// counts.
#[utoipa::path(
    operation_id = "state_declaration_total", tag = "permits",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<StateDeclarationTotals>()))),
    params(
        ("trader" = String, Path, pattern = "^[0-9]{8}$", description = "The trader's code."),
        ("year" = i32, Path, minimum = 2000, maximum = 2199, description = "The year.")
    ),
    request_body(content = DeclarationTotalIn, description = "The number, the last day that was counted, and where it comes from."),
    responses((status = 200, description = "What counts now.", body = DeclarationTotal), OfQuestions)
)]
#[put("/continuity-use/{trader}/{year}")]
pub(crate) async fn state_declaration_total(
    granted: Granted<StateDeclarationTotals>,
    _: AcceptsJson,
    path: web::Path<(String, String)>,
    body: Body,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let (trader, year) = path.into_inner();
    let trader = read("path:trader", &trader)?;
    let year = year.parse::<i32>().map_err(|_| Failure::malformed("path:year", "is a year"))?;
    let stated: DeclarationTotalIn = body.json()?;
    let mut connection = hub.database.connection().await?;
    let now = hub.clock.now();
    let total = shares::state_total(&mut connection, &granted.actor, (&trader, year), &stated, now).await?;
    Ok(HttpResponse::Ok().json(total))
}

/// A code, as it was asked for: one of another form is malformed, one of a wrong digit invalid.
fn read(place: &str, code: &str) -> Result<Edrpou> {
    Edrpou::parse(code).map_err(|fault| Failure::from(kordon_hub::Error::fault(place, fault.to_string())))
}
