//! Polls that find nothing new are answered from what was said a moment ago, and nobody gets or is spared
//! anything by it.

use chrono::TimeDelta;
use kordon_api::limits::{LimitSettings, Quota};
use kordon_api::streams::StreamSettings;
use kordon_hub::parties::{self, Role, Scope};
use kordon_schemas::CheckpointCode;

use crate::hub::{Answer, KRAKIVETS, Request, TestHub, YAHODYN};

/// More polls than are ever needed until one comes within the time that a reading of the journals is recent.
const PATIENCE: u32 = 10_000;

impl TestHub {
    fn poll(&self, tag: &str) -> Request<'_> {
        self.get(&Self::at(KRAKIVETS, "queue")).header("If-None-Match", tag)
    }

    async fn tag(&self) -> String {
        let queue = self.get(&Self::at(KRAKIVETS, "queue")).as_role(Role::BorderGuard).send().await;
        queue.header("etag").to_owned()
    }

    async fn metric(&self, name: &str) -> u32 {
        let metrics = self.get("/metrics").send().await;
        let line = metrics.text().lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0");
        line.trim().parse().unwrap()
    }

    async fn repeated(&self) -> u32 {
        self.metric("kordon_polls_repeated_total").await
    }

    /// Polls until an answer was a repeated one; returns how often it asked.
    async fn poll_until_repeated(&self, tag: &str, token: &str) -> u32 {
        let before = self.repeated().await;
        for asked in 1..=PATIENCE {
            assert_eq!(self.poll(tag).as_token(token).send().await.status, 304);
            if self.repeated().await > before {
                return asked;
            }
        }
        panic!("no poll was answered from what was said before");
    }
}

#[tokio::test]
async fn a_repeated_answer_says_the_same_and_counts_the_same() {
    let hub = TestHub::start().await;
    hub.book(KRAKIVETS, "AA 0001 BB").await;
    let tag = hub.tag().await;
    let first = hub.poll(&tag).as_role(Role::BorderGuard).send().await;
    let asked = hub.poll_until_repeated(&tag, hub.token(Role::BorderGuard)).await;
    let again = hub.poll(&tag).as_role(Role::BorderGuard).send().await;
    for name in ["etag", "cache-control", "ratelimit-policy"] {
        assert_eq!(first.header(name), again.header(name));
    }
    assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
    let left = |answer: &Answer| {
        let told = answer.header("ratelimit").split("r=").nth(1).unwrap();
        told.split(';').next().unwrap().parse::<u32>().unwrap()
    };
    assert_eq!(left(&first) - left(&again), asked + 1, "every poll is taken from the quota");
    let series = "kordon_requests_seconds_count{method=\"GET\",operation=\"/api/v1/checkpoints/{checkpoint}/queue\",status=\"304\"}";
    assert_eq!(hub.metric(series).await, asked + 2, "every poll is counted");
}

#[tokio::test]
async fn what_is_acknowledged_ends_it_at_once() {
    let hub = TestHub::start().await;
    for plate in ["AA 0001 BB", "AA 0002 BB", "AA 0003 BB"] {
        hub.book(KRAKIVETS, plate).await;
        let tag = hub.tag().await;
        hub.poll_until_repeated(&tag, hub.token(Role::BorderGuard)).await;
        hub.arrive(KRAKIVETS, plate).await;
        assert_eq!(hub.poll(&tag).as_role(Role::BorderGuard).send().await.status, 200);
    }
}

#[tokio::test]
async fn the_minute_ends_it() {
    let hub = TestHub::start().await;
    let tag = hub.tag().await;
    hub.poll_until_repeated(&tag, hub.token(Role::BorderGuard)).await;
    hub.clock.advance(TimeDelta::minutes(1));
    assert_eq!(hub.poll(&tag).as_role(Role::BorderGuard).send().await.status, 200);
}

#[tokio::test]
async fn nobody_else_gets_it() {
    let hub = TestHub::start().await;
    let tag = hub.tag().await;
    hub.poll_until_repeated(&tag, hub.token(Role::BorderGuard)).await;
    let unknown = format!("kordon_{}", "0".repeat(64));
    let elsewhere = CheckpointCode::parse(YAHODYN).unwrap();
    let scope = Scope { checkpoints: Some(vec![elsewhere]), zones: None };
    let (_, of_elsewhere) = hub.add_system(Role::BorderGuard, "elsewhere", scope).await;
    for (request, status) in [
        (hub.poll(&tag), 401),
        (hub.poll(&tag).as_token(&unknown), 401),
        (hub.poll(&tag).as_token(&of_elsewhere), 403),
        (hub.poll(&tag).as_role(Role::Police), 403),
        (hub.poll(&tag).as_role(Role::BorderGuard).header("Accept", "text/csv"), 406),
        (hub.poll(&tag).as_role(Role::BorderGuard).accepting_xml(), 200),
    ] {
        assert_eq!(request.send().await.status, status);
    }
}

#[tokio::test]
async fn a_quota_stops_polls_too() {
    let polls = 40;
    let limits = LimitSettings {
        system: Quota { requests: polls, seconds: 60 },
        stranger: Quota { requests: 1_000, seconds: 60 },
        forwarded: false,
    };
    let hub = TestHub::start_limited(limits, StreamSettings::default()).await;
    let tag = hub.tag().await;
    for _ in 1..polls {
        assert_eq!(hub.poll(&tag).as_role(Role::BorderGuard).send().await.status, 304);
    }
    let stopped = hub.poll(&tag).as_role(Role::BorderGuard).send().await;
    assert_eq!(stopped.problem(), "429 too_many_requests: this system asks too often");
    assert_eq!(stopped.header("retry-after"), "2");
}

#[tokio::test]
async fn a_credential_is_believed_no_longer_than_it_is_good() {
    let hub = TestHub::start().await;
    let (actor, _) = hub.add_system(Role::BorderGuard, "for a moment", Scope::default()).await;
    let (now, until) = (hub.clock.now(), hub.clock.now() + TimeDelta::seconds(30));
    let mut connection = hub.database.connection().await.unwrap();
    let (_, token) = parties::issue_token(&mut connection, actor.system, until, now).await.unwrap();
    let tag = hub.tag().await;
    hub.poll_until_repeated(&tag, token.reveal()).await;
    hub.clock.advance(TimeDelta::seconds(29));
    assert_eq!(hub.poll(&tag).as_token(token.reveal()).send().await.status, 304);
    hub.clock.advance(TimeDelta::seconds(1));
    assert_eq!(hub.poll(&tag).as_token(token.reveal()).send().await.status, 401);
}
