//! `GET /metrics`.

use actix_web::{HttpResponse, get, web};
use kordon_hub::notices;
use kordon_hub::sealing;
use kordon_hub::support::letters;

use crate::Vitals;
use crate::problem::Result;

/// Shows the metrics.
///
/// In the text form of Prometheus. They hold counts and times, never an id, a plate or a name; let only the monitoring reach
/// them all the same.
#[utoipa::path(
    operation_id = "show_metrics", tag = "hub", security(()),
    responses((status = 200, description = "The metrics.", content_type = "text/plain", body = String))
)]
#[get("/metrics")]
pub(crate) async fn show_metrics(vitals: web::Data<Vitals>) -> Result<HttpResponse> {
    // Without its database the hub still tells the rest; the figures of the outbox then stay as they were.
    let now = vitals.clock.now();
    if let Ok(mut connection) = vitals.database.connection().await
        && let Ok(standings) = notices::outbox(&mut connection, now).await
    {
        vitals.metrics.note_outbox(&standings, now);
        if let Ok(standing) = letters::standing(&mut connection, now).await {
            vitals.metrics.note_letters(&standing, now);
        }
        if let Ok(standing) = sealing::standing(&mut connection).await {
            vitals.metrics.note_evidence(&standing, vitals.stamps, now);
        }
    }
    let text = vitals.metrics.text(&vitals.database)?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
