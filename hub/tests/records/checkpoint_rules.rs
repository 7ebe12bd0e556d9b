//! Rules by version: which are in force when, and who runs the queue.

use chrono::TimeDelta;
use kordon_hub::Result;
use kordon_hub::checkpoints::{operators, rules};
use kordon_hub::parties::{self, NewSystem, Role, Scope};
use kordon_hub::queue::{booking, calling};
use kordon_schemas::operators::OperatorIn;
use kordon_schemas::queue::CallIn;
use kordon_schemas::{Edrpou, ProblemCode};
use serde_json::json;

use crate::queue_slots::{hours, rules_with_slots};
use crate::site::{Site, booking_of, evening, krakivets, noon, yahodyn};

#[tokio::test]
async fn of_the_versions_whose_moment_has_come_the_newest_is_in_force() {
    let site = Site::fresh().await;
    site.put_rules(rules_with_slots(30, 1), hours(2)).await.unwrap();
    site.put_rules(rules_with_slots(60, 1), hours(1)).await.unwrap();
    site.put_rules(rules_with_slots(20, 1), hours(9)).await.unwrap();
    let mut connection = site.connection().await;
    for (at, version) in [(0, 1), (1, 3), (2, 3), (8, 3), (9, 4)] {
        let in_force = rules::in_force(&connection, &krakivets(), hours(at)).await.unwrap();
        assert_eq!(in_force.version, version, "after {at} hours");
    }
    assert_eq!(rules::in_force(&connection, &yahodyn(), hours(9)).await.unwrap().version, 1);
    let periods = rules::periods(&mut connection, &krakivets(), evening(), hours(12)).await.unwrap();
    let told: Vec<_> =
        periods.iter().map(|(from, to, rules)| ((*to - *from).num_hours(), rules.version)).collect();
    assert_eq!(told, [(1, 1), (8, 3), (3, 4)]);
}

#[tokio::test]
async fn rules_apply_from_now_or_later() {
    let site = Site::fresh().await;
    let past = site.put_rules(rules_with_slots(30, 1), evening() - TimeDelta::seconds(1)).await;
    assert_eq!(past.unwrap_err().code(), ProblemCode::Invalid);
    assert_eq!(site.number("SELECT count(*) FROM checkpoint_rules").await, 0);
}

impl Site {
    async fn hand_over(&self, edrpou: &str, hour: i64) -> Result<kordon_schemas::operators::Operators> {
        let administrator =
            self.another(Role::Administrator, &format!("admin-{}", uuid::Uuid::now_v7())).await;
        let asked: OperatorIn = serde_json::from_value(json!({
            "organisation": edrpou, "operates_from": hours(hour),
            "decision": {"reference": "№ 5", "decided_on": "2026-11-20"}
        }))
        .unwrap();
        operators::hand_over(&mut *self.connection().await, &administrator, &krakivets(), &asked, evening())
            .await
    }
}

#[tokio::test]
async fn one_operator_at_a_time_books_and_takes_over_what_the_one_before_booked() {
    let site = Site::fresh().await;
    let mut connection = site.connection().await;
    let other = NewSystem {
        edrpou: Edrpou::parse("40075815").unwrap(),
        organisation_name: "Another operator".into(),
        name: "queue".into(),
        role: Role::QueueOperator,
        scope: Scope::default(),
    };
    let other = parties::add_system(&mut connection, other, noon(0)).await.unwrap();
    let other = parties::Actor { system: other.id, role: other.role, scope: other.scope };
    let operators = site.hand_over("20000090", 0).await.unwrap();
    assert_eq!(operators.current.unwrap().organisation.as_str(), "20000090");
    let asked = |reference: &str, plate: &str| {
        let mut asked = booking_of(reference, plate, 0);
        asked.booked_at = None;
        asked
    };
    let refused =
        booking::book(&mut connection, &other, &krakivets(), &asked("o-1", "BB 0001 CC"), hours(1)).await;
    assert_eq!(refused.unwrap_err().code(), ProblemCode::OtherOperator);
    let call = calling::call(&mut connection, &other, &krakivets(), &CallIn::default(), hours(1)).await;
    assert_eq!(call.unwrap_err().code(), ProblemCode::OtherOperator);
    let elsewhere =
        booking::book(&mut connection, &other, &yahodyn(), &asked("o-2", "BB 0002 CC"), hours(1)).await;
    assert!(elsewhere.unwrap().is_new, "nobody is recorded there");
    let mine =
        booking::book(&mut connection, &site.operator, &krakivets(), &asked("r-1", "AA 0001 BB"), hours(1))
            .await;
    let mine = mine.unwrap().booking.id;
    let handed = site.hand_over("40075815", 2).await.unwrap();
    assert_eq!(handed.items.len(), 2);
    assert_eq!(handed.items[1].operates_until, Some(hours(2)));
    for (at, sees, not) in [(hours(1), &site.operator, &other), (hours(2), &other, &site.operator)] {
        assert!(booking::view::show(&mut connection, sees, mine, at).await.is_ok());
        let hidden = booking::view::show(&mut connection, not, mine, at).await;
        assert_eq!(hidden.unwrap_err().code(), ProblemCode::NotFound);
    }
}

#[tokio::test]
async fn a_hand_over_is_recorded_once_in_order_and_to_somebody_known() {
    let site = Site::fresh().await;
    let first = site.hand_over("20000090", 3).await.unwrap();
    assert_eq!(first.current, None, "it is still to come");
    assert_eq!(site.hand_over("20000090", 3).await.unwrap(), first, "the same again");
    assert_eq!(site.hand_over("20000090", 2).await.unwrap_err().code(), ProblemCode::Invalid);
    assert_eq!(site.hand_over("20000090", -1).await.unwrap_err().code(), ProblemCode::Invalid);
    assert_eq!(site.hand_over("43115923", 4).await.unwrap_err().code(), ProblemCode::NotFound);
}
