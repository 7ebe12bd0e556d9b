//! Failures as RFC 9457 problems. What the public reads comes from the closed list of codes; what only the
//! operator may read goes to the log.
//!
//! A handler returns a [`Failure`]. The request's frame ([`crate::request`]) writes it in the form and
//! language that the client reads and adds the request id.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use kordon_hub::Error;
use kordon_schemas::{Fault, Problem, ProblemCode};

/// Seconds after which a client may try again when the hub or its database is away.
const TRY_AGAIN: HeaderValue = HeaderValue::from_static("2");

/// Seconds after which a rate, or a door that waits for a time-stamp, may be asked again: until then others
/// are left alone.
const TRY_RATE_AGAIN: HeaderValue = HeaderValue::from_static("15");
/// Seconds after which a place among the streams may be free: those that were cut off are noticed by then.
const WAIT: HeaderValue = HeaderValue::from_static("15");

/// A request that is answered with a problem.
#[derive(Debug)]
pub struct Failure(pub Box<Problem>);

/// What a handler returns.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A problem with what happened this time.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(code, detail)))
    }

    /// A request that cannot be read at one place.
    #[must_use]
    pub fn malformed(path: impl Into<String>, detail: impl Into<String>) -> Self {
        let fault = Fault::new(path, detail);
        let problem =
            Problem::new(ProblemCode::MalformedRequest, format!("{}: {}", fault.path, fault.detail));
        Self(Box::new(problem.with_faults(vec![fault])))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.0.code.as_str(), self.0.detail)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<Box<Problem>> for Failure {
    fn from(problem: Box<Problem>) -> Self {
        Self(problem)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = error.code();
        match error {
            Error::Invalid(faults) => {
                let detail = match faults.as_slice() {
                    [only] => format!("{} {}", only.path, only.detail),
                    several => format!("{} places break a rule", several.len()),
                };
                Self(Box::new(Problem::new(code, detail).with_faults(faults)))
            }
            Error::NotFound { .. } | Error::Refused { .. } => Self::new(code, error.to_string()),
            Error::Overloaded => Self::new(code, "too much is waiting to be recorded"),
            Error::Unavailable(private) => {
                tracing::error!(private, "what the hub rests on is not available");
                Self::new(code, "the database cannot be reached")
            }
            Error::Internal(private) => {
                tracing::error!(private, "internal error");
                Self::new(code, "something went wrong inside the hub")
            }
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        let headers = response.headers_mut();
        let code = self.0.code;
        if code == ProblemCode::Unauthenticated {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"kordon\""));
        }
        if code == ProblemCode::HolderUnknown {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Booking realm=\"kordon\""));
        }
        if matches!(code, ProblemCode::Overloaded | ProblemCode::DatabaseUnavailable) {
            headers.insert(RETRY_AFTER, TRY_AGAIN);
        }
        if matches!(code, ProblemCode::RateUnavailable | ProblemCode::SealingUnavailable) {
            headers.insert(RETRY_AFTER, TRY_RATE_AGAIN);
        }
        if code == ProblemCode::TooManyRequests {
            // Where the wait is known to the second, the frame says so in its place.
            headers.insert(RETRY_AFTER, WAIT);
        }
        response.extensions_mut().insert((*self.0).clone());
        response
    }
}
