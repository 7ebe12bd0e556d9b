//! The truck under the permit comes to the border: its permit is a document of its crossing.

use kordon_hub::parties::Role;
use serde_json::json;

use super::permit::Permit;
use super::stage::{Stage, text};

/// The operator states the permit of a booked truck; the border guard reads how it stands.
pub(super) async fn come_with(stage: &mut Stage<'_>, permit: &Permit) -> anyhow::Result<()> {
    stage.at("2026-11-23T14:00:00Z")?;
    let booking = json!({"reference": "outage-1", "plate": "BC 4001 HT", "queue": "live", "channel": "web"});
    let booked = stage.post(Role::QueueOperator, "/api/v1/checkpoints/UA209030/bookings", &booking).await?;
    let address = format!("/api/v1/crossings/{}/permits", text(&booked, "/id"));
    stage.post(Role::QueueOperator, &address, &json!({"number": permit.number()})).await?;
    let seen = stage.read(Role::BorderGuard, &address).await?;
    let valid = text(&seen, "/items/0/valid");
    stage.step("the border guard reads the permit of a truck", format_args!("valid {valid}"));
    stage.compare("the permit as a document of a crossing", "true", valid);
    Ok(())
}
