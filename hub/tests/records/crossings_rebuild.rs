//! Every crossing rebuilt from its booking, its call and its facts, and compared with what is kept of it.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use kordon_hub::crossings::placement::place_by_hand;
use kordon_hub::crossings::rebuild::{rebuild, verify};
use kordon_hub::crossings::{CrossingId, Fact, Position};
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind;
use kordon_schemas::queue::CallIn;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use crate::site::{PLATE, Site, evening, krakivets, noon};

/// One thing that happens at the checkpoint; vehicles and facts are named by small numbers, so that they
/// meet.
#[derive(Debug, Clone)]
enum Step {
    Book { vehicle: u8, minutes: i64 },
    State(Vec<(u16, EventKind, u8, i64)>),
    Void { id: u16, voids: u16 },
    Call { out_of_order: bool },
    PlaceByHand,
}

fn step() -> impl Strategy<Value = Step> {
    let kind = select(EventKind::ALL.into_iter().filter(|kind| *kind != EventKind::Void).collect::<Vec<_>>());
    let fact = (0..400_u16, kind, 0..8_u8, -30..590_i64);
    prop_oneof![
        2 => (0..8_u8, -60..500_i64).prop_map(|(vehicle, minutes)| Step::Book { vehicle, minutes }),
        6 => vec(fact, 1..12).prop_map(Step::State),
        2 => (0..400_u16, 0..400_u16).prop_map(|(id, voids)| Step::Void { id, voids }),
        1 => any::<bool>().prop_map(|out_of_order| Step::Call { out_of_order }),
        1 => Just(Step::PlaceByHand),
    ]
}

fn plate(vehicle: u8) -> String {
    format!("AA {vehicle:04} BB")
}

/// Does a step; what the hub refuses, it refuses.
async fn happen(site: &Site, number: usize, step: Step) {
    match step {
        Step::Book { vehicle, minutes } => {
            let _ = site.try_book(&krakivets(), &format!("r-{number}"), &plate(vehicle), minutes).await;
        }
        Step::State(facts) => {
            let stated = facts.into_iter().map(|(id, kind, vehicle, minutes)| Fact {
                system: site.guard.system,
                ..site.fact_of(&format!("e-{id}"), kind, &plate(vehicle), minutes)
            });
            site.record(stated.collect()).await;
        }
        Step::Void { id, voids } => {
            if id != voids {
                site.record_one(site.void(&format!("e-{id}"), &format!("e-{voids}"))).await;
            }
        }
        Step::Call { out_of_order: false } => {
            let _ = site.call(noon(550)).await;
        }
        Step::Call { out_of_order: true } => {
            if let Some(booking) = last_booked(site).await {
                let asked = CallIn {
                    booking: Some(booking),
                    reason: Some("an ambulance".into()),
                    ..CallIn::default()
                };
                let _ = site.call_as(&asked, noon(550)).await;
            }
        }
        Step::PlaceByHand => place_one(site).await,
    }
}

/// Places an unmatched fact in a crossing that its time fits.
async fn place_one(site: &Site) {
    let mut connection = site.connection().await;
    let fitting = "SELECT crossing.id, event.position FROM checkpoint_events AS event
                   JOIN crossings AS crossing ON crossing.booked_at <= event.occurred_at
                   WHERE crossing_id IS NULL AND event.plate IS NOT NULL AND stage <> 'checkpoint_left'
                   ORDER BY event.position, crossing.id LIMIT 1";
    let rows: Vec<Fitting> = diesel::sql_query(fitting).load(&mut connection).await.unwrap();
    for Fitting { id, position } in rows {
        let (position, crossing) = (Position(position), CrossingId(id));
        let reason = "seen on the video";
        place_by_hand(&mut connection, &site.guard, &krakivets(), position, crossing, reason, evening())
            .await
            .unwrap();
    }
}

#[derive(QueryableByName)]
struct Fitting {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    position: i64,
}

/// The vehicle that was booked last and waits.
async fn last_booked(site: &Site) -> Option<Uuid> {
    let last =
        "SELECT id, 0::bigint AS position FROM crossings WHERE awaits_entry ORDER BY booked_at DESC LIMIT 1";
    let rows: Vec<Fitting> = diesel::sql_query(last).load(&mut site.connection().await).await.unwrap();
    rows.into_iter().next().map(|row| row.id)
}

#[tokio::test]
async fn every_crossing_is_what_its_facts_come_to_after_any_history() {
    let site = Site::fresh().await;
    let mut runner = TestRunner::deterministic();
    let steps = vec(step(), 240).new_tree(&mut runner).unwrap().current();
    for (number, step) in steps.into_iter().enumerate() {
        happen(&site, number, step).await;
    }
    let mut connection = site.connection().await;
    assert_eq!(verify(&mut connection, &krakivets()).await.unwrap(), []);

    // The history was worth it.
    for (what, query) in [
        ("crossings", "SELECT count(*) FROM crossings"),
        (
            "voided facts",
            "SELECT count(*) FROM event_keys WHERE voided_by IS NOT NULL AND position IS NOT NULL",
        ),
        ("voids before their fact", "SELECT count(*) FROM event_keys WHERE voided_by < position"),
        ("contradictory crossings", "SELECT count(*) FROM crossings WHERE contradictory"),
        ("calls", "SELECT count(*) FROM calls"),
        ("facts placed by hand", "SELECT count(*) FROM event_placements"),
        (
            "unmatched facts",
            "SELECT count(*) FROM checkpoint_events WHERE crossing_id IS NULL AND plate IS NOT NULL",
        ),
        (
            "facts older than their booking",
            "SELECT count(*) FROM checkpoint_events AS event
            JOIN crossings ON crossings.id = crossing_id WHERE event.occurred_at < booked_at",
        ),
    ] {
        assert!(site.number(query).await > 0, "the history has no {what}");
    }
}

#[tokio::test]
async fn positions_are_without_gaps_after_any_history() {
    let site = Site::fresh().await;
    let mut runner = TestRunner::deterministic();
    let steps = vec(step(), 60).new_tree(&mut runner).unwrap().current();
    for (number, step) in steps.into_iter().enumerate() {
        happen(&site, number, step).await;
    }
    // Bookings and placements by hand draw a position of their own and leave no row in the journal under it.
    let drawn = "SELECT (SELECT count(*) FROM checkpoint_events) + (SELECT count(*) FROM calls)
                      + (SELECT count(*) FROM bookings) + (SELECT count(*) FROM event_placements)";
    let last = "SELECT last_position FROM checkpoint_journals WHERE checkpoint = 'UA209030'";
    assert_eq!(site.number(drawn).await, site.number(last).await);
}

#[tokio::test]
async fn a_crossing_that_was_kept_wrongly_is_told_and_mended() {
    let site = Site::fresh().await;
    let crossing = site.book("r-1", PLATE, 0).await;
    let untouched = site.book("r-2", "AA 9999 BB", 0).await;
    site.record_one(site.fact("e-1", EventKind::ZoneArrived, 10)).await;
    site.call(noon(500)).await.unwrap();
    site.record_one(site.fact("e-2", EventKind::ZoneLeft, 590)).await;
    let mut connection = site.connection().await;
    diesel_async::SimpleAsyncConnection::batch_execute(
        &mut *connection,
        &format!(
            "UPDATE crossings SET progress = '', stage = 'booked', contradictory = true, called_at = NULL,
                    call_deadline_at = NULL WHERE id = '{crossing}'"
        ),
    )
    .await
    .unwrap();
    let told = verify(&mut connection, &krakivets()).await.unwrap();
    assert_eq!(told.len(), 1, "and not {untouched}");
    assert_eq!(told[0].kept.crossing.id, crossing);
    assert_eq!((told[0].kept.stage, told[0].rebuilt.stage), (Stage::Booked, Stage::ZoneLeft));
    assert_eq!(verify(&mut connection, &krakivets()).await.unwrap().len(), 1, "telling changes nothing");

    let before = site.number("SELECT max(last_position) FROM checkpoint_journals").await;
    assert_eq!(rebuild(&mut connection, &krakivets(), evening()).await.unwrap(), told);
    assert_eq!(verify(&mut connection, &krakivets()).await.unwrap(), []);
    assert_eq!(site.view(crossing).await.stage, Stage::ZoneLeft);
    assert_eq!(site.number("SELECT max(last_position) FROM checkpoint_journals").await, before + 1);
    assert_eq!(rebuild(&mut connection, &krakivets(), evening()).await.unwrap(), []);
    assert_eq!(site.number("SELECT max(last_position) FROM checkpoint_journals").await, before + 1);
}
