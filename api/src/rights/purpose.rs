//! Why personal data is read. A handler that shows persons asks for [`Purposeful`]; a request without a
//! purpose ends here.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use kordon_hub::evidence::Purpose;
use kordon_schemas::ProblemCode;
use uuid::Uuid;

use crate::problem::{Failure, Result};
use crate::request::RequestFrame;
use crate::trembita::Asking;

/// The headers that may name a purpose, in the order in which they count.
const HEADERS: [&str; 2] = ["Kordon-Purpose", "Uxp-Purpose-Ids"];

/// What a member of Trembita is told that names none.
const OF_MEMBERS: &str = "no purpose is named: by SOAP `purposeID` or the header `issue`, by REST `Kordon-Purpose` or `Uxp-Purpose-Ids`";

/// The purpose that the request names, and the request's id to record it under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purposeful {
    /// Why.
    pub purpose: Purpose,
    /// Which request.
    pub request_id: Uuid,
}

impl FromRequest for Purposeful {
    type Error = Failure;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asking = Asking::of(request);
        let purpose = named(request, asking.as_ref()).map(|purpose| match asking {
            Some(Asking { exchange, purpose: _ }) => purpose.within(exchange),
            None => purpose,
        });
        ready(purpose.map(|purpose| Self { purpose, request_id: RequestFrame::of(request).id() }))
    }
}

fn named(request: &HttpRequest, asking: Option<&Asking>) -> Result<Purpose> {
    let missing = |detail: &str| Failure::new(ProblemCode::PurposeRequired, detail);
    let mut named =
        HEADERS.iter().map(|header| request.headers().get_all(*header)).find(|values| values.len() > 0);
    let mut values = named.iter_mut().flatten();
    let too_short = |_| missing("the purpose has 3 to 200 characters");
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value,
        // A member of Trembita names it in its message, or by its cause.
        (None, _) if let Some(told) = asking.and_then(|asking| asking.purpose.as_deref()) => {
            return Purpose::parse(told).map_err(too_short);
        }
        (None, _) if asking.is_some() => return Err(missing(OF_MEMBERS)),
        (None, _) => return Err(missing("the header `Kordon-Purpose` (or `Uxp-Purpose-Ids`) is missing")),
        (Some(_), Some(_)) => return Err(missing("the purpose stands twice")),
    };
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| missing("the purpose is not UTF-8"))?;
    Purpose::parse(text).map_err(too_short)
}
