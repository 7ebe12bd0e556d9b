//! The predicted entry of a waiting vehicle (Resolution 1393, clauses 13, 25), and how good predictions have
//! been. JSON only, but for the entry that stands in the queue.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::CheckpointCode;

/// When a waiting vehicle is expected to enter the checkpoint, or why nobody can say. Unknown is unknown: there is no zero for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum PredictedEntry {
    /// A range.
    Known(EntryRange),
    /// The lane is paused, and nobody knows for how long.
    Paused {
        /// When that was worked out.
        as_of: DateTime<Utc>,
    },
    /// The lane is closed at every hour of the week.
    Closed {
        /// When that was worked out.
        as_of: DateTime<Utc>,
    },
    /// Neither the rules nor measurements say how many are let in, or the entry lies more than 45 days ahead, or the vehicle was in no
    /// waiting zone when its turn came: it is the next of its queue when it comes.
    NotMeasured {
        /// When that was worked out.
        as_of: DateTime<Utc>,
    },
    /// Nothing was worked out for half an hour, or never: what there was is too old to be told.
    Stale {
        /// When something was worked out last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        as_of: Option<DateTime<Utc>>,
    },
}

/// When a vehicle is expected to enter: a range, as it was announced. It stands until it changes by more than a threshold, which
/// shrinks as the entry nears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EntryRange {
    /// As likely before as after.
    pub p50: DateTime<Utc>,
    /// In 8 of 10 cases before this.
    pub p80: DateTime<Utc>,
    /// In 9 of 10 cases before this.
    pub p90: DateTime<Utc>,
    /// When this range was announced.
    pub announced_at: DateTime<Utc>,
    /// When it was last looked at and held: the age of the figure.
    pub as_of: DateTime<Utc>,
    /// What is known of how many are let in.
    pub source: ThroughputSource,
    /// Whose past errors make the range.
    pub basis: RangeBasis,
}

/// What is known of how many vehicles a lane lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThroughputSource {
    /// The capacity in the rules alone: too little was measured.
    Rules,
    /// Measurements alone: the rules name no capacity.
    Measured,
    /// The capacity in the rules by hour, corrected by measurements.
    RulesAndMeasured,
}

impl ThroughputSource {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Rules, Self::Measured, Self::RulesAndMeasured];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Measured => "measured",
            Self::RulesAndMeasured => "rules_and_measured",
        }
    }
}

/// Whose past errors make a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RangeBasis {
    /// Those of the same queue of the same lane, equally far ahead.
    Queue,
    /// Those of the checkpoint, equally far ahead.
    Horizon,
    /// All those of the checkpoint.
    All,
    /// None: too few vehicles have entered yet, and the range is assumed.
    Assumed,
}

impl RangeBasis {
    /// Every basis.
    pub const ALL: [Self; 4] = [Self::Queue, Self::Horizon, Self::All, Self::Assumed];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Horizon => "horizon",
            Self::All => "all",
            Self::Assumed => "assumed",
        }
    }
}

/// The predicted entry of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookingPrediction {
    /// The booking.
    pub booking: Uuid,
    /// When it is expected to enter.
    pub predicted_entry: PredictedEntry,
}

/// The predicted entries of the vehicles that wait at a checkpoint and are not called yet, by booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PredictedEntries {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The entries.
    pub items: Vec<BookingPrediction>,
}

/// How good the announcements of a period have been. It counts those whose vehicle has entered; of one that was in no waiting zone when its turn came, what
/// it was told until then is judged by that moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PredictionAccuracy {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// Announced from this moment on.
    pub from: DateTime<Utc>,
    /// Announced before this moment.
    pub to: DateTime<Utc>,
    /// Over all horizons. None: nobody who was told anything in the period has entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall: Option<AccuracyFigures>,
    /// By how far ahead the p50 lay when it was announced. A horizon without announcements is left out.
    pub by_horizon: Vec<HorizonAccuracy>,
    /// How often times were told anew.
    pub reannouncements: Reannouncements,
}

/// The accuracy at a horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HorizonAccuracy {
    /// Hours ahead: `0-3`, `3-12`, `12-24`, `24-48` or `48+`.
    #[schema(example = "3-12")]
    pub horizon: String,
    /// The figures.
    pub figures: AccuracyFigures,
}

/// How good announcements have been.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccuracyFigures {
    /// How many were judged.
    #[schema(minimum = 1)]
    pub count: u64,
    /// The share of vehicles that entered by each bound: 0.5, 0.8 and 0.9 would be exact.
    pub coverage: QuantileFigures,
    /// The mean pinball loss of each bound, in hours: smaller is better.
    pub pinball_hours: QuantileFigures,
    /// Half of the p50 were off by less, in hours.
    pub median_absolute_error_hours: f64,
    /// The mean of the actual entry minus the p50, in hours: above 0, vehicles entered later than they were told.
    pub mean_error_hours: f64,
}

/// A figure for each bound of a range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuantileFigures {
    /// Of p50.
    pub p50: f64,
    /// Of p80.
    pub p80: f64,
    /// Of p90.
    pub p90: f64,
}

/// How often times were told anew.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reannouncements {
    /// Vehicles that were told something in the period and have entered, or had their turn.
    pub vehicles: u64,
    /// Announcements for each of them, on average. None: there are no such vehicles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announcements_per_vehicle: Option<f64>,
    /// Half of the changes moved the p50 by less, in hours. None: nothing was told anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_change_hours: Option<f64>,
}
