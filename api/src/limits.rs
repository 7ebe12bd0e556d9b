//! How often one may ask: a bucket of requests for each system, and one for each address from which requests
//! come that name none. Those that come through a security server come from one address: where nobody looked
//! for a system behind the member, each member has a bucket.
//!
//! A bucket is filled evenly and holds at most its quota. It is kept in the memory of each replica: a site
//! with several gives each system so many times the quota, and forgets with a restart. What is left stands in
//! the headers `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).

use std::collections::HashMap;
use std::fmt::Write;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, web};
use chrono::{DateTime, Utc};
use kordon_hub::parties::SystemId;
use kordon_schemas::ProblemCode;
use serde::Deserialize;

use crate::Hub;
use crate::problem::{Failure, Result};
use crate::request::RequestFrame;
use crate::rights::{brings_credential, met};
use crate::trembita::{Asking, is_from_security_server};

/// Buckets of strangers that are kept at once. Beyond it those that are full again are forgotten, and all if
/// none is.
const MOST_STRANGERS: usize = 100_000;

/// Addresses that are asked by machines which watch the hub, and cost nothing.
const NOT_COUNTED: [&str; 3] = ["/health/live", "/health/ready", "/metrics"];

/// So many requests in so many seconds, evenly; as many at once when none came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Requests, at least 1.
    pub requests: u32,
    /// Seconds, at least 1.
    pub seconds: u32,
}

/// The limits of a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Of each system.
    pub system: Quota,
    /// Of each address, for requests that name no system.
    pub stranger: Quota,
    /// Whether a proxy stands before the hub and says in `X-Forwarded-For` from where a request comes. Its
    /// last entry counts.
    pub forwarded: bool,
}

impl Default for LimitSettings {
    /// A thousand requests a second of a system, each of which may hold a thousand events; twenty a second of
    /// a stranger.
    fn default() -> Self {
        Self {
            system: Quota { requests: 600_000, seconds: 60 },
            stranger: Quota { requests: 1_200, seconds: 60 },
            forwarded: false,
        }
    }
}

/// How much is left of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaLeft {
    policy: &'static str,
    quota: Quota,
    /// Whole requests that are left.
    remaining: u32,
    /// Seconds until the bucket is full again, rounded up.
    reset_seconds: u32,
    /// Seconds until the next request is taken, rounded up; none when this one was.
    wait_seconds: Option<u32>,
}

impl QuotaLeft {
    /// Writes it into the headers of an answer.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let Self { policy, quota: Quota { requests, seconds }, remaining, reset_seconds, wait_seconds } =
            self;
        // One text for both: each answer carries them, and most answers are short.
        let mut text = String::with_capacity(64);
        let written = write!(text, "\"{policy}\";q={requests};w={seconds}").and_then(|()| {
            insert(headers, POLICY, &text);
            text.clear();
            write!(text, "\"{policy}\";r={remaining};t={reset_seconds}")
        });
        if written.is_ok() {
            insert(headers, LEFT, &text);
        }
        if let Some(wait) = wait_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(*wait));
        }
    }
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// What is in a bucket, in parts so small that nothing is rounded: a second brings `requests` million of
/// them, and a request costs `seconds` million.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    parts: u128,
    at: DateTime<Utc>,
}

const MILLION: u128 = 1_000_000;

impl Bucket {
    fn full(quota: Quota, now: DateTime<Utc>) -> Self {
        Self { parts: quota.capacity(), at: now }
    }

    /// Takes a request out of the bucket, if one is left.
    fn take(&mut self, policy: &'static str, quota: Quota, now: DateTime<Utc>) -> QuotaLeft {
        let passed = (now - self.at).num_microseconds().and_then(|passed| u128::try_from(passed).ok());
        let brought = passed.unwrap_or(0).saturating_mul(quota.a_microsecond());
        self.parts = self.parts.saturating_add(brought).min(quota.capacity());
        self.at = self.at.max(now);
        let taken = self.parts >= quota.cost();
        if taken {
            self.parts -= quota.cost();
        }
        let seconds_for = |missing: u128| whole(missing.div_ceil(quota.a_microsecond() * MILLION));
        QuotaLeft {
            policy,
            quota,
            remaining: whole(self.parts / quota.cost()),
            reset_seconds: seconds_for(quota.capacity() - self.parts),
            wait_seconds: (!taken).then(|| seconds_for(quota.cost() - self.parts)),
        }
    }
}

impl Quota {
    /// What a microsecond brings.
    fn a_microsecond(self) -> u128 {
        u128::from(self.requests.max(1))
    }

    /// What a request costs.
    fn cost(self) -> u128 {
        u128::from(self.seconds.max(1)) * MILLION
    }

    /// What a full bucket holds.
    fn capacity(self) -> u128 {
        self.cost() * self.a_microsecond()
    }
}

fn whole(number: u128) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[derive(Debug)]
struct Buckets<K> {
    policy: &'static str,
    quota: Quota,
    most: usize,
    known: Mutex<HashMap<K, Bucket>>,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(policy: &'static str, quota: Quota, most: usize) -> Self {
        Self { policy, quota, most, known: Mutex::new(HashMap::new()) }
    }

    fn take(&self, key: K, now: DateTime<Utc>) -> QuotaLeft {
        let Self { policy, quota, most, known } = self;
        // A bucket is whole at every moment, whatever became of the thread that held the lock.
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= *most {
            let seconds = i64::from(quota.seconds);
            known.retain(|_, bucket| (now - bucket.at).num_seconds() < seconds);
            if known.len() >= *most {
                known.clear();
            }
        }
        known.entry(key).or_insert_with(|| Bucket::full(*quota, now)).take(policy, *quota, now)
    }

    /// Whether the next request would not be taken.
    fn is_empty(&self, key: &K, now: DateTime<Utc>) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // On a copy: looking takes nothing.
        let bucket = known.get(key).copied();
        bucket.is_some_and(|mut bucket| bucket.take(self.policy, self.quota, now).wait_seconds.is_some())
    }
}

/// The buckets of a hub.
#[derive(Debug)]
pub struct Limits {
    systems: Buckets<SystemId>,
    strangers: Buckets<IpAddr>,
    members: Buckets<String>,
    forwarded: bool,
}

impl Limits {
    /// Full buckets for everybody.
    #[must_use]
    pub fn new(settings: LimitSettings) -> Self {
        let LimitSettings { system, stranger, forwarded } = settings;
        Self {
            systems: Buckets::new("system", system, usize::MAX),
            strangers: Buckets::new("stranger", stranger, MOST_STRANGERS),
            members: Buckets::new("member", stranger, MOST_STRANGERS),
            forwarded,
        }
    }
}

/// Counts a request that names no system, before it is looked at. What brings a credential is counted when
/// that is known.
///
/// # Errors
/// [`ProblemCode::TooManyRequests`].
pub(crate) fn admit(request: &HttpRequest, hub: Option<&Hub>) -> Result<()> {
    match hub {
        Some(hub) if !brings_credential(request) && !is_uncounted(request) => {
            count_stranger(request, hub.clock.now())
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether a request is one of those that are answered whoever asks and however often.
pub(crate) fn is_uncounted(request: &HttpRequest) -> bool {
    NOT_COUNTED.contains(&request.path())
}

/// Whether so much came from where the request comes that the next one would not be taken: what would be
/// looked up or read for it is better left alone. It counts nothing.
pub(crate) fn is_exhausted(request: &HttpRequest, now: DateTime<Utc>) -> bool {
    let limits = request.app_data::<web::Data<Limits>>();
    limits.is_some_and(|limits| {
        limits.strangers.is_empty(&neighbourhood(address(request, limits.forwarded)), now)
    })
}

/// Counts a request that brought a credential which nobody looked at, because its operation is for everybody
/// or there is none: with a good one as a request of its system, otherwise as [`count_unknown`]. Else
/// anything that looks like a credential would lift the limit, and whoever is kept as evidence could fill the
/// database.
///
/// # Errors
/// [`ProblemCode::TooManyRequests`].
pub(crate) fn count_unasked(request: &HttpRequest, hub: &Hub) -> Result<()> {
    let frame = RequestFrame::of(request);
    if frame.is_counted() || is_uncounted(request) {
        return Ok(());
    }
    match met(request).or(frame.system()) {
        Some(system) => count_system(request, system, hub.clock.now()),
        None => count_unknown(request, hub.clock.now()),
    }
}

/// Counts a request with a credential behind which no system was found, or none was looked for: as its
/// member's, or from where it comes.
///
/// # Errors
/// [`ProblemCode::TooManyRequests`].
pub(crate) fn count_unknown(request: &HttpRequest, now: DateTime<Utc>) -> Result<()> {
    let Some(limits) = request.app_data::<web::Data<Limits>>() else { return Ok(()) };
    match (is_from_security_server(request), Asking::of(request)) {
        (true, Some(asking)) => {
            let standing = limits.members.take(asking.exchange.member.to_string(), now);
            judge(request, standing, "this member asks too often")
        }
        // What cannot be read names no member, and all members have the address of their server.
        (true, None) => Ok(()),
        (false, _) if brings_credential(request) => count_stranger(request, now),
        (false, _) => Ok(()),
    }
}

/// Counts a request from where it comes.
///
/// # Errors
/// [`ProblemCode::TooManyRequests`].
pub(crate) fn count_stranger(request: &HttpRequest, now: DateTime<Utc>) -> Result<()> {
    let Some(limits) = request.app_data::<web::Data<Limits>>() else { return Ok(()) };
    let standing = limits.strangers.take(neighbourhood(address(request, limits.forwarded)), now);
    judge(request, standing, "this address asks too often without a credential")
}

/// Counts a request of a system.
///
/// # Errors
/// [`ProblemCode::TooManyRequests`].
pub(crate) fn count_system(request: &HttpRequest, system: SystemId, now: DateTime<Utc>) -> Result<()> {
    let Some(limits) = request.app_data::<web::Data<Limits>>() else { return Ok(()) };
    judge(request, limits.systems.take(system, now), "this system asks too often")
}

fn judge(request: &HttpRequest, standing: QuotaLeft, detail: &str) -> Result<()> {
    RequestFrame::of(request).note_standing(standing);
    match standing.wait_seconds {
        None => Ok(()),
        Some(_) => Err(Failure::new(ProblemCode::TooManyRequests, detail)),
    }
}

/// From where a request comes. One whose address nobody knows shares a bucket with its like.
fn address(request: &HttpRequest, forwarded: bool) -> IpAddr {
    let told = || {
        let header = request.headers().get_all("x-forwarded-for").last()?.to_str().ok()?;
        header.rsplit(',').next()?.trim().parse().ok()
    };
    let peer = || request.peer_addr().map(|peer| peer.ip());
    let known = if forwarded { told().or_else(peer) } else { peer() };
    known.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
}

/// Whoever has one IPv6 address has the other 2^64 of its network. An address of IPv4 that is written as one
/// of IPv6, as it is on a socket that takes both, is one of IPv4.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn noon(seconds: i64) -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
    }

    const SIX_A_MINUTE: Quota = Quota { requests: 6, seconds: 60 };

    #[test]
    fn a_bucket_gives_its_quota_at_once_and_then_evenly() {
        let buckets = Buckets::new("test", SIX_A_MINUTE, 10);
        let at_once: Vec<_> = (0..7).map(|_| buckets.take(1, noon(0))).collect();
        let remaining: Vec<_> = at_once.iter().map(|standing| standing.remaining).collect();
        assert_eq!(remaining, [5, 4, 3, 2, 1, 0, 0]);
        assert_eq!(at_once[5].wait_seconds, None);
        assert_eq!(at_once[6].wait_seconds, Some(10));
        assert_eq!(at_once[6].reset_seconds, 60);
        assert_eq!(buckets.take(1, noon(9)).wait_seconds, Some(1));
        assert_eq!(buckets.take(1, noon(10)).wait_seconds, None);
        assert_eq!(buckets.take(2, noon(10)).remaining, 5, "each has a bucket of its own");
        assert_eq!(buckets.take(1, noon(3600)).remaining, 5, "it never holds more than its quota");
    }

    #[test]
    fn what_is_left_stands_in_the_headers() {
        let mut headers = HeaderMap::new();
        let buckets = Buckets::new("test", Quota { requests: 1, seconds: 30 }, 10);
        buckets.take(1, noon(0)).tell(&mut headers);
        assert_eq!(headers.get("ratelimit-policy").unwrap(), "\"test\";q=1;w=30");
        assert_eq!(headers.get("ratelimit").unwrap(), "\"test\";r=0;t=30");
        assert_eq!(headers.get("retry-after"), None);
        buckets.take(1, noon(10)).tell(&mut headers);
        assert_eq!(headers.get("retry-after").unwrap(), "20");
    }

    #[test]
    fn those_who_are_kept_in_mind_are_bounded() {
        let buckets = Buckets::new("test", SIX_A_MINUTE, 3);
        for key in 0..10 {
            buckets.take(key, noon(key));
        }
        assert!(buckets.known.lock().unwrap().len() <= 3);
    }

    #[test]
    fn one_network_of_ipv6_is_one_stranger() {
        let of = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_ne!(of("::ffff:192.0.2.1"), of("::ffff:192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn the_word_of_a_proxy_counts_only_where_one_stands() {
        let request = actix_web::test::TestRequest::default()
            .peer_addr("192.0.2.1:80".parse().unwrap())
            .insert_header(("X-Forwarded-For", "198.51.100.7, 203.0.113.9"))
            .to_http_request();
        assert_eq!(address(&request, false), "192.0.2.1".parse::<IpAddr>().unwrap());
        assert_eq!(address(&request, true), "203.0.113.9".parse::<IpAddr>().unwrap());
    }
}
