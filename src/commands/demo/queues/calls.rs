//! The lane of trucks is paused while its vehicles gather; then the hub calls them at the pace of the
//! capacity. Cars are called by the operator. Those who are called cross.

use anyhow::Context;
use chrono::TimeDelta;
use kordon_hub::parties::Role;
use kordon_schemas::ProblemCode;
use kordon_schemas::events::EventKind;
use kordon_schemas::queue::{Admission, Call, LaneState, Pause};
use kordon_schemas::views::{Board, MyBooking};
use serde_json::json;
use uuid::Uuid;

use super::cast::Part;
use super::rules::{CARS, CHECKPOINT, MINUTES_BETWEEN_TRUCKS, TRUCKS};
use super::stage::{Stage, at};
use crate::commands::demo::systems::client::Request;
use crate::commands::demo::systems::wire::Body;

/// Parts by name, in order.
pub(crate) fn names(parts: impl IntoIterator<Item = Part>) -> String {
    parts.into_iter().map(|part| format!("{part:?}")).collect::<Vec<_>>().join(" ")
}

/// The border guard pauses the lane of trucks.
pub(crate) async fn pause(stage: &mut Stage<'_>) -> anyhow::Result<Uuid> {
    let asked = json!({"lane": TRUCKS, "reason": "сусідня сторона не приймає вантажівок"});
    let pause: Pause = stage.post(Role::BorderGuard, &at("pauses"), &asked).await?;
    Ok(pause.id)
}

/// The vehicles come to the zone.
pub(crate) async fn arrive(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    for part in Part::ALL.into_iter().filter(|part| part.arrives()) {
        stage.state(part, EventKind::ZoneArrived).await?;
    }
    Ok(())
}

/// While the lane is paused nobody is called; the queue, a holder and the board say how it stands.
pub(crate) async fn stand_still(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let call = Request::post(Role::QueueOperator, at("calls"), Body::json(&json!({"lane": TRUCKS})));
    stage.refused("a call in a lane that is paused", call, ProblemCode::LanePaused).await?;
    let queue = stage.queue().await?;
    let paused = queue.lanes.iter().filter(|lane| lane.state == LaneState::Paused);
    let paused: Vec<&str> = paused.map(|lane| lane.lane.as_str()).collect();
    stage.compare("paused", TRUCKS, paused.join(" "));
    let order = queue.entries.iter().filter_map(|entry| stage.part(entry.booking));
    let order = names(order.filter(|part| Part::CALLED_BY_THE_HUB.contains(part)));
    stage.compare("the order of those in the zone", names(Part::CALLED_BY_THE_HUB), order);
    let of_last = stage.entry(Part::SecondLive).await?.context("who waits stands in the queue")?;
    let booking = stage.booking(Part::SecondLive)?;
    let secret = booking.holder_secret.as_deref().unwrap_or_default();
    let proof = format!("Booking {}:{secret}", booking.reference);
    let asked =
        Request::get(Role::QueueOperator, "/api/v1/my-booking").of_nobody().with("Authorization", proof);
    let mine: MyBooking = stage.send(asked).await?.json()?;
    let told = |place: Option<u32>| place.map(|place| place.to_string()).unwrap_or_default();
    stage.compare("a holder's place", told(of_last.place), told(mine.place));
    stage.compare("  and vehicle", Part::SecondLive.plate(), mine.plate);
    let board = Request::get(Role::QueueOperator, format!("/boards/{CHECKPOINT}")).of_nobody();
    let board: Board = stage.send(board).await?.json()?;
    let whole = |shown: &str| Part::ALL.iter().any(|part| shown.contains(&part.plate().replace(' ', "")));
    let shown = board.called.iter().chain(&board.next).filter(|entry| whole(&entry.plate)).count();
    stage.compare("whole plates on the board", 0, shown);
    Ok(())
}

/// The border guard ends its pause, and the hub calls at the pace of the capacity, in the order of the merge. The others are
/// told that their call nears.
pub(crate) async fn go_on(stage: &mut Stage<'_>, pause: Uuid) -> anyhow::Result<()> {
    let ended: Pause = stage.post(Role::BorderGuard, &at(&format!("pauses/{pause}/end")), &json!({})).await?;
    stage.compare("the pause is over", true, ended.ended_at.is_some());
    let [first, others @ ..] = Part::CALLED_BY_THE_HUB;
    stage.until(async |stage| is_called(stage, first).await).await?;
    let warned = stage
        .until(async |stage| {
            let queue = stage.queue().await?;
            let warned = |part: &Part| {
                let id = stage.bookings.get(part).map(|booking| booking.id);
                queue.entries.iter().any(|entry| Some(entry.booking) == id && entry.warned_at.is_some())
            };
            Ok(others.iter().all(warned))
        })
        .await?;
    stage.compare("those behind were told that their call nears", true, warned);
    for part in others {
        stage.time.put_on(TimeDelta::minutes(MINUTES_BETWEEN_TRUCKS));
        stage.until(async |stage| is_called(stage, part).await).await?;
    }
    Ok(())
}

async fn is_called(stage: &Stage<'_>, part: Part) -> anyhow::Result<bool> {
    Ok(stage.entry(part).await?.is_some_and(|entry| entry.called_at.is_some()))
}

/// The operator calls the cars, the first of those in the zone each time.
pub(crate) async fn call_by_hand(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let mut called = Vec::new();
    for _ in Part::CALLED_BY_HAND {
        let call: Call = stage.post(Role::QueueOperator, &at("calls"), &json!({"lane": CARS})).await?;
        called.extend(stage.part(call.booking));
    }
    stage.compare("called by the operator", names(Part::CALLED_BY_HAND), names(called));
    Ok(())
}

/// Vehicles leave the zone, are let in, are controlled and leave, as far as each comes.
pub(crate) async fn cross(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    for (part, reason) in [(Part::InItsSlot, "called"), (Part::Refused, "not_called")] {
        let asked = json!({"plate": part.plate()});
        let admission: Admission = stage.post(Role::BorderGuard, &at("admission"), &asked).await?;
        let found = json!(admission.reason);
        stage.compare(&format!("{part:?} at the gate"), reason, found.as_str().unwrap_or_default());
    }
    let on_time = Part::ALL.into_iter().filter(|part| part.enters() && *part != Part::ToldLate);
    for part in on_time {
        for kind in [EventKind::ZoneLeft, EventKind::CheckpointEntered, EventKind::BorderControlStarted] {
            stage.state(part, kind).await?;
        }
        if part.leaves() {
            for kind in [
                EventKind::BorderControlFinished,
                EventKind::CustomsControlStarted,
                EventKind::CustomsControlFinished,
                EventKind::CheckpointLeft,
            ] {
                stage.state(part, kind).await?;
            }
        }
    }
    Ok(())
}
