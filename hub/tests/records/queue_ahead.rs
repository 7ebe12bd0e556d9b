//! What is known ahead of calls: the order in which they will be given, who is told that one nears, and when
//! there is nothing to look for.

use kordon_hub::queue::booking;
use kordon_hub::queue::changes;
use kordon_hub::queue::read;
use kordon_hub::queue::warnings::warn_due;
use kordon_schemas::ProblemCode;
use kordon_schemas::bookings::ExtensionIn;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::rules::SlotRules;

use crate::queue_slots::slot_of;
use crate::queue_timer::{rules, slot};
use crate::site::{PLATE, Site, krakivets, noon};

#[tokio::test]
async fn who_moves_to_a_later_slot_is_warned_again() {
    let mut rules = rules();
    rules.lanes[0].slots = Some(SlotRules { length_minutes: 30, places: 1 });
    rules.changes.extensions = 1;
    rules.changes.extension_hours = 24;
    let site = Site::by(rules).await;
    let mut connection = site.connection().await;
    let asked = slot_of("r-1", PLATE, noon(60));
    let booked =
        booking::book(&mut connection, &site.operator, &krakivets(), &asked, noon(0)).await.unwrap().booking;
    site.record_one(site.fact("e-1", K::ZoneArrived, 5)).await;
    assert_eq!(warn_due(&mut connection, &krakivets(), noon(20)).await.unwrap().len(), 1);
    let later = ExtensionIn {
        reference: "x-1".into(),
        slot_starts_at: noon(300).fixed_offset(),
        reason: Some("the papers are not there".into()),
    };
    let extension = changes::AskedChange::Extension(&later);
    changes::change(&mut connection, &site.operator, booked.id, extension, noon(21)).await.unwrap();
    let told = async |at: i64| {
        let queue = read::queue(&mut *site.connection().await, &krakivets(), None, noon(at)).await.unwrap();
        queue.entries[0].warned_at
    };
    assert_eq!(told(22).await, None, "what was told was of the earlier slot");
    assert_eq!(warn_due(&mut connection, &krakivets(), noon(30)).await.unwrap(), []);
    assert_eq!(warn_due(&mut connection, &krakivets(), noon(260)).await.unwrap().len(), 1);
    assert_eq!(told(261).await, Some(noon(260)));
    assert_eq!(site.number("SELECT count(*) FROM call_warnings").await, 2, "both stay in the journal");
}

#[tokio::test]
async fn a_lane_in_which_nobody_waits_locks_no_journal() {
    let site = Site::by(rules()).await;
    site.book("r-1", PLATE, -60).await;
    let mut other = site.connection().await;
    let lock = "BEGIN; SELECT FROM checkpoint_journals FOR UPDATE";
    diesel_async::SimpleAsyncConnection::batch_execute(&mut *other, lock).await.unwrap();
    assert_eq!(site.due(0).await, [], "while somebody else holds it");
}

#[tokio::test]
async fn a_pause_holds_whatever_the_clock_of_the_hub_that_took_it_says() {
    let site = Site::by(rules()).await;
    site.waits(1, -60).await;
    site.pause(2).await.unwrap();
    assert_eq!(site.call(noon(1)).await.unwrap_err().code(), ProblemCode::LanePaused);
}

#[tokio::test]
async fn at_night_the_order_is_that_of_the_calls_in_the_morning() {
    let mut rules = rules();
    rules.lanes[0].capacity[0].from_hour = 8;
    rules.lanes[0].capacity[0].to_hour = 20;
    rules.call.lead_minutes = 0;
    let site = Site::by(rules).await;
    for number in 0..2 {
        site.waits(number, -60 + i64::from(number)).await;
    }
    // The lane opens at eight in Kyiv, 18 hours after noon in UTC.
    let opens = 18 * 60;
    let slotted = site.waits(2, -50).await;
    site.becomes(slotted, &slot(opens)).await;
    let night = read::queue(&mut *site.connection().await, &krakivets(), None, noon(9 * 60)).await.unwrap();
    let order: Vec<_> = night.entries.iter().map(|entry| entry.plate[3..7].to_owned()).collect();
    assert_eq!(order, ["0002", "0000", "0001"], "its slot has begun when the first is called");
    let called = site.due(opens).await;
    assert_eq!(called[0].plate[3..7], *order[0]);
}

#[tokio::test]
async fn who_left_its_zone_and_came_back_after_its_slot_stands_in_the_live_queue_since_then() {
    let site = Site::by(rules()).await;
    let slotted = site.waits(2, -120).await;
    site.becomes(slotted, &slot(-60)).await;
    site.waits(1, -10).await;
    let order = async || {
        let queue = read::queue(&mut *site.connection().await, &krakivets(), None, noon(0)).await.unwrap();
        queue.entries.iter().map(|entry| entry.plate[3..7].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(order().await, ["0002", "0001"], "it waits in its zone since before its slot");
    let back = vec![
        site.fact_of("left-2", K::ZoneLeft, "AA 0002 BB", -100),
        site.fact_of("back-2", K::ZoneArrived, "AA 0002 BB", -5),
    ];
    site.record(back).await;
    assert_eq!(order().await, ["0001", "0002"]);
}
