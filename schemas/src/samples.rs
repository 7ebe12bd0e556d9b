//! Random messages for the tests of the encodings.

mod exchange;

use chrono::{DateTime, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use crate::characters::is_forbidden;
use crate::codes::CheckpointCode;
use crate::crossings::{Contradiction, ControlsView, CrossingView, Knowledge, Stage, StageView};
use crate::events::{EventAnswer, EventAnswers, EventIn, EventKind, Outcome, RecordedEvent, RecordedEvents};
use crate::outages::{
    AffectedSystem, Functionality, Outage, OutageDirection, OutageKind, OutageLevel, OutagePage, OutageScope,
    OutageState,
};
use crate::plate::Plate;
use crate::problem::{Fault, Problem, ProblemCode};
use crate::queue::{
    Admission, AdmissionReason, CallList, CallListEntry, Decision, Driver, LaneState, Queue, QueueEntry,
    QueueKind, QueueLane, QueueOutage,
};
use crate::text::Bilingual;

pub(crate) use exchange::{acknowledgement, exchange_document, inbox, notice};

/// One line of text, of any alphabet.
pub(crate) fn line() -> impl Strategy<Value = String> {
    let sign = prop_oneof![3 => select("Їжак <&>\"']]>".chars().collect::<Vec<_>>()), 1 => any::<char>()];
    let kept = |text: Vec<char>| {
        text.into_iter().filter(|sign| !is_forbidden(*sign) && !"\t\n\r".contains(*sign)).collect()
    };
    vec(sign, 0..40).prop_map(kept).prop_map(|text: String| format!("x{text}"))
}

pub(crate) fn source_id() -> impl Strategy<Value = String> {
    "[!-~]{1,100}"
}

pub(crate) fn zone() -> impl Strategy<Value = String> {
    "[A-Z0-9-]{1,40}"
}

pub(crate) fn plate() -> impl Strategy<Value = Plate> {
    "[A-ZА-ЯЇЄІҐ]{2}[ .-]{0,2}[0-9]{4}[ \u{a0}–]{0,2}[a-zа-яїєіґ]{2}"
        .prop_map(|written| Plate::parse(&written).unwrap())
}

/// A moment of the years 1 to 9999, to the microsecond.
pub(crate) fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (-62_135_596_800_000_000_i64..253_402_300_800_000_000)
        .prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap())
}

fn id() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn checkpoint() -> impl Strategy<Value = CheckpointCode> {
    "UA[0-9]{6}".prop_map(|code| CheckpointCode::parse(&code).unwrap())
}

fn kind() -> impl Strategy<Value = EventKind> {
    select(EventKind::ALL.to_vec())
}

fn stage() -> impl Strategy<Value = Stage> {
    select(Stage::ALL.to_vec())
}

/// An event that passes its check.
pub(crate) fn event() -> impl Strategy<Value = EventIn> {
    (kind(), source_id(), plate(), instant(), zone(), 0_f32..=1.0, line(), source_id()).prop_map(
        |(kind, id, plate, occurred_at, zone, confidence, reason, voids)| {
            let (is_void, in_zone) =
                (kind == EventKind::Void, matches!(kind, EventKind::ZoneArrived | EventKind::ZoneLeft));
            EventIn {
                voids: is_void.then(|| {
                    if voids == id { format!("{}x", voids.split_at(voids.len() - 1).0) } else { voids }
                }),
                id,
                kind,
                plate: (!is_void).then_some(plate),
                occurred_at,
                zone: in_zone.then_some(zone),
                confidence: (kind == EventKind::PlateRead).then_some(confidence),
                reason: (is_void || kind == EventKind::EntryRefused).then_some(reason),
            }
        },
    )
}

fn fault() -> impl Strategy<Value = Fault> {
    (line(), line()).prop_map(|(path, detail)| Fault { path, detail })
}

pub(crate) fn problem() -> impl Strategy<Value = Problem> {
    (select(ProblemCode::ALL.to_vec()), line(), option::of(source_id()), vec(fault(), 0..3)).prop_map(
        |(code, detail, request_id, faults)| Problem {
            request_id,
            ..Problem::new(code, detail).with_faults(faults)
        },
    )
}

pub(crate) fn event_answer() -> impl Strategy<Value = EventAnswer> {
    let outcome = select(Outcome::ALL.to_vec());
    (option::of(source_id()), outcome, option::of(1_i64..), option::of(id()), option::of(problem())).prop_map(
        |(id, outcome, position, crossing, problem)| EventAnswer { id, outcome, position, crossing, problem },
    )
}

pub(crate) fn event_answers() -> impl Strategy<Value = EventAnswers> {
    vec(event_answer(), 0..4).prop_map(|items| EventAnswers { items })
}

fn recorded_event() -> impl Strategy<Value = RecordedEvent> {
    (event(), 1_i64.., checkpoint(), id(), any::<bool>(), option::of(id()), instant()).prop_map(
        |(event, position, checkpoint, system, voided, crossing, recorded_at)| RecordedEvent {
            position,
            checkpoint,
            system,
            id: event.id,
            kind: event.kind,
            plate: event.plate.map(String::from),
            zone: event.zone,
            confidence: event.confidence,
            reason: event.reason,
            voids: event.voids,
            voided,
            crossing,
            occurred_at: event.occurred_at,
            recorded_at,
        },
    )
}

pub(crate) fn recorded_events() -> impl Strategy<Value = RecordedEvents> {
    (vec(recorded_event(), 0..4), 0_i64..).prop_map(|(items, next)| RecordedEvents { items, next })
}

fn stage_view() -> impl Strategy<Value = StageView> {
    let knowledge = select(vec![Knowledge::Known, Knowledge::Gap, Knowledge::Ahead]);
    (stage(), knowledge, option::of(instant()), vec(1_i64.., 0..3))
        .prop_map(|(stage, knowledge, at, events)| StageView { stage, knowledge, at, events })
}

fn contradiction() -> impl Strategy<Value = Contradiction> {
    (kind(), instant(), 1_i64.., kind(), instant(), 1_i64..).prop_map(
        |(first_kind, first_at, first_position, then_kind, then_at, then_position)| Contradiction {
            first_kind,
            first_at,
            first_position,
            then_kind,
            then_at,
            then_position,
        },
    )
}

fn controls() -> impl Strategy<Value = ControlsView> {
    let moment = || option::of(instant());
    (moment(), moment(), moment(), moment()).prop_map(
        |(border_started_at, border_finished_at, customs_started_at, customs_finished_at)| ControlsView {
            border_started_at,
            border_finished_at,
            customs_started_at,
            customs_finished_at,
        },
    )
}

pub(crate) fn crossing() -> impl Strategy<Value = CrossingView> {
    let facts = (vec(contradiction(), 0..2), vec(recorded_event(), 0..3));
    (id(), checkpoint(), plate(), stage(), (vec(stage_view(), 0..8), option::of(1_i64..)), controls(), facts)
        .prop_map(
            |(
                id,
                checkpoint,
                plate,
                stage,
                (stages, zone_overstay_seconds),
                controls,
                (contradictions, events),
            )| CrossingView {
                id,
                checkpoint,
                plate: plate.into(),
                stage,
                stages,
                zone_overstay_seconds,
                controls,
                contradictions,
                events,
            },
        )
}

fn queue_entry() -> impl Strategy<Value = QueueEntry> {
    let moment = || option::of(instant());
    let moments = (instant(), instant(), moment(), moment(), moment(), moment(), moment(), moment());
    let queue = (select(QueueKind::ALL.to_vec()), option::of(line()));
    let place = (option::of(1_u32..), line(), option::of(1_i64..));
    (place, id(), plate(), queue, stage(), moments, any::<bool>()).prop_map(
        |(
            (place, lane, zone_overstay_seconds),
            booking,
            plate,
            (queue, priority_class),
            stage,
            (
                booked_at,
                queued_at,
                slot_starts_at,
                slot_ends_at,
                zone_arrived_at,
                warned_at,
                called_at,
                deadline_at,
            ),
            contradictory,
        )| QueueEntry {
            place,
            booking,
            plate: plate.into(),
            lane,
            queue,
            priority_class,
            slot_starts_at,
            slot_ends_at,
            stage,
            booked_at,
            queued_at,
            zone_arrived_at,
            zone_overstay_seconds,
            warned_at,
            called_at,
            deadline_at,
            contradictory,
        },
    )
}

fn queue_lane() -> impl Strategy<Value = QueueLane> {
    let state = select(vec![LaneState::Open, LaneState::Paused, LaneState::Closed]);
    (line(), state, option::of(line()), option::of(instant()), any::<u32>(), any::<u32>()).prop_map(
        |(lane, state, reason, since, waiting, called)| QueueLane {
            lane,
            state,
            reason,
            since,
            waiting,
            called,
        },
    )
}

fn queue_outage() -> impl Strategy<Value = QueueOutage> {
    let kind = select(OutageKind::ALL.to_vec());
    (id(), kind, instant(), option::of(instant())).prop_map(|(outage, kind, since, expected_end_at)| {
        QueueOutage { outage, kind, since, expected_end_at }
    })
}

pub(crate) fn queue() -> impl Strategy<Value = Queue> {
    let counts = (any::<u32>(), any::<u32>());
    let parts = (vec(queue_outage(), 0..3), vec(queue_lane(), 0..3), vec(queue_entry(), 0..4));
    (checkpoint(), 0_i64.., option::of(instant()), instant(), counts, parts).prop_map(
        |(checkpoint, position, changed_at, as_of, (waiting, called), (outages, lanes, entries))| Queue {
            checkpoint,
            position,
            changed_at,
            as_of,
            waiting,
            called,
            outages,
            lanes,
            entries,
        },
    )
}

fn call_list_entry() -> impl Strategy<Value = CallListEntry> {
    let driver = option::of(line().prop_map(|name| Driver { name }));
    (id(), plate(), option::of(plate()), driver, instant(), instant(), any::<bool>()).prop_map(
        |(booking, plate, trailer_plate, driver, called_at, deadline_at, zone_left)| CallListEntry {
            booking,
            plate: plate.into(),
            trailer_plate: trailer_plate.map(String::from),
            driver,
            called_at,
            deadline_at,
            zone_left,
        },
    )
}

pub(crate) fn call_list() -> impl Strategy<Value = CallList> {
    (checkpoint(), 0_i64.., vec(call_list_entry(), 0..4))
        .prop_map(|(checkpoint, position, entries)| CallList { checkpoint, position, entries })
}

pub(crate) fn admission() -> impl Strategy<Value = Admission> {
    let reason = select(vec![
        AdmissionReason::Called,
        AdmissionReason::NotBooked,
        AdmissionReason::NotCalled,
        AdmissionReason::CallExpired,
        AdmissionReason::AlreadyEntered,
    ]);
    (select(vec![Decision::Admit, Decision::Refuse]), reason, option::of(id()), option::of(instant()))
        .prop_map(|(decision, reason, booking, deadline_at)| Admission {
            decision,
            reason,
            booking,
            deadline_at,
        })
}

fn scope() -> impl Strategy<Value = OutageScope> {
    let (levels, directions) = (OutageLevel::ALL.to_vec(), OutageDirection::ALL.to_vec());
    (select(levels), option::of(Just("PL".to_owned())), select(directions))
        .prop_map(|(level, country, direction)| OutageScope { level, country, direction })
}

fn outage() -> impl Strategy<Value = Outage> {
    let states =
        [OutageState::Scheduled, OutageState::Running, OutageState::Recovered, OutageState::Cancelled];
    let told = (line(), line(), option::of(instant()), option::of(instant()), option::of(instant()));
    (
        id(),
        1..=i32::MAX,
        select(OutageKind::ALL.to_vec()),
        select(states.to_vec()),
        instant(),
        any::<[bool; 2]>(),
        1..=4_usize,
        (scope(), option::of(instant())),
        told,
    )
        .prop_map(
            |(
                id,
                version,
                kind,
                state,
                at,
                [overdue, fallback_allowed],
                systems,
                (scope, began_at),
                told,
            )| {
                let (uk, en, expected_end_at, recovered_at, cancelled_at) = told;
                Outage {
                    id,
                    version,
                    kind,
                    state,
                    affected_systems: AffectedSystem::ALL[..systems].to_vec(),
                    // One system: one functionality of it, so that both forms are written.
                    functionalities: Functionality::parse("A").into_iter().filter(|_| systems == 1).collect(),
                    scope,
                    starts_at: at,
                    began_at,
                    expected_end_at,
                    overdue,
                    overran_seconds: overdue.then_some(i64::from(version.max(1))),
                    recovered_at,
                    cancelled_at,
                    fallback_allowed,
                    text: Bilingual { uk, en },
                    declared_at: at,
                    changed_at: at,
                }
            },
        )
}

pub(crate) fn outage_page() -> impl Strategy<Value = OutagePage> {
    (vec(outage(), 0..4), option::of(id())).prop_map(|(items, next)| OutagePage { items, next })
}
