//! The lanes of the simulated checkpoints. Intervals, lengths and demand are those that were published or
//! measured of real queues (`docs/prediction.md` names them); none is a real checkpoint.

use kordon_hub::prediction::calendar::HourOfWeek;
use kordon_hub::prediction::throughput::Plan;
use kordon_hub::queue::ranking::Merge;
use kordon_schemas::Bilingual;
use kordon_schemas::rules::{CallRules, MergeRules, PriorityClass};

/// A lane.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) name: &'static str,
    /// The usual service interval.
    pub(super) interval_seconds: f64,
    /// Live bookings an hour when nobody waits.
    pub(super) bookings_per_hour: f64,
    /// With so many waiting, only 1/e of them book.
    pub(super) patience: f64,
    /// Bookings an hour of each class of the priority queue, between bursts somewhat less.
    pub(super) priority_per_hour: [f64; 3],
    /// Places sold ahead for each hour.
    pub(super) slots_per_hour: f64,
    /// Cancellations per waiting vehicle and hour.
    pub(super) cancelled_per_hour: f64,
    /// The part of the called that do not come.
    pub(super) absent_share: f64,
    /// The way from the zone to the checkpoint.
    pub(super) lead_hours: f64,
    pub(super) hours_between_switches: f64,
    pub(super) hours_between_pauses: f64,
    pub(super) pause_hours: f64,
    /// Hours of the day at which it is closed by the rules.
    pub(super) closed: std::ops::Range<usize>,
    /// What the rules plan, in vehicles an hour while it is open; none: the rules name no capacity.
    pub(super) planned_per_hour: Option<f64>,
}

impl Site {
    /// All lanes.
    pub(super) fn all() -> Vec<Self> {
        let usual = Self {
            name: "",
            interval_seconds: 420.0,
            bookings_per_hour: 14.6,
            patience: 900.0,
            priority_per_hour: [0.15, 0.5, 0.6],
            slots_per_hour: 0.5,
            cancelled_per_hour: 0.002,
            absent_share: 0.03,
            lead_hours: 1.0,
            hours_between_switches: 60.0,
            hours_between_pauses: 240.0,
            pause_hours: 3.0,
            closed: 0..0,
            planned_per_hour: Some(8.0),
        };
        vec![
            Self {
                name: "wide, long queue",
                interval_seconds: 330.0,
                bookings_per_hour: 22.0,
                patience: 1200.0,
                priority_per_hour: [0.3, 0.8, 1.0],
                slots_per_hour: 1.0,
                cancelled_per_hour: 0.0015,
                planned_per_hour: Some(12.0),
                ..usual.clone()
            },
            Self { name: "usual", ..usual.clone() },
            Self {
                name: "no plan in the rules",
                interval_seconds: 510.0,
                bookings_per_hour: 12.0,
                patience: 600.0,
                priority_per_hour: [0.1, 0.6, 0.9],
                slots_per_hour: 0.0,
                planned_per_hour: None,
                ..usual.clone()
            },
            Self {
                name: "closed at night",
                interval_seconds: 360.0,
                bookings_per_hour: 11.0,
                patience: 500.0,
                closed: 0..6,
                slots_per_hour: 1.2,
                planned_per_hour: Some(9.0),
                ..usual.clone()
            },
            Self {
                name: "slow, many with priority",
                interval_seconds: 780.0,
                bookings_per_hour: 7.0,
                patience: 500.0,
                priority_per_hour: [0.15, 0.5, 0.8],
                slots_per_hour: 0.3,
                cancelled_per_hour: 0.003,
                absent_share: 0.05,
                planned_per_hour: Some(5.0),
                ..usual.clone()
            },
            Self {
                name: "short queue",
                interval_seconds: 400.0,
                bookings_per_hour: 9.5,
                patience: 250.0,
                priority_per_hour: [0.1, 0.4, 0.5],
                slots_per_hour: 0.8,
                hours_between_switches: 40.0,
                planned_per_hour: Some(9.0),
                ..usual
            },
        ]
    }

    /// How much of the usual demand there is at an hour.
    pub(super) fn demand_shape(&self, hour: HourOfWeek) -> f64 {
        let of_day = 1.0 + 0.45 * wave(hour.hour(), 13.0);
        let of_week = if hour.weekday() >= 5 { 0.7 } else { 1.1 };
        of_day * of_week
    }

    /// How much of the usual interval a vehicle takes at an hour: longer at night and at the change of
    /// shifts.
    pub(super) fn interval_shape(&self, hour: HourOfWeek) -> f64 {
        let shift = if matches!(hour.hour(), 8 | 20) { 0.25 } else { 0.0 };
        let weekend = if hour.weekday() == 6 { 0.1 } else { 0.0 };
        1.0 - 0.2 * wave(hour.hour(), 14.0) + shift + weekend
    }

    /// Vehicles an hour that the rules or, where they say nothing, its opening hours allow; 0: closed.
    pub(super) fn capacity(&self, hour: HourOfWeek) -> f64 {
        if self.closed.contains(&hour.hour()) { 0.0 } else { self.planned_per_hour.unwrap_or(1.0) }
    }

    /// The rules' plan.
    pub(super) fn plan(&self) -> Option<Plan> {
        self.planned_per_hour?;
        let mut plan = [0.0; 168];
        for (hour, planned) in HourOfWeek::all().zip(plan.iter_mut()) {
            *planned = self.capacity(hour);
        }
        Some(plan)
    }
}

/// From 1 at the peak to -1 twelve hours from it.
#[expect(clippy::cast_precision_loss, reason = "an hour of the day")]
fn wave(hour: usize, peak: f64) -> f64 {
    (std::f64::consts::TAU * (hour as f64 - peak) / 24.0).cos()
}

/// The merge order of the example in the rules: 1 : 1 : 1 : 5.
pub(super) fn merge() -> Merge {
    let class = |class: &str| PriorityClass {
        class: class.to_owned(),
        name: Bilingual { uk: class.to_owned(), en: class.to_owned() },
        weight: 1,
    };
    let classes = vec![class("authorised-perishable"), class("perishable"), class("authorised")];
    let call = CallRules { lead_minutes: 60, deadline_minutes: 240, warn_minutes: None };
    Merge::of(&MergeRules { classes, live_weight: 5 }, &call)
}
