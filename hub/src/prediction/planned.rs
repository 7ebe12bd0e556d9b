//! What the rules plan for a lane, and what they planned before, for predicted entries (Resolution 1393,
//! clauses 11, 13): hours are judged by the rules that were in force in them. Else a change of the opening
//! hours or of the capacity would look for weeks as if the lane had slowed down, or sped up.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::rules::LaneRules;

use super::calendar::{HOURS_OF_WEEK, HourOfWeek};
use super::throughput::Plan;
use crate::checkpoints::rules::RulesInForce;
use crate::queue::capacity;

/// What the rules plan for a lane and have planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    now: Option<Plan>,
    /// Until when other rules were in force, and what they planned; in order.
    before: Vec<(DateTime<Utc>, Option<Plan>)>,
}

impl Planned {
    /// The rules have always planned this; none: they name no capacity.
    #[must_use]
    pub const fn always(plan: Option<Plan>) -> Self {
        Self { now: plan, before: Vec::new() }
    }

    /// What is planned for `lane` by the rules of a version, and was by those of the `periods` before `now`.
    #[must_use]
    pub fn of(
        lane: &LaneRules,
        version: i32,
        periods: &[(DateTime<Utc>, DateTime<Utc>, RulesInForce)],
        now: DateTime<Utc>,
    ) -> Self {
        let before = periods
            .iter()
            .filter(|(_, _, in_force)| in_force.version != version)
            .map(|(starts_at, ends_at, in_force)| {
                let then = in_force.rules.lanes.iter().find(|then| then.lane == lane.lane);
                (*ends_at, then.and_then(|then| plan(then, *starts_at)))
            })
            .collect();
        Self { now: plan(lane, now), before }
    }

    /// What is planned now; none: the rules name no capacity.
    #[must_use]
    pub const fn now(&self) -> Option<&Plan> {
        self.now.as_ref()
    }

    /// Whether the lane was open in the hour in which a moment lies.
    #[must_use]
    pub fn was_open(&self, at: DateTime<Utc>) -> bool {
        self.plan_of(at).is_none_or(|plan| vehicles(plan, at) > 0.0)
    }

    /// How many vehicles were planned for the hour in which a moment lies, beside those that are planned for
    /// that hour of the week now: 1 where nothing changed, or nothing is known; 0 where nobody was to be let
    /// in.
    #[must_use]
    pub fn beside_now(&self, at: DateTime<Utc>) -> f64 {
        match (self.plan_of(at), &self.now) {
            (Some(then), _) if vehicles(then, at) <= 0.0 => 0.0,
            (Some(then), Some(now)) if vehicles(now, at) > 0.0 => vehicles(then, at) / vehicles(now, at),
            _ => 1.0,
        }
    }

    fn plan_of(&self, at: DateTime<Utc>) -> Option<&Plan> {
        match self.before.iter().find(|(until, _)| at < *until) {
            Some((_, then)) => then.as_ref(),
            None => self.now.as_ref(),
        }
    }
}

fn vehicles(plan: &Plan, at: DateTime<Utc>) -> f64 {
    plan.get(HourOfWeek::at(at).index()).copied().unwrap_or_default()
}

/// The rules' capacity by hour of the week; none: they name none. An hour of the week is looked up in the
/// days that follow, so that the clocks of Kyiv are right.
fn plan(lane: &LaneRules, from: DateTime<Utc>) -> Option<Plan> {
    let mut plan = [0.0; HOURS_OF_WEEK];
    for ahead in (0..i64::try_from(HOURS_OF_WEEK).unwrap_or_default() + 1).rev() {
        let at = from + TimeDelta::hours(ahead);
        let capacity = f64::from(capacity::vehicles_per_hour(lane, at)?);
        if let Some(planned) = plan.get_mut(HourOfWeek::at(at).index()) {
            *planned = capacity;
        }
    }
    Some(plan)
}

#[cfg(test)]
mod tests {
    use kordon_schemas::rules::CapacityRules;
    use kordon_schemas::rules::Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};

    use super::*;
    use crate::checkpoints::rules::standard;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    /// Rules of a version by which the one lane lets in so many an hour, at all hours.
    fn rules(version: i32, vehicles_per_hour: u16) -> RulesInForce {
        let mut rules = standard::rules();
        for lane in &mut rules.lanes {
            lane.capacity = vec![CapacityRules {
                weekdays: [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday].into(),
                from_hour: 0,
                to_hour: 24,
                vehicles_per_hour,
            }];
        }
        RulesInForce { version, rules }
    }

    #[test]
    fn an_hour_is_judged_by_the_rules_that_were_in_force_in_it() {
        let (old, new) = (rules(1, 10), rules(2, 20));
        let changed = NOW - TimeDelta::days(1);
        let closed = RulesInForce { version: 0, ..rules(0, 0) };
        let periods = [
            (NOW - TimeDelta::days(9), NOW - TimeDelta::days(5), closed),
            (NOW - TimeDelta::days(5), changed, old),
            (changed, NOW, new.clone()),
        ];
        let lane = new.rules.lanes.first().unwrap();
        let planned = Planned::of(lane, new.version, &periods, NOW);
        let seen = |days: i64| {
            let at = NOW - TimeDelta::days(days) + TimeDelta::minutes(30);
            (planned.was_open(at), planned.beside_now(at))
        };
        assert_eq!(seen(1), (true, 1.0));
        assert_eq!(seen(2), (true, 0.5));
        assert_eq!(seen(7), (false, 0.0));
    }

    #[test]
    fn an_hour_that_was_closed_says_nothing_under_rules_that_name_no_capacity() {
        let open = RulesInForce { version: 2, rules: standard::rules() };
        let periods = [(NOW - TimeDelta::days(9), NOW - TimeDelta::days(1), rules(1, 0))];
        let planned = Planned::of(open.rules.lanes.first().unwrap(), open.version, &periods, NOW);
        assert_eq!(planned.beside_now(NOW - TimeDelta::days(5)), 0.0);
        assert_eq!(planned.beside_now(NOW - TimeDelta::hours(5)), 1.0);
    }

    #[test]
    fn where_no_capacity_is_named_every_hour_counts_as_it_is() {
        let named = rules(2, 20);
        let before = RulesInForce { version: 1, rules: standard::rules() };
        let periods = [(NOW - TimeDelta::days(9), NOW - TimeDelta::days(1), before)];
        let lane = named.rules.lanes.first().unwrap();
        let planned = Planned::of(lane, named.version, &periods, NOW);
        let at = NOW - TimeDelta::days(5);
        assert_eq!((planned.was_open(at), planned.beside_now(at)), (true, 1.0));
        assert_eq!(Planned::always(None).beside_now(at), 1.0);
    }
}
