//! Which lane takes a vehicle, and what has to be said of it.

use kordon_schemas::Bilingual;
use kordon_schemas::bookings::Vehicle;
use kordon_schemas::rules::{LaneRules, Rules, VehicleKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{is_reachable, lane_of};
use crate::checkpoints::rules::standard;

fn lane(code: &str, takes: Value) -> LaneRules {
    LaneRules {
        lane: code.into(),
        name: Bilingual { uk: code.into(), en: code.into() },
        takes: serde_json::from_value(takes).unwrap(),
        capacity: Vec::new(),
        slots: None,
    }
}

fn rules(lanes: Vec<LaneRules>) -> Rules {
    Rules { lanes, ..standard::rules() }
}

fn krakivets() -> Rules {
    rules(vec![
        lane("light", json!([{"category": "car"}, {"category": "truck", "up_to_kg": 3500}])),
        lane(
            "grain",
            json!([{"category": "truck", "over_kg": 3500, "laden": true, "cargo_groups": ["grain"]}]),
        ),
        lane("trucks", json!([{"category": "truck"}])),
    ])
}

fn taken(rules: &Rules, vehicle: Value) -> Result<String, Vec<String>> {
    let vehicle: Option<Vehicle> = serde_json::from_value(vehicle).unwrap();
    lane_of(rules, vehicle.as_ref())
        .map(|lane| lane.lane.clone())
        .map_err(|faults| faults.into_iter().map(|fault| fault.path).collect())
}

#[test]
fn the_first_lane_that_takes_a_vehicle_is_its_lane() {
    let rules = krakivets();
    for (vehicle, lane) in [
        (json!({"category": "car"}), "light"),
        (json!({"category": "truck", "mass_kg": 3500}), "light"),
        (json!({"category": "truck", "mass_kg": 3501, "laden": true, "cargo_group": "grain"}), "grain"),
        (json!({"category": "truck", "mass_kg": 40_000, "laden": true, "cargo_group": "metal"}), "trucks"),
        (json!({"category": "truck", "mass_kg": 40_000, "laden": false}), "trucks"),
    ] {
        assert_eq!(taken(&rules, vehicle), Ok(lane.to_owned()));
    }
}

#[test]
fn what_decides_the_lane_has_to_be_said() {
    let rules = krakivets();
    let paths = |vehicle| taken(&rules, vehicle).unwrap_err();
    assert_eq!(paths(Value::Null), ["/vehicle"]);
    assert_eq!(paths(json!({"category": "truck"})), ["/vehicle/mass_kg"]);
    let heavy = json!({"category": "truck", "mass_kg": 40_000});
    assert_eq!(paths(heavy), ["/vehicle/cargo_group", "/vehicle/laden"]);
    assert_eq!(paths(json!({"category": "bus"})), ["/vehicle"], "no lane takes a bus");
}

#[test]
fn the_default_takes_a_vehicle_of_which_nothing_is_said() {
    assert_eq!(taken(&standard::rules(), Value::Null), Ok("all".to_owned()));
}

#[test]
fn a_lane_that_those_before_it_leave_nothing_is_never_reached() {
    let shadowed =
        |before: Value, lane_takes: Value| !is_reachable(&lane("b", lane_takes), &[lane("a", before)]);
    assert!(shadowed(json!([{"category": "truck"}]), json!([{"category": "truck", "over_kg": 3500}])));
    assert!(shadowed(
        json!([{"category": "truck", "up_to_kg": 3500}, {"category": "truck", "over_kg": 3500}]),
        json!([{"category": "truck"}])
    ));
    assert!(shadowed(
        json!([{"category": "truck", "laden": true}, {"category": "truck", "laden": false}]),
        json!([{"category": "truck", "cargo_groups": ["grain"]}])
    ));
    assert!(!shadowed(json!([{"category": "truck", "up_to_kg": 3500}]), json!([{"category": "truck"}])));
    assert!(!shadowed(
        json!([{"category": "truck", "cargo_groups": ["grain"]}]),
        json!([{"category": "truck"}])
    ));
    assert!(!shadowed(json!([{"category": "truck"}]), json!([{"category": "bus"}, {"category": "truck"}])));
}

fn kind() -> impl Strategy<Value = VehicleKind> {
    let group = proptest::sample::subsequence(vec!["grain".to_owned(), "metal".to_owned()], 0..=2);
    (0..4_u32, 1..4_u32, proptest::option::of(any::<bool>()), group).prop_map(
        |(over, width, laden, cargo_groups)| {
            let over_kg = Some(over * 1000).filter(|over| *over > 0);
            let up_to_kg = Some((over + width) * 1000).filter(|up_to| *up_to < 4000);
            let mut kind: VehicleKind = serde_json::from_value(json!({"category": "truck"})).unwrap();
            kind.over_kg = over_kg;
            kind.up_to_kg = up_to_kg;
            kind.laden = laden;
            kind.cargo_groups = if laden == Some(false) { Vec::new() } else { cargo_groups };
            kind
        },
    )
}

proptest! {
    #[test]
    fn a_lane_is_reachable_exactly_if_some_vehicle_gets_there(
        before in proptest::collection::vec(kind(), 0..5),
        last in kind(),
    ) {
        let with = |code: &str, takes| LaneRules { takes, ..lane(code, json!([])) };
        let (first, last) = (with("first", before), with("last", vec![last]));
        let rules = rules(vec![first.clone(), last.clone()]);
        let mut reached = false;
        for mass in [500, 1500, 2500, 3500, 4500] {
            for laden in [true, false] {
                for group in ["grain", "metal", "other"] {
                    let cargo = laden.then_some(group);
                    let vehicle = json!({"category": "truck", "mass_kg": mass, "laden": laden, "cargo_group": cargo});
                    reached |= taken(&rules, vehicle) == Ok("last".to_owned());
                }
            }
        }
        // An empty vehicle of a cargo group exists for the areas, not on the road: so only one way is
        // certain.
        prop_assert!(!reached || is_reachable(&last, &[first]));
    }
}
