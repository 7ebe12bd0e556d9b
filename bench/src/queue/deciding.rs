//! Deciding: whom to call, and who may enter.

use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::json;

use crate::hub::HubProcess;
use crate::load::{Generator, Load};
use crate::times::Times;
use crate::vehicles;

/// Calls that are made.
const CALLS: usize = 200;

/// Questions at the gate, a second.
const GATE_RATE: u32 = 50;

/// The load of events beside the gate.
const BESIDE: Load = Load { connections: 16, events: 1 };

/// Calls the first in order, one call after the other, at each checkpoint in turn. A time holds the request,
/// the decision over everyone who waits and the durable commit.
pub(super) async fn call(hub: &HubProcess, checkpoints: &[String]) -> anyhow::Result<Times> {
    let client = reqwest::Client::new();
    let operator = hub.token("queue_operator")?;
    let mut took = Vec::with_capacity(CALLS);
    for checkpoint in checkpoints.iter().cycle().take(CALLS) {
        let url = format!("http://{}/api/v1/checkpoints/{checkpoint}/calls", hub.address);
        let began = Instant::now();
        let answer = client.post(url).bearer_auth(operator).json(&json!({})).send().await?;
        ensure!(answer.status().is_success(), "a call was refused: {}", answer.text().await?);
        took.push(began.elapsed());
    }
    Ok(Times::of(took))
}

/// Asks for admission at a steady rate while events come in, and returns the times and the events a second.
pub(super) async fn admit(
    hub: &HubProcess,
    checkpoints: &[String],
    generator: &mut Generator,
    seconds: u32,
) -> anyhow::Result<(Times, f64)> {
    let client = reqwest::Client::new();
    let guard = hub.token("border_guard")?.to_owned();
    let asking = async {
        let mut tick = tokio::time::interval(Duration::from_secs(1) / GATE_RATE);
        let mut asked = Vec::new();
        for (index, checkpoint) in checkpoints.iter().cycle().enumerate().take((seconds * GATE_RATE) as usize)
        {
            tick.tick().await;
            let url = format!("http://{}/api/v1/checkpoints/{checkpoint}/admission", hub.address);
            let plate = vehicles::plate(index);
            let request = client.post(url).bearer_auth(&guard).json(&json!({"plate": plate}));
            // Not awaited here: a slow answer holds up no later question, and is not hidden by it.
            asked.push(tokio::spawn(async move {
                let began = Instant::now();
                let answer = request.send().await?;
                ensure!(answer.status().is_success(), "the gate has no answer: {}", answer.status());
                answer.bytes().await?;
                anyhow::Ok(began.elapsed())
            }));
        }
        let mut took = Vec::with_capacity(asked.len());
        for answer in asked {
            took.push(answer.await??);
        }
        anyhow::Ok(Times::of(took))
    };
    let (times, sent) = tokio::try_join!(asking, generator.run(BESIDE, seconds))?;
    Ok((times, BESIDE.rate(&sent)))
}
