//! The place in a slot of a vehicle that did not come: it is sold once, whatever is found out later.

use kordon_hub::Result;
use kordon_hub::queue::absence::{Swept, sweep};
use kordon_hub::queue::booking::{self, Booked};
use kordon_schemas::ProblemCode;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::queue::CallIn;
use kordon_schemas::rules::{Consequence, SlotRules};

use crate::queue_slots::slot_of;
use crate::queue_timer::rules;
use crate::site::{PLATE, Site, krakivets, noon};

impl Site {
    async fn ask_at(&self, reference: &str, plate: &str, minutes: i64) -> Result<Booked> {
        let asked = slot_of(reference, plate, noon(300));
        booking::book(&mut *self.connection().await, &self.operator, &krakivets(), &asked, noon(minutes))
            .await
    }

    async fn swept(&self, minutes: i64) -> Swept {
        sweep(&mut *self.connection().await, &krakivets(), noon(minutes)).await.unwrap()
    }
}

#[tokio::test]
async fn a_place_whose_vehicle_did_not_come_is_not_sold_twice_when_it_turns_out_to_have_come() {
    for consequence in [Consequence::BackToQueue, Consequence::Cancel, Consequence::Ban { days: 3 }] {
        let mut rules = rules();
        rules.lanes[0].slots = Some(SlotRules { length_minutes: 30, places: 1 });
        rules.absence.at_checkpoint = consequence;
        let site = Site::by(rules).await;
        let booked = site.ask_at("r-1", PLATE, 0).await.unwrap().booking;
        // Called hours before its slot, for a reason: its time to come ends before the slot begins.
        let early =
            CallIn { booking: Some(booked.id), reason: Some("medicines".into()), ..CallIn::default() };
        site.call_as(&early, noon(10)).await.unwrap();
        assert_eq!(site.swept(70).await.absences.len(), 1, "{consequence:?}");
        let second = site.ask_at("r-2", "BB 0002 CC", 80).await.unwrap_err();
        assert_eq!(second.code(), ProblemCode::SlotTaken, "{consequence:?}");
        site.record_one(site.fact(&format!("e-{}", booked.id), K::CheckpointEntered, 40)).await;
        let taken_back: Vec<_> = site.swept(90).await.taken_back.iter().map(|booking| booking.0).collect();
        assert_eq!(taken_back, [booked.id], "{consequence:?}");
        let sold = "SELECT count(*) FROM slot_places JOIN bookings ON bookings.id = slot_places.booking_id
                    WHERE slot_places.starts_at = bookings.slot_starts_at AND bookings.ended_at IS NULL";
        assert_eq!(site.number(sold).await, 1, "{consequence:?}");
    }
}
