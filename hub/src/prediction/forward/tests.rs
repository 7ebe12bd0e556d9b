//! Working a line forward: who enters when, and what never makes an entry earlier (Q13).

use chrono::TimeDelta;
use kordon_schemas::Bilingual;
use kordon_schemas::rules::{CallRules, MergeRules, PriorityClass};
use proptest::prelude::*;

use super::*;

fn merge(weights: &[u8], live: u8) -> Merge {
    merge_with_lead(weights, live, 0)
}

fn merge_with_lead(weights: &[u8], live: u8, lead_minutes: u16) -> Merge {
    let classes = weights
        .iter()
        .enumerate()
        .map(|(index, &weight)| PriorityClass {
            class: format!("class-{index}"),
            name: Bilingual { uk: String::new(), en: String::new() },
            weight,
        })
        .collect();
    let call = CallRules { lead_minutes, deadline_minutes: 240, warn_minutes: None };
    Merge::of(&MergeRules { classes, live_weight: live }, &call)
}

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const NO_LOSSES: Losses = Losses { cancelled_per_hour: 0.0, absent_share: 0.0, ended_share: 0.0 };

fn booking(number: usize) -> BookingId {
    BookingId(Uuid::from_u128(number as u128 + 1))
}

fn turn(merge: &Merge, class: usize, number: usize) -> Place {
    let contender = merge.contenders().nth(class).unwrap();
    let since = NOW - TimeDelta::hours(1000) + TimeDelta::minutes(number as i64);
    Place { standing: Standing::Turn(contender), since, booking: booking(number) }
}

fn hours(
    merge: &Merge,
    places: &[Place],
    per_hour: &[f64],
    newcomers: &[Newcomers],
    losses: Losses,
) -> Vec<Option<f64>> {
    let forecasts = work_forward(Outlook {
        now: NOW,
        merge,
        turns: &Turns::none(merge),
        line: Line::of(merge, places.iter().copied()),
        on_the_way: 0.0,
        entries_per_hour: per_hour,
        newcomers,
        losses,
    });
    places
        .iter()
        .map(|place| forecasts.iter().find(|each| each.booking == place.booking).map(|each| each.hours))
        .collect()
}

#[test]
fn ten_an_hour_enter_every_six_minutes() {
    let merge = merge(&[], 1);
    let places: Vec<_> = (0..20).map(|number| turn(&merge, 0, number)).collect();
    let hours = hours(&merge, &places, &[10.0; 24], &[], NO_LOSSES);
    assert!((hours[19].unwrap() - 1.9).abs() < 1e-9);
}

#[test]
fn where_nobody_is_on_the_way_the_first_enters_when_called_and_come() {
    let merge = merge_with_lead(&[], 1, 60);
    let places: Vec<_> = (0..3).map(|number| turn(&merge, 0, number)).collect();
    let hours: Vec<f64> =
        hours(&merge, &places, &[10.0; 24], &[], NO_LOSSES).into_iter().map(Option::unwrap).collect();
    for (hours, expected) in hours.into_iter().zip([1.0, 1.1, 1.2]) {
        assert!((hours - expected).abs() < 1e-9, "{hours}, not {expected}");
    }
}

#[test]
fn nobody_enters_in_closed_hours() {
    let merge = merge(&[], 1);
    let places: Vec<_> = (0..3).map(|number| turn(&merge, 0, number)).collect();
    let mut rates = [0.0; 24];
    rates[5] = 1.0;
    let hours = hours(&merge, &places, &rates, &[], NO_LOSSES);
    assert_eq!(hours, [Some(5.0), Some(29.0), Some(53.0)]);
}

#[test]
fn after_the_hours_that_are_given_the_last_week_goes_on() {
    let merge = merge(&[], 1);
    let places: Vec<_> = (0..2).map(|number| turn(&merge, 0, number)).collect();
    // Fifteen days, of which the last is closed: open for an hour on their eighth and ninth day.
    let mut rates = [0.0; 360];
    rates[200] = 1.0;
    let hours = hours(&merge, &places, &rates, &[], NO_LOSSES);
    assert_eq!(hours, [Some(200.0), Some(368.0)]);
}

#[test]
fn a_lane_that_never_opens_has_no_forecast() {
    let merge = merge(&[], 1);
    let places: Vec<_> = (0..3).map(|number| turn(&merge, 0, number)).collect();
    assert_eq!(hours(&merge, &places, &[0.0; 24], &[], NO_LOSSES), [None, None, None]);
}

#[test]
fn priority_vehicles_to_come_pass_those_who_wait() {
    let merge = merge(&[1], 1);
    let places: Vec<_> = (0..50).map(|number| turn(&merge, 1, number)).collect();
    let priority = Newcomers { contender: merge.contenders().next(), per_hour: vec![5.0; 24] };
    let alone = hours(&merge, &places, &[10.0; 24], &[], NO_LOSSES);
    let passed = hours(&merge, &places, &[10.0; 24], &[priority], NO_LOSSES);
    // Half of the capacity goes to those who pass.
    assert!((passed[49].unwrap() / alone[49].unwrap() - 2.0).abs() < 0.1);
}

#[test]
fn those_who_will_not_come_free_their_places() {
    let merge = merge(&[], 1);
    let places: Vec<_> = (0..100).map(|number| turn(&merge, 0, number)).collect();
    let losses = Losses { cancelled_per_hour: 0.0, absent_share: 0.2, ended_share: 0.2 };
    let hours = hours(&merge, &places, &[10.0; 24], &[], losses);
    assert!((hours[99].unwrap() - 9.9 * 0.8).abs() < 1e-6);
}

#[test]
fn a_slot_is_kept_and_those_who_wait_make_way() {
    let merge = merge(&[], 1);
    let mut places: Vec<_> = (0..40).map(|number| turn(&merge, 0, number)).collect();
    let starts_at = NOW + TimeDelta::hours(2);
    places.push(Place { standing: Standing::Slot { starts_at }, since: NOW, booking: booking(99) });
    let hours = hours(&merge, &places, &[10.0; 24], &[], NO_LOSSES);
    assert!((hours[40].unwrap() - 2.0).abs() < 0.11, "{:?}", hours[40]);
    assert!((hours[39].unwrap() - 4.0).abs() < 1e-6);
}

#[test]
fn four_thousand_vehicles_have_a_forecast_each() {
    let merge = merge(&[1, 1, 1], 5);
    let places: Vec<_> = (0..4000).map(|number| turn(&merge, number % 4, number)).collect();
    let hours = hours(&merge, &places, &[12.0; 24], &[], NO_LOSSES);
    assert!(hours.iter().all(Option::is_some));
}

prop_compose! {
    fn a_lane()(
        weights in prop::collection::vec(1..4_u8, 0..4),
        live in 1..6_u8,
        classes in prop::collection::vec(0..5_usize, 1..80),
        rates in prop::collection::vec(0.5..20.0f64, 24),
        arrivals in prop::collection::vec(0.0..3.0f64, 4),
        cancelled_per_hour in 0.0..0.05f64,
        absent_share in 0.0..0.3f64,
    ) -> (Merge, Vec<Place>, Vec<f64>, Vec<Newcomers>, Losses) {
        let merge = merge(&weights, live);
        let count = weights.len() + 1;
        let places = classes.iter().enumerate().map(|(number, class)| turn(&merge, class % count, number)).collect();
        let newcomers = merge
            .contenders()
            .zip(&arrivals)
            .map(|(contender, &rate)| Newcomers { contender: Some(contender), per_hour: vec![rate; 24] })
            .collect();
        (merge, places, rates, newcomers, Losses { cancelled_per_hour, absent_share, ended_share: absent_share })
    }
}

proptest! {
    #[test]
    fn a_vehicle_more_ahead_in_the_queue_never_makes_a_prediction_earlier(
        (merge, places, rates, newcomers, losses) in a_lane(), class in 0..5_usize,
    ) {
        let before = hours(&merge, &places, &rates, &newcomers, losses);
        let class = class % merge.contenders().count();
        // Ahead of all in its queue.
        let mut first = turn(&merge, class, 500);
        first.since = NOW - TimeDelta::hours(2000);
        let mut more = places.clone();
        more.push(first);
        let after = hours(&merge, &more, &rates, &newcomers, losses);
        for ((place, before), after) in places.iter().zip(before).zip(after) {
            let same_queue = place.standing == first.standing;
            if same_queue {
                prop_assert!(after.is_none() || after.unwrap() >= before.unwrap() - 1e-6, "{before:?} {after:?}");
            }
        }
    }

    #[test]
    fn everyone_of_a_queue_enters_in_its_order(
        (merge, places, rates, newcomers, losses) in a_lane(),
    ) {
        let hours = hours(&merge, &places, &rates, &newcomers, losses);
        for (index, place) in places.iter().enumerate() {
            for (later, other) in places.iter().enumerate().skip(index + 1) {
                if place.standing == other.standing {
                    prop_assert!(hours[later].is_none() || hours[index] <= hours[later]);
                }
            }
        }
    }
}
