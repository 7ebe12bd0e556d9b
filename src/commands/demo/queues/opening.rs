//! The rules and the tariff of the checkpoint are put.

use chrono::TimeDelta;
use kordon_hub::fees::rules::day_of;
use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use kordon_schemas::queue::Queue;
use kordon_schemas::rules::RulesVersion;
use serde_json::json;

use super::rules::{self, ZONE};
use super::stage::{Stage, at};
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::wire::Body;

/// A ministry puts rules: first such as contradict themselves, then good ones. The administrator puts the
/// tariff.
pub(crate) async fn open(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.began = stage.read::<Queue>(Role::BorderGuard, &at("queue")).await?.position;
    // A request takes its time; rules do not apply from the past.
    let applies_from = stage.time.now() + TimeDelta::seconds(2);
    let (contradictory, places) = rules::contradictory(applies_from);
    let put = |body: &serde_json::Value| {
        Request::put(Role::Ministry, at("rules"), Body::json(body)).with("If-Match", "\"1\"")
    };
    let named =
        stage.refused("rules that contradict themselves", put(&contradictory), ProblemCode::Invalid).await?;
    let mut named_places = named;
    named_places.sort();
    stage.compare("  the places that are named", places.join(" "), named_places.join(" "));
    let version: RulesVersion = stage.send(put(&rules::put(applies_from))).await?.json()?;
    stage.compare("the version of good rules", 2, version.version);
    // What is shown of the queue is true of the minute that has begun: the rules have to be in force by then.
    stage.time.put_on(TimeDelta::seconds(65));
    let in_force: RulesVersion = stage.read(Role::QueueOperator, &at("rules")).await?;
    stage.compare("the version in force from its moment on", 2, in_force.version);
    let tariff = json!({
        "operator_share": {"amount": "3.00", "currency": "EUR"}, "zone_share": {"amount": "12.00", "currency": "EUR"},
        "zone": ZONE, "applies_from": day_of(stage.time.now()), "decision": "Договір № 1 (демонстрація)"
    });
    let put = Request::put(Role::Administrator, at("tariff"), Body::json(&tariff));
    stage.send(put).await?.json::<serde_json::Value>()?;
    Ok(())
}
