//! `GET /api/v1/checkpoints/{checkpoint}/prediction-accuracy`.

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, TimeDelta, Utc};
use kordon_hub::Error;
use kordon_hub::prediction::read::{self, LONGEST_PERIOD};
use kordon_schemas::CheckpointCode;
use kordon_schemas::prediction::PredictionAccuracy;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Hub;
use crate::answer::AcceptsJson;
use crate::openapi::OfPeriods;
use crate::problem::Result;
use crate::query::Query;
use crate::rights::permissions::ReadPredictionAccuracy;
use crate::rights::{GrantedAt, names};

/// The period that is told of where none is named.
const USUAL_PERIOD: TimeDelta = TimeDelta::days(28);

/// Of which period.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Period {
    /// Announced from this moment on. Without it, 28 days before `to`.
    #[serde(default, deserialize_with = "kordon_schemas::instant::read_optional")]
    from: Option<DateTime<Utc>>,
    /// Announced before this moment, at most 92 days after `from`. Without it, now.
    #[serde(default, deserialize_with = "kordon_schemas::instant::read_optional")]
    to: Option<DateTime<Utc>>,
}

impl Period {
    fn checked(self, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
        let to = self.to.unwrap_or(now);
        let from = self.from.unwrap_or(to - USUAL_PERIOD);
        if to <= from {
            return Err(Error::fault("query:to", "is after `from`").into());
        }
        if to - from > LONGEST_PERIOD {
            let days = LONGEST_PERIOD.num_days();
            return Err(Error::fault("query:to", format!("is at most {days} days after `from`")).into());
        }
        Ok((from, to))
    }
}

/// Shows how good predictions have been.
///
/// Coverage, pinball loss and error of what was announced in a period, by how far ahead the entry lay, and how often times were told
/// anew. Only announcements count whose vehicle has entered; at most the latest 100,000.
#[utoipa::path(
    operation_id = "show_prediction_accuracy", tag = "queue",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ReadPredictionAccuracy>()))),
    params(("checkpoint" = CheckpointCode, Path, description = "The checkpoint's code."), Period),
    responses((status = 200, description = "The accuracy.", body = PredictionAccuracy), OfPeriods)
)]
#[get("/checkpoints/{checkpoint}/prediction-accuracy")]
pub(crate) async fn show_prediction_accuracy(
    granted: GrantedAt<ReadPredictionAccuracy>,
    _: AcceptsJson,
    period: Query<Period>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    let (from, to) = period.0.checked(hub.clock.now())?;
    let mut connection = hub.database.connection().await?;
    Ok(HttpResponse::Ok().json(read::accuracy(&mut connection, &granted.checkpoint, from, to).await?))
}
