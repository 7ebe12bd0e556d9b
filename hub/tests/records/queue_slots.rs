//! Places of slots: a place is sold once, whoever asks at the same moment and under whatever rules.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::RunQueryDsl;
use futures_util::future::join_all;
use kordon_hub::checkpoints::rules;
use kordon_hub::parties::Role;
use kordon_hub::queue::booking::{self, Booked, places};
use kordon_hub::queue::changes::{self, AskedChange};
use kordon_hub::{Error, Result};
use kordon_schemas::ProblemCode;
use kordon_schemas::bookings::CancellationIn;
use kordon_schemas::queue::{Booking, BookingIn};
use kordon_schemas::rules::{RulesIn, RulesVersion};
use serde_json::{Value, json};

use crate::site::{PLATE, Site, evening, krakivets};

/// Rules with slots in one lane for every vehicle: `places` in every slot of `length` minutes, 12 vehicles an
/// hour day and night.
pub(crate) fn rules_with_slots(length: u16, places: u16) -> Value {
    let name = json!({"uk": "Назва", "en": "Name"});
    let takes: Vec<Value> =
        ["car", "bus", "truck", "motorcycle"].map(|category| json!({"category": category})).into();
    json!({
        "zones": [], "zone_choice": "user",
        "lanes": [{
            "lane": "all", "name": name, "takes": takes,
            "capacity": [{
                "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
                "from_hour": 0, "to_hour": 24, "vehicles_per_hour": 12
            }],
            "slots": {"length_minutes": length, "places": places}
        }],
        "merge": {"classes": [{"class": "aid", "name": name, "weight": 5}], "live_weight": 1},
        "booking": {"horizon_days": 14},
        "call": {"lead_minutes": 30, "deadline_minutes": 120},
        "absence": {"zone_grace_minutes": 30, "at_zone": {"then": "cancel"}, "at_checkpoint": {"then": "cancel"}},
        "changes": {"extensions": 1, "extension_hours": 24, "swaps": 1},
        "refunds": {"live_wait_at_most_minutes": 60, "live_wait_percent": 50, "no_show_percent": 0, "cancelled": []}
    })
}

/// A moment so many hours after the evening, which is midnight in Kyiv: a slot of any length up to an hour
/// begins then.
pub(crate) fn hours(hours: i64) -> DateTime<Utc> {
    evening() + TimeDelta::hours(hours)
}

/// A pre-booked booking.
pub(crate) fn slot_of(reference: &str, plate: &str, starts_at: DateTime<Utc>) -> BookingIn {
    serde_json::from_value(json!({
        "reference": reference, "plate": plate, "queue": "pre_booked", "channel": "web", "slot_starts_at": starts_at
    }))
    .unwrap()
}

impl Site {
    /// Puts rules at Krakivets in the evening, from a moment on.
    pub(crate) async fn put_rules(&self, rules: Value, applies_from: DateTime<Utc>) -> Result<RulesVersion> {
        let ministry = self.another(Role::Ministry, &format!("ministry-{}", uuid::Uuid::now_v7())).await;
        let mut connection = self.connection().await;
        let asked: RulesIn = serde_json::from_value(json!({
            "applies_from": applies_from, "rules": rules,
            "decision": {"reference": "№ 17", "decided_on": "2026-11-20"}
        }))
        .unwrap();
        let known = rules::newest(&mut connection, &krakivets()).await?;
        rules::put(&mut connection, &ministry, &krakivets(), known, &asked, evening()).await
    }

    pub(crate) async fn ask(&self, asked: &BookingIn) -> Result<Booked> {
        booking::book(&mut *self.connection().await, &self.operator, &krakivets(), asked, evening()).await
    }

    async fn free(&self, from: DateTime<Utc>) -> Vec<u32> {
        let to = from + TimeDelta::hours(1);
        let shown =
            places::slots(&mut *self.connection().await, &krakivets(), "all", from, to, evening()).await;
        shown.unwrap().slots.into_iter().map(|slot| slot.free).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_hundred_who_want_the_last_place_one_gets_it() {
    let site = Site::fresh().await;
    site.put_rules(rules_with_slots(30, 3), evening()).await.unwrap();
    for number in 0..2 {
        site.ask(&slot_of(&format!("before-{number}"), &format!("BB 000{number} CC"), hours(10)))
            .await
            .unwrap();
    }
    assert_eq!(site.free(hours(10)).await, [1, 3]);
    let site = &site;
    let attempts = (0..200).map(|number| async move {
        site.ask(&slot_of(&format!("r-{number}"), &format!("AA {number:04} BB"), hours(10))).await
    });
    let answers = join_all(attempts).await;
    let codes: Vec<ProblemCode> =
        answers.iter().filter_map(|answer| answer.as_ref().err().map(Error::code)).collect();
    assert_eq!(codes, [ProblemCode::SlotTaken; 199]);
    assert_eq!(site.free(hours(10)).await, [0, 3]);
    assert_eq!(site.number("SELECT count(*) FROM slot_places").await, 3);
    assert_eq!(site.number("SELECT count(*) FROM bookings").await, 3, "who got no place left nothing");
    assert_eq!(site.number("SELECT count(*) FROM active_bookings").await, 3);
}

#[tokio::test]
async fn the_database_itself_sells_no_place_twice_and_none_that_is_not_there() {
    let site = Site::fresh().await;
    site.put_rules(rules_with_slots(30, 2), evening()).await.unwrap();
    for number in 0..2 {
        site.ask(&slot_of(&format!("r-{number}"), &format!("AA 000{number} BB"), hours(10))).await.unwrap();
    }
    let mut connection = site.connection().await;
    let twice = "UPDATE slot_places SET place_number = 1";
    assert!(diesel::sql_query(twice).execute(&mut *connection).await.is_err());
    let third = "UPDATE slot_places SET place_number = 3 WHERE place_number = 2";
    assert!(diesel::sql_query(third).execute(&mut *connection).await.is_err());
}

#[tokio::test]
async fn new_rules_sell_no_place_over_one_that_the_old_ones_sold() {
    let site = Site::fresh().await;
    site.put_rules(rules_with_slots(60, 2), evening()).await.unwrap();
    let old = site.ask(&slot_of("r-1", "AA 0001 BB", hours(10))).await.unwrap().booking;
    assert_eq!(old.rules_version, 2);
    site.put_rules(rules_with_slots(30, 1), hours(5)).await.unwrap();
    assert_eq!(site.free(hours(4)).await, [2], "the old rules still apply then");
    assert_eq!(site.free(hours(10)).await, [0, 0], "the place of the whole hour takes one of each half");
    let refused = site.ask(&slot_of("r-2", "AA 0002 BB", hours(10))).await.unwrap_err();
    assert_eq!(refused.code(), ProblemCode::SlotTaken);
    let later =
        site.ask(&slot_of("r-3", "AA 0003 BB", hours(11) + TimeDelta::minutes(30))).await.unwrap().booking;
    assert_eq!(later.rules_version, 2, "it was decided under the rules of its moment");
    let again = site.ask(&slot_of("r-1", "AA 0001 BB", hours(10))).await.unwrap();
    assert!(!again.is_new);
    let without_secret = Booking { holder_secret: None, ..old };
    assert_eq!(
        again.booking, without_secret,
        "what was decided before stays as it was, the secret is told once"
    );
}

#[tokio::test]
async fn a_longer_slot_has_the_places_of_those_it_is_made_of() {
    let site = Site::fresh().await;
    site.put_rules(rules_with_slots(30, 2), evening()).await.unwrap();
    for (number, half) in [(1, 0), (2, 0), (3, 30), (4, 30)] {
        let starts_at = hours(10) + TimeDelta::minutes(half);
        site.ask(&slot_of(&format!("r-{number}"), &format!("AA 000{number} BB"), starts_at)).await.unwrap();
    }
    site.put_rules(rules_with_slots(60, 4), hours(5)).await.unwrap();
    assert_eq!(site.free(hours(10)).await, [0], "four vehicles come in that hour");
    let refused = site.ask(&slot_of("r-5", "AA 0005 BB", hours(10))).await.unwrap_err();
    assert_eq!(refused.code(), ProblemCode::SlotTaken);
}

#[tokio::test]
async fn of_fewer_places_those_with_higher_numbers_are_sold_too() {
    let site = Site::fresh().await;
    site.put_rules(rules_with_slots(30, 4), evening()).await.unwrap();
    let mut sold = Vec::new();
    for number in 1..=4 {
        let asked = slot_of(&format!("r-{number}"), &format!("AA 000{number} BB"), hours(10));
        sold.push(site.ask(&asked).await.unwrap().booking.id);
    }
    let mut connection = site.connection().await;
    for (id, reference) in [(sold[0], "c-1"), (sold[1], "c-2")] {
        let cancellation = CancellationIn { reference: reference.into(), reason: "sold".into() };
        let asked = AskedChange::Cancellation(&cancellation);
        changes::change(&mut connection, &site.operator, id, asked, evening()).await.unwrap();
    }
    site.put_rules(rules_with_slots(30, 3), hours(5)).await.unwrap();
    assert_eq!(site.free(hours(10)).await, [1, 3]);
    site.ask(&slot_of("r-5", "AA 0005 BB", hours(10))).await.unwrap();
    let refused = site.ask(&slot_of("r-6", "AA 0006 BB", hours(10))).await.unwrap_err();
    assert_eq!(refused.code(), ProblemCode::SlotTaken);
}

#[tokio::test]
async fn a_slot_that_cannot_be_booked_says_why() {
    let site = Site::fresh().await;
    let without = site.ask(&slot_of("r-1", "AA 0001 BB", hours(10))).await.unwrap_err();
    assert!(format!("{without}").contains("no slots to book"), "{without}");
    site.put_rules(rules_with_slots(30, 1), evening()).await.unwrap();
    for (starts_at, said) in [
        (hours(-1), "lies in the past"),
        (hours(15 * 24), "beyond the horizon"),
        (hours(10) + TimeDelta::minutes(7), "no slot begins then"),
    ] {
        let refused = site.ask(&slot_of("r-1", "AA 0001 BB", starts_at)).await.unwrap_err();
        assert!(format!("{refused}").contains(said), "{refused}");
    }
    assert_eq!(site.number("SELECT count(*) FROM bookings").await, 0);
}

#[tokio::test]
async fn a_slot_far_ahead_holds_its_plate_however_long_nothing_is_heard_of_it() {
    let site = Site::fresh().await;
    let mut rules = rules_with_slots(30, 5);
    rules["booking"]["horizon_days"] = 90.into();
    site.put_rules(rules, evening()).await.unwrap();
    site.ask(&slot_of("r-1", PLATE, hours(60 * 24))).await.unwrap();
    let later = async |days: i64| {
        let now = evening() + TimeDelta::days(days);
        let asked = slot_of(&format!("day-{days}"), PLATE, now + TimeDelta::days(40));
        booking::book(&mut *site.connection().await, &site.operator, &krakivets(), &asked, now).await
    };
    assert_eq!(later(31).await.unwrap_err().code(), ProblemCode::AlreadyBooked);
    later(61 + 30).await.unwrap();
}
