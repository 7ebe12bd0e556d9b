//! How often one may ask, and what is told of it. The clock stands still, so nothing is filled up until a
//! test moves it.

use chrono::TimeDelta;
use kordon_api::limits::{LimitSettings, Quota};
use kordon_api::streams::StreamSettings;
use kordon_hub::parties::Role;

use crate::hub::TestHub;

async fn limited(system: u32, stranger: u32) -> TestHub {
    let quota = |requests| Quota { requests, seconds: 60 };
    let limits = LimitSettings { system: quota(system), stranger: quota(stranger), forwarded: false };
    TestHub::start_limited(limits, StreamSettings::default()).await
}

#[tokio::test]
async fn a_system_is_told_what_is_left_and_stopped_when_nothing_is() {
    let hub = limited(3, 100).await;
    let ask = |role| hub.get("/api/v1/outages").as_role(role).send();
    for left in ["2", "1", "0"] {
        let answer = ask(Role::Customs).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"system\";q=3;w=60");
        assert!(answer.header("ratelimit").starts_with(&format!("\"system\";r={left};t=")));
    }
    let stopped = ask(Role::Customs).await;
    assert_eq!(stopped.problem(), "429 too_many_requests: this system asks too often");
    assert_eq!((stopped.header("retry-after"), stopped.header("ratelimit")), ("20", "\"system\";r=0;t=60"));
    assert_eq!(ask(Role::BorderGuard).await.status, 200, "another system has a quota of its own");
    hub.clock.advance(TimeDelta::seconds(20));
    assert_eq!(ask(Role::Customs).await.status, 200);
    assert_eq!(ask(Role::Customs).await.status, 429);
}

#[tokio::test]
async fn whoever_brings_no_good_credential_is_counted_by_where_they_come_from() {
    let hub = limited(100, 4).await;
    let board = || hub.get("/boards/UA209030").send();
    assert_eq!(board().await.header("ratelimit-policy"), "\"stranger\";q=4;w=60");
    assert_eq!(hub.get("/api/v1/outages").send().await.status, 401);
    let guess =
        || hub.get("/api/v1/my-booking").header("Authorization", &format!("Booking r-1:{}", "0".repeat(40)));
    assert_eq!(guess().send().await.status, 401);
    let unknown = format!("kordon_{}", "0".repeat(64));
    assert_eq!(hub.get("/api/v1/outages").as_token(&unknown).send().await.status, 401);
    for answer in
        [board().await, guess().send().await, hub.get("/api/v1/outages").as_token(&unknown).send().await]
    {
        assert_eq!(
            answer.problem(),
            "429 too_many_requests: this address asks too often without a credential"
        );
        assert_eq!(answer.header("retry-after"), "15");
    }
    assert_eq!(
        hub.get("/api/v1/outages").as_role(Role::Customs).send().await.status,
        200,
        "a system is none"
    );
    for watched in ["/health/live", "/health/ready", "/metrics"] {
        assert!(hub.get(watched).send().await.status < 300, "{watched}");
    }
}

#[tokio::test]
async fn what_looks_like_a_credential_lifts_no_limit_where_nobody_is_asked_for_one() {
    let hub = limited(2, 8).await;
    let unknown = format!("kordon_{}", "0".repeat(64));
    let addresses = ["/openapi.json", "/open-data/figures", "/nowhere", "/api/v1/nowhere"];
    for (token, address) in ["x", &unknown].into_iter().flat_map(|token| addresses.map(|own| (token, own))) {
        let answer = hub.get(address).header("Authorization", &format!("Bearer {token}")).send().await;
        assert_ne!(answer.status, 429, "{address}");
    }
    for address in addresses {
        let answer = hub.get(address).as_token(&unknown).send().await;
        assert_eq!(
            answer.problem(),
            "429 too_many_requests: this address asks too often without a credential"
        );
    }
    for watched in ["/health/live", "/metrics"] {
        assert!(hub.get(watched).as_token("x").send().await.status < 300, "{watched}");
    }
    // A good one is counted as its system's.
    for left in ["1", "0"] {
        let answer = hub.get("/openapi.json").as_role(Role::Customs).send().await;
        assert!(answer.header("ratelimit").starts_with(&format!("\"system\";r={left};t=")));
    }
    assert_eq!(hub.get("/openapi.json").as_role(Role::Customs).send().await.status, 429);
}
