//! Checkpoint events: what a system states about a vehicle, and what the hub answers (Resolution 1393,
//! clauses 10, 31, 32).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::xml::XmlBuilder;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::codes::CheckpointCode;
use crate::plate::Plate;
use crate::problem::Problem;
use crate::xml::NAMESPACE;

/// Most events that one request may carry.
pub const MOST_EVENTS: usize = 1_000;

/// What happened. Each role states only the kinds of its own duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The vehicle arrived at a waiting zone.
    ZoneArrived,
    /// The vehicle left a waiting zone.
    ZoneLeft,
    /// The vehicle entered the checkpoint.
    CheckpointEntered,
    /// The vehicle was refused entry to the checkpoint.
    EntryRefused,
    /// Border control of the vehicle began.
    BorderControlStarted,
    /// Border control of the vehicle ended.
    BorderControlFinished,
    /// Customs control of the vehicle began.
    CustomsControlStarted,
    /// Customs control of the vehicle ended.
    CustomsControlFinished,
    /// The vehicle left the checkpoint, and Ukraine.
    CheckpointLeft,
    /// A camera read the plate.
    PlateRead,
    /// An earlier event of the same system was wrong.
    Void,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::ZoneArrived,
        Self::ZoneLeft,
        Self::CheckpointEntered,
        Self::EntryRefused,
        Self::BorderControlStarted,
        Self::BorderControlFinished,
        Self::CustomsControlStarted,
        Self::CustomsControlFinished,
        Self::CheckpointLeft,
        Self::PlateRead,
        Self::Void,
    ];

    /// The kind's name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ZoneArrived => "zone-arrived",
            Self::ZoneLeft => "zone-left",
            Self::CheckpointEntered => "checkpoint-entered",
            Self::EntryRefused => "entry-refused",
            Self::BorderControlStarted => "border-control-started",
            Self::BorderControlFinished => "border-control-finished",
            Self::CustomsControlStarted => "customs-control-started",
            Self::CustomsControlFinished => "customs-control-finished",
            Self::CheckpointLeft => "checkpoint-left",
            Self::PlateRead => "plate-read",
            Self::Void => "void",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One checkpoint event, as its source states it.
///
/// Which members belong to which kind: every kind but `void` has a `plate`; `zone-arrived` and `zone-left` have a `zone`;
/// `plate-read` has a `confidence`; `void` has `voids` and a `reason`; `entry-refused` has a `reason`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "id": "bg-2026-11-21-000417", "kind": "checkpoint-entered", "plate": "AA 1234 BB",
    "occurred_at": "2026-11-21T14:03:20+02:00"
}))]
pub struct EventIn {
    /// The event's id in the source system. The same id always says the same thing: sent again it is answered as a
    /// duplicate, and with other content it is a conflict.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]{1,100}$", example = "bg-2026-11-21-000417")]
    pub id: String,
    /// What happened.
    pub kind: EventKind,
    /// The vehicle's plate as it was read or written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<Plate>,
    /// When it happened (RFC 3339 with offset): at most 120 seconds in the future and 30 days in the past.
    #[serde(deserialize_with = "crate::instant::read")]
    pub occurred_at: DateTime<Utc>,
    /// The waiting zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Z0-9-]{1,40}$", example = "KRAKIVETS-1")]
    pub zone: Option<String>,
    /// How sure the camera was, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1, example = 0.97)]
    pub confidence: Option<f32>,
    /// Why entry was refused or the earlier event is void, for an officer who reads it later. No names of persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
    /// The id of the earlier event of the same system that was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]{1,100}$")]
    pub voids: Option<String>,
}

/// One event, or a list of them: the body of `POST …/events`.
#[derive(Debug, Clone, PartialEq)]
pub enum EventsIn {
    /// One event.
    One(EventIn),
    /// Up to 1,000 events, answered one by one and recorded in one transaction.
    Many(Vec<EventIn>),
}

impl PartialSchema for EventsIn {
    fn schema() -> RefOr<Schema> {
        let one = || Ref::from_schema_name("EventIn");
        let in_xml = XmlBuilder::new().name(Some("events")).namespace(Some(NAMESPACE)).wrapped(Some(true));
        let many = ArrayBuilder::new()
            .items(one())
            .min_items(Some(1))
            .max_items(Some(MOST_EVENTS))
            .xml(Some(in_xml.build()))
            .description(Some("Up to 1,000 events, answered one by one and recorded in one transaction."));
        OneOfBuilder::new()
            .item(one())
            .item(many)
            .description(Some("One event, or a list of up to 1,000."))
            .into()
    }
}

impl ToSchema for EventsIn {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((EventIn::name().into_owned(), EventIn::schema()));
        EventIn::schemas(schemas);
    }
}

/// What became of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Recorded and placed in a crossing.
    Recorded,
    /// Recorded before, with the same content. Nothing changed.
    Duplicate,
    /// Recorded; no crossing of the vehicle fits. It can be placed later.
    Unmatched,
    /// Recorded and placed; it contradicts another fact of the crossing, and both stand until one is voided.
    Contradictory,
    /// Not recorded; the problem says why.
    Refused,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] =
        [Self::Recorded, Self::Duplicate, Self::Unmatched, Self::Contradictory, Self::Refused];

    /// Its name on the wire and in the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Duplicate => "duplicate",
            Self::Unmatched => "unmatched",
            Self::Contradictory => "contradictory",
            Self::Refused => "refused",
        }
    }
}

/// The answer to one event. It is given after the commit: what is answered as recorded stays recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventAnswer {
    /// The event's id, as far as it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Its position in the checkpoint's journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub position: Option<i64>,
    /// The crossing that it was placed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossing: Option<Uuid>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// The answers to a list of events, in its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventAnswers {
    /// One answer for each event, in the order in which they were sent.
    pub items: Vec<EventAnswer>,
}

/// A recorded event, as authorities read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecordedEvent {
    /// Its position in the checkpoint's journal.
    #[schema(minimum = 1)]
    pub position: i64,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The system that stated it.
    pub system: Uuid,
    /// Its id in that system.
    pub id: String,
    /// What happened.
    pub kind: EventKind,
    /// The plate as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<String>,
    /// The waiting zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How sure the camera was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// The reason that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The id of the event that this one voids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voids: Option<String>,
    /// Whether a later event voids this one.
    pub voided: bool,
    /// The crossing that it is placed in; none: unmatched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossing: Option<Uuid>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When the hub recorded it.
    pub recorded_at: DateTime<Utc>,
}

/// A page of recorded events, in the order in which the hub recorded them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecordedEvents {
    /// The events.
    pub items: Vec<RecordedEvent>,
    /// Send this as `after` for the next page. It is there also on the last page: ask again later for what came since.
    #[schema(minimum = 0)]
    pub next: i64,
}

/// Places an unmatched event in a crossing by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacementIn {
    /// The crossing that the event belongs to.
    pub crossing: Uuid,
    /// Why, for the one who reads it later.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}
