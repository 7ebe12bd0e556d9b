//! One operator at a time runs the queue of a checkpoint, in every act (Resolution 1393, clause 23).

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use kordon_hub::checkpoints::operators;
use kordon_hub::crossings::placement;
use kordon_hub::parties::{self, Actor, NewSystem, Role, Scope};
use kordon_hub::queue::changes::{self, AskedChange};
use kordon_hub::queue::views::holder;
use kordon_hub::queue::{booking, calling, pauses, petitions};
use kordon_hub::{Result, fees};
use kordon_schemas::bookings::CancellationIn;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::operators::OperatorIn;
use kordon_schemas::queue::{CallIn, PauseIn};
use kordon_schemas::rules::RulesDecision;
use kordon_schemas::{Edrpou, ProblemCode};
use serde_json::json;

use crate::site::{PLATE, Site, booking_of, evening, krakivets, noon};

/// The code of the other operator's organisation.
const OTHER: &str = "43115923";

impl Site {
    /// The operator of another organisation.
    pub(crate) async fn other_operator(&self) -> Actor {
        let new = NewSystem {
            edrpou: Edrpou::parse(OTHER).unwrap(),
            organisation_name: "Another operator".into(),
            name: "queue".into(),
            role: Role::QueueOperator,
            scope: Scope { checkpoints: None, zones: None },
        };
        let system = parties::add_system(&mut *self.connection().await, new, noon(0)).await.unwrap();
        Actor { system: system.id, role: Role::QueueOperator, scope: system.scope }
    }

    /// Hands the queue over to it.
    pub(crate) async fn hand_to_the_other(&self, from: DateTime<Utc>) {
        let asked = OperatorIn {
            organisation: Edrpou::parse(OTHER).unwrap(),
            operates_from: from,
            decision: RulesDecision { reference: "№ 2".into(), decided_on: noon(0).date_naive() },
        };
        let mut connection = self.connection().await;
        operators::hand_over(&mut connection, &self.guard, &krakivets(), &asked, noon(0)).await.unwrap();
    }
}

fn code<T: Debug>(answer: Result<T>) -> ProblemCode {
    answer.unwrap_err().code()
}

#[tokio::test]
async fn who_does_not_run_the_queue_does_nothing_in_it() {
    let site = Site::fresh().await;
    site.other_operator().await;
    let booked = site.waits(1, 0).await;
    let mine = site.book("r-7", PLATE, 0).await;
    site.hand_to_the_other(noon(5)).await;
    let mut connection = site.connection().await;
    let (old, at, here) = (&site.operator, noon(10), krakivets());
    let other = ProblemCode::OtherOperator;
    let book = booking_of("r-9", "BB 0009 CC", 6);
    assert_eq!(code(booking::book(&mut connection, old, &here, &book, at).await), other);
    assert_eq!(code(calling::call(&mut connection, old, &here, &CallIn::default(), at).await), other);
    let pause = PauseIn { lane: None, reason: "a power cut".into() };
    assert_eq!(code(pauses::pause(&mut connection, old, &here, &pause, at).await), other);
    let paused = pauses::pause(&mut connection, &site.guard, &here, &pause, at).await.unwrap();
    assert_eq!(code(pauses::resume(&mut connection, old, &here, paused.id, at).await), other);
    let petition =
        serde_json::from_value(json!({"reference": "p-1", "plate": PLATE, "class": "aid", "stated_by": "O",
        "documents": [{"kind": "CMR", "number": "1", "issued_on": "2026-11-20"}]}))
        .unwrap();
    assert_eq!(code(petitions::file(&mut connection, old, &here, &petition, at).await), other);
    let stray = site.record_one(site.fact_of("z-9", K::ZoneArrived, "XX 0001 XX", 1)).await;
    let position = stray.position.unwrap();
    let placed = placement::place_by_hand(&mut connection, old, &here, position, booked, "misread", at).await;
    assert_eq!(code(placed), other);
    let unknown = ProblemCode::NotFound;
    let cancel = CancellationIn { reference: "c-1".into(), reason: "sold".into() };
    assert_eq!(
        code(changes::change(&mut connection, old, mine.0, AskedChange::Cancellation(&cancel), at).await),
        unknown
    );
    assert_eq!(code(holder::renew_secret(&mut connection, old, &here, mine.0, at).await), unknown);
    assert_eq!(code(holder::by_operator(&mut connection, old, "r-7", at).await), unknown);
    let refund = serde_json::from_value(json!({"reference": "f-1", "case": "live_wait"})).unwrap();
    assert_eq!(code(fees::refund::refund(&site.database, old, mine.0, &refund, at).await), unknown);
}

#[tokio::test]
async fn who_takes_a_queue_over_runs_its_bookings() {
    let site = Site::fresh().await;
    let new = site.other_operator().await;
    let booked = site.waits(1, 0).await;
    let mine = site.book("r-7", PLATE, 0).await;
    site.hand_to_the_other(noon(5)).await;
    let mut connection = site.connection().await;
    let (at, here) = (noon(10), krakivets());
    let called = calling::call(&mut connection, &new, &here, &CallIn::default(), at).await.unwrap();
    assert_eq!(called.call.booking, booked.0);
    let held = holder::by_operator(&mut connection, &new, "r-7", at).await.unwrap();
    assert_eq!(held.booking, mine.0);
    assert_eq!(
        holder::renew_secret(&mut connection, &new, &here, mine.0, at).await.unwrap().reference,
        "r-7"
    );
    let cancel = CancellationIn { reference: "c-1".into(), reason: "sold".into() };
    changes::change(&mut connection, &new, mine.0, AskedChange::Cancellation(&cancel), at).await.unwrap();
}

#[tokio::test]
async fn an_operator_states_what_happened_in_its_time() {
    let site = Site::fresh().await;
    let new = site.other_operator().await;
    let terms = async |actor: &Actor| operators::terms(&site.database, actor, &krakivets()).await.unwrap();
    let before = terms(&new).await.unwrap();
    assert!(before.include(noon(0)), "where nobody is recorded, each may");
    site.hand_to_the_other(noon(5)).await;
    let (old, new) = (terms(&site.operator).await.unwrap(), terms(&new).await.unwrap());
    assert!(old.include(noon(4)) && !old.include(noon(5)) && !old.include(evening()));
    assert!(new.include(noon(5)) && new.include(evening()));
    assert_eq!(terms(&site.guard).await, None, "the border guard runs no queue");
}

#[tokio::test]
async fn where_nobody_is_recorded_an_operator_names_its_own_bookings_only() {
    let site = Site::fresh().await;
    let other = site.other_operator().await;
    let here = krakivets();
    let booked = site.waits(1, 0).await;
    let named = CallIn { booking: Some(booked.0), ..CallIn::default() };
    let handed_in = CallIn { reference: Some("c-1".into()), called_at: Some(noon(10)), ..named.clone() };
    let mut connection = site.connection().await;
    for asked in [&named, &handed_in] {
        let called = calling::call(&mut connection, &other, &here, asked, noon(20)).await;
        assert_eq!(code(called), ProblemCode::NotCallable, "as if it were not there");
    }
    let stray = site.record_one(site.fact_of("z-9", K::ZoneArrived, "XX 0001 XX", 1)).await;
    let position = stray.position.unwrap();
    let placed =
        placement::place_by_hand(&mut connection, &other, &here, position, booked, "misread", noon(20)).await;
    let told = format!("there is no crossing of this checkpoint {booked}");
    assert_eq!(placed.unwrap_err().to_string(), told, "as one that there is not");
    let own = calling::call(&mut connection, &site.operator, &here, &named, noon(20)).await.unwrap();
    assert_eq!(own.call.booking, booked.0);
}
