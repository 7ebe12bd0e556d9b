//! What the hub says when the play is over, beside what was played.

use kordon_hub::fees::rules::day_of;
use kordon_hub::parties::Role;
use kordon_schemas::Amount;
use kordon_schemas::changes::QueueChangeKind;
use kordon_schemas::fees::Statement;
use kordon_schemas::figures::FigureReport;
use kordon_schemas::queue::{Call, CallKind, QueueKind};
use serde_json::json;

use super::cast::Part;
use super::rules::CHECKPOINT;
use super::stage::{Stage, at};
use super::{absences, calls, fees};

/// Compares the figures, the feed, the explanations of the calls, the queue and the books.
pub(crate) async fn compare(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    feed(stage).await?;
    figures(stage).await?;
    let queue = stage.queue().await?;
    let waiting = calls::names(queue.entries.iter().filter_map(|entry| stage.part(entry.booking)));
    stage.compare("who still stands in the queue", calls::names([Part::Refused]), waiting);
    books(stage).await
}

/// The feed of changes names every booking, call, pause and absence once, the calls in their order.
async fn feed(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let changes = absences::changes(stage).await?.items;
    for (kind, what, played) in [
        (QueueChangeKind::Booked, "booked", Part::ALL.len()),
        (QueueChangeKind::Changed, "moved or swapped", 2),
        (QueueChangeKind::Ended, "cancelled", 1),
        (QueueChangeKind::Paused, "paused", 1),
        (QueueChangeKind::Resumed, "resumed", 1),
    ] {
        let found = changes.iter().filter(|change| change.kind == kind).count();
        stage.compare(&format!("feed: {what}"), played, found);
    }
    let mut found = Vec::new();
    for change in changes.iter().filter(|change| change.kind == QueueChangeKind::Called) {
        let call: Call = stage.read(Role::BorderGuard, &at(&format!("calls/{}", change.position))).await?;
        let part = stage.part(call.booking).map(|part| format!("{part:?}")).unwrap_or_default();
        let rule = json!(call.explanation.rule);
        found.push((call.kind, format!("{part} by {}", rule.as_str().unwrap_or_default())));
    }
    let by = |part: Part| if part == Part::InItsSlot { "slot" } else { "turn" };
    for (kind, parts) in [
        (CallKind::Automatic, Part::CALLED_BY_THE_HUB.as_slice()),
        (CallKind::Operator, &Part::CALLED_BY_HAND),
    ] {
        let of_kind = found.iter().filter(|(known, _)| *known == kind).map(|(_, told)| told.as_str());
        let told = of_kind.collect::<Vec<_>>().join(", ");
        let played =
            parts.iter().map(|part| format!("{part:?} by {}", by(*part))).collect::<Vec<_>>().join(", ");
        stage.compare(&format!("calls, {}", kind.as_str()), played, told);
    }
    Ok(())
}

/// What the ministry reads.
async fn figures(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    // The play may begin on one day of Kyiv and end on the next.
    let today = day_of(stage.time.now());
    let yesterday = today.pred_opt().unwrap_or(today);
    let address = format!("/api/v1/figures?checkpoint={CHECKPOINT}&from={yesterday}&to={today}&by=day");
    let report: FigureReport = stage.read(Role::Ministry, &address).await?;
    let sum = |of: fn(&kordon_schemas::figures::Figures) -> u32| report.items.iter().map(of).sum::<u32>();
    let parts = |is: fn(Part) -> bool| Part::ALL.into_iter().filter(|part| is(*part)).count();
    let called = Part::CALLED_BY_THE_HUB.len() + Part::CALLED_BY_HAND.len();
    for (what, played, found) in [
        ("pre-booked", parts(|part| part.queue() == QueueKind::PreBooked), sum(|day| day.booked.pre_booked)),
        ("live", parts(|part| part.queue() == QueueKind::Live), sum(|day| day.booked.live)),
        ("priority", parts(|part| part.queue() == QueueKind::Priority), sum(|day| day.booked.priority)),
        ("cancelled", 1, sum(|day| day.cancelled)),
        ("called", called, sum(|day| day.called)),
        ("entered", parts(Part::enters), sum(|day| day.entered)),
        ("left", parts(Part::leaves), sum(|day| day.left)),
        ("no-shows", 2, sum(|day| day.no_shows)),
        ("refunds", 2, sum(|day| day.refunds)),
    ] {
        stage.compare(&format!("figures: {what}"), played, found);
    }
    Ok(())
}

/// The statements of the operator: what is left of what was paid.
async fn books(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let today = day_of(stage.time.now());
    let mut left = Amount::ZERO;
    for day in [today.pred_opt().unwrap_or(today), today] {
        let statement: Statement =
            stage.read(Role::QueueOperator, &at(&format!("statements?day={day}"))).await?;
        for account in statement.accounts {
            left = left.plus(account.balance.amount).unwrap_or(left);
        }
    }
    stage.compare("statements: left in the books, UAH", fees::LEFT, left);
    Ok(())
}
