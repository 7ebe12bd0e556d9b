//! How far forecasts were off, and the ranges that follow: split conformal prediction on what was forecast
//! before.
//!
//! A residual is the actual entry minus the forecast, as a part of the forecast wait: an hour off is much
//! before a call and little two days ahead. Residuals are grouped by horizon and queue of a lane; where a
//! group has few, a wider one speaks: the horizon over all queues, then all. The forecast is corrected by the
//! median, so that what is published as p50 is too late as often as too early.
//!
//! A forecast whose vehicle still waits has no residual yet, but says that it is more than so much. To leave
//! those out would make every range too short in a queue that slows down, so they count as censored (Kaplan
//! and Meier's estimate of the distribution).

use std::collections::BTreeMap;

/// How far ahead an entry lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Horizon {
    /// Up to 3 hours.
    UpTo3,
    /// 3 to 12 hours.
    UpTo12,
    /// 12 to 24 hours.
    UpTo24,
    /// 24 to 48 hours.
    UpTo48,
    /// More than 48 hours.
    Longer,
}

impl Horizon {
    /// Every horizon, the nearest first.
    pub const ALL: [Self; 5] = [Self::UpTo3, Self::UpTo12, Self::UpTo24, Self::UpTo48, Self::Longer];

    /// The horizon of an entry so many hours ahead.
    #[must_use]
    pub fn of(hours: f64) -> Self {
        match hours {
            _ if hours < 3.0 => Self::UpTo3,
            _ if hours < 12.0 => Self::UpTo12,
            _ if hours < 24.0 => Self::UpTo24,
            _ if hours < 48.0 => Self::UpTo48,
            _ => Self::Longer,
        }
    }

    /// Its name on the wire, in the database and in metrics: hours.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UpTo3 => "0-3",
            Self::UpTo12 => "3-12",
            Self::UpTo24 => "12-24",
            Self::UpTo48 => "24-48",
            Self::Longer => "48+",
        }
    }

    /// Reads its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|horizon| horizon.as_str() == name)
    }
}

/// What became of a forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    /// The vehicle entered this many hours after the forecast was made.
    Entered(f64),
    /// It still waits, this many hours after.
    Waits(f64),
}

/// A forecast made before, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Past<Queue> {
    /// Which queue of which lane.
    pub queue: Queue,
    /// How far ahead the entry was forecast, in hours, before any correction.
    pub forecast_hours: f64,
    /// What became of it.
    pub fate: Fate,
}

/// Quantiles of the relative residuals of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The median.
    pub p50: f64,
    /// 8 of 10 lie below.
    pub p80: f64,
    /// 9 of 10 lie below.
    pub p90: f64,
}

impl Spread {
    /// Where nothing was measured yet: what the training worlds of the back-test showed over all horizons,
    /// widened.
    pub const ASSUMED: Self = Self { p50: 0.0, p80: 0.25, p90: 0.45 };

    /// The range around a forecast, in hours from now; never before now, and in order.
    #[must_use]
    pub fn around(self, forecast_hours: f64) -> Range {
        let scale = scale(forecast_hours);
        let p50 = self.p50.mul_add(scale, forecast_hours).max(0.0);
        let p80 = self.p80.mul_add(scale, forecast_hours).max(p50);
        let p90 = self.p90.mul_add(scale, forecast_hours).max(p80);
        Range { p50, p80, p90 }
    }
}

/// A range of hours from now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// As likely sooner as later.
    pub p50: f64,
    /// Sooner in 8 of 10 cases.
    pub p80: f64,
    /// Sooner in 9 of 10 cases.
    pub p90: f64,
}

/// Residuals are parts of this: the wait and an hour, so that short waits do not divide by nothing.
fn scale(forecast_hours: f64) -> f64 {
    forecast_hours.max(0.0) + 1.0
}

/// A group speaks for itself when this many of its forecasts have come to an end.
const ENOUGH: usize = 60;

/// See [`independent`]. Chosen on the training worlds of the back-test.
const INDEPENDENT_PER_WAIT: f64 = 3.0;

/// The correction by the median is shrunk as if so many independent forecasts had been right. Chosen on the
/// training worlds of the back-test.
const MEDIAN_PRIOR: f64 = 30.0;

/// The spreads of every group.
#[derive(Debug, Clone, PartialEq)]
pub struct Residuals<Queue: Ord> {
    by_queue: BTreeMap<(Horizon, Queue), Spread>,
    by_horizon: BTreeMap<Horizon, Spread>,
    of_all: Option<Spread>,
}

/// Whose residuals a range rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Those of the same horizon and queue.
    Queue,
    /// Those of the same horizon.
    Horizon,
    /// All.
    All,
    /// None: it is assumed.
    Assumed,
}

impl<Queue: Ord + Clone> Residuals<Queue> {
    /// From forecasts that were made in the last so many hours.
    #[must_use]
    pub fn of(past: impl IntoIterator<Item = Past<Queue>>, window_hours: f64) -> Self {
        let mut by_queue: BTreeMap<(Horizon, Queue), Vec<Score>> = BTreeMap::new();
        let mut by_horizon: BTreeMap<Horizon, Vec<Score>> = BTreeMap::new();
        let mut all = Vec::new();
        for Past { queue, forecast_hours, fate } in past {
            let (hours, ended) = match fate {
                Fate::Entered(hours) => (hours, true),
                Fate::Waits(hours) => (hours, false),
            };
            let value = (hours - forecast_hours) / scale(forecast_hours);
            let score = Score { value, forecast_hours, ended };
            let horizon = Horizon::of(forecast_hours);
            by_queue.entry((horizon, queue)).or_default().push(score);
            by_horizon.entry(horizon).or_default().push(score);
            all.push(score);
        }
        Self {
            by_queue: by_queue
                .into_iter()
                .filter_map(|(key, scores)| Some((key, spread(scores, window_hours)?)))
                .collect(),
            by_horizon: by_horizon
                .into_iter()
                .filter_map(|(key, scores)| Some((key, spread(scores, window_hours)?)))
                .collect(),
            of_all: spread(all, window_hours),
        }
    }

    /// The spread for a forecast so many hours ahead in a queue, and whose it is.
    #[must_use]
    pub fn spread(&self, queue: &Queue, forecast_hours: f64) -> (Spread, Group) {
        let horizon = Horizon::of(forecast_hours);
        let own = self.by_queue.get(&(horizon, queue.clone())).map(|spread| (*spread, Group::Queue));
        own.or_else(|| self.by_horizon.get(&horizon).map(|spread| (*spread, Group::Horizon)))
            .or_else(|| self.of_all.map(|spread| (spread, Group::All)))
            .unwrap_or((Spread::ASSUMED, Group::Assumed))
    }
}

#[derive(Debug, Clone, Copy)]
struct Score {
    value: f64,
    forecast_hours: f64,
    ended: bool,
}

/// The quantiles of a group, if enough of it have come to an end.
fn spread(mut scores: Vec<Score>, window_hours: f64) -> Option<Spread> {
    let ended = scores.iter().filter(|score| score.ended).count();
    if ended < ENOUGH {
        return None;
    }
    // Of equal values those that ended come first: a censored one says "at least".
    scores.sort_by(|a, b| a.value.total_cmp(&b.value).then(b.ended.cmp(&a.ended)));
    let independent = independent(&scores, window_hours);
    let [p50, p80, p90] = quantiles(&scores, [0.5, 0.8, 0.9], independent);
    let trust = independent / (independent + MEDIAN_PRIOR);
    Some(Spread { p50: p50 * trust, p80, p90 })
}

/// How many forecasts that fail independently a group is worth: those of one wait share the fate of the
/// queue, so however many they are, a window holds only a few independent ones for each wait that fits into
/// it.
#[expect(clippy::cast_precision_loss, reason = "no window holds 2^52 forecasts")]
fn independent(scores: &[Score], window_hours: f64) -> f64 {
    let n = scores.len() as f64;
    let wait = scores.iter().map(|score| score.forecast_hours).sum::<f64>() / n.max(1.0);
    (INDEPENDENT_PER_WAIT * window_hours / wait.max(1.0)).min(n).max(1.0)
}

/// The values below which so much of the distribution lies, by the product-limit estimate. The levels above
/// the median are raised to `(n + 1) / n` of themselves, `n` being the number of independent forecasts: that
/// makes the coverage of a next, exchangeable one at least the level. Levels in ascending order.
#[expect(clippy::cast_precision_loss, reason = "no window holds 2^52 forecasts")]
fn quantiles<const N: usize>(sorted: &[Score], levels: [f64; N], independent: f64) -> [f64; N] {
    let n = sorted.len();
    let raised = |level: f64| if level > 0.5 { (level * (1.0 + 1.0 / independent)).min(1.0) } else { level };
    let mut found = [f64::NAN; N];
    let mut next = 0;
    let mut surviving = 1.0;
    let mut last = 0.0;
    for (index, score) in sorted.iter().enumerate().filter(|(_, score)| score.ended) {
        let at_risk = (n - index) as f64;
        surviving *= 1.0 - 1.0 / at_risk;
        last = score.value;
        while let (Some(level), Some(slot)) = (levels.get(next), found.get_mut(next))
            // The sum of many small steps may fall short of the level by rounding.
            && 1.0 - surviving >= raised(*level) - 1e-9
        {
            *slot = last;
            next += 1;
        }
    }
    // What the ended do not reach lies beyond them: the latest is the best that is known.
    found.map(|value| if value.is_nan() { last } else { value })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entered(forecast_hours: f64, hours: f64) -> Past<u8> {
        Past { queue: 0, forecast_hours, fate: Fate::Entered(hours) }
    }

    #[test]
    fn nothing_measured_is_assumed_and_said_so() {
        let residuals = Residuals::<u8>::of([], 672.0);
        assert_eq!(residuals.spread(&0, 5.0), (Spread::ASSUMED, Group::Assumed));
    }

    #[test]
    fn a_queue_with_few_falls_back_to_its_horizon_and_then_to_all() {
        let many = (0..100).map(|step| entered(5.0, 5.0 + f64::from(step) / 10.0));
        let few = (0..5).map(|_| Past { queue: 1, forecast_hours: 5.0, fate: Fate::Entered(50.0) });
        let residuals = Residuals::of(many.chain(few), 672.0);
        assert_eq!(residuals.spread(&0, 5.0).1, Group::Queue);
        assert_eq!(residuals.spread(&1, 5.0).1, Group::Horizon);
        assert_eq!(residuals.spread(&1, 100.0).1, Group::All);
    }

    #[test]
    fn those_who_still_wait_widen_the_range() {
        let ended = (0..200).map(|step| entered(9.0, 9.0 + f64::from(step) / 100.0));
        let waiting = (0..100).map(|_| Past { queue: 0, forecast_hours: 9.0, fate: Fate::Waits(10.0) });
        let without = Residuals::of(ended.clone(), 672.0).spread(&0, 9.0).0;
        let with = Residuals::of(ended.chain(waiting), 672.0).spread(&0, 9.0).0;
        assert!(with.p80 > without.p80, "{with:?} {without:?}");
    }

    /// A drawn number between 0 and 1; the same for the same seed.
    fn drawn(state: &mut u64) -> f64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 11) as f64 / (1_u64 << 53) as f64
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn the_range_covers_what_it_says_on_exchangeable_data(seed: u64, skew in 0.2..3.0f64) {
            let mut state = seed;
            let mut draw = || {
                let forecast = 3.0 + 9.0 * drawn(&mut state) * 0.99;
                entered(forecast, forecast + (drawn(&mut state).powf(skew) - 0.4) * (forecast + 1.0))
            };
            let residuals = Residuals::of((0..2000).map(|_| draw()).collect::<Vec<_>>(), 1e6);
            let fresh: Vec<_> = (0..2000).map(|_| draw()).collect();
            let covered = |bound: fn(Range) -> f64| {
                let below = fresh.iter().filter(|past| {
                    let range = residuals.spread(&0, past.forecast_hours).0.around(past.forecast_hours);
                    matches!(past.fate, Fate::Entered(hours) if hours <= bound(range))
                });
                below.count() as f64 / 2000.0
            };
            // Six standard deviations of two samples of 2,000: in four, one case of some thousands is outside
            // by chance.
            prop_assert!((covered(|range| range.p50) - 0.5).abs() < 0.095);
            prop_assert!((covered(|range| range.p80) - 0.8).abs() < 0.076);
            prop_assert!((covered(|range| range.p90) - 0.9).abs() < 0.057);
        }

        #[test]
        fn a_range_is_in_order_and_never_before_now(
            past in prop::collection::vec((0.0..90.0f64, 0.0..150.0f64, any::<bool>()), 0..300),
            ahead in 0.0..200.0f64,
        ) {
            let past = past.into_iter().map(|(forecast_hours, hours, ended)| Past {
                queue: 0,
                forecast_hours,
                fate: if ended { Fate::Entered(hours) } else { Fate::Waits(hours) },
            });
            let Range { p50, p80, p90 } = Residuals::of(past, 672.0).spread(&0, ahead).0.around(ahead);
            prop_assert!(0.0 <= p50 && p50 <= p80 && p80 <= p90 && p90.is_finite());
        }
    }
}
