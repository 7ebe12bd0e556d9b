//! Polls of a queue that find nothing new (Resolution 1393, clause 23). Thousands of systems ask, again and
//! again, whether a queue has changed, and mostly it has not: whoever was told so a moment ago and asks the
//! very same again is told so again, without being looked at a second time.
//!
//! Nothing is decided here. An operation that tells "nothing has changed" says what that is true by
//! ([`Unchanged`]), and the request's frame keeps it with the question. It is told again only while all of
//! that still holds: the journal stands where it stood, the time is the one that it was told for, and the
//! credential is one that would not be looked up again either. Quotas, metrics and the log count it as any
//! other answer. Only what a question says in the few headers that an answer depends on is known here; one
//! that says anything else, or brings no bearer token, goes the ordinary way.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL, CONNECTION, ETAG, FORWARDED,
    HOST, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, PRAGMA, USER_AGENT, VIA, X_FORWARDED_FOR,
    X_FORWARDED_HOST, X_FORWARDED_PROTO,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use kordon_hub::parties::SystemId;
use kordon_hub::parties::authentication::{MEMORY, Remembered};
use kordon_schemas::CheckpointCode;
use prometheus::Histogram;

use crate::Hub;
use crate::conditional::Tag;
use crate::request::REQUEST_ID;
use crate::rights::Credential;

/// Questions that each thread keeps at most.
const MOST: usize = 4_096;

/// How often those that hold no more are dropped, when another is kept.
const TIDIED_EVERY: Duration = MEMORY;

/// The longest question that is kept, in bytes.
const LONGEST: usize = 1_024;

/// The headers that an answer depends on, each of which stands at most once in a question.
static MATTERS: [HeaderName; 3] = [AUTHORIZATION, IF_NONE_MATCH, ACCEPT];

/// Headers that change nothing about an answer without a body to somebody who is known.
static INDIFFERENT: [HeaderName; 14] = [
    HOST,
    USER_AGENT,
    CONNECTION,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    CACHE_CONTROL,
    PRAGMA,
    X_FORWARDED_FOR,
    X_FORWARDED_PROTO,
    X_FORWARDED_HOST,
    FORWARDED,
    VIA,
    REQUEST_ID,
    HeaderName::from_static("x-real-ip"),
];

/// What the answer "nothing has changed" is true by.
#[derive(Debug, Clone)]
pub(crate) struct Unchanged {
    /// The checkpoint that it is about.
    pub(crate) checkpoint: CheckpointCode,
    /// Where its journal stands.
    pub(crate) position: i64,
    /// The time that it is told for.
    pub(crate) during: Range<DateTime<Utc>>,
}

impl Unchanged {
    /// Tells whoever knows the version `tag` that nothing has changed.
    pub(crate) fn told(self, tag: &Tag) -> HttpResponse {
        let mut response = tag.not_modified();
        response.extensions_mut().insert(self);
        response
    }
}

/// A question with the answer that it was given.
#[derive(Debug)]
pub(crate) struct AnsweredPoll {
    /// Who asks.
    pub(crate) system: SystemId,
    /// The operation, as its address pattern.
    pub(crate) pattern: String,
    /// Where the answer is counted.
    pub(crate) counted: Histogram,
    unchanged: Unchanged,
    until: Instant,
    tag: HeaderValue,
    cache: HeaderValue,
}

impl AnsweredPoll {
    /// Whether the answer may still be given.
    fn holds(&self, hub: &Hub, now: DateTime<Utc>) -> bool {
        let Unchanged { checkpoint, position, during } = &self.unchanged;
        self.is_fresh(now, Instant::now())
            && during.contains(&now)
            && hub.positions.recently(checkpoint) == Some(*position)
    }

    fn is_fresh(&self, now: DateTime<Utc>, at: Instant) -> bool {
        at < self.until && now < self.unchanged.during.end
    }

    /// The answer.
    pub(crate) fn answer(&self) -> HttpResponse {
        let mut response = HttpResponse::new(StatusCode::NOT_MODIFIED);
        let headers = response.headers_mut();
        headers.insert(ETAG, self.tag.clone());
        headers.insert(CACHE_CONTROL, self.cache.clone());
        response
    }
}

/// The questions of one thread's connections. A question holds its sender's token as it was sent, as the
/// buffers of the connection do: it is believed for as long as the token's owner is remembered, dropped with
/// the next question that is kept after that, and never written anywhere.
#[derive(Default)]
pub(crate) struct Polls(RefCell<Kept>);

#[derive(Default)]
struct Kept {
    known: HashMap<Box<[u8]>, Rc<AnsweredPoll>>,
    /// The question at hand: its room is used again and again.
    question: Vec<u8>,
    /// When those that held no more were last dropped.
    tidied_at: Option<Instant>,
}

/// What is known of a question that was answered a moment ago, if the same answer still holds.
pub(crate) fn unchanged(request: &ServiceRequest, hub: &Hub, now: DateTime<Utc>) -> Option<Rc<AnsweredPoll>> {
    let polls = request.app_data::<web::Data<Polls>>()?;
    let mut kept = polls.0.borrow_mut();
    let Kept { known, question, tidied_at: _ } = &mut *kept;
    write(request.method(), request.uri(), request.headers(), question)?;
    known.get(question.as_slice()).filter(|known| known.holds(hub, now)).map(Rc::clone)
}

/// Keeps an answer that says what it is true by.
pub(crate) async fn note<B>(response: &ServiceResponse<B>, hub: &Hub, now: DateTime<Utc>) {
    let request = response.request();
    let Some(unchanged) = response.response().extensions().get::<Unchanged>().cloned() else { return };
    let (Some(polls), Some(pattern)) = (request.app_data::<web::Data<Polls>>(), request.match_pattern())
    else {
        return;
    };
    let mut question = Vec::new();
    let asked = write(request.method(), request.uri(), request.headers(), &mut question);
    let (Some(()), Some(Credential::Token(token))) = (asked, Credential::of(request)) else { return };
    let Some(Remembered { system, until, expires_at }) = hub.authentication.remembered(&token, now).await
    else {
        return;
    };
    let headers = response.headers();
    let (Some(tag), Some(cache)) = (headers.get(ETAG), headers.get(CACHE_CONTROL)) else { return };
    let counted = hub.metrics.requests(&pattern, "GET", StatusCode::NOT_MODIFIED.as_u16());
    let Unchanged { checkpoint, position, during } = unchanged;
    let during = during.start..during.end.min(expires_at);
    let unchanged = Unchanged { checkpoint, position, during };
    let (tag, cache) = (tag.clone(), cache.clone());
    let known = AnsweredPoll { system, pattern, counted, unchanged, until, tag, cache };
    polls.0.borrow_mut().keep(question, known, now, Instant::now());
}

impl Kept {
    fn keep(&mut self, question: Vec<u8>, known: AnsweredPoll, now: DateTime<Utc>, at: Instant) {
        let is_due = self.tidied_at.is_none_or(|tidied| at.saturating_duration_since(tidied) >= TIDIED_EVERY);
        if is_due || self.known.len() >= MOST {
            self.known.retain(|_, known| known.is_fresh(now, at));
            self.tidied_at = Some(at);
        }
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(question.into_boxed_slice(), Rc::new(known));
    }
}

/// Writes a question so that two that are written alike are answered alike. None for one that is not kept.
fn write(
    method: &Method,
    uri: &actix_web::http::Uri,
    headers: &HeaderMap,
    question: &mut Vec<u8>,
) -> Option<()> {
    if method != Method::GET || headers.iter().any(|(name, _)| !is_understood(name)) {
        return None;
    }
    question.clear();
    question.extend_from_slice(uri.path_and_query()?.as_str().as_bytes());
    for name in &MATTERS {
        // No header holds the end of a line.
        question.push(b'\n');
        let mut values = headers.get_all(name);
        if let Some(value) = values.next() {
            question.push(b'=');
            question.extend_from_slice(value.as_bytes());
        }
        if values.next().is_some() {
            return None;
        }
    }
    (question.len() <= LONGEST).then_some(())
}

fn is_understood(name: &HeaderName) -> bool {
    MATTERS.contains(name) || INDIFFERENT.contains(name)
}

#[cfg(test)]
mod tests {
    use actix_web::http::Uri;
    use actix_web::http::header::{CONTENT_TYPE, HeaderName};
    use actix_web::test::TestRequest;

    use super::*;

    fn question(request: TestRequest) -> Option<String> {
        let request = request.to_http_request();
        let mut question = b"what was asked before".to_vec();
        write(request.method(), request.uri(), request.headers(), &mut question)?;
        Some(String::from_utf8(question).unwrap())
    }

    fn poll() -> TestRequest {
        TestRequest::get()
            .uri("/queue?lane=cars")
            .insert_header((AUTHORIZATION, "Bearer one"))
            .insert_header((IF_NONE_MATCH, "\"tag\""))
    }

    #[test]
    fn a_question_is_its_address_and_the_headers_that_matter() {
        let plain = question(poll()).unwrap();
        assert_eq!(plain, "/queue?lane=cars\n=Bearer one\n=\"tag\"\n");
        let through_a_proxy = poll()
            .insert_header((HOST, "kordon"))
            .insert_header((X_FORWARDED_FOR, "192.0.2.1"))
            .insert_header((USER_AGENT, "a browser"));
        assert_eq!(question(through_a_proxy), Some(plain.clone()));
        for other in [
            poll().uri("/queue?lane=lorries"),
            poll().insert_header((AUTHORIZATION, "Bearer two")),
            poll().insert_header((IF_NONE_MATCH, "\"other\"")),
            poll().insert_header((ACCEPT, "")),
            poll().insert_header((ACCEPT, "application/xml")),
        ] {
            assert_ne!(question(other), Some(plain.clone()));
        }
    }

    #[test]
    fn a_question_that_says_anything_else_is_not_kept() {
        let twice = |name: HeaderName| poll().append_header((name, "once more"));
        let of_a_member = HeaderName::from_static("x-road-client");
        for other in [
            poll().method(Method::HEAD),
            poll().method(Method::POST),
            poll().insert_header((CONTENT_TYPE, "application/json")),
            poll().insert_header((of_a_member, "UA/GOV/1/a")),
            poll().insert_header((HeaderName::from_static("signature"), "s=:AA==:")),
            poll().insert_header((HeaderName::from_static("kordon-purpose"), "control")),
            twice(AUTHORIZATION),
            twice(IF_NONE_MATCH),
            poll().uri(&format!("/queue?lane={}", "a".repeat(LONGEST))),
        ] {
            assert_eq!(question(other), None);
        }
    }

    #[test]
    fn those_that_are_kept_are_bounded_and_the_outdated_go_first() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let registry = prometheus::Registry::new();
        let counted = crate::metrics::Metrics::register(&registry).unwrap().requests("/queue", "GET", 304);
        let known = |until: DateTime<Utc>| AnsweredPoll {
            system: SystemId::new(),
            pattern: "/queue".to_owned(),
            counted: counted.clone(),
            unchanged: Unchanged {
                checkpoint: CheckpointCode::parse("UA209030").unwrap(),
                position: 1,
                during: now..until,
            },
            until: Instant::now() + Duration::from_secs(60),
            tag: HeaderValue::from_static("\"tag\""),
            cache: HeaderValue::from_static("no-cache"),
        };
        let lasting = now + chrono::TimeDelta::minutes(1);
        assert!(known(lasting).is_fresh(now, Instant::now()));
        assert!(!known(lasting).is_fresh(lasting, Instant::now()), "its time has passed");
        assert!(
            !known(lasting).is_fresh(now, Instant::now() + Duration::from_secs(60)),
            "nor is the credential"
        );
        let (mut kept, at) = (Kept::default(), Instant::now());
        kept.keep(b"lasting".to_vec(), known(lasting), now, at);
        for number in 0..MOST {
            kept.keep(number.to_be_bytes().to_vec(), known(now), now, at);
        }
        assert_eq!(kept.known.len(), 2, "there is no room: the outdated are gone");
        kept.keep(b"later".to_vec(), known(lasting), now, at + TIDIED_EVERY);
        assert_eq!(kept.known.len(), 2, "there is room: they are gone all the same");
        assert!(kept.known.contains_key(b"lasting".as_slice()));
        for number in 0..2 * MOST {
            kept.keep(number.to_be_bytes().to_vec(), known(lasting), now, at);
            assert!(kept.known.len() <= MOST);
        }
    }

    #[test]
    fn an_address_without_a_path_is_not_kept() {
        let mut room = Vec::new();
        let uri = Uri::from_static("example.org:443");
        assert_eq!(write(&Method::GET, &uri, &HeaderMap::new(), &mut room), None);
    }
}
