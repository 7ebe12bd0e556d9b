//! Who states what, and when.

use kordon_schemas::Plate;
use kordon_schemas::events::{EventIn, EventKind};

use super::{krakivets, noon};
use crate::crossings::rules::{STATING_ROLES, may_state, state};
use crate::parties::{Actor, Role, Scope, SystemId, Zone};

fn actor(role: Role) -> Actor {
    Actor { system: SystemId(uuid::Uuid::from_u128(7)), role, scope: Scope::default() }
}

fn entered(minutes: i64) -> EventIn {
    EventIn {
        id: "bg-1".into(),
        kind: EventKind::CheckpointEntered,
        plate: Some(Plate::parse("AA 1234 BB").unwrap()),
        occurred_at: noon(minutes),
        zone: None,
        confidence: None,
        reason: None,
        voids: None,
    }
}

fn code_of(actor: &Actor, event: EventIn) -> &'static str {
    match state(actor, &krakivets(), None, event, noon(0)) {
        Ok(_) => "stated",
        Err(problem) => problem.code.as_str(),
    }
}

#[test]
fn each_role_states_the_kinds_of_its_own_duty_and_no_others() {
    let table: String = Role::ALL
        .into_iter()
        .filter(|role| STATING_ROLES.contains(role))
        .map(|role| {
            let kinds: Vec<&str> = EventKind::ALL
                .into_iter()
                .filter(|kind| may_state(role, *kind))
                .map(EventKind::as_str)
                .collect();
            format!("{role}: {}\n", kinds.join(" "))
        })
        .collect();
    insta::assert_snapshot!(table, @r"
    border_guard: checkpoint-entered entry-refused border-control-started border-control-finished checkpoint-left plate-read void
    customs: customs-control-started customs-control-finished plate-read void
    queue_operator: zone-arrived zone-left void
    zone_operator: zone-arrived zone-left plate-read void
    ");
}

#[test]
fn the_roles_that_state_are_those_that_state_some_kind() {
    for role in Role::ALL {
        let states = EventKind::ALL.into_iter().any(|kind| may_state(role, kind));
        assert_eq!(STATING_ROLES.contains(&role), states, "{role}");
    }
}

#[test]
fn a_kind_of_another_duty_is_refused() {
    assert_eq!(code_of(&actor(Role::Customs), entered(0)), "kind_not_allowed");
    assert_eq!(code_of(&actor(Role::Administrator), entered(0)), "kind_not_allowed");
}

#[test]
fn a_fact_may_be_two_minutes_ahead_and_thirty_days_old() {
    let guard = actor(Role::BorderGuard);
    let month = 30 * 24 * 60;
    for (minutes, code) in [
        (0, "stated"),
        (2, "stated"),
        (3, "occurred_in_future"),
        (-month, "stated"),
        (-month - 1, "occurred_too_long_ago"),
    ] {
        assert_eq!(code_of(&guard, entered(minutes)), code, "{minutes} minutes");
    }
}

#[test]
fn an_absurd_time_is_named_with_its_place_and_distance() {
    let problem = state(&actor(Role::BorderGuard), &krakivets(), None, entered(180), noon(0)).unwrap_err();
    insta::assert_debug_snapshot!(problem.faults, @r#"
    [
        Fault {
            path: "/occurred_at",
            detail: "is 10800 seconds ahead of the hub's clock",
        },
    ]
    "#);
}

#[test]
fn a_system_of_one_zone_states_nothing_of_another() {
    let mut operator = actor(Role::ZoneOperator);
    operator.scope.zones = Some(vec![Zone("KRAKIVETS-1".into())]);
    let arrived =
        |zone: &str| EventIn { kind: EventKind::ZoneArrived, zone: Some(zone.into()), ..entered(0) };
    assert_eq!(code_of(&operator, arrived("KRAKIVETS-1")), "stated");
    assert_eq!(code_of(&operator, arrived("KRAKIVETS-2")), "out_of_scope");
}

#[test]
fn every_fault_of_an_event_is_told_at_once() {
    let broken = EventIn { id: "two words".into(), plate: None, ..entered(0) };
    let problem = state(&actor(Role::BorderGuard), &krakivets(), None, broken, noon(0)).unwrap_err();
    let places: Vec<&str> = problem.faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(places, ["/id", "/plate"]);
}

#[test]
fn the_digest_tells_any_difference_of_content_and_nothing_else() {
    let digest = |event| state(&actor(Role::BorderGuard), &krakivets(), None, event, noon(0)).unwrap().digest;
    let read =
        |confidence| EventIn { kind: EventKind::PlateRead, confidence: Some(confidence), ..entered(0) };
    let refused =
        |reason: &str| EventIn { kind: EventKind::EntryRefused, reason: Some(reason.into()), ..entered(0) };
    let other_plate = EventIn { plate: Some(Plate::parse("AA1234BB").unwrap()), ..entered(0) };
    let voiding = |voids: &str, reason: &str| EventIn {
        kind: EventKind::Void,
        plate: None,
        voids: Some(voids.into()),
        reason: Some(reason.into()),
        ..entered(0)
    };
    let all = [
        entered(0),
        entered(1),
        EventIn { id: "bg-2".into(), ..entered(0) },
        EventIn { kind: EventKind::CheckpointLeft, ..entered(0) },
        other_plate,
        read(0.5),
        read(0.6),
        refused("a"),
        refused("b"),
        voiding("x", "y"),
        voiding("xy", "z"),
        voiding("y", "x"),
    ];
    let digests: std::collections::BTreeSet<_> = all.iter().cloned().map(digest).collect();
    assert_eq!(digests.len(), all.len());
    assert_eq!(digest(entered(0)), digest(entered(0)));

    let elsewhere = kordon_schemas::CheckpointCode::parse("UA205020").unwrap();
    let there = state(&actor(Role::BorderGuard), &elsewhere, None, entered(0), noon(0)).unwrap().digest;
    assert_ne!(there, digest(entered(0)), "the same event at another checkpoint says another thing");
}
