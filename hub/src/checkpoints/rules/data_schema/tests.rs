//! What a booking must hold: every place is named, nothing beyond it comes in, nothing is fetched.

use serde_json::{Value, json};

use super::{check, compile};

fn schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["cmr", "weight_kg", "country", "persons"],
        "properties": {
            "cmr": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{6}$"},
            "weight_kg": {"type": "integer", "minimum": 1, "maximum": 60000},
            "country": {"enum": ["PL", "RO", "SK"]},
            "sealed": {"type": "boolean"},
            "issued_on": {"type": "string", "format": "date"},
            "persons": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/person"}}
        },
        "$defs": {
            "person": {
                "type": "object",
                "additionalProperties": false,
                "required": ["role"],
                "properties": {"role": {"const": "driver"}, "licence": {"type": "string", "maxLength": 5}}
            }
        }
    })
}

fn paths(data: &Value) -> Vec<String> {
    check(Some(&schema()), Some(data)).unwrap().into_iter().map(|fault| fault.path).collect()
}

#[test]
fn data_that_breaks_the_schema_in_many_places_is_told_every_one() {
    let broken = json!({
        "cmr": "no number",
        "weight_kg": 0,
        "sealed": "yes",
        "issued_on": "2026-02-30",
        "colour": "red",
        "passport": "KB123456",
        "persons": [{"role": "owner"}, {"licence": "123456"}, 7]
    });
    assert_eq!(
        paths(&broken),
        [
            "/data/cmr",
            "/data/colour",
            "/data/country",
            "/data/issued_on",
            "/data/passport",
            "/data/persons/0/role",
            "/data/persons/1/licence",
            "/data/persons/1/role",
            "/data/persons/2",
            "/data/sealed",
            "/data/weight_kg",
        ]
    );
}

#[test]
fn data_that_is_missing_is_told_by_what_is_missing_of_it() {
    let faults = check(Some(&schema()), None).unwrap();
    let told: Vec<String> =
        faults.into_iter().map(|fault| format!("{} {}", fault.path, fault.detail)).collect();
    assert_eq!(
        told,
        [
            "/data/cmr is missing",
            "/data/country is missing",
            "/data/persons is missing",
            "/data/weight_kg is missing"
        ]
    );
}

#[test]
fn data_as_it_was_asked_for_is_taken() {
    let good =
        json!({"cmr": "KB123456", "weight_kg": 20_000, "country": "PL", "persons": [{"role": "driver"}]});
    assert_eq!(paths(&good), Vec::<String>::new());
}

#[test]
fn data_that_nobody_asked_for_is_not_taken() {
    assert_eq!(check(None, None).unwrap(), []);
    assert_eq!(check(None, Some(&json!({}))).unwrap().len(), 1);
}

#[test]
fn what_was_sent_is_not_repeated() {
    let secret =
        json!({"cmr": "Passport-KB-99", "weight_kg": 1, "country": "PL", "persons": [{"role": "driver"}]});
    let faults = check(Some(&schema()), Some(&secret)).unwrap();
    assert!(faults.iter().all(|fault| !fault.detail.contains("Passport-KB-99")), "{faults:?}");
}

#[test]
fn no_schema_is_fetched_from_anywhere() {
    for target in ["https://example.org/schema.json", "file:///etc/passwd", "other.json"] {
        assert!(
            compile(&json!({"type": "object", "properties": {"a": {"$ref": target}}})).is_err(),
            "{target}"
        );
    }
}
