//! Query strings: unknown names and unreadable values are refused with their place.

use std::fmt::Display;
use std::future::{Ready, ready};

use actix_web::http::header::{HeaderName, HeaderValue, LINK};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::problem::{Failure, Result};

/// The query string of a request as `T`, which refuses unknown names.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Failure;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            web::Query::<T>::from_query(request.query_string())
                .map(|query| Self(query.into_inner()))
                .map_err(|error| unreadable::<T>(request.query_string(), &error.to_string())),
        )
    }
}

/// The problem of a query string that is not of the type. Its parser does not tell the place: the first parameter that cannot be
/// read alone is named, whatever else would have to stand beside it.
fn unreadable<T: DeserializeOwned>(query: &str, error: &str) -> Failure {
    let alone = query.split('&').find_map(|parameter| {
        let error = web::Query::<T>::from_query(parameter).err()?.to_string();
        if error.contains("missing field") {
            return None;
        }
        let name: String = parameter.split('=').next().unwrap_or_default().chars().take(40).collect();
        (!name.is_empty()).then(|| (format!("query:{name}"), error))
    });
    let (place, error) = alone.unwrap_or_else(|| ("query".to_owned(), error.to_owned()));
    Failure::malformed(place, error.strip_prefix("Query deserialize error: ").unwrap_or(&error))
}

/// The most items of a page.
pub const LARGEST_PAGE: i64 = 500;

/// How many items are asked for: 1 to `MOST`, and `USUAL` when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct Limit<const MOST: i64, const USUAL: i64>(pub i64);

impl<const MOST: i64, const USUAL: i64> Default for Limit<MOST, USUAL> {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl<const MOST: i64, const USUAL: i64> TryFrom<i64> for Limit<MOST, USUAL> {
    type Error = String;

    fn try_from(limit: i64) -> std::result::Result<Self, String> {
        if (1..=MOST).contains(&limit) { Ok(Self(limit)) } else { Err(format!("is 1 to {MOST}")) }
    }
}

/// A page of a list that grows at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Only what comes after this position. Start with 0, go on with `next` of the last answer.
    #[serde(default)]
    #[param(minimum = 0, default = 0)]
    pub after: i64,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = i64, minimum = 1, maximum = 500, default = 100)]
    pub limit: Limit<LARGEST_PAGE, 100>,
}

impl Page {
    /// The page, if it begins somewhere.
    ///
    /// # Errors
    /// The problem of the place that there cannot be.
    pub fn checked(self) -> Result<Self> {
        check_after(self.after)?;
        Ok(self)
    }
}

/// Checks the place that a page begins after.
///
/// # Errors
/// The problem of one that there cannot be.
pub fn check_after(after: i64) -> Result<()> {
    if after < 0 {
        return Err(Failure::malformed("query:after", "is 0 or greater"));
    }
    Ok(())
}

/// The header that names the next page (RFC 8288): the same address with another `after`. It is relative, so that it holds behind
/// any proxy.
#[must_use]
pub fn next_page(request: &HttpRequest, after: impl Display) -> (HeaderName, String) {
    next_page_by(request, "after", after)
}

/// The same for a list that goes on by another parameter than `after`.
#[must_use]
pub fn next_page_by(request: &HttpRequest, by: &str, next: impl Display) -> (HeaderName, String) {
    let others = request.query_string().split('&').filter(|parameter| {
        let name = parameter.split('=').next().unwrap_or_default();
        !name.is_empty() && name != by
    });
    let query: Vec<String> =
        others.map(ToOwned::to_owned).chain(std::iter::once(format!("{by}={next}"))).collect();
    (LINK, format!("<{}?{}>; rel=\"next\"", request.path(), query.join("&")))
}

/// Whether a page holds as much as was asked for, so that there may be more.
#[must_use]
pub fn is_full(items: usize, limit: i64) -> bool {
    i64::try_from(items).is_ok_and(|items| items >= limit)
}

/// Puts a header on an answer that is written already.
pub fn add_header(response: &mut HttpResponse, (name, value): (HeaderName, String)) {
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn link(address: &str) -> String {
        next_page(&TestRequest::with_uri(address).to_http_request(), 17).1
    }

    #[test]
    fn the_next_page_keeps_what_else_was_asked() {
        assert_eq!(link("/api/v1/notices"), "</api/v1/notices?after=17>; rel=\"next\"");
        assert_eq!(
            link("/api/v1/outages?limit=5&after=3&open=true"),
            "</api/v1/outages?limit=5&open=true&after=17>; rel=\"next\""
        );
    }
}
