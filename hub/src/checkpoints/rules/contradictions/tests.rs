//! Each way in which rules contradict themselves, by the place that is named.

use kordon_schemas::rules::Rules;
use serde_json::{Value, json};

use super::contradictions;
use crate::checkpoints::rules::standard;

/// Rules of some detail, without a contradiction.
fn sound() -> Value {
    let name = json!({"uk": "Назва", "en": "Name"});
    let week = json!(["monday", "tuesday", "wednesday", "thursday", "friday"]);
    json!({
        "zones": [{"zone": "KRAKIVETS-1", "name": name}, {"zone": "KRAKIVETS-2", "name": name}],
        "zone_choice": "user",
        "lanes": [
            {
                "lane": "trucks-light", "name": name, "takes": [{"category": "truck", "up_to_kg": 3500}],
                "capacity": [
                    {"weekdays": week, "from_hour": 8, "to_hour": 12, "vehicles_per_hour": 12},
                    {"weekdays": week, "from_hour": 12, "to_hour": 20, "vehicles_per_hour": 6},
                    {"weekdays": ["saturday"], "from_hour": 8, "to_hour": 12, "vehicles_per_hour": 6}
                ],
                "slots": {"length_minutes": 30, "places": 3}
            },
            {"lane": "trucks", "name": name, "takes": [{"category": "truck"}], "capacity": []}
        ],
        "merge": {
            "classes": [{"class": "perishable", "name": name, "weight": 1}, {"class": "aid", "name": name, "weight": 5}],
            "live_weight": 1
        },
        "booking": {"horizon_days": 14, "data_schema": {
            "type": "object", "additionalProperties": false, "properties": {"cmr": {"type": "string", "maxLength": 30}}
        }},
        "call": {"lead_minutes": 30, "deadline_minutes": 120, "warn_minutes": 60},
        "absence": {"zone_grace_minutes": 30, "at_zone": {"then": "cancel"}, "at_checkpoint": {"then": "ban", "days": 3}},
        "changes": {"extensions": 1, "extension_hours": 24, "swaps": 1},
        "refunds": {
            "live_wait_at_most_minutes": 60, "live_wait_percent": 50, "no_show_percent": 0,
            "cancelled": [{"hours_before": 24, "percent": 100}, {"hours_before": 2, "percent": 50}]
        }
    })
}

/// The places that are named when one member of the sound rules is another.
fn named(pointer: &str, value: Value) -> Vec<String> {
    let mut rules = sound();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = rules.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(items) => items.push(value),
        Value::Object(members) => drop(members.insert(member.to_owned(), value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            unreachable!("a place in the rules")
        }
    }
    let rules: Rules = serde_json::from_value(rules).unwrap();
    contradictions(&rules).into_iter().map(|fault| fault.path).collect()
}

#[test]
fn sound_rules_and_the_default_contradict_nothing() {
    let rules: Rules = serde_json::from_value(sound()).unwrap();
    assert_eq!(contradictions(&rules), []);
    assert_eq!(contradictions(&standard::rules()), []);
}

#[test]
fn each_contradiction_is_named_at_its_place() {
    let name = json!({"uk": "Назва", "en": "Name"});
    let week = |from: u8, to: u8| json!({"weekdays": ["friday"], "from_hour": from, "to_hour": to, "vehicles_per_hour": 6});
    let table = [
        ("/zones/-", json!({"zone": "KRAKIVETS-1", "name": name}), "/zones/2/zone"),
        ("/lanes/1/lane", json!("trucks-light"), "/lanes/1/lane"),
        ("/lanes/1/lane", json!("Trucks"), "/lanes/1/lane"),
        ("/lanes/1/name", json!({"uk": " ", "en": "Name"}), "/lanes/1/name/uk"),
        ("/lanes/1/takes", json!([]), "/lanes/1/takes"),
        ("/lanes/1/takes", json!([{"category": "truck", "up_to_kg": 3000}]), "/lanes/1"),
        ("/lanes/1/takes/0/up_to_kg", json!(0), "/lanes/1/takes/0/up_to_kg"),
        (
            "/lanes/0/takes",
            json!([{"category": "truck", "over_kg": 5000, "up_to_kg": 5000}]),
            "/lanes/0/takes/0/up_to_kg",
        ),
        ("/lanes/0/capacity/-", week(10, 11), "/lanes/0/capacity/3"),
        ("/lanes/0/capacity/-", week(22, 21), "/lanes/0/capacity/3/to_hour"),
        ("/lanes/0/slots/length_minutes", json!(25), "/lanes/0/slots/length_minutes"),
        ("/lanes/0/slots/length_minutes", json!(300), "/lanes/0/slots/length_minutes"),
        ("/lanes/0/slots/length_minutes", json!(360), "/lanes/0/capacity"),
        ("/lanes/0/slots/places", json!(4), "/lanes/0/slots/places"),
        ("/lanes/0/slots/places", json!(0), "/lanes/0/slots/places"),
        ("/lanes/1/slots", json!({"length_minutes": 60, "places": 1}), "/lanes/1/slots"),
        ("/merge/classes/-", json!({"class": "aid", "name": name, "weight": 1}), "/merge/classes/2/class"),
        ("/merge/classes/0/weight", json!(0), "/merge/classes/0/weight"),
        ("/merge/live_weight", json!(0), "/merge/live_weight"),
        ("/booking/horizon_days", json!(0), "/booking/horizon_days"),
        ("/call/deadline_minutes", json!(20), "/call/deadline_minutes"),
        ("/call/warn_minutes", json!(1), "/call/warn_minutes"),
        ("/absence/at_zone", json!({"then": "ban", "days": 0}), "/absence/at_zone/days"),
        ("/changes/extension_hours", json!(0), "/changes/extension_hours"),
        ("/refunds/live_wait_percent", json!(101), "/refunds/live_wait_percent"),
        (
            "/refunds/cancelled/-",
            json!({"hours_before": 2, "percent": 0}),
            "/refunds/cancelled/2/hours_before",
        ),
        ("/refunds/cancelled/-", json!({"hours_before": 1, "percent": 60}), "/refunds/cancelled/2/percent"),
    ];
    for (pointer, value, place) in table {
        assert_eq!(named(pointer, value.clone()), [place], "{pointer} = {value}");
    }
}

#[test]
fn several_contradictions_are_told_at_once() {
    let mut rules = sound();
    rules["merge"]["live_weight"] = json!(0);
    rules["lanes"][0]["slots"]["places"] = json!(9);
    rules["refunds"]["no_show_percent"] = json!(200);
    let rules: Rules = serde_json::from_value(rules).unwrap();
    let places: Vec<String> = contradictions(&rules).into_iter().map(|fault| fault.path).collect();
    assert_eq!(places, ["/lanes/0/slots/places", "/merge/live_weight", "/refunds/no_show_percent"]);
}

#[test]
fn a_data_schema_that_lets_more_in_than_it_names_is_refused() {
    let open = |schema: Value| named("/booking/data_schema", schema);
    let closed = |properties: Value| json!({"type": "object", "additionalProperties": false, "properties": properties});
    let at = |place: &str| vec![format!("/booking/data_schema{place}")];
    assert_eq!(open(json!({"type": "object"})), at(""));
    assert_eq!(
        open(json!({"type": "object", "additionalProperties": true})),
        [at(""), at("/additionalProperties")].concat()
    );
    assert_eq!(open(closed(json!({"a": {}}))), at("/properties/a"));
    assert_eq!(open(closed(json!({"a": true}))), at("/properties/a"));
    assert_eq!(open(closed(json!({"a": {"type": "object"}}))), at("/properties/a"));
    assert_eq!(open(closed(json!({"a": {"type": "array"}}))), at("/properties/a"));
    assert_eq!(open(closed(json!({"a": {"type": "array", "items": {}}}))), at("/properties/a/items"));
    assert_eq!(
        open(closed(json!({"a": {"type": "string", "anyOf": [{"properties": {"b": {}}}]}}))),
        at("/properties/a/anyOf/0/properties/b")
    );
    let unevaluated =
        json!({"type": "object", "unevaluatedProperties": false, "properties": {"a": {"type": "null"}}});
    assert_eq!(open(unevaluated), Vec::<String>::new());
}

#[test]
fn a_data_schema_stands_by_itself() {
    let refers = |target: &str| {
        let properties = json!({"a": {"$ref": target}});
        json!({"type": "object", "additionalProperties": false, "properties": properties,
               "$defs": {"known": {"type": "string"}}})
    };
    assert_eq!(named("/booking/data_schema", refers("#/$defs/known")), Vec::<String>::new());
    for target in ["https://example.org/a.json", "file:///etc/passwd", "#/$defs/unknown", "other.json", "#"] {
        let place = "/booking/data_schema/properties/a/$ref";
        assert_eq!(named("/booking/data_schema", refers(target)), [place], "{target}");
    }
    let with = |member: &str, value: Value| {
        let mut schema = json!({"type": "object", "additionalProperties": false});
        schema[member] = value;
        named("/booking/data_schema", schema)
    };
    assert_eq!(with("$id", json!("https://example.org/")), ["/booking/data_schema/$id"]);
    assert_eq!(
        with("$schema", json!("http://json-schema.org/draft-04/schema#")),
        ["/booking/data_schema/$schema"]
    );
    assert!(!with("minProperties", json!("many")).is_empty(), "it is no schema");
    assert!(!with("patternProperties", json!({"(": {"type": "string"}})).is_empty(), "it is no pattern");
    let large = json!({"description": "x".repeat(70_000), "type": "object", "additionalProperties": false});
    assert_eq!(named("/booking/data_schema", large), ["/booking/data_schema"]);
    let mut deep = json!({"type": "string"});
    for _ in 0..30 {
        deep = json!({"type": "array", "items": deep});
    }
    let deep = json!({"type": "object", "additionalProperties": false, "properties": {"a": deep}});
    assert_eq!(named("/booking/data_schema", deep).len(), 1);
}
