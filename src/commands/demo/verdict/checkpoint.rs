//! One checkpoint: what its queue, the list at its gate and its journal have to say.

use std::collections::{BTreeMap, BTreeSet};

use kordon_schemas::crossings::Stage;
use kordon_schemas::events::{EventKind, RecordedEvent};
use kordon_schemas::queue::{CallListEntry, QueueEntry, QueueKind};
use uuid::Uuid;

use super::reading::FoundAtCheckpoint;
use super::{Played, differ, differ_by_name};
use crate::commands::demo::day::When;

/// Everything that the hub says of a checkpoint otherwise than it was played.
pub(crate) fn disagreements(played: &Played<'_>, place: usize, at: &FoundAtCheckpoint) -> Vec<String> {
    let mut all = Vec::new();
    let (called, waiting) = awaiting(played, place);
    let places = (1..).map(Some);
    let expected: Vec<QueueEntry> = called
        .iter()
        .map(|number| (None, number))
        .chain(places.zip(&waiting))
        .filter_map(|(place, number)| queue_entry(played, *number, place))
        .collect();
    queue(&mut all, played, expected, at);
    if played.alone {
        differ(&mut all, "how many wait", Ok(at.queue.waiting), u32::try_from(waiting.len()));
        differ(&mut all, "how many are called", Ok(at.queue.called), u32::try_from(called.len()));
    }
    call_list(&mut all, played, &called, &at.call_list.entries);
    journal(&mut all, played, place, at);
    all
}

/// The vehicles of a checkpoint that have not entered: the called by their calls, and the others by their
/// bookings.
fn awaiting(played: &Played<'_>, place: usize) -> (Vec<usize>, Vec<usize>) {
    let Played { script, expectation, .. } = played;
    let awaits = |number: &usize| {
        let here = script.vehicles.get(*number).is_some_and(|vehicle| vehicle.checkpoint == place);
        let way = expectation.ways.get(*number);
        here && way.is_some_and(|way| way.stage() < Stage::CheckpointEntered)
    };
    let is_called = |number: &usize| {
        expectation.ways.get(*number).is_some_and(|way| way.reached(Stage::Called).is_some())
    };
    let called = expectation.called.iter().copied().filter(awaits).collect();
    let mut waiting: Vec<usize> =
        (0..script.vehicles.len()).filter(|number| awaits(number) && !is_called(number)).collect();
    waiting.sort_by_key(|number| script.vehicles.get(*number).map(|vehicle| vehicle.booked));
    (called, waiting)
}

/// The entry of a vehicle in the queue, but for its deadline, which is the hub's to set.
fn queue_entry(played: &Played<'_>, number: usize, place: Option<u32>) -> Option<QueueEntry> {
    let Played { script, expectation, memory, day_began, alone } = played;
    let vehicle = script.vehicles.get(number)?;
    let way = expectation.ways.get(number)?;
    let called_at = memory.called_at.get(&number).copied();
    let instant = |when: When| when.instant(*day_began, called_at);
    Some(QueueEntry {
        // Places count the vehicles of others too.
        place: place.filter(|_| *alone),
        booking: *memory.bookings.get(&number)?,
        plate: vehicle.plate.clone(),
        lane: "all".to_owned(),
        queue: QueueKind::Live,
        priority_class: None,
        slot_starts_at: None,
        slot_ends_at: None,
        stage: way.stage(),
        booked_at: instant(When::OfDay(vehicle.booked))?,
        queued_at: instant(When::OfDay(vehicle.booked))?,
        zone_arrived_at: way.reached(Stage::ZoneArrived).and_then(instant),
        zone_overstay_seconds: None,
        warned_at: None,
        called_at,
        deadline_at: None,
        contradictory: !way.contradictions().is_empty(),
    })
}

fn queue(all: &mut Vec<String>, played: &Played<'_>, expected: Vec<QueueEntry>, at: &FoundAtCheckpoint) {
    let own: BTreeSet<Uuid> = played.memory.bookings.values().copied().collect();
    let found: Vec<&QueueEntry> =
        at.queue.entries.iter().filter(|entry| own.contains(&entry.booking)).collect();
    differ(all, "the length of the queue", expected.len(), found.len());
    for (number, (expected, found)) in (1..).zip(expected.into_iter().zip(found)) {
        let has_deadline = found.deadline_at.is_some();
        differ(all, &format!("the deadline of entry {number}"), expected.called_at.is_some(), has_deadline);
        let place = found.place.filter(|_| played.alone);
        let found = QueueEntry { deadline_at: None, place, ..found.clone() };
        differ(all, &format!("entry {number} of the queue"), expected, found);
    }
}

fn call_list(all: &mut Vec<String>, played: &Played<'_>, called: &[usize], found: &[CallListEntry]) {
    let Played { script, expectation, memory, .. } = played;
    let own: BTreeSet<Uuid> = memory.bookings.values().copied().collect();
    let expected: Vec<_> = called
        .iter()
        .filter_map(|number| {
            let vehicle = script.vehicles.get(*number)?;
            let zone_left = expectation.ways.get(*number)?.stage() == Stage::ZoneLeft;
            Some((vehicle.plate.as_str(), vehicle.driver.as_deref(), zone_left))
        })
        .collect();
    let found = found
        .iter()
        .filter(|entry| own.contains(&entry.booking))
        .map(|entry| {
            let driver = entry.driver.as_ref().map(|driver| driver.name.as_str());
            (entry.plate.as_str(), driver, entry.zone_left)
        })
        .collect();
    differ(all, "the call list (plate, driver, left the zone)", expected, found);
}

/// Every event that was recorded is in the journal, once, and nothing else is.
fn journal(all: &mut Vec<String>, played: &Played<'_>, place: usize, at: &FoundAtCheckpoint) {
    let Played { script, expectation, memory, alone, .. } = played;
    let FoundAtCheckpoint { queue, call_list: _, events, unmatched } = at;
    let kept = || expectation.events.iter().filter(|(_, kept)| kept.checkpoint == place);
    let expected: BTreeMap<&str, (bool, Option<&Uuid>)> = kept()
        .map(|(id, kept)| {
            let crossing = kept.vehicle.and_then(|vehicle| memory.bookings.get(&vehicle));
            (id.as_str(), (kept.voided, crossing))
        })
        .collect();
    let mut found = BTreeMap::new();
    for event in events {
        // A void stands with the event that it voids, if that was there first: that is not compared.
        let crossing = event.crossing.as_ref().filter(|_| event.kind != EventKind::Void);
        if found.insert(event.id.as_str(), (event.voided, crossing)).is_some() {
            all.push(format!("the event {} is recorded twice", event.id));
        }
        if memory.positions.get(&event.id) != Some(&event.position) {
            all.push(format!("the event {} was not answered with its position {}", event.id, event.position));
        }
    }
    differ_by_name(all, "(voided, crossing)", &expected, &found);
    let listed: BTreeSet<&str> = unmatched.iter().map(|event: &RecordedEvent| event.id.as_str()).collect();
    let nowhere: BTreeSet<&str> = kept()
        .filter(|(_, kept)| kept.vehicle.is_none() && kept.kind != EventKind::Void)
        .map(|(id, _)| id.as_str())
        .collect();
    differ(all, "the unmatched events", nowhere, listed);
    if *alone {
        let drawn = script.acts.iter().filter(|act| act.post.checkpoint == place).filter(|act| {
            let deed = &act.deed;
            deed.booked().is_some() || deed.calling().is_some() || deed.placement().is_some()
        });
        let positions = i64::try_from(drawn.count() + events.len()).unwrap_or_default();
        differ(all, "the journal's last position", positions, queue.position);
    }
}
