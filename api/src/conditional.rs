//! Conditional requests: `ETag` and `304` on reads, `If-Match` on changes (RFC 9110, section 13).

use std::future::{Ready, ready};

use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload};
use kordon_schemas::ProblemCode;

use crate::problem::{Failure, Result};

/// An entity tag, without its quotes. The hub's tags name a version: what has the same tag says the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(pub String);

impl Tag {
    /// Whether the client has this version already.
    #[must_use]
    pub fn is_known_to(&self, request: &HttpRequest) -> bool {
        names(request.headers(), &IF_NONE_MATCH).any(|tag| tag == "*" || tag == self.0)
    }

    /// The answer that says so.
    #[must_use]
    pub fn not_modified(&self) -> HttpResponse {
        self.mark(HttpResponse::NotModified().finish())
    }

    /// Puts the tag on an answer. Others' caches never keep it: what a client may see depends on who it is.
    #[must_use]
    pub fn mark(&self, mut response: HttpResponse) -> HttpResponse {
        if let Ok(value) = HeaderValue::try_from(format!("\"{}\"", self.0)) {
            response.headers_mut().insert(ETAG, value);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        }
        response
    }
}

/// The tags that a header names, without quotes and weakness: two answers of one version differ in nothing.
fn names<'a>(
    headers: &'a HeaderMap,
    header: &'a actix_web::http::header::HeaderName,
) -> impl Iterator<Item = &'a str> {
    headers.get_all(header).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(
        |tag| {
            let tag = tag.trim();
            tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
        },
    )
}

/// The version that a change is meant for: the one strong `ETag` in `If-Match`, which is the version's
/// number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i32);

impl FromRequest for IfMatch {
    type Error = Failure;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all(IF_MATCH);
        ready(match (values.next(), values.next()) {
            (None, _) => {
                Err(Failure::new(ProblemCode::PreconditionRequired, "the header `If-Match` is missing"))
            }
            (Some(value), None) => value.to_str().ok().and_then(version).map(Self).ok_or_else(|| {
                Failure::malformed("header:If-Match", "is one `ETag` as it was answered, with its quotes")
            }),
            (Some(_), Some(_)) => Err(Failure::malformed("header:If-Match", "stands twice")),
        })
    }
}

fn version(tag: &str) -> Option<i32> {
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}
