//! A checkpoint's history played again: from the bookings, the facts of the zone and the calls before, the
//! same calls follow, with the same explanations.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_hub::checkpoints::rules as checkpoint_rules;
use kordon_hub::crossings::Position;
use kordon_hub::queue::calling::{self, automatic, decide};
use kordon_hub::queue::ranking::{Merge, Queued, Turns};
use kordon_hub::queue::timers;
use kordon_hub::queue::waiting::Stand;
use kordon_hub::{Clock, queue::BookingId};
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::queue::{CallIn, CallRule};
use uuid::Uuid;

use crate::queue_timer::{PERISHABLE, rules, slot};
use crate::site::{Site, krakivets, noon};

/// A booking with the position at which its vehicle came to the zone.
#[derive(QueryableByName)]
struct Booked {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    queue: String,
    #[diesel(sql_type = Nullable<Text>)]
    priority_class: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    slot_starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    slot_ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    queued_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    arrived_at_position: i64,
    #[diesel(sql_type = Timestamptz)]
    arrived_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    called_at_position: i64,
}

impl Booked {
    /// Where it stood just before a position of the journal.
    fn stood(&self, merge: &Merge, position: i64) -> Option<Stand> {
        if self.arrived_at_position > position || self.called_at_position < position {
            return None;
        }
        let queued = match self.queue.as_str() {
            "pre_booked" => Queued::PreBooked {
                slot_starts_at: self.slot_starts_at.unwrap(),
                slot_ends_at: self.slot_ends_at.unwrap(),
            },
            "priority" => Queued::Priority { class: self.priority_class.as_deref().unwrap() },
            _ => Queued::Live,
        };
        let place = merge.place(BookingId(self.id), queued, self.queued_at, Some(self.arrived_at));
        Some(Stand { place, stage: Stage::ZoneArrived, in_zone: true, call_lapsed: false })
    }
}

async fn history(site: &Site) -> Vec<Booked> {
    diesel::sql_query(
        "SELECT booking.id, queue, priority_class, slot_starts_at, slot_ends_at, queued_at,
                event.position AS arrived_at_position, event.occurred_at AS arrived_at,
                coalesce(call.position, 1000000) AS called_at_position
         FROM bookings AS booking
         JOIN checkpoint_events AS event ON event.crossing_id = booking.id AND event.kind = 'zone-arrived'
         LEFT JOIN calls AS call ON call.booking_id = booking.id
         ORDER BY booking.id DESC",
    )
    .load(&mut *site.connection().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_replay_of_the_history_gives_the_same_calls() {
    let site = Site::by(rules()).await;
    for number in 0..30_u32 {
        let minutes = i64::from(number) * 3 - 60;
        let plate = format!("AA {number:04} BB");
        let booking = site.book(&format!("r-{number}"), &plate, minutes - 30).await;
        match number % 5 {
            0 => site.becomes(booking, &slot(minutes + 40)).await,
            1 => site.becomes(booking, PERISHABLE).await,
            _ => {}
        }
        site.record_one(site.fact_of(&format!("z-{number}"), K::ZoneArrived, &plate, minutes)).await;
        let now = noon(minutes.max(0));
        automatic::call_due(&mut *site.connection().await, &krakivets(), now).await.unwrap();
        if number == 20 {
            let asked =
                CallIn { booking: Some(booking.0), reason: Some("a sick child".into()), ..CallIn::default() };
            site.call_as(&asked, now).await.unwrap();
        }
    }
    for minutes in (31..150).step_by(5) {
        // Who was called enters at once, so that more may follow.
        for number in 0..30_u32 {
            let called = format!(
                "SELECT count(*) FROM crossings WHERE plate_written = 'AA {number:04} BB' AND stage = 'called'"
            );
            if site.number(&called).await == 1 {
                let plate = format!("AA {number:04} BB");
                site.record_one(site.fact_of(&format!("e-{number}"), K::CheckpointEntered, &plate, minutes))
                    .await;
            }
        }
        let clock = Clock::of(move || noon(minutes));
        timers::at_checkpoint(&mut *site.connection().await, &krakivets(), &clock, false).await.unwrap();
    }
    let history = history(&site).await;
    let mut positions: Vec<i64> = history.iter().map(|booked| booked.called_at_position).collect();
    positions.sort_unstable();
    positions.retain(|position| *position < 1_000_000);
    assert!(positions.len() > 25, "{positions:?}");
    let mut connection = site.connection().await;
    let mut turns = None;
    let mut rules_that_decided = Vec::new();
    for position in positions {
        let call = calling::show(&mut connection, &krakivets(), Position(position)).await.unwrap();
        let version =
            checkpoint_rules::of_version(&mut connection, &krakivets(), call.rules_version).await.unwrap();
        let merge = Merge::of(&version.rules.merge, &version.rules.call);
        let stands: Vec<Stand> = history.iter().filter_map(|booked| booked.stood(&merge, position)).collect();
        let before = turns.take().unwrap_or_else(|| Turns::none(&merge));
        let named = call.reason.as_ref().map(|_| BookingId(call.booking));
        let again =
            decide::choose(&merge, &stands, 0, &before, named, call.reason.as_deref(), call.called_at)
                .unwrap();
        assert_eq!((again.booking.0, &again.explanation), (call.booking, &call.explanation));
        rules_that_decided.push(call.explanation.rule);
        turns = Some(again.turns);
    }
    for rule in [CallRule::Slot, CallRule::Turn, CallRule::OutOfOrder] {
        assert!(rules_that_decided.contains(&rule), "{rule:?} decided nothing");
    }
}
