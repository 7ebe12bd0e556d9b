//! What happens by itself: calls at the pace of the capacity, absences and what takes them back, warnings,
//! pauses. The lane lets in twelve an hour, the way from the zone takes half an hour, a call is good for an
//! hour.

use futures_util::future::join_all;
use kordon_hub::checkpoints::rules::{self as checkpoint_rules, standard};
use kordon_hub::crossings::CrossingId;
use kordon_hub::crossings::rebuild::verify;
use kordon_hub::queue::absence::{AbsentFrom, Swept, sweep};
use kordon_hub::queue::calling::{self, automatic};
use kordon_hub::queue::warnings::warn_due;
use kordon_hub::queue::{pauses, read};
use kordon_schemas::ProblemCode;
use kordon_schemas::crossings::Stage;
use kordon_schemas::events::EventKind as K;
use kordon_schemas::queue::{Call, CallIn, CallKind, CallRule, LaneState, Pause, PauseIn};
use kordon_schemas::rules::{
    CallRules, CapacityRules, Consequence, PriorityClass, Rules, RulesDecision, RulesIn, Weekday,
};
use kordon_schemas::text::Bilingual;

use crate::site::{Site, krakivets, noon};

const EVERY_DAY: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

pub(crate) fn rules() -> Rules {
    let mut rules = standard::rules();
    rules.lanes[0].capacity = vec![CapacityRules {
        weekdays: EVERY_DAY.to_vec(),
        from_hour: 0,
        to_hour: 24,
        vehicles_per_hour: 12,
    }];
    rules.call = CallRules { lead_minutes: 30, deadline_minutes: 60, warn_minutes: Some(15) };
    rules.absence.zone_grace_minutes = 20;
    rules.merge.classes = vec![PriorityClass {
        class: "perishable".into(),
        name: Bilingual { uk: "Швидкопсувні".into(), en: "Perishable".into() },
        weight: 1,
    }];
    rules.merge.live_weight = 2;
    rules.changes.swaps = 1;
    rules
}

impl Site {
    /// A site with rules of its own.
    pub(crate) async fn by(rules: Rules) -> Self {
        let site = Self::fresh().await;
        let asked = RulesIn {
            applies_from: noon(-1),
            decision: RulesDecision { reference: "№ 1".into(), decided_on: noon(-1).date_naive() },
            rules,
        };
        let mut connection = site.connection().await;
        checkpoint_rules::put(&mut connection, &site.operator, &krakivets(), 1, &asked, noon(-1))
            .await
            .unwrap();
        drop(connection);
        site
    }

    pub(crate) async fn due(&self, minutes: i64) -> Vec<Call> {
        automatic::call_due(&mut *self.connection().await, &krakivets(), noon(minutes)).await.unwrap()
    }

    pub(crate) async fn sweep(&self, minutes: i64) -> Swept {
        sweep(&mut *self.connection().await, &krakivets(), noon(minutes)).await.unwrap()
    }

    pub(crate) async fn pause(&self, minutes: i64) -> Result<Pause, kordon_hub::Error> {
        self.pause_lane(None, minutes).await
    }

    async fn pause_lane(&self, lane: Option<&str>, minutes: i64) -> Result<Pause, kordon_hub::Error> {
        let asked = PauseIn { lane: lane.map(str::to_owned), reason: "the neighbour lets nobody in".into() };
        let mut connection = self.connection().await;
        pauses::pause(&mut connection, &self.guard, &krakivets(), &asked, noon(minutes)).await
    }

    pub(crate) async fn resume(&self, pause: &Pause, minutes: i64) -> Pause {
        let mut connection = self.connection().await;
        pauses::resume(&mut connection, &self.guard, &krakivets(), pause.id, noon(minutes)).await.unwrap()
    }

    pub(crate) async fn enters(&self, number: u32, minutes: i64) {
        let plate = format!("AA {number:04} BB");
        self.record_one(self.fact_of(
            &format!("e-{number}-{minutes}"),
            K::CheckpointEntered,
            &plate,
            minutes,
        ))
        .await;
    }

    /// Makes a booking one of another queue, as a petition or the sale of a slot does.
    pub(crate) async fn becomes(&self, booking: CrossingId, queue: &str) {
        let mut connection = self.connection().await;
        let change = format!("UPDATE bookings SET {queue} WHERE id = '{booking}'");
        diesel_async::RunQueryDsl::execute(diesel::sql_query(change), &mut *connection).await.unwrap();
    }

    pub(crate) async fn is_as_its_facts(&self) {
        let differences = verify(&mut *self.connection().await, &krakivets()).await.unwrap();
        assert_eq!(differences, []);
    }
}

pub(crate) const PERISHABLE: &str = "queue = 'priority', priority_class = 'perishable'";

pub(crate) fn slot(from: i64) -> String {
    format!(
        "queue = 'pre_booked', slot_starts_at = '{}', slot_ends_at = '{}'",
        noon(from).to_rfc3339(),
        noon(from + 30).to_rfc3339()
    )
}

#[tokio::test]
async fn calls_are_given_at_the_pace_of_the_capacity_and_no_more_are_on_their_way_than_are_let_in() {
    let site = Site::by(rules()).await;
    for number in 0..12 {
        site.waits(number, -60).await;
    }
    let first = site.due(0).await;
    let told: Vec<_> =
        first.iter().map(|call| (call.plate.as_str(), call.kind, call.rules_version)).collect();
    assert_eq!(told, [("AA 0000 BB", CallKind::Automatic, 2)]);
    assert_eq!((first[0].entry_expected_at, first[0].deadline_at), (noon(30), noon(60)));
    assert_eq!(site.due(0).await, []);
    assert_eq!(site.due(4).await, []);
    for minutes in [5, 10, 15, 20, 25] {
        assert_eq!(site.due(minutes).await.len(), 1, "{minutes}");
    }
    assert_eq!(site.due(30).await, [], "six are on their way, as many as enter in half an hour");
    site.enters(0, 30).await;
    assert_eq!(site.due(31).await.len(), 1);
    assert_eq!(site.due(31).await, [], "what was not used is not made up for");
    site.is_as_its_facts().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_call_at_once_make_one_call() {
    let site = Site::by(rules()).await;
    for number in 0..5 {
        site.waits(number, -60).await;
    }
    let site = &site;
    for minutes in [0, 5, 10] {
        let calls: Vec<Call> = join_all((0..8).map(|_| site.due(minutes))).await.concat();
        assert_eq!(calls.len(), 1, "{calls:?}");
    }
    assert_eq!(site.number("SELECT count(DISTINCT booking_id) FROM calls").await, 3);
}

#[tokio::test]
async fn a_lane_that_is_closed_or_has_no_capacity_calls_nobody_by_itself() {
    let mut closed = rules();
    closed.lanes[0].capacity[0].to_hour = 8;
    for (rules, state) in [(closed, LaneState::Closed), (standard::rules(), LaneState::Open)] {
        let site = Site::by(rules).await;
        site.waits(1, -60).await;
        assert_eq!(site.due(0).await, []);
        let mut connection = site.connection().await;
        let queue = read::queue(&mut connection, &krakivets(), None, noon(0)).await.unwrap();
        assert_eq!(queue.lanes[0].state, state);
    }
}

#[tokio::test]
async fn while_a_pause_lasts_nobody_is_called_and_afterwards_the_called_have_as_much_more_time() {
    let site = Site::by(rules()).await;
    let crossing = site.waits(1, -60).await;
    site.waits(2, -50).await;
    site.due(0).await;
    let pause = site.pause(3).await.unwrap();
    assert_eq!(site.pause(4).await.unwrap_err().code(), ProblemCode::LanePaused);
    assert_eq!(site.due(10).await, []);
    assert_eq!(site.call(noon(10)).await.unwrap_err().code(), ProblemCode::LanePaused);
    let mut connection = site.connection().await;
    let lane = read::queue(&mut connection, &krakivets(), None, noon(10)).await.unwrap().lanes.remove(0);
    assert_eq!((lane.state, lane.since), (LaneState::Paused, Some(noon(3))));
    assert_eq!(lane.reason.as_deref(), Some("the neighbour lets nobody in"));
    assert_eq!(site.sweep(61).await, Swept::default(), "nobody is absent from what is paused");
    let ended = site.resume(&pause, 63).await;
    assert_eq!(site.resume(&pause, 70).await, ended, "it stays as it ended");
    assert_eq!(site.sweep(64).await, Swept::default());
    assert_eq!(site.call(noon(64)).await.unwrap().plate, "AA 0002 BB");
    assert_eq!(site.number("SELECT count(*) FROM calls WHERE deadline_at = '2026-11-21T14:00:00Z'").await, 1);
    site.is_as_its_facts().await;
    let swept = site.sweep(120).await;
    assert_eq!(swept.absences.iter().map(|absence| absence.booking.0).collect::<Vec<_>>(), [crossing.0]);
}

#[tokio::test]
async fn a_pause_of_the_lane_that_ends_under_one_of_the_checkpoint_is_given_back_with_it() {
    let site = Site::by(rules()).await;
    let (first, second) = (site.waits(1, -60).await, site.waits(2, -50).await);
    site.due(0).await;
    site.due(30).await;
    let of_lane = site.pause_lane(Some("all"), 45).await.unwrap();
    let of_all = site.pause(75).await.unwrap();
    site.resume(&of_lane, 105).await;
    assert_eq!(site.sweep(106).await, Swept::default(), "the checkpoint is paused still");
    site.resume(&of_all, 135).await;
    site.is_as_its_facts().await;
    // An hour and a half stood. The first had fifteen minutes left, the other three quarters of an hour.
    assert_eq!(site.sweep(149).await, Swept::default());
    for (minutes, crossing, due) in [(179, first, 150), (180, second, 180)] {
        let swept = site.sweep(minutes).await;
        let absent: Vec<_> =
            swept.absences.iter().map(|absence| (absence.booking.0, absence.due_at)).collect();
        assert_eq!(absent, [(crossing.0, noon(due))]);
    }
}

#[tokio::test]
async fn a_pause_of_the_checkpoint_that_ends_under_one_of_the_lane_is_not_given_back_twice() {
    let site = Site::by(rules()).await;
    let crossing = site.waits(1, -60).await;
    site.due(0).await;
    let of_lane = site.pause_lane(Some("all"), 10).await.unwrap();
    let of_all = site.pause(20).await.unwrap();
    site.resume(&of_all, 30).await;
    let as_called = "SELECT count(*) FROM calls WHERE deadline_at = '2026-11-21T13:00:00Z'";
    assert_eq!(site.number(as_called).await, 1, "the lane is paused still");
    site.resume(&of_lane, 40).await;
    site.is_as_its_facts().await;
    assert_eq!(site.sweep(89).await, Swept::default());
    let swept = site.sweep(90).await;
    let [absence] = swept.absences.as_slice() else { panic!("one did not come: {swept:?}") };
    assert_eq!((absence.booking.0, absence.due_at), (crossing.0, noon(90)));
}

#[tokio::test]
async fn a_called_vehicle_whose_lane_the_rules_no_longer_have_gets_the_time_of_their_first_lane_back() {
    let site = Site::by(rules()).await;
    let crossing = site.waits(1, -60).await;
    site.due(0).await;
    site.becomes(crossing, "lane = 'gone'").await;
    let pause = site.pause_lane(Some("all"), 10).await.unwrap();
    assert_eq!(site.sweep(61).await, Swept::default(), "it stands in the first lane, which is paused");
    site.resume(&pause, 70).await;
    assert_eq!(site.sweep(119).await, Swept::default());
    assert_eq!(site.sweep(120).await.absences.len(), 1);
}

#[tokio::test]
async fn whoever_missed_its_call_stands_in_the_live_queue_from_then_on() {
    let site = Site::by(rules()).await;
    let (first, second) = (site.waits(1, -60).await, site.waits(2, -50).await);
    site.due(0).await;
    assert_eq!(site.sweep(59).await, Swept::default());
    let swept = site.sweep(60).await;
    let [absence] = swept.absences.as_slice() else { panic!("one did not come: {swept:?}") };
    assert_eq!(
        (absence.booking.0, absence.from, absence.due_at),
        (first.0, AbsentFrom::Checkpoint, noon(60))
    );
    assert_eq!((absence.consequence, absence.rules_version), (Consequence::BackToQueue, 2));
    assert_eq!(site.sweep(61).await, Swept::default(), "once");
    assert_eq!(site.view(first).await.stage, Stage::ZoneArrived);
    site.is_as_its_facts().await;
    let order: Vec<_> = site.due(61).await.iter().map(|call| call.booking).collect();
    assert_eq!(order, [second.0]);
    assert_eq!(site.due(66).await[0].booking, first.0);
}

#[tokio::test]
async fn an_entry_before_the_deadline_that_is_handed_in_late_takes_the_absence_back() {
    for (consequence, ended) in
        [(Consequence::BackToQueue, 0), (Consequence::Cancel, 1), (Consequence::Ban { days: 3 }, 1)]
    {
        let mut rules = rules();
        rules.absence.at_checkpoint = consequence;
        let site = Site::by(rules).await;
        let crossing = site.waits(1, -60).await;
        site.becomes(crossing, PERISHABLE).await;
        site.due(0).await;
        assert_eq!(site.sweep(60).await.absences.len(), 1, "{consequence:?}");
        assert_eq!(
            site.number("SELECT count(*) FROM bookings WHERE ended_by = 'no_show_at_checkpoint'").await,
            ended
        );
        assert_eq!(
            site.number("SELECT count(*) FROM plate_bans").await,
            i64::from(matches!(consequence, Consequence::Ban { .. }))
        );
        site.enters(1, 55).await;
        let swept = site.sweep(90).await;
        assert_eq!(swept.taken_back.iter().map(|booking| booking.0).collect::<Vec<_>>(), [crossing.0]);
        let as_before = "SELECT count(*) FROM bookings
                         JOIN crossings ON crossings.id = bookings.id
                         WHERE bookings.queue = 'priority' AND bookings.priority_class = 'perishable' AND bookings.queued_at = bookings.booked_at
                           AND bookings.ended_at IS NULL AND crossings.ended_at IS NULL
                           AND called_at = '2026-11-21T12:00:00Z' AND stage = 'checkpoint_entered'";
        assert_eq!(site.number(as_before).await, 1, "{consequence:?}");
        assert_eq!(site.number("SELECT count(*) FROM plate_bans").await, 0);
        assert_eq!(site.number("SELECT count(*) FROM calls WHERE missed_at IS NULL").await, 1);
        assert_eq!(site.sweep(91).await, Swept::default());
        site.is_as_its_facts().await;
    }
}

#[tokio::test]
async fn an_entry_after_the_deadline_changes_nothing_about_the_absence() {
    let site = Site::by(rules()).await;
    site.waits(1, -60).await;
    site.due(0).await;
    site.sweep(60).await;
    site.enters(1, 70).await;
    assert_eq!(site.sweep(90).await, Swept::default());
    assert_eq!(site.number("SELECT count(*) FROM absences WHERE settled_at IS NOT NULL").await, 1);
    assert_eq!(site.number("SELECT count(*) FROM calls WHERE missed_at IS NULL").await, 0);
    site.is_as_its_facts().await;
}

#[tokio::test]
async fn an_absence_stands_when_no_fact_that_is_in_time_can_come_any_more() {
    let site = Site::by(rules()).await;
    site.waits(1, -60).await;
    site.due(0).await;
    assert_eq!(site.sweep(60).await.absences.len(), 1);
    let open = "SELECT count(*) FROM absences WHERE settled_at IS NULL";
    let too_late = 60 + 30 * 24 * 60;
    assert_eq!(site.sweep(too_late).await, Swept::default());
    assert_eq!(site.number(open).await, 1, "a fact may be on its way");
    assert_eq!(site.sweep(too_late + 61).await, Swept::default());
    assert_eq!(site.number(open).await, 0);
    assert_eq!(site.number("SELECT count(*) FROM absences WHERE taken_back_position IS NULL").await, 1);
    assert_eq!(site.number("SELECT count(*) FROM calls WHERE missed_at IS NULL").await, 0);
    site.is_as_its_facts().await;
}

#[tokio::test]
async fn an_entry_in_time_takes_the_absence_back_however_late_the_timer_looks() {
    let site = Site::by(rules()).await;
    let crossing = site.waits(1, -60).await;
    site.due(0).await;
    site.sweep(60).await;
    site.enters(1, 55).await;
    let swept = site.sweep(60 + 40 * 24 * 60).await;
    assert_eq!(swept.taken_back.iter().map(|booking| booking.0).collect::<Vec<_>>(), [crossing.0]);
    site.is_as_its_facts().await;
}

#[tokio::test]
async fn a_pre_booked_vehicle_that_is_not_in_its_zone_after_the_grace_loses_its_slot() {
    let site = Site::by(rules()).await;
    let crossing = site.book("r-1", "AA 0001 BB", -60).await;
    site.becomes(crossing, &slot(30)).await;
    assert_eq!(site.sweep(49).await, Swept::default());
    let swept = site.sweep(50).await;
    assert_eq!(swept.absences.iter().map(|absence| absence.from).collect::<Vec<_>>(), [AbsentFrom::Zone]);
    let live = "SELECT count(*) FROM bookings
                WHERE queue = 'live' AND queued_at = '2026-11-21T12:50:00Z' AND slot_starts_at IS NULL";
    assert_eq!(site.number(live).await, 1);
    // The zone's line was down: it had come in time.
    site.record_one(site.fact_of("z-1", K::ZoneArrived, "AA 0001 BB", 25)).await;
    assert_eq!(site.sweep(60).await.taken_back.len(), 1);
    assert_eq!(site.number("SELECT count(*) FROM bookings WHERE queue = 'pre_booked'").await, 1);
    assert_eq!(site.due(60).await[0].explanation.rule, CallRule::Slot);
}

#[tokio::test]
async fn each_is_warned_once_when_its_call_nears() {
    let site = Site::by(rules()).await;
    for number in 0..6 {
        site.waits(number, -60 + i64::from(number)).await;
    }
    site.due(0).await;
    let warned = async |minutes: i64| -> Vec<(i32, i64)> {
        let mut connection = site.connection().await;
        let warnings = warn_due(&mut connection, &krakivets(), noon(minutes)).await.unwrap();
        warnings
            .iter()
            .map(|warning| (warning.place, (warning.call_expected_at - noon(0)).num_minutes()))
            .collect()
    };
    assert_eq!(warned(0).await, [(1, 5), (2, 10), (3, 15)]);
    assert_eq!(warned(1).await, []);
    site.due(5).await;
    assert_eq!(warned(5).await, [(3, 20)]);
    let mut connection = site.connection().await;
    let queue = read::queue(&mut connection, &krakivets(), None, noon(6)).await.unwrap();
    let told: Vec<_> = queue.entries.iter().map(|entry| entry.warned_at.is_some()).collect();
    assert_eq!(told, [false, true, true, true, true, false]);
}

#[tokio::test]
async fn the_queue_is_the_merge_of_the_three_by_lane() {
    let site = Site::by(rules()).await;
    let mut bookings = Vec::new();
    for number in 0..8 {
        bookings.push(site.waits(number, -60 + i64::from(number)).await);
    }
    site.becomes(bookings[6], PERISHABLE).await;
    site.becomes(bookings[7], &slot(20)).await;
    let mut connection = site.connection().await;
    let places = async |connection: &mut _, minutes: i64| -> Vec<String> {
        let queue = read::queue(connection, &krakivets(), Some("all"), noon(minutes)).await.unwrap();
        queue.entries.iter().map(|entry| entry.plate[3..7].to_owned()).collect()
    };
    // Its slot counts as begun half an hour before, so it goes first; of a round of three, perishables have
    // one.
    let merged = ["0007", "0000", "0006", "0001", "0002", "0003", "0004", "0005"];
    assert_eq!(places(&mut connection, 0).await, merged);
    let mut called = Vec::new();
    for minutes in 0..4 {
        called.extend(site.due(minutes * 5).await.into_iter().map(|call| call.plate[3..7].to_owned()));
    }
    assert_eq!(called, merged[..4]);
    let unknown = read::queue(&mut connection, &krakivets(), Some("boats"), noon(0)).await.unwrap_err();
    assert_eq!(unknown.code(), ProblemCode::Invalid);
    let day = read::queue(&mut connection, &krakivets(), None, noon(24 * 60)).await.unwrap();
    let beyond: Vec<_> = day.entries.iter().map(|entry| entry.zone_overstay_seconds).collect();
    assert_eq!(beyond[..4], [None; 4], "they were called");
    assert_eq!(beyond[4], Some(48 * 60), "it came at 11:12");
}

#[tokio::test]
async fn the_same_reference_is_the_same_call() {
    let site = Site::by(rules()).await;
    site.waits(1, -60).await;
    site.waits(2, -50).await;
    let call = async |asked: &CallIn| {
        calling::call(&mut *site.connection().await, &site.operator, &krakivets(), asked, noon(0)).await
    };
    let asked = CallIn { reference: Some("c-1".into()), ..CallIn::default() };
    let first = call(&asked).await.unwrap();
    let again = call(&asked).await.unwrap();
    assert_eq!((first.is_new, again.is_new), (true, false));
    assert_eq!(first.call, again.call);
    let other = CallIn { booking: Some(first.call.booking), ..asked };
    assert_eq!(call(&other).await.unwrap_err().code(), ProblemCode::IdempotencyConflict);
    assert_eq!(site.number("SELECT count(*) FROM calls").await, 1);
}

#[tokio::test]
async fn another_systems_call_is_taken_in_as_it_was_given() {
    let site = Site::by(rules()).await;
    site.waits(1, -60).await;
    let second = site.waits(2, -50).await;
    let asked = CallIn {
        booking: Some(second.0),
        called_at: Some(noon(10)),
        reference: Some("their-7".into()),
        ..CallIn::default()
    };
    let incomplete = CallIn { called_at: Some(noon(999)), ..CallIn::default() };
    let kordon_hub::Error::Invalid(faults) = site.call_as(&incomplete, noon(20)).await.unwrap_err() else {
        panic!("it lacks what a call that is handed in needs")
    };
    let places: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(places, ["/called_at", "/booking", "/reference"]);
    let call = site.call_as(&asked, noon(20)).await.unwrap();
    assert_eq!((call.kind, call.explanation.rule), (CallKind::HandedIn, CallRule::HandedIn));
    assert_eq!((call.called_at, call.deadline_at), (noon(10), noon(70)));
    assert_eq!(call.reference.as_deref(), Some("their-7"));
    assert_eq!(site.due(20).await.len(), 1);
    assert_eq!(
        site.number("SELECT count(*) FROM calls WHERE kind = 'automatic' AND system_id IS NULL").await,
        1
    );
    assert_eq!(site.view(second).await.stage, Stage::Called);
}
