//! The table at the end: what was played, and beneath it what the hub says.

use std::fmt::Write as _;

use kordon_schemas::crossings::{CrossingView, Knowledge, Stage};
use kordon_schemas::events::EventKind;

use super::reading::Found;
use super::{NOTICES, Played};
use crate::commands::demo::day::CHECKPOINTS;

/// One line's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counts {
    booked: usize,
    arrived: usize,
    called: usize,
    entered: usize,
    controlled: usize,
    left: usize,
    /// In the queue and not called.
    waiting: usize,
    /// Crossings with facts that contradict each other.
    contradictory: usize,
    /// Events that stand and are in no crossing.
    unmatched: usize,
}

/// The table.
pub(crate) fn table(played: &Played<'_>, found: &Found) -> String {
    let mut text = format!(
        "{:<23}{:<9}{:>7}{:>9}{:>8}{:>9}{:>12}{:>6}{:>9}{:>15}{:>11}\n",
        "checkpoint",
        "",
        "booked",
        "arrived",
        "called",
        "entered",
        "controlled",
        "left",
        "waiting",
        "contradictory",
        "unmatched"
    );
    for (place, checkpoint) in CHECKPOINTS.iter().enumerate() {
        let name = format!("{} {}", checkpoint.code, checkpoint.name);
        text += &line(&name, "played", of_script(played, place));
        text += &line("", "hub says", of_hub(played, found, place));
    }
    let told = found.feeds.values().map(Vec::len).min().unwrap_or_default();
    let _ = write!(text, "notices of the outage: {} played, {told} told", NOTICES.len());
    for (recipient, delivered) in &found.delivered {
        let _ = write!(text, ", {delivered} delivered to {recipient}");
    }
    text
}

fn line(name: &str, whose: &str, counts: Counts) -> String {
    let Counts { booked, arrived, called, entered, controlled, left, waiting, contradictory, unmatched } =
        counts;
    format!(
        "{name:<23}{whose:<9}{booked:>7}{arrived:>9}{called:>8}{entered:>9}{controlled:>12}{left:>6}{waiting:>9}\
         {contradictory:>15}{unmatched:>11}\n"
    )
}

fn of_script(played: &Played<'_>, place: usize) -> Counts {
    let Played { script, expectation, .. } = played;
    let mut counts = Counts::default();
    let ways = script.vehicles.iter().zip(&expectation.ways);
    for (_, way) in ways.filter(|(vehicle, _)| vehicle.checkpoint == place) {
        counts.add(way.stage(), |stage| way.reached(stage).is_some(), !way.contradictions().is_empty());
    }
    let of_no_crossing = expectation.events.values().filter(|kept| {
        kept.checkpoint == place && kept.vehicle.is_none() && !kept.voided && kept.kind != EventKind::Void
    });
    Counts { unmatched: of_no_crossing.count(), ..counts }
}

fn of_hub(played: &Played<'_>, found: &Found, place: usize) -> Counts {
    let mut counts = Counts::default();
    for (number, view) in &found.crossings {
        if played.script.vehicles.get(*number).is_some_and(|vehicle| vehicle.checkpoint == place) {
            let CrossingView { stage, stages, contradictions, .. } = view;
            let known =
                |wanted| stages.iter().any(|each| each.stage == wanted && each.knowledge == Knowledge::Known);
            counts.add(*stage, known, !contradictions.is_empty());
        }
    }
    let at = found.checkpoints.get(place);
    let waits = |booking| played.memory.bookings.values().any(|own| *own == booking);
    let entries = at.into_iter().flat_map(|at| &at.queue.entries);
    counts.waiting = entries.filter(|entry| entry.called_at.is_none() && waits(entry.booking)).count();
    counts.unmatched = at.into_iter().flat_map(|at| &at.unmatched).filter(|event| !event.voided).count();
    counts
}

impl Counts {
    /// Adds a vehicle.
    fn add(&mut self, stage: Stage, known: impl Fn(Stage) -> bool, contradictory: bool) {
        self.booked += usize::from(known(Stage::Booked));
        self.arrived += usize::from(known(Stage::ZoneArrived));
        self.called += usize::from(known(Stage::Called));
        self.entered += usize::from(known(Stage::CheckpointEntered));
        self.controlled += usize::from(known(Stage::Controls));
        self.left += usize::from(known(Stage::CheckpointLeft));
        self.waiting += usize::from(stage < Stage::Called);
        self.contradictory += usize::from(contradictory);
    }
}
