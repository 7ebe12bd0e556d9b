//! The rules of the played checkpoint, as a ministry puts them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::commands::demo::systems::text_of;

/// The checkpoint: Rava-Ruska, to Poland.
pub(crate) const CHECKPOINT: &str = "UA209060";

/// Its waiting zone.
pub(crate) const ZONE: &str = "RAVA-1";

/// The lane that the hub calls in, with slots.
pub(crate) const TRUCKS: &str = "trucks";

/// The lane that the operator calls in.
pub(crate) const CARS: &str = "cars";

/// Minutes between two entries of trucks: twelve are let in an hour.
pub(crate) const MINUTES_BETWEEN_TRUCKS: i64 = 5;

/// How long after its call a vehicle may enter, in minutes.
pub(crate) const DEADLINE_MINUTES: i64 = 90;

/// For how many days whoever does not come to the checkpoint may not book.
pub(crate) const BAN_DAYS: u16 = 3;

/// The rules, from a moment on. A slot counts an hour before it begins, so that its vehicle enters in it.
pub(crate) fn put(applies_from: DateTime<Utc>) -> Value {
    let every_day = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    json!({
        "applies_from": text_of(applies_from),
        "decision": {"reference": "№ 1 (демонстрація)", "decided_on": "2026-01-15"},
        "rules": {
            "zones": [{"zone": ZONE, "name": {"uk": "Рава-Руська, стоянка 1", "en": "Rava-Ruska, lot 1"}}],
            "zone_choice": "user",
            "lanes": [
                {"lane": TRUCKS, "name": {"uk": "Вантажівки", "en": "Trucks"}, "takes": [{"category": "truck"}],
                 "capacity": [{"weekdays": every_day, "from_hour": 0, "to_hour": 24, "vehicles_per_hour": 12}],
                 "slots": {"length_minutes": 30, "places": 4}},
                {"lane": CARS, "name": {"uk": "Легкові", "en": "Cars"},
                 "takes": [{"category": "car"}, {"category": "bus"}, {"category": "motorcycle"}], "capacity": []}
            ],
            "merge": {
                "classes": [{"class": "aid", "name": {"uk": "Гуманітарна допомога", "en": "Humanitarian aid"}, "weight": 1}],
                "live_weight": 2
            },
            "booking": {"horizon_days": 7, "data_schema": {
                "type": "object", "additionalProperties": false,
                "properties": {
                    "cmr": {"type": "string", "minLength": 1, "maxLength": 30},
                    "seats": {"type": "integer", "minimum": 1, "maximum": 90}
                }
            }},
            "call": {"lead_minutes": 60, "deadline_minutes": DEADLINE_MINUTES, "warn_minutes": 20},
            "absence": {
                "zone_grace_minutes": 0, "at_zone": {"then": "cancel"},
                "at_checkpoint": {"then": "ban", "days": BAN_DAYS}
            },
            "changes": {"extensions": 1, "extension_hours": 24, "swaps": 1},
            "refunds": {
                "live_wait_at_most_minutes": 60, "live_wait_percent": 100,
                "cancelled": [{"hours_before": 2, "percent": 50}], "no_show_percent": 0
            }
        }
    })
}

/// The same, in contradiction to themselves in three places: one capacity over another, a deadline before the
/// expected entry, a lane that no vehicle reaches. With the places that have to be named.
pub(crate) fn contradictory(applies_from: DateTime<Utc>) -> (Value, [&'static str; 3]) {
    let mut rules = put(applies_from);
    if let Some(deadline) = rules.pointer_mut("/rules/call/deadline_minutes") {
        *deadline = json!(30);
    }
    if let Some(capacity) = rules.pointer_mut("/rules/lanes/0/capacity").and_then(Value::as_array_mut) {
        capacity.push(json!({"weekdays": ["monday"], "from_hour": 8, "to_hour": 9, "vehicles_per_hour": 5}));
    }
    if let Some(takes) = rules.pointer_mut("/rules/lanes/1/takes") {
        *takes = json!([{"category": "truck", "laden": true}]);
    }
    (rules, ["/rules/call/deadline_minutes", "/rules/lanes/0/capacity/1", "/rules/lanes/1"])
}
