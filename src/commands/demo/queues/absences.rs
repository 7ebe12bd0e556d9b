//! Vehicles that do not come, and what follows by the rules; and one that had come, which is told late.

use chrono::TimeDelta;
use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use kordon_schemas::bookings::{BookingView, EndedBy};
use kordon_schemas::changes::{QueueChangeKind, QueueChanges};
use kordon_schemas::events::EventKind;
use serde_json::json;

use super::cast::Part;
use super::rules::DEADLINE_MINUTES;
use super::stage::{Stage, at};
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::wire::Body;

/// What changed since the play began, as the border guard reads it, page by page.
pub(crate) async fn changes(stage: &Stage<'_>) -> anyhow::Result<QueueChanges> {
    let mut all: Option<QueueChanges> = None;
    loop {
        let after = all.as_ref().map_or(stage.began, |page| page.next);
        let page: QueueChanges =
            stage.read(Role::BorderGuard, &at(&format!("queue/changes?after={after}&limit=100"))).await?;
        let is_last = page.next == after;
        match &mut all {
            Some(all) => {
                all.next = page.next;
                all.items.extend(page.items);
            }
            None => all = Some(page),
        }
        if is_last && let Some(all) = all {
            return Ok(all);
        }
    }
}

async fn count(stage: &Stage<'_>, kind: QueueChangeKind) -> anyhow::Result<usize> {
    Ok(changes(stage).await?.items.iter().filter(|change| change.kind == kind).count())
}

/// How a booking stands: how it was ended, or the stage of its vehicle.
async fn fate(stage: &Stage<'_>, part: Part) -> anyhow::Result<&'static str> {
    let address = format!("/api/v1/bookings/{}", stage.booking(part)?.id);
    let view: BookingView = stage.read(Role::QueueOperator, &address).await?;
    Ok(view.ended_by.map_or(view.stage.as_str(), EndedBy::as_str))
}

/// The time of the slot and of the calls passes.
pub(crate) async fn stay_away(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let entered_at = stage.time.now() + TimeDelta::minutes(20);
    stage.time.put_on(TimeDelta::minutes(DEADLINE_MINUTES + 5));
    stage.until(async |stage| Ok(count(stage, QueueChangeKind::Absent).await? >= 3)).await?;
    stage.compare(
        "absent: one from its zone, two when called",
        3,
        count(stage, QueueChangeKind::Absent).await?,
    );
    for (part, ended) in
        [(Part::AwayFromZone, EndedBy::NoShowAtZone), (Part::AwayFromCheckpoint, EndedBy::NoShowAtCheckpoint)]
    {
        let found = fate(stage, part).await?;
        stage.compare(&format!("  {part:?}"), ended.as_str(), found);
    }
    let again = json!({"reference": "queues-banned", "plate": Part::AwayFromCheckpoint.plate(), "queue": "live",
        "channel": "terminal", "vehicle": {"category": "car"}});
    let again = Request::post(Role::QueueOperator, at("bookings"), Body::json(&again));
    stage.refused("  who did not come when called books again", again, ProblemCode::VehicleBanned).await?;
    // The gate was cut off, and hands in what it did meanwhile.
    stage.state_of(Part::ToldLate, EventKind::CheckpointEntered, entered_at).await?;
    stage.until(async |stage| Ok(count(stage, QueueChangeKind::AbsenceTakenBack).await? >= 1)).await?;
    let taken_back = count(stage, QueueChangeKind::AbsenceTakenBack).await?;
    stage.compare("absences taken back by an entry that is told late", 1, taken_back);
    let found = fate(stage, Part::ToldLate).await?;
    stage.compare("  ToldLate", "checkpoint_entered", found);
    Ok(())
}
