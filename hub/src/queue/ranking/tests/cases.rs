//! Cases that a person would think of.

use super::*;

#[test]
fn within_a_queue_whoever_stood_longer_goes_first_and_of_two_at_once_the_smaller_id() {
    let merge = merge(&[1], 0);
    let live = |number, minutes| place(&merge, number, Queued::Live, minutes);
    assert_eq!(calls(&merge, &[live(3, 5), live(2, 0), live(1, 5), live(4, 1)], noon(60)), [2, 4, 1, 3]);
}

#[test]
fn a_pre_booked_vehicle_goes_first_in_its_slot_and_not_before() {
    let merge = merge(&[1], 0);
    let places = [place(&merge, 1, Queued::Live, -90), place(&merge, 2, slot(60, 90), -5)];
    assert_eq!(calls(&merge, &places, noon(59)), [1]);
    assert_eq!(calls(&merge, &places, noon(60)), [2, 1]);
}

#[test]
fn it_is_called_as_long_before_its_slot_as_its_way_takes() {
    let merge = merge(&[1], 20);
    let places = [place(&merge, 2, slot(60, 90), 0)];
    assert_eq!(calls(&merge, &places, noon(39)), [0_u128; 0]);
    assert_eq!(calls(&merge, &places, noon(40)), [2]);
}

#[test]
fn the_earlier_slot_goes_first_and_in_a_slot_the_earlier_booking() {
    let merge = merge(&[1], 0);
    let places = [
        place(&merge, 1, slot(30, 60), -300),
        place(&merge, 2, slot(0, 30), -20),
        place(&merge, 3, slot(0, 30), -40),
    ];
    assert_eq!(calls(&merge, &places, noon(31)), [3, 2, 1]);
}

#[test]
fn one_that_comes_after_its_slot_stands_in_the_live_queue_from_then_on() {
    let merge = merge(&[1], 0);
    let late = merge.place(id(1), slot(0, 30), noon(-600), Some(noon(45)));
    let in_time = merge.place(id(2), slot(0, 30), noon(-600), Some(noon(29)));
    let live = [place(&merge, 3, Queued::Live, 40), place(&merge, 4, Queued::Live, 50)];
    assert_eq!(calls(&merge, &[late, in_time, live[0], live[1]], noon(60)), [2, 3, 1, 4]);
}

#[test]
fn weights_of_one_to_five_give_each_class_every_eighth_turn_evenly_spread() {
    let merge = merge(&[1, 1, 1, 5], 0);
    let places: Vec<Place> = (0..64)
        .map(|number| {
            let queued = match number % 4 {
                0 => Queued::Priority { class: "class-0" },
                1 => Queued::Priority { class: "class-1" },
                2 => Queued::Priority { class: "class-2" },
                _ => Queued::Live,
            };
            place(&merge, number, queued, i64::try_from(number).unwrap())
        })
        .collect();
    let round: Vec<u128> =
        calls(&merge, &places, noon(99)).into_iter().take(16).map(|number| number % 4).collect();
    assert_eq!(round, [3, 0, 3, 1, 3, 2, 3, 3, 3, 0, 3, 1, 3, 2, 3, 3]);
}

#[test]
fn an_empty_class_gains_no_credit() {
    let merge = merge(&[1, 1], 0);
    let mut turns = Turns::none(&merge);
    let mut line = Line::of(&merge, (0..10).map(|number| place(&merge, number, Queued::Live, 0)));
    for _ in 0..6 {
        line.next(&merge, &mut turns, noon(0));
    }
    assert_eq!(turns, Turns::none(&merge));
}

#[test]
fn a_class_that_the_rules_do_not_know_stands_in_the_live_queue() {
    let merge = merge(&[9, 1], 0);
    let place = place(&merge, 1, Queued::Priority { class: "of-old" }, 0);
    assert_eq!(place.standing, Standing::Turn(merge.live()));
}

#[test]
fn credits_outlive_a_change_of_the_rules_by_their_code() {
    let before = merge(&[3, 2, 5], 0);
    let mut turns = Turns::none(&before);
    let mut line = Line::of(
        &before,
        [place(&before, 1, Queued::Live, 0), place(&before, 2, Queued::Priority { class: "class-0" }, 0)],
    );
    line.next(&before, &mut turns, noon(0));
    let stored = turns.stored(&before);
    assert_eq!(
        serde_json::to_value(&stored).unwrap(),
        serde_json::json!({"classes": {"class-0": 3, "class-1": 0}, "live": -3})
    );
    assert_eq!(Turns::read(&before, &stored), turns);
    let after = merge(&[1], 0);
    assert_eq!(Turns::read(&after, &stored).stored(&after).live, -2, "none is over two rounds");
}

#[test]
fn the_order_of_everyone_puts_slots_where_their_time_is_by_the_pace() {
    let merge = merge(&[1], 0);
    let places = [
        place(&merge, 1, Queued::Live, -9),
        place(&merge, 2, Queued::Live, -8),
        place(&merge, 3, Queued::Live, -7),
        place(&merge, 4, slot(15, 45), -6),
        place(&merge, 5, slot(600, 630), -6),
    ];
    let order = |pace: i64| -> Vec<u128> {
        Line::of(&merge, places)
            .rank(&merge, &Turns::none(&merge), noon(0), |at| at + TimeDelta::minutes(pace))
            .into_iter()
            .map(number)
            .collect()
    };
    assert_eq!(order(10), [1, 2, 4, 3, 5]);
    assert_eq!(order(0), [1, 2, 3, 4, 5], "no pace is known: time stands still");
}

#[test]
fn a_line_changes_as_vehicles_come_and_go() {
    let merge = merge(&[1, 2], 0);
    let places = [
        place(&merge, 1, Queued::Live, 3),
        place(&merge, 2, Queued::Priority { class: "class-0" }, 1),
        place(&merge, 3, slot(0, 30), 2),
    ];
    let mut line = Line::empty(&merge);
    places.into_iter().for_each(|place| line.add(place));
    assert_eq!(line.len(), 3);
    assert!(line.remove(places[2]));
    assert!(!line.remove(places[2]));
    assert_eq!(line.slots().count(), 0);
    assert_eq!(line.waiting(merge.live()).map(number).collect::<Vec<_>>(), [1]);
}
