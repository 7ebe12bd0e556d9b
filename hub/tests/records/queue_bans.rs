//! Vehicles that may not book for a time, because they did not come; and when they may again.

use chrono::{DateTime, Utc};
use kordon_hub::queue::booking::{self, Booked};
use kordon_hub::queue::changes::{self, AskedChange, Changed};
use kordon_hub::{Error, Result};
use kordon_schemas::ProblemCode;
use kordon_schemas::bookings::{BanLiftingIn, ChangeKind};
use kordon_schemas::rules::{Consequence, SlotRules};
use uuid::Uuid;

use crate::queue_slots::slot_of;
use crate::queue_timer::rules;
use crate::site::{PLATE, Site, booking_of, krakivets, noon, yahodyn};

const DAY: i64 = 24 * 60;

/// A vehicle whose slot begins at five with no grace, and whose absence is found when the timer looks.
async fn not_come_by(found: i64) -> (Site, Uuid) {
    let mut rules = rules();
    rules.lanes[0].slots = Some(SlotRules { length_minutes: 30, places: 1 });
    rules.absence.at_zone = Consequence::Ban { days: 3 };
    rules.absence.zone_grace_minutes = 0;
    let site = Site::by(rules).await;
    let asked = slot_of("r-1", PLATE, noon(300));
    let booked =
        booking::book(&mut *site.connection().await, &site.operator, &krakivets(), &asked, noon(0)).await;
    assert_eq!(site.sweep(found).await.absences.len(), 1);
    (site, booked.unwrap().booking.id)
}

impl Site {
    async fn book_elsewhere(&self, reference: &str, at: DateTime<Utc>) -> Result<Booked> {
        let mut asked = booking_of(reference, PLATE, 0);
        asked.booked_at = None;
        booking::book(&mut *self.connection().await, &self.operator, &yahodyn(), &asked, at).await
    }

    async fn lift(&self, booking: Uuid, reference: &str, minutes: i64) -> Result<Changed> {
        let asked = BanLiftingIn { reference: reference.into(), reason: "the zone was flooded".into() };
        let asked = AskedChange::BanLifting(&asked);
        changes::change(&mut *self.connection().await, &self.operator, booking, asked, noon(minutes)).await
    }
}

#[tokio::test]
async fn a_vehicle_that_did_not_come_books_nowhere_until_its_ban_is_over() {
    let (site, _) = not_come_by(301).await;
    let Err(Error::Refused { code, detail }) = site.book_elsewhere("r-2", noon(302)).await else {
        panic!("it is banned");
    };
    assert_eq!(code, ProblemCode::VehicleBanned);
    assert_eq!(detail, "AA 1234 BB may not book until 2026-11-24T17:00:00Z: it did not come at UA209030");
    assert!(site.book_elsewhere("r-2", noon(300 + 3 * DAY)).await.unwrap().is_new, "the ban is over");
}

#[tokio::test]
async fn a_ban_counts_from_when_the_vehicle_had_to_come_however_late_that_is_found() {
    let (site, _) = not_come_by(300 + 2 * DAY).await;
    assert!(site.book_elsewhere("r-2", noon(300 + 3 * DAY - 1)).await.is_err());
    assert!(site.book_elsewhere("r-2", noon(300 + 3 * DAY)).await.unwrap().is_new);
    let (site, _) = not_come_by(300 + 3 * DAY).await;
    assert_eq!(site.number("SELECT count(*) FROM plate_bans").await, 0, "it was over before it was found");
}

#[tokio::test]
async fn a_ban_is_lifted_once_with_its_reason_and_the_booking_stays_over() {
    let (site, booking) = not_come_by(301).await;
    let Changed { change, is_new } = site.lift(booking, "l-1", 310).await.unwrap();
    assert!(is_new);
    assert_eq!(
        (change.kind, change.reason.as_deref()),
        (ChangeKind::BanLifted, Some("the zone was flooded"))
    );
    assert_eq!((change.before.banned_until, change.after.banned_until), (Some(noon(300 + 3 * DAY)), None));
    assert_eq!(site.lift(booking, "l-1", 320).await.unwrap(), Changed { change, is_new: false });
    let again = site.lift(booking, "l-2", 330).await.unwrap_err();
    assert_eq!(again.code(), ProblemCode::ChangeNotAllowed, "nothing is left to lift");
    assert!(site.book_elsewhere("r-2", noon(340)).await.unwrap().is_new);
    let over =
        format!("SELECT count(*) FROM bookings WHERE id = '{booking}' AND ended_by = 'no_show_at_zone'");
    assert_eq!(site.number(&over).await, 1);
}

#[tokio::test]
async fn only_who_runs_the_queue_lifts_what_came_of_it() {
    let (site, booking) = not_come_by(301).await;
    let stranger = site.other_operator().await;
    let asked = BanLiftingIn { reference: "l-1".into(), reason: "a favour".into() };
    let asked = AskedChange::BanLifting(&asked);
    let refused = changes::change(&mut *site.connection().await, &stranger, booking, asked, noon(310))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), ProblemCode::NotFound);
    assert!(site.book_elsewhere("r-2", noon(320)).await.is_err());
}
