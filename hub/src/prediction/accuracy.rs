//! How good what was told has been: coverage, pinball loss and error by horizon, and how often a time was
//! told anew.

use super::residuals::{Horizon, Range};

/// Something that was told about a vehicle that has entered since. All in hours from when it was told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// What was told.
    pub told: Range,
    /// When the vehicle entered.
    pub actual: f64,
}

/// What the judged come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// How many were judged.
    pub count: u64,
    /// The share that entered by p50, by p80 and by p90. What it should be is in the names.
    pub coverage: Levels,
    /// The mean pinball loss, in hours: the loss of a quantile that is `a` too early by `q a`, `a` too late
    /// by `(1 - q) a`.
    pub pinball_hours: Levels,
    /// Half of the medians were off by less, in hours.
    pub median_absolute_error_hours: f64,
    /// The mean error of the medians, in hours: above 0, vehicles entered later than they were told.
    pub mean_error_hours: f64,
}

/// A figure for each of the three quantiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// Of p50.
    pub p50: f64,
    /// Of p80.
    pub p80: f64,
    /// Of p90.
    pub p90: f64,
}

/// The accuracy over all of them; none where nothing was judged.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "nobody judges 2^52 announcements")]
pub fn accuracy(judged: &[Judged]) -> Option<Accuracy> {
    let n = judged.len();
    if n == 0 {
        return None;
    }
    let mean = |of: &dyn Fn(&Judged) -> f64| judged.iter().map(of).sum::<f64>() / n as f64;
    let covered =
        |bound: fn(&Range) -> f64| mean(&|each| if each.actual <= bound(&each.told) { 1.0 } else { 0.0 });
    let loss =
        |level: f64, bound: fn(&Range) -> f64| mean(&|each| pinball(level, bound(&each.told), each.actual));
    let (p50, p80, p90) = (|range: &Range| range.p50, |range: &Range| range.p80, |range: &Range| range.p90);
    Some(Accuracy {
        count: n as u64,
        coverage: Levels { p50: covered(p50), p80: covered(p80), p90: covered(p90) },
        pinball_hours: Levels { p50: loss(0.5, p50), p80: loss(0.8, p80), p90: loss(0.9, p90) },
        median_absolute_error_hours: median(
            judged.iter().map(|each| (each.actual - each.told.p50).abs()).collect(),
        ),
        mean_error_hours: mean(&|each| each.actual - each.told.p50),
    })
}

/// The accuracy by horizon of what was told, horizons without any left out.
#[must_use]
pub fn by_horizon(judged: &[Judged]) -> Vec<(Horizon, Accuracy)> {
    Horizon::ALL
        .into_iter()
        .filter_map(|horizon| {
            let of_it: Vec<Judged> =
                judged.iter().filter(|each| Horizon::of(each.told.p50) == horizon).copied().collect();
            Some((horizon, accuracy(&of_it)?))
        })
        .collect()
}

/// The loss of a quantile that was told as `told`, when `actual` came.
#[must_use]
pub fn pinball(level: f64, told: f64, actual: f64) -> f64 {
    let short = actual - told;
    if short >= 0.0 { level * short } else { (level - 1.0) * short }
}

/// The middle one, or the mean of the two in the middle; 0 of none.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let upper = values.len() / 2;
    let lower = upper.saturating_sub(usize::from(values.len().is_multiple_of(2)));
    match (values.get(lower), values.get(upper)) {
        (Some(lower), Some(upper)) => f64::midpoint(*lower, *upper),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(p50: f64, actual: f64) -> Judged {
        Judged { told: Range { p50, p80: p50 + 2.0, p90: p50 + 4.0 }, actual }
    }

    #[test]
    fn nothing_judged_is_no_figure() {
        assert_eq!(accuracy(&[]), None);
        assert_eq!(by_horizon(&[]), []);
    }

    #[test]
    fn figures_are_as_worked_out_by_hand() {
        let accuracy =
            accuracy(&[judged(10.0, 9.0), judged(10.0, 11.0), judged(10.0, 13.0), judged(10.0, 15.0)])
                .unwrap();
        assert_eq!(accuracy.count, 4);
        assert_eq!(accuracy.coverage, Levels { p50: 0.25, p80: 0.5, p90: 0.75 });
        assert_eq!(accuracy.median_absolute_error_hours, 2.0);
        assert_eq!(accuracy.mean_error_hours, 2.0);
        // p50: (0.5 + 0.5 + 1.5 + 2.5) / 4.
        assert_eq!(accuracy.pinball_hours.p50, 1.25);
        // p80: (0.2 * 3 + 0.2 * 1 + 0.8 * 1 + 0.8 * 3) / 4.
        assert!((accuracy.pinball_hours.p80 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn each_horizon_has_its_own() {
        let all = [judged(1.0, 1.0), judged(30.0, 31.0), judged(31.0, 29.0)];
        let counts: Vec<_> = by_horizon(&all).into_iter().map(|(horizon, of)| (horizon, of.count)).collect();
        assert_eq!(counts, [(Horizon::UpTo3, 1), (Horizon::UpTo48, 2)]);
    }

    #[test]
    fn too_early_and_too_late_weigh_by_the_level() {
        assert_eq!(pinball(0.75, 10.0, 14.0), 3.0);
        assert_eq!(pinball(0.75, 10.0, 6.0), 1.0);
    }
}
