//! The vehicles that the events are about: each is booked through the hub, so that every event finds a
//! crossing and moves it.

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

/// Books vehicles at these checkpoints, as many as events are sent about, with the plates from `first` on.
pub(crate) async fn book(
    hub: &HubProcess,
    checkpoints: &[String],
    first: usize,
) -> anyhow::Result<Vec<Vehicle>> {
    book_each(hub, checkpoints, EACH, first).await
}

/// Books `each` vehicles at every one of these checkpoints, with the plates from `first` on: checkpoint after
/// checkpoint, and again.
pub(crate) async fn book_each(
    hub: &HubProcess,
    checkpoints: &[String],
    each: usize,
    first: usize,
) -> anyhow::Result<Vec<Vehicle>> {
    let client = reqwest::Client::new();
    let operator = hub.token("queue_operator")?;
    // One after the other at all checkpoints: bookings of one checkpoint wait for each other.
    let vehicles: Vec<Vehicle> = std::iter::repeat_n(checkpoints, each)
        .flatten()
        .zip(first..)
        .map(|(checkpoint, index)| Vehicle { checkpoint: checkpoint.clone(), plate: plate(index) })
        .collect();
    stream::iter(&vehicles)
        .map(|vehicle| book_one(&client, hub, operator, vehicle))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(vehicles)
}

/// A plate as Ukraine gives them, another for every index below 120,000.
pub(crate) fn plate(index: usize) -> String {
    const SERIES: [&str; 12] = ["AA", "AB", "AC", "AE", "AH", "AI", "AK", "AM", "AO", "AP", "AT", "AX"];
    let series = SERIES.iter().cycle().nth(index / 10_000).copied().unwrap_or_default();
    format!("BC{:04}{series}", index % 10_000)
}

/// The codes of all checkpoints.
pub(crate) async fn checkpoints(hub: &HubProcess) -> anyhow::Result<Vec<String>> {
    let url = format!("http://{}/api/v1/checkpoints", hub.address);
    let client = reqwest::Client::new();
    let answer: Value = client
        .get(url)
        .bearer_auth(hub.token("queue_operator")?)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
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
