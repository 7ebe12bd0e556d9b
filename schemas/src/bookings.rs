//! Bookings in full: the vehicle, slots, petitions for the priority queue, and what is changed about a
//! booking after it was made (Resolution 1393, clauses 3, 11, 21, 22, 34).

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::CheckpointCode;
use crate::crossings::Stage;
use crate::plate::Plate;
use crate::queue::{Booking, Channel, DecidedAbsence, Driver, GivenCall, QueueKind};
use crate::rules::VehicleCategory;

/// What is known of a vehicle: the lane rests on it (clause 9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Vehicle {
    /// Its category.
    pub category: VehicleCategory,
    /// Its permissible mass, in kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 200_000)]
    pub mass_kg: Option<u32>,
    /// Whether it is laden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub laden: Option<bool>,
    /// The group of its cargo, as the rules of the checkpoint name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 50)]
    pub cargo_group: Option<String>,
}

/// The place of a booking in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookedSlot {
    /// When the slot begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

/// The slots of a lane and what is free in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Slots {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The lane.
    pub lane: String,
    /// The slots that are open and not over, in their order. At hours that stand in none of them the lane is closed or has no slots.
    pub slots: Vec<FreeSlot>,
}

/// A slot and what is free in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FreeSlot {
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// How many vehicles of all queues the lane lets in during it.
    pub capacity: u32,
    /// How many places may be booked.
    pub places: u32,
    /// How many of them are free.
    pub free: u32,
    /// The version of the rules that it rests on.
    #[schema(minimum = 1)]
    pub rules_version: i32,
}

/// Why a booking ended without its vehicle entering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// It was cancelled.
    Cancelled,
    /// The vehicle did not come to its waiting zone.
    NoShowAtZone,
    /// The vehicle did not come to the checkpoint when it was called.
    NoShowAtCheckpoint,
}

impl EndedBy {
    /// Every ground.
    pub const ALL: [Self; 3] = [Self::Cancelled, Self::NoShowAtZone, Self::NoShowAtCheckpoint];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::NoShowAtZone => "no_show_at_zone",
            Self::NoShowAtCheckpoint => "no_show_at_checkpoint",
        }
    }

    /// The ground of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.as_str() == name)
    }
}

/// A booking with all that its operator knows of it, and what was changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingView {
    /// The booking.
    pub booking: Booking,
    /// Where its vehicle stands.
    pub stage: Stage,
    /// Through which channel it was booked.
    pub channel: Channel,
    /// The vehicle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<Vehicle>,
    /// Its trailer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailer_plate: Option<String>,
    /// Who drives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<Driver>,
    /// What the checkpoint's rules ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<serde_json::Value>,
    /// Since when it stands in its queue.
    pub queued_at: DateTime<Utc>,
    /// When it ended without its vehicle entering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<EndedBy>,
    /// What was changed about it, in the order in which it was recorded.
    pub changes: Vec<BookingChange>,
    /// The calls that were given to it, in their order.
    pub calls: Vec<GivenCall>,
    /// That its vehicle did not come, and what followed, in the order in which it was found.
    pub absences: Vec<DecidedAbsence>,
}

/// What is changed about a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It was cancelled.
    Cancelled,
    /// It was moved to a later slot.
    Extended,
    /// Its vehicle was swapped for another.
    VehicleSwapped,
    /// It was put into the priority queue.
    Prioritised,
    /// What its absence kept its vehicle from was lifted: it may book again.
    BanLifted,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Cancelled, Self::Extended, Self::VehicleSwapped, Self::Prioritised, Self::BanLifted];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Extended => "extended",
            Self::VehicleSwapped => "vehicle_swapped",
            Self::Prioritised => "prioritised",
            Self::BanLifted => "ban_lifted",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The parts of a booking that a change touched, as they were before it or after it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangedParts {
    /// The queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueKind>,
    /// The class of the priority queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<String>,
    /// The slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<BookedSlot>,
    /// Since when it stands in its queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<DateTime<Utc>>,
    /// The plate as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<String>,
    /// The trailer's plate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailer_plate: Option<String>,
    /// The vehicle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<Vehicle>,
    /// Who drives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<Driver>,
    /// What the checkpoint's rules ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<serde_json::Value>,
    /// Until when its vehicle may not book anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banned_until: Option<DateTime<Utc>>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<EndedBy>,
}

/// A change of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookingChange {
    /// The booking.
    pub booking: Uuid,
    /// Its position in the checkpoint's journal.
    #[schema(minimum = 1)]
    pub position: i64,
    /// The id that the operator gave it. None: the hub made it by the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What was changed.
    pub kind: ChangeKind,
    /// When.
    pub made_at: DateTime<Utc>,
    /// By which system.
    pub system: Uuid,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it was before.
    pub before: ChangedParts,
    /// What it is after.
    pub after: ChangedParts,
    /// The version of the rules that allowed it.
    #[schema(minimum = 1)]
    pub rules_version: i32,
}

/// Cancels a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationIn {
    /// The change's id in the operator's system. The same again is the same change.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]{1,100}$")]
    pub reference: String,
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Moves a booking to a later slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtensionIn {
    /// The change's id in the operator's system. The same again is the same change.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]{1,100}$")]
    pub reference: String,
    /// When the later slot begins.
    #[serde(deserialize_with = "read_local")]
    pub slot_starts_at: DateTime<FixedOffset>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}

/// Gives a booking to another vehicle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VehicleSwapIn {
    /// The change's id in the operator's system. The same again is the same change.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]{1,100}$")]
    pub reference: String,
    /// The other vehicle.
    pub plate: Plate,
    /// Its trailer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailer_plate: Option<Plate>,
    /// What is known of it. None: it is as the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<Vehicle>,
    /// Who drives it. None: the same driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<Driver>,
    /// What the checkpoint's rules ask for of its journey. None: it is as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<serde_json::Value>,
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Lets the vehicle of a booking book again before its ban is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BanLiftingIn {
    /// The change's id in the operator's system. The same again is the same change.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]{1,100}$")]
    pub reference: String,
    /// Why: what showed that it was no fault of the driver's.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A document that a petition rests on: its reference, not its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PetitionDocument {
    /// What it is.
    #[schema(min_length = 1, max_length = 100, example = "CMR")]
    pub kind: String,
    /// Its number.
    #[schema(min_length = 1, max_length = 100)]
    pub number: String,
    /// The day on which it was issued.
    pub issued_on: NaiveDate,
}

/// Asks for a place in the priority queue (clauses 11, 21).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PetitionIn {
    /// The petition's id in the operator's system. The same again is the same petition.
    #[schema(min_length = 1, max_length = 100, pattern = "^[!-~]{1,100}$")]
    pub reference: String,
    /// The vehicle. If it waits at this checkpoint, the petition is for its booking; otherwise for the booking that names the
    /// petition.
    pub plate: Plate,
    /// The class of the priority queue, as the rules of the checkpoint name it.
    #[schema(min_length = 1, max_length = 40)]
    pub class: String,
    /// Who asks for it.
    #[schema(min_length = 1, max_length = 200)]
    pub stated_by: String,
    /// What it rests on.
    #[schema(min_items = 1, max_items = 20)]
    pub documents: Vec<PetitionDocument>,
}

/// What a petition came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PetitionOutcome {
    /// The vehicle goes into the priority queue.
    Granted,
    /// It does not.
    Refused,
}

impl PetitionOutcome {
    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused => "refused",
        }
    }

    /// The outcome of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Granted, Self::Refused].into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// Decides a petition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PetitionDecisionIn {
    /// Granted or refused.
    pub outcome: PetitionOutcome,
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// What was decided about a petition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PetitionDecision {
    /// Granted or refused.
    pub outcome: PetitionOutcome,
    /// Why.
    pub reason: String,
    /// By which system.
    pub system: Uuid,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// Its position in the checkpoint's journal.
    #[schema(minimum = 1)]
    pub position: i64,
}

/// A petition for a place in the priority queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Petition {
    /// Its id.
    pub id: Uuid,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// Its position in the checkpoint's journal.
    #[schema(minimum = 1)]
    pub position: i64,
    /// The system that filed it.
    pub system: Uuid,
    /// The id in that system.
    pub reference: String,
    /// The plate as it was written.
    pub plate: String,
    /// The booking that it is for. None: none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<Uuid>,
    /// The class of the priority queue.
    pub class: String,
    /// Who asks for it.
    pub stated_by: String,
    /// What it rests on.
    pub documents: Vec<PetitionDocument>,
    /// When it was filed.
    pub filed_at: DateTime<Utc>,
    /// What was decided. None: nothing yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<PetitionDecision>,
    /// The version of the rules that it was filed under.
    #[schema(minimum = 1)]
    pub rules_version: i32,
}

/// Petitions of a checkpoint, in the order in which they were filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PetitionPage {
    /// The petitions.
    pub items: Vec<Petition>,
    /// What to ask for as `after` to go on. None: this is the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// Reads an instant with the offset that it was written with: only it tells which hour of a doubled one was meant.
///
/// # Errors
/// As [`crate::instant::read`].
pub fn read_local<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<FixedOffset>, D::Error> {
    let text = String::deserialize(deserializer)?;
    local(&text).map_err(serde::de::Error::custom)
}

/// The same for a member that may be absent; it needs `#[serde(default)]` too.
///
/// # Errors
/// As [`crate::instant::read`].
pub fn read_optional_local<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<FixedOffset>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| local(&text).map_err(serde::de::Error::custom)).transpose()
}

fn local(text: &str) -> Result<DateTime<FixedOffset>, crate::instant::InstantFault> {
    let instant = crate::instant::parse(text)?;
    let written = DateTime::parse_from_rfc3339(text).map_err(|_| crate::instant::InstantFault::Form)?;
    Ok(instant.with_timezone(written.offset()))
}
