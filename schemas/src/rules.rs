//! The rules of a checkpoint, as data (Resolution 1393, clauses 9, 11, 14, 19, 24): who may queue where, how
//! many are let in and when, how the three queues become one, what a call demands and what follows when it is
//! missed.
//!
//! They are put whole, as a version with the day from which it applies and the decision that it rests on.
//! What was decided under an earlier version stays as it was decided.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::codes::CheckpointCode;
use crate::text::Bilingual;

/// The rules of a checkpoint as an authority decides them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesIn {
    /// From when they apply. Not before now.
    #[serde(deserialize_with = "crate::instant::read")]
    pub applies_from: DateTime<Utc>,
    /// The decision that they rest on.
    pub decision: RulesDecision,
    /// What they say.
    pub rules: Rules,
}

/// A version of the rules of a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RulesVersion {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// Its number. Version 1 is the hub's own default, which holds where nothing was decided.
    #[schema(minimum = 1)]
    pub version: i32,
    /// From when they apply. The default: from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_from: Option<DateTime<Utc>>,
    /// The decision that they rest on. The default rests on none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<RulesDecision>,
    /// What they say.
    pub rules: Rules,
}

/// The decision by which rules were set (clause 9: date and reference are kept).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesDecision {
    /// Its number or other reference.
    #[schema(min_length = 1, max_length = 100, example = "№ 1028")]
    pub reference: String,
    /// The day on which it was taken.
    pub decided_on: NaiveDate,
}

/// The versions of the rules of a checkpoint, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RulesVersions {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The version that is in force now.
    #[schema(minimum = 1)]
    pub in_force: i32,
    /// The versions. What they say is read one by one.
    pub items: Vec<RulesVersionEntry>,
    /// What to ask for as `before` to go on. None: this is the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i32>,
}

/// A version of the rules in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RulesVersionEntry {
    /// Its number.
    #[schema(minimum = 1)]
    pub version: i32,
    /// From when it applies. The default: from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_from: Option<DateTime<Utc>>,
    /// The decision that it rests on. The default rests on none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<RulesDecision>,
    /// When it was put. The default never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_at: Option<DateTime<Utc>>,
}

/// What the rules of a checkpoint say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The waiting zones from which vehicles are called to this checkpoint. Empty: any.
    #[schema(max_items = 50)]
    pub zones: Vec<ZoneRules>,
    /// Who chooses the zone of a booking.
    pub zone_choice: ZoneChoice,
    /// The lanes, in the order in which a vehicle is tried against them: the first that takes it is its lane.
    #[schema(min_items = 1, max_items = 50)]
    pub lanes: Vec<LaneRules>,
    /// How the three queues become one.
    pub merge: MergeRules,
    /// What a booking must hold and how far ahead it may lie.
    pub booking: BookingRules,
    /// What a call demands.
    pub call: CallRules,
    /// What follows when a vehicle does not come to its waiting zone in time (pre-booked), or not to the checkpoint when called.
    pub absence: AbsenceRules,
    /// How often a booking may be changed.
    pub changes: ChangeRules,
    /// Who gets how much of the fee back.
    pub refunds: RefundRules,
    /// What a board shows. None: as the hub is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<BoardRules>,
}

/// What a board shows to everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardRules {
    /// Characters of a plate, counted from its end. Never more than half of it is shown.
    #[schema(maximum = 10)]
    pub plate_characters: u8,
}

/// A waiting zone of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneRules {
    /// Its code, as `zone` in events has it.
    #[schema(pattern = "^[A-Z0-9-]{1,40}$")]
    pub zone: String,
    /// Its name.
    pub name: Bilingual,
}

/// Who chooses the waiting zone of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ZoneChoice {
    /// The one who books: where there are several zones, a booking names one of them.
    User,
    /// The queue operator: a booking that the user makes alone, on the web or at a terminal, names none.
    Operator,
}

/// A lane: vehicles of some categories with a capacity of their own (clause 9).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LaneRules {
    /// Its code at this checkpoint: lower-case words with dashes.
    #[schema(
        min_length = 1,
        max_length = 40,
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
        example = "trucks-laden"
    )]
    pub lane: String,
    /// Its name.
    pub name: Bilingual,
    /// The vehicles that it takes: those of any of these kinds.
    #[schema(min_items = 1, max_items = 50)]
    pub takes: Vec<VehicleKind>,
    /// How many are let in, by weekday and hour of Kyiv. At hours that stand in none of them the lane is closed. Empty: no limit
    /// is known, and the operator calls by hand.
    #[schema(max_items = 200)]
    pub capacity: Vec<CapacityRules>,
    /// The slots that may be booked ahead. None: no place of this lane is pre-booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<SlotRules>,
}

/// A kind of vehicles. What is not said does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VehicleKind {
    /// Its category.
    pub category: VehicleCategory,
    /// Its permissible mass is over this, in kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 200_000)]
    pub over_kg: Option<u32>,
    /// Its permissible mass is at most this, in kilograms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 200_000)]
    pub up_to_kg: Option<u32>,
    /// Whether it is laden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub laden: Option<bool>,
    /// Its cargo is of one of these groups. Empty: of any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub cargo_groups: Vec<String>,
}

/// A category of vehicles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VehicleCategory {
    /// A passenger car.
    Car,
    /// A bus.
    Bus,
    /// A goods vehicle.
    Truck,
    /// A motorcycle.
    Motorcycle,
}

impl VehicleCategory {
    /// Every category.
    pub const ALL: [Self; 4] = [Self::Car, Self::Bus, Self::Truck, Self::Motorcycle];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Car => "car",
            Self::Bus => "bus",
            Self::Truck => "truck",
            Self::Motorcycle => "motorcycle",
        }
    }
}

/// How many vehicles a lane lets in at some hours of some weekdays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityRules {
    /// The weekdays.
    #[schema(min_items = 1, max_items = 7)]
    pub weekdays: Vec<Weekday>,
    /// From this hour, by the clocks of Kyiv.
    #[schema(maximum = 23)]
    pub from_hour: u8,
    /// Until this hour, by the clocks of Kyiv; 24 is midnight.
    #[schema(minimum = 1, maximum = 24)]
    pub to_hour: u8,
    /// Vehicles an hour.
    #[schema(minimum = 1, maximum = 1000)]
    pub vehicles_per_hour: u16,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// The slots of a lane. They begin at midnight of Kyiv and follow each other; in the night when the clocks go forward the
/// slots of the hour that is missing do not exist, and in the night when they go back the hour that comes twice has them twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotRules {
    /// How long a slot is, in minutes. It divides an hour or is a number of hours that divides a day.
    #[schema(minimum = 5, maximum = 1440)]
    pub length_minutes: u16,
    /// How many places a slot has.
    #[schema(minimum = 1, maximum = 1000)]
    pub places: u16,
}

/// How the three queues of a lane become one (clause 24). Pre-booked vehicles come first in their slot; the others take turns by
/// weight: of a round of all weights together, each class of the priority queue gets as many calls as its weight, and the live
/// queue as many as its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeRules {
    /// The classes of the priority queue, in the order of their turns.
    #[schema(max_items = 20)]
    pub classes: Vec<PriorityClass>,
    /// The weight of the live queue.
    #[schema(minimum = 1, maximum = 100)]
    pub live_weight: u8,
}

/// A class of the priority queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriorityClass {
    /// Its code at this checkpoint.
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "perishable")]
    pub class: String,
    /// Its name.
    pub name: Bilingual,
    /// Its weight.
    #[schema(minimum = 1, maximum = 100)]
    pub weight: u8,
}

/// What a booking must hold (clause 22) and how far ahead a slot may lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingRules {
    /// How many days ahead a slot may be booked.
    #[schema(minimum = 1, maximum = 365)]
    pub horizon_days: u16,
    /// The JSON Schema (2020-12) of a booking's `data`. What it does not name is not taken. None: a booking has no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data_schema: Option<serde_json::Value>,
}

/// What a call demands (clauses 3, 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallRules {
    /// How long before its expected entry a vehicle is called, in minutes: its way from the zone to the checkpoint.
    #[schema(maximum = 1440)]
    pub lead_minutes: u16,
    /// How long after its call a vehicle may enter, in minutes. One that is called longer before its expected entry than `lead_minutes` says, by
    /// hand or because the lane opens later, has this time from when the hub would have called it.
    #[schema(minimum = 5, maximum = 2880)]
    pub deadline_minutes: u16,
    /// How long before its expected call it is warned, in minutes. None: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 5, maximum = 2880)]
    pub warn_minutes: Option<u16>,
}

/// What follows when a vehicle does not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsenceRules {
    /// At the waiting zone: a pre-booked vehicle that was not there when its slot began and is not this long after, in minutes.
    #[schema(maximum = 2880)]
    pub zone_grace_minutes: u16,
    /// What follows then.
    pub at_zone: Consequence,
    /// At the checkpoint: a called vehicle that has not entered when its deadline passed.
    pub at_checkpoint: Consequence,
}

/// What follows when a vehicle does not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "then", deny_unknown_fields)]
pub enum Consequence {
    /// It goes back into the queue as a live booking of that moment.
    BackToQueue,
    /// Its booking ends.
    Cancel,
    /// Its booking ends, and the vehicle may not book for some days.
    Ban {
        /// How many days.
        #[schema(minimum = 1, maximum = 365)]
        days: u16,
    },
}

/// How often a booking may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRules {
    /// How often it may be moved to a later slot. A live or a priority booking has no time that could be moved: who needs longer cancels
    /// and books anew.
    #[schema(maximum = 10)]
    pub extensions: u8,
    /// The longest extension, in hours.
    #[schema(maximum = 72)]
    pub extension_hours: u8,
    /// How often its vehicle may be swapped for another.
    #[schema(maximum = 10)]
    pub swaps: u8,
}

/// Who gets how much of the fee back (clauses 19, 42).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundRules {
    /// A live vehicle that was called at most this long after it arrived at its zone gets the share below back, in minutes. The
    /// hour of clause 19.
    #[schema(maximum = 1440)]
    pub live_wait_at_most_minutes: u16,
    /// What it gets back, in percent of the fee.
    #[schema(maximum = 100)]
    pub live_wait_percent: u8,
    /// What a booking that is cancelled gets back, in percent of the fee: by how many hours before its slot, or before its call
    /// where it has none, the most first. Later than the last: nothing.
    #[schema(max_items = 10)]
    pub cancelled: Vec<CancellationRefund>,
    /// What a vehicle that did not come gets back, in percent of the fee.
    #[schema(maximum = 100)]
    pub no_show_percent: u8,
}

/// What a cancelled booking gets back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancellationRefund {
    /// Cancelled at least this many hours before.
    #[schema(maximum = 720)]
    pub hours_before: u16,
    /// In percent of the fee.
    #[schema(maximum = 100)]
    pub percent: u8,
}
