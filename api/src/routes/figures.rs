//! `GET /api/v1/figures`.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use kordon_hub::figures::report::{self, AskedFigures};
use kordon_hub::parties::reaches;
use kordon_schemas::CheckpointCode;
use kordon_schemas::figures::{FigureReport, PeriodLength};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsTable;
use crate::openapi::OfPeriods;
use crate::problem::Result;
use crate::query::Query;
use crate::rights::permissions::ReadFigures;
use crate::rights::{Granted, names};

/// Which figures.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Of this checkpoint. Without it, of all that the system reaches.
    checkpoint: Option<CheckpointCode>,
    /// The first day, in Kyiv.
    #[serde(deserialize_with = "kordon_schemas::day::read")]
    from: NaiveDate,
    /// The last day, in Kyiv: at most 31 days of hours, a year of days, five years of months.
    #[serde(deserialize_with = "kordon_schemas::day::read")]
    to: NaiveDate,
    /// How long the periods are.
    #[serde(default = "by_day")]
    #[param(default = "day")]
    by: PeriodLength,
    /// Whether they are told by lane: each lane in which something happened, in each period.
    #[serde(default)]
    #[param(default = false)]
    by_lane: bool,
}

const fn by_day() -> PeriodLength {
    PeriodLength::Day
}

/// Shows figures.
///
/// Throughput, waits, no-shows, bookings by queue and refunds, by checkpoint, lane if asked, and hour, day or month. They hold no personal data. Facts
/// that come late change the figures of the period in which they happened. With `Accept: text/csv` they are a table, one row a period.
#[utoipa::path(
    operation_id = "show_figures", tag = "figures",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadFigures>()))),
    params(Filter),
    responses(
        (status = 200, description = "The figures.", content((FigureReport = "application/json"), (String = "text/csv"))),
        OfPeriods
    )
)]
#[get("/figures")]
pub(crate) async fn show_figures(
    granted: Granted<ReadFigures>,
    accepts: AcceptsTable,
    filter: Query<Filter>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Filter { checkpoint, from, to, by, by_lane }) = filter;
    let every_period = checkpoint.is_some();
    let checkpoints = match checkpoint {
        Some(named) => {
            granted.at(&named)?;
            if !hub.checkpoints.contains(&named) {
                return Err(kordon_hub::Error::NotFound { what: "checkpoint", id: named.to_string() }.into());
            }
            vec![named]
        }
        None => hub.checkpoints.iter().filter(|known| reaches(&granted.actor, known)).cloned().collect(),
    };
    let mut connection = hub.database.connection().await?;
    let asked = AskedFigures { checkpoints, by_lane, every_period, from, to, by };
    Ok(accepts.0.answer(&report::report(&mut connection, &asked).await?))
}
