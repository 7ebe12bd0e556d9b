//! Measured rates: how many vehicles an hour are let in, or join a queue, by hour of Kyiv and weekday, and
//! how that goes on from now.
//!
//! A rate is a product: what the rules plan for that hour (or 1, where they plan nothing), times a factor of
//! the hour of the day, times one of the weekday, times a level. The factors and the long level come from
//! weeks, the present level from the last hours. The present level wears off towards the long one, because a
//! change of the service interval lasts for days, not for ever.
//!
//! Counts are small, so every factor is shrunk towards 1 as if some vehicles had been seen at the expected
//! rate.

use super::calendar::{HOURS_OF_WEEK, HourOfWeek};

/// One hour as it was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasuredHour {
    /// Which hour of the week it was.
    pub hour: HourOfWeek,
    /// How many hours ago it ended; 0 for the last one.
    pub age_hours: f64,
    /// How many vehicles.
    pub count: f64,
    /// The part of the hour, 0 to 1, in which they could come: open, and for a throughput with somebody
    /// waiting. Where the rules planned more or fewer for that hour than they do now, as many times more or
    /// less.
    pub exposure: f64,
}

/// How quickly a rate is believed to change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Half of the weight of the present level lies within this many hours.
    pub level_half_life_hours: f64,
    /// After this many hours 1/e of the difference between the present level and the long one is left.
    pub reversion_hours: f64,
}

impl Memory {
    /// Of what is let in: service intervals change for days. Chosen on the training worlds of the back-test.
    pub const THROUGHPUT: Self = Self { level_half_life_hours: 3.0, reversion_hours: 80.0 };
    /// Of those who join a queue: a burst is over in a day or two. Chosen on the training worlds of the
    /// back-test.
    pub const ARRIVALS: Self = Self { level_half_life_hours: 16.0, reversion_hours: 30.0 };
}

/// Half of the weight of the long level would lie within six weeks, which is about as far as is counted: with
/// intervals that last for days, fewer weeks hold too few of them. Chosen on the training worlds of the
/// back-test.
const LONG_HALF_LIFE_HOURS: f64 = 1000.0;

/// A factor of an hour or a weekday is shrunk as if this many vehicles had been seen at the expected rate.
const FACTOR_PRIOR: f64 = 20.0;

/// The present level is shrunk towards the long one as if this many vehicles had been seen.
const LEVEL_PRIOR: f64 = 1.0;

/// The long level is shrunk towards the rules' plan as if this many vehicles had been seen.
const PLAN_PRIOR: f64 = 20.0;

/// A rate is measured once this much exposure was, in hours.
const LEAST_EXPOSURE_HOURS: f64 = 3.0;

/// And once this many vehicles were seen: where nobody was ever seen, nothing says that anybody counts.
const LEAST_COUNT: f64 = 3.0;

/// An hour counts at most as this many times what is expected: a double report or a convoy is no new level.
const ROBUST_MULTIPLE: f64 = 4.0;

/// What the rules plan for each hour of the week: vehicles an hour.
pub type Plan = [f64; HOURS_OF_WEEK];

/// What a rate rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The rules' capacity alone: too little was measured.
    Rules,
    /// Measurements alone: the rules name no capacity.
    Measured,
    /// The rules' capacity by hour, corrected by measurements.
    RulesAndMeasured,
}

/// A rate by hour of the week and its level.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// What is expected at level 1, in vehicles an hour, by hour of the week.
    shape: Plan,
    long_level: f64,
    level: f64,
    reversion_hours: f64,
    basis: Basis,
}

impl Rate {
    /// Works out a rate from hours as they were measured, in any order, and the rules' plan. `None` when
    /// there is no plan and too little was measured: an unknown rate is unknown, not zero.
    #[must_use]
    pub fn measure(hours: &[MeasuredHour], plan: Option<&Plan>, memory: Memory) -> Option<Self> {
        let planned: Plan = plan.copied().unwrap_or([1.0; HOURS_OF_WEEK]);
        let open = |hour: &&MeasuredHour| hour.exposure > 0.0 && at(&planned, hour.hour) > 0.0;
        let exposure: f64 = hours.iter().filter(open).map(|hour| hour.exposure).sum();
        let count: f64 = hours.iter().filter(open).map(|hour| hour.count).sum();
        // Some minutes in which nobody entered are no level.
        if let Some(plan) = plan.filter(|_| exposure < LEAST_EXPOSURE_HOURS) {
            return Some(Self::planned(*plan));
        }
        let measured = exposure >= LEAST_EXPOSURE_HOURS && count >= LEAST_COUNT;
        let basis = match (plan, measured) {
            (None, false) => return None,
            (Some(_), false) => Basis::Rules,
            (None, true) => Basis::Measured,
            (Some(_), true) => Basis::RulesAndMeasured,
        };
        let plan_prior = if plan.is_some() { PLAN_PRIOR } else { 0.0 };
        let first_level = level(hours, &planned, |age| halved(age, LONG_HALF_LIFE_HOURS), plan_prior, 1.0);
        let mut shape = planned;
        for factor in factors(hours, &planned, first_level) {
            for hour in HourOfWeek::all() {
                if let (Some(value), Some(factor)) = (shape.get_mut(hour.index()), factor.of(hour)) {
                    *value *= factor;
                }
            }
        }
        let long_level = level(hours, &shape, |age| halved(age, LONG_HALF_LIFE_HOURS), plan_prior, 1.0);
        let present = |age| halved(age, memory.level_half_life_hours);
        let level = level(hours, &shape, present, LEVEL_PRIOR, long_level);
        Some(Self { shape, long_level, level, reversion_hours: memory.reversion_hours, basis })
    }

    /// A rate that is the rules' plan.
    #[must_use]
    pub const fn planned(plan: Plan) -> Self {
        Self { shape: plan, long_level: 1.0, level: 1.0, reversion_hours: 1.0, basis: Basis::Rules }
    }

    /// The vehicles expected in an hour of the week that lies this many hours ahead.
    #[must_use]
    pub fn expected(&self, hour: HourOfWeek, hours_ahead: f64) -> f64 {
        let left = (-hours_ahead.max(0.0) / self.reversion_hours).exp();
        at(&self.shape, hour) * (self.long_level + (self.level - self.long_level) * left)
    }

    /// What it rests on.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.basis
    }
}

fn at(plan: &Plan, hour: HourOfWeek) -> f64 {
    plan.get(hour.index()).copied().unwrap_or_default()
}

fn halved(age_hours: f64, half_life_hours: f64) -> f64 {
    (-std::f64::consts::LN_2 * age_hours.max(0.0) / half_life_hours).exp()
}

/// Vehicles seen over vehicles expected at level 1, weighted by age.
fn level(
    hours: &[MeasuredHour],
    shape: &Plan,
    weight: impl Fn(f64) -> f64,
    prior: f64,
    prior_level: f64,
) -> f64 {
    let (mut seen, mut expected) = (prior, if prior_level > 0.0 { prior / prior_level } else { prior });
    for measured in hours {
        let due = measured.exposure * at(shape, measured.hour);
        if due <= 0.0 {
            continue;
        }
        let weight = weight(measured.age_hours);
        let most = if prior > 0.0 { ROBUST_MULTIPLE * due.mul_add(prior_level, 1.0) } else { f64::INFINITY };
        seen += weight * measured.count.min(most);
        expected += weight * due;
    }
    if expected > 0.0 { seen / expected } else { prior_level }
}

enum Factors {
    Hours([f64; 24]),
    Weekdays([f64; 7]),
}

impl Factors {
    fn of(&self, hour: HourOfWeek) -> Option<f64> {
        match self {
            Self::Hours(factors) => factors.get(hour.hour()).copied(),
            Self::Weekdays(factors) => factors.get(hour.weekday()).copied(),
        }
    }
}

/// The factors of the hours of the day and of the weekdays.
fn factors(hours: &[MeasuredHour], planned: &Plan, level: f64) -> [Factors; 2] {
    let by_hour = ratios::<24>(hours, |hour| level * at(planned, hour), HourOfWeek::hour);
    let of_hour = |hour: HourOfWeek| by_hour.get(hour.hour()).copied().unwrap_or(1.0);
    let by_weekday =
        ratios::<7>(hours, |hour| level * at(planned, hour) * of_hour(hour), HourOfWeek::weekday);
    [Factors::Hours(by_hour), Factors::Weekdays(by_weekday)]
}

fn ratios<const N: usize>(
    hours: &[MeasuredHour],
    expected: impl Fn(HourOfWeek) -> f64,
    bin: impl Fn(HourOfWeek) -> usize,
) -> [f64; N] {
    let mut sums = [(FACTOR_PRIOR, FACTOR_PRIOR); N];
    for measured in hours {
        let due = measured.exposure * expected(measured.hour);
        if due > 0.0
            && let Some((seen, expected)) = sums.get_mut(bin(measured.hour))
        {
            *seen += measured.count.min(ROBUST_MULTIPLE * (due + 1.0));
            *expected += due;
        }
    }
    sums.map(|(seen, expected)| seen / expected)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weeks(count: u32, rate: impl Fn(HourOfWeek, u32) -> f64) -> Vec<MeasuredHour> {
        let hours: Vec<HourOfWeek> = HourOfWeek::all().collect();
        let total = count * 168;
        (0..total)
            .map(|index| {
                let hour = hours[index as usize % 168];
                let age = total - 1 - index;
                MeasuredHour { hour, age_hours: f64::from(age), count: rate(hour, age), exposure: 1.0 }
            })
            .collect()
    }

    #[test]
    fn nothing_measured_and_nothing_planned_is_unknown() {
        assert_eq!(Rate::measure(&[], None, Memory::THROUGHPUT), None);
    }

    #[test]
    fn where_nobody_was_ever_seen_to_enter_the_rate_is_unknown_and_not_zero() {
        assert_eq!(Rate::measure(&weeks(1, |_, _| 0.0), None, Memory::THROUGHPUT), None);
    }

    #[test]
    fn nothing_measured_is_the_plan() {
        let rate = Rate::measure(&[], Some(&[12.0; 168]), Memory::THROUGHPUT).unwrap();
        assert_eq!(rate.basis(), Basis::Rules);
        assert!((rate.expected(HourOfWeek::of(2, 5), 30.0) - 12.0).abs() < 1e-9);
    }

    #[test]
    fn some_minutes_in_which_nobody_entered_leave_the_plan_as_it_is() {
        let minutes = MeasuredHour { hour: HourOfWeek::of(2, 5), age_hours: 0.0, count: 0.0, exposure: 0.3 };
        let rate = Rate::measure(&[minutes], Some(&[12.0; 168]), Memory::THROUGHPUT).unwrap();
        assert_eq!(rate.expected(HourOfWeek::of(2, 5), 0.0), 12.0);
        assert_eq!(rate.basis(), Basis::Rules);
    }

    #[test]
    fn the_hours_of_the_day_are_learnt() {
        let hours = weeks(6, |hour, _| if hour.hour() < 12 { 4.0 } else { 8.0 });
        let rate = Rate::measure(&hours, None, Memory::THROUGHPUT).unwrap();
        let expected = |hour| rate.expected(HourOfWeek::of(3, hour), 100.0);
        assert!((expected(3) - 4.0).abs() < 0.3, "{}", expected(3));
        assert!((expected(15) - 8.0).abs() < 0.3, "{}", expected(15));
    }

    #[test]
    fn a_new_level_counts_now_and_wears_off() {
        let hours = weeks(6, |_, age| if age < 24 { 4.0 } else { 8.0 });
        let rate = Rate::measure(&hours, None, Memory::THROUGHPUT).unwrap();
        let now = rate.expected(HourOfWeek::of(0, 0), 0.0);
        let later = rate.expected(HourOfWeek::of(0, 0), 500.0);
        assert!(now < 4.6, "{now}");
        assert!(later > 7.0, "{later}");
    }

    #[test]
    fn where_the_plan_is_closed_nobody_is_expected() {
        let mut plan = [6.0; 168];
        plan[0] = 0.0;
        let rate = Rate::measure(&weeks(2, |_, _| 5.0), Some(&plan), Memory::THROUGHPUT).unwrap();
        assert_eq!(rate.expected(HourOfWeek::of(0, 0), 3.0), 0.0);
        assert_eq!(rate.basis(), Basis::RulesAndMeasured);
    }

    #[test]
    fn hours_without_exposure_say_nothing() {
        let mut hours = weeks(3, |_, _| 6.0);
        for measured in hours.iter_mut().filter(|measured| measured.age_hours < 12.0) {
            measured.count = 0.0;
            measured.exposure = 0.0;
        }
        let rate = Rate::measure(&hours, None, Memory::THROUGHPUT).unwrap();
        assert!((rate.expected(HourOfWeek::of(1, 1), 0.0) - 6.0).abs() < 0.2);
    }

    proptest! {
        #[test]
        fn a_rate_is_never_negative_nor_without_number(
            counts in prop::collection::vec((0.0..500.0f64, 0.0..=1.0f64), 0..400),
            ahead in 0.0..1000.0f64,
        ) {
            let all: Vec<HourOfWeek> = HourOfWeek::all().collect();
            let hours: Vec<MeasuredHour> = counts
                .iter()
                .zip(all.iter().cycle())
                .enumerate()
                .map(|(age, (&(count, exposure), &hour))| MeasuredHour {
                    hour, age_hours: age as f64, count, exposure,
                })
                .collect();
            if let Some(rate) = Rate::measure(&hours, None, Memory::ARRIVALS) {
                for hour in all {
                    let expected = rate.expected(hour, ahead);
                    prop_assert!(expected.is_finite() && expected >= 0.0);
                }
            }
        }
    }
}
