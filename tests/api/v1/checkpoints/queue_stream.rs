//! `GET /api/v1/checkpoints/{checkpoint}/queue/stream`.

use chrono::TimeDelta;
use kordon_api::limits::{LimitSettings, Quota};
use kordon_api::streams::StreamSettings;
use kordon_hub::parties::{self, Role, Scope};
use kordon_hub::queue::absence;
use kordon_schemas::CheckpointCode;
use serde_json::json;

use crate::hub::{EventStream, KRAKIVETS, TestHub};

/// Of two writers each.
const EVENTS: i64 = 40;

impl TestHub {
    async fn follow(&self, role: Role, after: i64) -> EventStream {
        let stream = self.get(&TestHub::at(KRAKIVETS, "queue/stream")).as_role(role);
        stream.header("Last-Event-ID", &after.to_string()).open().await
    }

    async fn state(&self, role: Role, kind: &str, id: &str) {
        let plate = "AA 1234 BB";
        let event = json!({"id": id, "kind": kind, "plate": plate, "occurred_at": self.clock.now()});
        assert_eq!(self.events(KRAKIVETS, role).json(&event).send().await.status, 202);
    }
}

fn patient(streams: StreamSettings) -> (LimitSettings, StreamSettings) {
    let quota = Quota { requests: 1_000_000, seconds: 1 };
    (LimitSettings { system: quota, stranger: quota, forwarded: false }, streams)
}

/// Reads up to the position, cut off after so many events each time, and tells the positions as they came.
async fn read_in_pieces(hub: &TestHub, role: Role, piece: usize, until: i64) -> Vec<i64> {
    let mut seen = Vec::new();
    while seen.last() != Some(&until) {
        let mut stream = hub.follow(role, seen.last().copied().unwrap_or(0)).await;
        for _ in 0..piece {
            let (id, data) = stream.next_change().await.unwrap();
            assert_eq!(data["position"], id);
            seen.push(id);
            if id == until {
                break;
            }
        }
    }
    seen
}

#[tokio::test]
async fn who_is_cut_off_again_and_again_gets_every_position_once_and_in_order() {
    let (limits, streams) = patient(StreamSettings { per_system: 1_000, ..StreamSettings::default() });
    let hub = TestHub::start_limited(limits, streams).await;
    let write = async |role: Role, kind: &str| {
        for number in 0..EVENTS {
            hub.state(role, kind, &format!("{kind}-{number}")).await;
        }
    };
    let all: Vec<i64> = (1..=2 * EVENTS).collect();
    let (in_threes, in_sevens, (), ()) = tokio::join!(
        read_in_pieces(&hub, Role::BorderGuard, 3, 2 * EVENTS),
        read_in_pieces(&hub, Role::Customs, 7, 2 * EVENTS),
        write(Role::BorderGuard, "checkpoint-entered"),
        write(Role::Customs, "customs-control-started"),
    );
    assert_eq!(in_threes, all);
    assert_eq!(in_sevens, all);
}

#[tokio::test]
async fn a_stream_brings_bookings_calls_and_events_as_they_are_recorded() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    let mut stream = hub.get(&TestHub::at(KRAKIVETS, "queue/stream")).as_role(Role::Customs).open().await;
    assert_eq!(stream.next().await.unwrap().id, 1, "it says from where it goes on: from now");
    hub.book(KRAKIVETS, "AA 0002 BB").await;
    let (id, change) = stream.next_change().await.unwrap();
    assert_eq!((id, &change["kind"]), (2, &json!("booked")));
    hub.arrive(KRAKIVETS, "AA 0002 BB").await;
    assert_eq!(stream.next_change().await.unwrap().1["event"], "zone-arrived");
    hub.call(KRAKIVETS).await;
    assert_eq!(stream.next_change().await.unwrap().1["kind"], "called");
}

#[tokio::test]
async fn who_sees_a_part_is_moved_on_over_the_rest() {
    let hub = TestHub::start().await;
    let mut stream = hub.follow(Role::Police, 0).await;
    assert_eq!(stream.next().await.unwrap().id, 0);
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    let moved = stream.next().await.unwrap();
    assert_eq!((moved.id, moved.data), (1, None));
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    hub.call(KRAKIVETS).await;
    assert_eq!(stream.next_change().await.unwrap().0, 3);
}

#[tokio::test]
async fn a_stream_ends_when_its_credential_does() {
    let hub = TestHub::start().await;
    let (actor, _) = hub.add_system(Role::Customs, "short-lived", Scope::default()).await;
    let now = hub.clock.now();
    let until = now + TimeDelta::minutes(5);
    let mut connection = hub.database.connection().await.unwrap();
    let (_, token) = parties::issue_token(&mut connection, actor.system, until, now).await.unwrap();
    drop(connection);
    let stream = hub.get(&TestHub::at(KRAKIVETS, "queue/stream?after=0")).as_token(token.reveal());
    let mut stream = stream.open().await;
    hub.state(Role::BorderGuard, "checkpoint-entered", "e-1").await;
    assert_eq!(stream.next_change().await.unwrap().0, 1);
    hub.clock.advance(TimeDelta::minutes(5));
    hub.state(Role::BorderGuard, "checkpoint-entered", "e-2").await;
    assert_eq!(stream.next().await, None, "what comes after the end of the right is not told");
}

#[tokio::test]
async fn a_stream_ends_after_its_time_and_can_be_gone_on_with() {
    let hub = TestHub::start().await;
    let mut stream = hub.follow(Role::Customs, 0).await;
    assert_eq!(stream.next().await.unwrap().id, 0);
    hub.clock.advance(TimeDelta::hours(1));
    hub.state(Role::BorderGuard, "checkpoint-entered", "e-1").await;
    assert_eq!(stream.next().await, None);
    assert_eq!(hub.follow(Role::Customs, 0).await.next_change().await.unwrap().0, 1);
}

#[tokio::test]
async fn streams_end_when_the_hub_drains() {
    let hub = TestHub::start().await;
    let mut stream = hub.follow(Role::Customs, 0).await;
    assert_eq!(stream.next().await.unwrap().id, 0);
    let (ended, ()) = tokio::join!(stream.next(), hub.drain());
    assert_eq!(ended, None);
}

#[tokio::test]
async fn a_system_has_so_many_streams_and_no_more() {
    let (limits, streams) = patient(StreamSettings { per_system: 1, ..StreamSettings::default() });
    let hub = TestHub::start_limited(limits, streams).await;
    let _open = hub.follow(Role::Customs, 0).await;
    let second = hub.get(&TestHub::at(KRAKIVETS, "queue/stream")).as_role(Role::Customs).send().await;
    assert_eq!(
        second.problem(),
        "429 too_many_requests: this system has 1 streams open, which is all that it may"
    );
    assert_eq!(second.header("retry-after"), "15");
    let _of_another_system = hub.follow(Role::BorderGuard, 0).await;
}

#[tokio::test]
async fn a_stream_that_nobody_can_read_or_begin_is_refused() {
    let hub = TestHub::start().await;
    let ask = || hub.get(&TestHub::at(KRAKIVETS, "queue/stream")).as_role(Role::Customs);
    let refused = ask().header("Accept", "application/json").send().await;
    assert_eq!(refused.problem(), "406 not_acceptable: the answer is text/event-stream");
    for id in ["x", "-1", "1.5"] {
        let refused = ask().header("Last-Event-ID", id).send().await;
        assert_eq!(refused.status, 400, "{id}");
        assert!(refused.problem().contains("header:Last-Event-ID"), "{id}");
    }
}

#[tokio::test]
async fn an_absence_and_that_it_was_taken_back_come_over_the_stream() {
    let hub = TestHub::start().await;
    let checkpoint = CheckpointCode::parse(KRAKIVETS).unwrap();
    let sweep = async || {
        let mut connection = hub.database.connection().await.unwrap();
        absence::sweep(&mut connection, &checkpoint, hub.clock.now()).await.unwrap();
    };
    let booking = hub.book(KRAKIVETS, "AA 0001 BB").await;
    hub.arrive(KRAKIVETS, "AA 0001 BB").await;
    hub.call(KRAKIVETS).await;
    hub.clock.advance(TimeDelta::hours(5));
    sweep().await;
    let entered = json!({"id": "late", "kind": "checkpoint-entered", "plate": "AA 0001 BB",
        "occurred_at": hub.clock.now() - TimeDelta::hours(2)});
    hub.events(KRAKIVETS, Role::BorderGuard).json(&entered).send().await.expect(201);
    sweep().await;
    let mut stream = hub.follow(Role::QueueOperator, 0).await;
    let mut told = Vec::new();
    for _ in 0..6 {
        let (_, data) = stream.next_change().await.unwrap();
        assert_eq!(data["booking"], booking);
        told.push(data["kind"].as_str().unwrap().to_owned());
    }
    assert_eq!(told, ["booked", "stated", "called", "absent", "stated", "absence_taken_back"]);
}
