//! `GET /api/v1/open-data/figures`.

use actix_web::{HttpResponse, get, web};
use kordon_schemas::figures::OpenData;
use kordon_schemas::{CheckpointCode, Fault, day};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsTable;
use crate::openapi::OfOpenData;
use crate::problem::Result;
use crate::query::Query;

/// Which open figures.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Of this checkpoint.
    checkpoint: CheckpointCode,
    /// The month, in Kyiv: this one or one before.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}$", example = "2026-10")]
    month: String,
}

/// Shows open figures.
///
/// For anybody, without a credential, under CC BY 4.0: the days of a month at a checkpoint, as far as they are over. There is no
/// personal data in them. Counts of one to four are held back (`value` is null, `suppressed` is true; in the table the word
/// `suppressed`), waits are whole minutes and held back where fewer than five were measured, and there are no sums over days or
/// queues from which a held-back count could be worked out. An answer is kept for up to ten minutes.
#[utoipa::path(
    operation_id = "show_open_figures", tag = "figures", security(()),
    params(Filter),
    responses(
        (status = 200, description = "The open figures.", content((OpenData = "application/json"), (String = "text/csv"))),
        OfOpenData
    )
)]
#[get("/open-data/figures")]
pub(crate) async fn show_open_figures(
    accepts: AcceptsTable,
    filter: Query<Filter>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let Query(Filter { checkpoint, month }) = filter;
    let first = day::parse(&format!("{month}-01")).ok_or_else(|| {
        kordon_hub::Error::Invalid(vec![Fault::new("query:month", "is a month, written as 2026-10")])
    })?;
    if !hub.checkpoints.contains(&checkpoint) {
        return Err(kordon_hub::Error::NotFound { what: "checkpoint", id: checkpoint.to_string() }.into());
    }
    let data = hub.open_data.month(&checkpoint, first, hub.clock.now()).await?;
    Ok(accepts.0.answer(&*data))
}
