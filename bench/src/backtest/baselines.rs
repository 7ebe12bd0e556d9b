//! What the prediction has to beat. All are given the same place in the merged order and count the called
//! ahead, so they differ from it in the rate that they believe in, and in that they know neither who will
//! pass nor who will leave.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kordon_hub::prediction::accuracy::median;
use kordon_hub::prediction::calendar::{HourOfWeek, after, hours_from};

use super::records::Records;

/// A way to predict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Baseline {
    /// Vehicles ahead times one interval, set once.
    Constant,
    /// Vehicles ahead over what entered in the last so many hours.
    Rolling(usize),
    /// The wait of those who booked at the same hour of the week.
    SeasonalWait,
    /// Vehicles ahead through what entered at the same hours of the week.
    SeasonalThroughput,
}

impl Baseline {
    pub(super) const ALL: [Self; 7] = [
        Self::Constant,
        Self::Rolling(1),
        Self::Rolling(3),
        Self::Rolling(6),
        Self::Rolling(24),
        Self::SeasonalWait,
        Self::SeasonalThroughput,
    ];

    pub(super) fn name(self) -> String {
        match self {
            Self::Constant => "(a) vehicles ahead × constant interval".to_owned(),
            Self::Rolling(hours) => format!("(b) vehicles ahead ÷ throughput of the last {hours} h"),
            Self::SeasonalWait => "(c) seasonal naive: the wait by weekday and hour".to_owned(),
            Self::SeasonalThroughput => "(c) seasonal naive: the throughput by weekday and hour".to_owned(),
        }
    }
}

/// The figures of a look that the baselines need.
pub(super) struct Figures {
    constant_interval_hours: Option<f64>,
    rolling: Vec<(usize, Option<f64>)>,
    /// Entries to be expected by the end of each hour from now.
    seasonal: Vec<f64>,
}

impl Figures {
    pub(super) fn of(records: &Records, constant_interval_hours: Option<f64>, now: DateTime<Utc>) -> Self {
        let seasonal = records.seasonal();
        let mut expected = 0.0;
        let seasonal = hours_from(now)
            .take(24 * 28)
            .map(|hour| {
                expected += seasonal.get(hour.index()).copied().unwrap_or_default();
                expected
            })
            .collect();
        let rolling = [1, 3, 6, 24].map(|hours| (hours, records.rolling(hours))).to_vec();
        Self { constant_interval_hours, rolling, seasonal }
    }

    /// The hours until entry that a baseline predicts for a vehicle with so many ahead. What it cannot say it
    /// takes from the next longer window.
    pub(super) fn predict(&self, baseline: Baseline, ahead: f64, seasonal_wait: Option<f64>) -> Option<f64> {
        match baseline {
            Baseline::Constant => Some(ahead * self.constant_interval_hours?),
            Baseline::Rolling(hours) => self
                .rolling
                .iter()
                .filter(|(window, _)| *window >= hours)
                .find_map(|(_, rate)| *rate)
                .map(|rate| ahead / rate),
            Baseline::SeasonalWait => seasonal_wait,
            Baseline::SeasonalThroughput => {
                let hour = self.seasonal.iter().position(|expected| *expected >= ahead)?;
                let before =
                    hour.checked_sub(1).and_then(|before| self.seasonal.get(before)).copied().unwrap_or(0.0);
                let at = self.seasonal.get(hour).copied()?;
                #[expect(clippy::cast_precision_loss, reason = "four weeks of hours")]
                Some(hour as f64 + if at > before { (ahead - before) / (at - before) } else { 0.0 })
            }
        }
    }
}

/// A queue and the hour of the week of a booking.
type BookedAt = (Option<usize>, usize);

/// Waits by when they were booked: each entered vehicle of the last four weeks.
#[derive(Default)]
pub(super) struct Waits {
    /// By queue and hour of the week of the booking: when the vehicle entered, and how long it had waited.
    by_hour: HashMap<BookedAt, Vec<(f64, f64)>>,
}

impl Waits {
    pub(super) fn entered(
        &mut self,
        start: DateTime<Utc>,
        queue: Option<usize>,
        booked_at: f64,
        entered_at: f64,
    ) {
        let hour = HourOfWeek::at(after(start, booked_at)).index();
        self.by_hour.entry((queue, hour)).or_default().push((entered_at, entered_at - booked_at));
    }

    /// The usual wait of those booked at that hour, in hours.
    pub(super) fn usual(
        &self,
        start: DateTime<Utc>,
        queue: Option<usize>,
        booked_at: f64,
        now: f64,
    ) -> Option<f64> {
        let hour = HourOfWeek::at(after(start, booked_at)).index();
        let waits: Vec<f64> = self
            .by_hour
            .get(&(queue, hour))?
            .iter()
            .filter(|(entered_at, _)| *entered_at > now - 28.0 * 24.0 - 100.0)
            .map(|(_, wait)| *wait)
            .collect();
        (!waits.is_empty()).then(|| median(waits))
    }
}
