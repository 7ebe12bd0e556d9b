//! What holds for every line and every day.

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::simulator::{Called, Comes, Day, SLOT};
use super::*;

fn weights() -> impl Strategy<Value = Vec<u8>> {
    vec(1..9_u8, 1..5)
}

fn comes() -> impl Strategy<Value = Comes> {
    (0..600_i64, proptest::option::weighted(0.2, 0..20_i64), 0..5_usize).prop_map(|(at, slot, class)| Comes {
        at,
        slot: slot.map(|slot| slot * SLOT),
        class,
    })
}

/// Rules, who comes, how often a place comes free, when it is paused.
fn day() -> impl Strategy<Value = (Vec<u8>, Vec<Comes>, i64, (i64, i64))> {
    (weights(), vec(comes(), 1..120), 1..6_i64, (0..600_i64, 0..200_i64))
        .prop_map(|(weights, comes, every, (from, lasts))| (weights, comes, every, (from, from + lasts)))
}

fn play(
    weights: &[u8],
    comes: &[Comes],
    every: i64,
    paused: (i64, i64),
) -> (Merge, Vec<(i64, Place)>, Vec<Called>) {
    let merge = merge(weights, 0);
    let day = Day { merge: &merge, comes, every, paused, lasts: 1500 };
    let (places, called) = (day.places(), day.play());
    (merge, places, called)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn nobody_is_passed_by_a_later_equal((weights, comes, every, paused) in day()) {
        let (_, places, called) = play(&weights, &comes, every, paused);
        let called_at: HashMap<_, _> = called.iter().map(|call| (call.place.booking, call.at)).collect();
        for call in &called {
            for &(came, other) in &places {
                let equal = match (other.standing, call.place.standing) {
                    (Standing::Slot { .. }, Standing::Slot { .. }) => true,
                    (Standing::Turn(one), Standing::Turn(another)) => one == another,
                    (Standing::Slot { .. }, Standing::Turn(_)) | (Standing::Turn(_), Standing::Slot { .. }) => false,
                };
                // A place is ordered by slot (of equals in a slot), then by since when it stands, then by id.
                if equal && other < call.place && came <= call.at {
                    prop_assert!(called_at.get(&other.booking).is_some_and(|at| *at <= call.at));
                }
            }
        }
    }

    #[test]
    fn everyone_who_comes_is_called_once((weights, comes, every, paused) in day()) {
        let (_, places, called) = play(&weights, &comes, every, paused);
        let mut expected: Vec<_> = places.iter().map(|(_, place)| place.booking).collect();
        let mut calls: Vec<_> = called.iter().map(|call| call.place.booking).collect();
        expected.sort_unstable();
        calls.sort_unstable();
        prop_assert_eq!(calls, expected);
    }

    #[test]
    fn a_paused_lane_calls_no_one((weights, comes, every, paused) in day()) {
        let (_, _, called) = play(&weights, &comes, every, paused);
        prop_assert!(called.iter().all(|call| !(paused.0..paused.1).contains(&call.at)));
    }

    #[test]
    fn nobody_starves((weights, comes, every, paused) in day()) {
        let (merge, places, called) = play(&weights, &comes, every, paused);
        let came: HashMap<_, _> = places.iter().map(|(at, place)| (place.booking, *at)).collect();
        for contender in merge.contenders() {
            let mut turns_waited = 0;
            let mut left: Vec<(i64, BookingId)> = called
                .iter()
                .filter(|call| call.place.standing == Standing::Turn(contender))
                .map(|call| (came[&call.place.booking], call.place.booking))
                .collect();
            for call in &called {
                if call.by == ChosenBy::Turn(contender) {
                    left.retain(|(_, booking)| *booking != call.place.booking);
                    turns_waited = 0;
                } else if call.by != ChosenBy::Slot && left.iter().any(|(came, _)| *came <= call.at) {
                    turns_waited += 1;
                    prop_assert!(turns_waited < merge.longest_wait(contender));
                }
            }
        }
    }

    #[test]
    fn weights_hold_over_every_window_within_one_round(weights in weights(), skip in 0..200_usize, rounds in 1..12_usize) {
        let merge = merge(&weights, 0);
        let classes: Vec<String> = (0..weights.len()).map(|class| format!("class-{class}")).collect();
        let mut line = Line::empty(&merge);
        for number in 0..u128::try_from(weights.len() * 1200).unwrap() {
            let class = &classes[usize::try_from(number).unwrap() % weights.len()];
            line.add(place(&merge, number, Queued::Priority { class }, 0));
        }
        let mut turns = Turns::none(&merge);
        let mut window: HashMap<Standing, usize> = HashMap::new();
        let round = usize::try_from(merge.round()).unwrap();
        for call in 0..skip + rounds * round {
            let chosen = line.next(&merge, &mut turns, noon(0)).unwrap();
            if call >= skip {
                *window.entry(chosen.place.standing).or_default() += 1;
            }
        }
        for contender in merge.contenders() {
            let weight = usize::try_from(merge.weight(contender)).unwrap();
            prop_assert_eq!(window.get(&Standing::Turn(contender)).copied().unwrap_or_default(), rounds * weight);
        }
    }

    #[test]
    fn the_pre_booked_are_called_in_their_slot_when_capacity_allows(
        weights in weights(),
        others in vec(comes().prop_map(|comes| Comes { slot: None, ..comes }), 0..80),
        booked in vec((0..20_i64, 0..25_i64), 0..80),
        every in 1..6_i64,
    ) {
        // No more in a slot than places come free in it, and each in the zone before its slot begins.
        let mut taken: HashMap<i64, i64> = HashMap::new();
        let mut comes = others;
        for (slot, early) in booked {
            let places = taken.entry(slot).or_default();
            if *places < SLOT / every {
                *places += 1;
                comes.push(Comes { at: slot * SLOT - early, slot: Some(slot * SLOT), class: 0 });
            }
        }
        prop_assume!(!comes.is_empty());
        let (_, _, called) = play(&weights, &comes, every, (0, 0));
        for call in called {
            if let Standing::Slot { starts_at } = call.place.standing {
                let at = noon(call.at);
                prop_assert!(starts_at <= at && at < starts_at + TimeDelta::minutes(SLOT));
            }
        }
    }

    #[test]
    fn the_same_facts_give_the_same_order((weights, comes, every, _) in day(), seed in any::<u64>()) {
        let merge = merge(&weights, 0);
        let day = Day { merge: &merge, comes: &comes, every, paused: (0, 0), lasts: 0 };
        let mut places: Vec<Place> = day.places().into_iter().map(|(_, place)| place).collect();
        let order = |places: &[Place]| {
            Line::of(&merge, places.iter().copied())
                .rank(&merge, &Turns::none(&merge), noon(0), |at| at + TimeDelta::minutes(every))
        };
        let before = order(&places);
        places.sort_by_key(|place| place.booking.0.as_u128().wrapping_mul(u128::from(seed) | 1) % 8191);
        prop_assert_eq!(order(&places), before.clone());
        let mut line = Line::empty(&merge);
        places.into_iter().for_each(|place| line.add(place));
        let one_by_one = line.rank(&merge, &Turns::none(&merge), noon(0), |at| at + TimeDelta::minutes(every));
        prop_assert_eq!(one_by_one, before);
    }

    #[test]
    fn a_replay_gives_the_same_calls((weights, comes, every, paused) in day()) {
        let (merge, places, called) = play(&weights, &comes, every, paused);
        // Each call anew, from who had come by then, who was called before, and the credits that the call
        // before left behind.
        let mut left = StoredTurns::default();
        for (number, call) in called.iter().enumerate() {
            let gone: Vec<_> = called[..number].iter().map(|call| call.place.booking).collect();
            let stood = places.iter().filter(|(came, place)| *came <= call.at && !gone.contains(&place.booking));
            let mut line = Line::of(&merge, stood.map(|(_, place)| *place));
            let mut turns = Turns::read(&merge, &left);
            prop_assert_eq!(turns.stored(&merge), call.before.clone());
            let chosen = line.next(&merge, &mut turns, noon(call.at));
            prop_assert_eq!(chosen, Some(Chosen { place: call.place, by: call.by }));
            left = turns.stored(&merge);
            prop_assert_eq!(&left, &call.after);
        }
    }
}
