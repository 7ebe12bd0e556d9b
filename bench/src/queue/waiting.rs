//! The vehicles that wait: booked through the hub, and arrived at their zone.

use anyhow::ensure;
use chrono::{SecondsFormat, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use crate::hub::HubProcess;
use crate::vehicles::{self, Vehicle};

/// Events of one request.
const AT_A_TIME: usize = 100;

/// Requests under way at once.
const AT_ONCE: usize = 16;

/// Books `each` vehicles at every one of `checkpoints`, has them arrive at their zone, and returns how many
/// there are.
pub(super) async fn fill(hub: &HubProcess, checkpoints: &[String], each: usize) -> anyhow::Result<usize> {
    let vehicles = vehicles::book_each(hub, checkpoints, each, 0).await?;
    let mut by_checkpoint: std::collections::BTreeMap<&str, Vec<&Vehicle>> =
        std::collections::BTreeMap::new();
    for vehicle in &vehicles {
        by_checkpoint.entry(&vehicle.checkpoint).or_default().push(vehicle);
    }
    let client = reqwest::Client::new();
    let lists: Vec<(&str, &[&Vehicle])> = by_checkpoint
        .iter()
        .flat_map(|(checkpoint, vehicles)| vehicles.chunks(AT_A_TIME).map(move |some| (*checkpoint, some)))
        .collect();
    stream::iter(lists)
        .map(|(checkpoint, some)| arrive(&client, hub, checkpoint, some))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(vehicles.len())
}

async fn arrive(
    client: &reqwest::Client,
    hub: &HubProcess,
    checkpoint: &str,
    vehicles: &[&Vehicle],
) -> anyhow::Result<()> {
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);
    let events: Vec<Value> = vehicles
        .iter()
        .map(|Vehicle { checkpoint: _, plate }| {
            json!({"id": format!("arrived-{plate}"), "kind": "zone-arrived", "plate": plate, "occurred_at": now,
                   "zone": "ZONE-1"})
        })
        .collect();
    let url = format!("http://{}/api/v1/checkpoints/{checkpoint}/events", hub.address);
    let answer = client.post(url).bearer_auth(hub.token("zone_operator")?).json(&events).send().await?;
    ensure!(answer.status().is_success(), "arrivals were refused: {}", answer.text().await?);
    Ok(())
}
