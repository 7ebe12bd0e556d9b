//! What is registered and what is not, kind by kind.

use serde_json::{Value, json};

use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn of(user: Value) -> Value {
    json!({"kind": "incident", "substance": "The declaration is not taken.", "user": user})
}

fn legal_entity() -> Value {
    json!({"kind": "legal_entity", "name": "Брок", "edrpou": "43115923", "person": "Олена Шевченко",
        "email": "broker@example.com"})
}

fn checked(ticket: Value) -> Result<Checked, Vec<Fault>> {
    check(&serde_json::from_value(ticket).unwrap(), now())
}

/// The places of the faults.
fn places(ticket: Value) -> Vec<String> {
    checked(ticket).map_or_else(|faults| faults.into_iter().map(|fault| fault.path).collect(), |_| Vec::new())
}

fn without(mut user: Value, member: &str) -> Value {
    user.as_object_mut().unwrap().remove(member);
    user
}

fn with(mut message: Value, member: &str, value: Value) -> Value {
    message[member] = value;
    message
}

#[test]
fn what_each_kind_of_user_needs() {
    let sole_trader = json!({"kind": "sole_trader", "name": "Шевченко О. П.", "rnokpp": "3123456789",
        "person": "Олена Шевченко", "telephone": "+380 (44) 123-45-67"});
    let official = json!({"kind": "customs_official", "unit_code": "UA209000", "position": "інспектор",
        "person": "Іван Франко", "email": "i.franko@example.com"});
    let kinds = [
        (legal_entity(), vec!["name", "edrpou", "person", "email"]),
        (sole_trader, vec!["rnokpp", "person", "telephone"]),
        (official, vec!["unit_code", "position", "person", "email"]),
    ];
    for (user, members) in kinds {
        assert_eq!(places(of(user.clone())), Vec::<String>::new(), "{user}");
        for member in members {
            let place = match member {
                "telephone" => "/user/email".to_owned(),
                other => format!("/user/{other}"),
            };
            assert_eq!(places(of(without(user.clone(), member))), [place], "without {member}");
            let blank = format!("/user/{member}");
            assert_eq!(places(of(with(user.clone(), member, json!("  ")))), [blank], "with {member} blank");
        }
    }
}

#[test]
fn a_sole_trader_without_a_name_goes_by_that_of_the_contact_person() {
    let sole_trader = json!({"kind": "sole_trader", "rnokpp": "3123456789", "person": " Олена Шевченко ",
        "telephone": "+380 (44) 123-45-67"});
    let name = |user: Value| checked(of(user)).unwrap().user.name;
    assert_eq!(name(sole_trader.clone()).as_deref(), Some("Олена Шевченко"));
    let named = with(sole_trader.clone(), "name", json!("ФОП Шевченко О. П."));
    assert_eq!(name(named).as_deref(), Some("ФОП Шевченко О. П."));
    assert_eq!(places(of(with(sole_trader, "name", json!("  ")))), ["/user/name"]);
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let faults = places(json!({"kind": "incident", "user": {"kind": "legal_entity"}}));
    assert_eq!(faults, ["/user/name", "/user/edrpou", "/user/person", "/user/email", "/substance"]);
}

#[test]
fn what_is_not_needed_is_not_taken() {
    assert_eq!(places(of(with(legal_entity(), "rnokpp", json!("3123456789")))), ["/user/rnokpp"]);
    assert_eq!(places(of(with(legal_entity(), "unit_name", json!("Львівська")))), ["/user/unit_name"]);
}

#[test]
fn codes_are_checked_by_their_digits() {
    assert_eq!(places(of(with(legal_entity(), "edrpou", json!("43115924")))), ["/user/edrpou"]);
    let trader = |number: &str| {
        of(json!({"kind": "sole_trader", "name": "Ш", "rnokpp": number, "person": "О", "email": "a@b.ua"}))
    };
    assert_eq!(places(trader("3123456789")), Vec::<String>::new());
    assert_eq!(places(trader("3123456788")), ["/user/rnokpp"]);
    assert_eq!(places(trader("0000000000")), ["/user/rnokpp"], "its birthday is day 0");
    // Day 99999 lies in the year 2173; the check digit is right.
    assert_eq!(places(trader("9999900007")), ["/user/rnokpp"], "its birthday lies ahead");
}

#[test]
fn addresses_and_numbers_that_cannot_be_are_refused() {
    for address in
        ["broker", "@example.com", "a@b", "a b@example.com", "a@b@example.com", "a@.ua", "<a@b.ua>"]
    {
        assert_eq!(places(of(with(legal_entity(), "email", json!(address)))), ["/user/email"], "{address}");
    }
    for number in ["12345", "call me", "1234567890123456", "+380+441234567"] {
        let user = with(legal_entity(), "telephone", json!(number));
        assert_eq!(places(of(user)), ["/user/telephone"], "{number}");
    }
}

#[test]
fn a_call_has_a_recording_that_is_kept_long_enough() {
    let call = |call: Value| with(of(legal_entity()), "call", call);
    let received = "2026-11-21T10:00:00Z";
    let kept =
        checked(call(json!({"received_at": received, "recording": " call-17 "}))).unwrap().call.unwrap();
    assert_eq!(kept.1.reference, "call-17");
    assert_eq!(kept.1.kept_until - kept.0, RECORDING_KEPT);
    let too_short =
        json!({"received_at": received, "recording": "call-17", "kept_until": "2029-11-19T10:00:00Z"});
    assert_eq!(places(call(too_short)), ["/call/kept_until"]);
    for moment in ["2026-11-21T13:00:00Z", "2026-11-01T13:00:00Z"] {
        assert_eq!(
            places(call(json!({"received_at": moment, "recording": "call-17"}))),
            ["/call/received_at"]
        );
    }
    assert_eq!(places(call(json!({"received_at": received, "recording": " "}))), ["/call/recording"]);
}

#[test]
fn a_matter_that_is_too_long_is_refused() {
    let substance = json!("я".repeat(LONGEST_SUBSTANCE + 1));
    assert_eq!(places(with(of(legal_entity()), "substance", substance)), ["/substance"]);
}
