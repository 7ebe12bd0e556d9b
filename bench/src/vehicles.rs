//! The vehicles that the events are about: each is booked through the hub, so that every event finds a crossing and moves it.

use anyhow::{Context, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use crate::hub::HubProcess;

/// Vehicles booked at each checkpoint: for each of the generator's two threads three requests of 100.
const EACH: usize = 600;

/// Bookings under way at once.
const AT_ONCE: usize = 64;

/// A booked vehicle.
#[derive(Debug, Clone)]
pub(crate) struct Vehicle {
    pub(crate) checkpoint: String,
    pub(crate) plate: String,
}

/// Books vehicles at every checkpoint.
pub(crate) async fn book(hub: &HubProcess) -> anyhow::Result<Vec<Vehicle>> {
    let client = reqwest::Client::new();
    let operator = hub.tokens.get("queue_operator").context("there is no token of a queue operator")?;
    let checkpoints = checkpoints(&client, hub, operator).await?;
    // One after the other at all checkpoints: bookings of one checkpoint wait for each other.
    let vehicles: Vec<Vehicle> = std::iter::repeat_n(&checkpoints, EACH)
        .flatten()
        .enumerate()
        .map(|(index, checkpoint)| Vehicle { checkpoint: checkpoint.clone(), plate: plate(index) })
        .collect();
    stream::iter(&vehicles)
        .map(|vehicle| book_one(&client, hub, operator, vehicle))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(vehicles)
}

/// A plate as Ukraine gives them, another for every index below 120,000.
fn plate(index: usize) -> String {
    const SERIES: [&str; 12] = ["AA", "AB", "AC", "AE", "AH", "AI", "AK", "AM", "AO", "AP", "AT", "AX"];
    let series = SERIES.iter().cycle().nth(index / 10_000).copied().unwrap_or_default();
    format!("BC{:04}{series}", index % 10_000)
}

async fn checkpoints(client: &reqwest::Client, hub: &HubProcess, token: &str) -> anyhow::Result<Vec<String>> {
    let url = format!("http://{}/api/v1/checkpoints", hub.address);
    let answer: Value = client.get(url).bearer_auth(token).send().await?.error_for_status()?.json().await?;
    let items = answer.get("items").and_then(Value::as_array).context("the checkpoints cannot be read")?;
    items
        .iter()
        .map(|item| {
            let code = item.get("checkpoint").and_then(Value::as_str);
            code.map(str::to_owned).context("a checkpoint has no code")
        })
        .collect()
}

async fn book_one(
    client: &reqwest::Client,
    hub: &HubProcess,
    token: &str,
    vehicle: &Vehicle,
) -> anyhow::Result<()> {
    let Vehicle { checkpoint, plate } = vehicle;
    let url = format!("http://{}/api/v1/checkpoints/{checkpoint}/bookings", hub.address);
    let booking = json!({
        "reference": format!("bench-{plate}"), "plate": plate, "queue": "live", "channel": "web",
    });
    let answer = client.post(url).bearer_auth(token).json(&booking).send().await?;
    ensure!(answer.status().is_success(), "a booking was refused: {}", answer.text().await?);
    Ok(())
}
