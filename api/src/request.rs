//! The frame around every request: its id, its log line, its metrics, and its problems in the form that the
//! client reads.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, ResponseError, web};
use kordon_hub::parties::SystemId;
use kordon_schemas::{Problem, ToXml};
use uuid::Uuid;

use crate::Hub;
use crate::answer::{Form, preferred};
use crate::limits::{self, QuotaLeft};
use crate::polls;
use crate::trembita::{SOAP_ADDRESS, sealing};

/// The header that carries a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is known of a request beside what it says.
#[derive(Debug, Clone)]
pub struct RequestFrame(Rc<Frame>);

#[derive(Debug)]
struct Frame {
    id: Uuid,
    system: Cell<Option<SystemId>>,
    standing: Cell<Option<QuotaLeft>>,
}

/// By which status an answer is counted and logged, when that of HTTP says less: a fault of SOAP is a 500
/// whoever is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CountedAs(pub(crate) u16);

impl RequestFrame {
    fn new() -> Self {
        Self(Rc::new(Frame { id: Uuid::now_v7(), system: Cell::new(None), standing: Cell::new(None) }))
    }

    /// The frame of a request.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_else(Self::new)
    }

    /// The request's id. It is the hub's own: one that a client sends could be anything.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.0.id
    }

    /// Who is asking, once it is known.
    #[must_use]
    pub fn system(&self) -> Option<SystemId> {
        self.0.system.get()
    }

    /// Notes who is asking, for the log.
    pub fn note_system(&self, system: SystemId) {
        self.0.system.set(Some(system));
    }

    /// Writes an answer's problem, if it has one, and its headers.
    fn mark(&self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let mut response = write_problem(response, self.id());
        let mut text = Uuid::encode_buffer();
        if let Ok(value) = HeaderValue::from_str(self.id().as_hyphenated().encode_lower(&mut text)) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        if let Some(standing) = self.0.standing.get() {
            standing.tell(response.headers_mut());
        }
        response
    }

    /// Whether it was counted, for a system or where it comes from.
    pub(crate) fn is_counted(&self) -> bool {
        self.0.standing.get().is_some()
    }

    /// Notes how much of its quota the one who asks has left, for the headers.
    pub fn note_standing(&self, standing: QuotaLeft) {
        self.0.standing.set(Some(standing));
    }
}

/// Wraps every request. The log line holds the operation's address pattern, never the address itself: ids
/// stay out of the metrics, and query strings out of the log.
///
/// # Errors
/// None of its own.
pub async fn frame(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = Instant::now();
    let frame = RequestFrame::new();
    request.extensions_mut().insert(frame.clone());
    let hub = request.app_data::<web::Data<Hub>>().cloned();
    if let Some(hub) = &hub
        && let now = hub.clock.now()
        && let Some(known) = polls::unchanged(&request, hub, now)
    {
        let counted = limits::count_system(request.request(), known.system, now);
        let is_told = counted.is_ok();
        let answer = counted.map_or_else(|refused| refused.error_response(), |()| known.answer());
        let response = frame.mark(request.into_response(answer));
        let seconds = begun.elapsed().as_secs_f64();
        frame.note_system(known.system);
        log(&response, &frame, &known.pattern, seconds);
        if is_told {
            known.counted.observe(seconds);
            hub.metrics.count_repeated_poll();
        } else {
            count(&response, hub, &known.pattern, seconds);
        }
        return Ok(response);
    }
    let acts = !request.method().is_safe();
    let response = match limits::admit(request.request(), hub.as_ref().map(|hub| &***hub)) {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(refused) => request.into_response(refused.error_response()),
    };
    let response = match hub.as_ref().map(|hub| limits::count_unasked(response.request(), hub)) {
        None | Some(Ok(())) => response,
        Some(Err(refused)) => response.into_response(refused.error_response()),
    };
    if let Some(hub) = &hub {
        if acts {
            hub.positions.acknowledge();
        }
        polls::note(&response, hub, hub.clock.now()).await;
    }
    let mut response = frame.mark(response);
    if sealing::is_kept(&response) {
        // In a box: few requests carry what it needs.
        response = match Box::pin(sealing::record(response)).await {
            Ok(recorded) => recorded,
            Err(in_place) => frame.mark(in_place),
        };
    }
    let pattern = pattern(response.request());
    let seconds = begun.elapsed().as_secs_f64();
    log(&response, &frame, &pattern, seconds);
    if let Some(hub) = &hub {
        count(&response, hub, &pattern, seconds);
    }
    Ok(response)
}

/// The operation that was asked for, as its address pattern.
fn pattern(request: &HttpRequest) -> String {
    let unmatched = if request.path() == SOAP_ADDRESS { SOAP_ADDRESS } else { "(none)" };
    request.match_pattern().unwrap_or_else(|| unmatched.to_owned())
}

/// The status by which an answer is counted and logged.
pub(crate) fn status(response: &ServiceResponse<BoxBody>) -> u16 {
    let counted = response.response().extensions().get::<CountedAs>().copied();
    counted.map_or(response.status().as_u16(), |CountedAs(status)| status)
}

fn count(response: &ServiceResponse<BoxBody>, hub: &Hub, pattern: &str, seconds: f64) {
    let method = known(response.request().method());
    hub.metrics.requests(pattern, method, status(response)).observe(seconds);
}

fn log(response: &ServiceResponse<BoxBody>, frame: &RequestFrame, pattern: &str, seconds: f64) {
    let (request_id, method, status) = (frame.id(), known(response.request().method()), status(response));
    let system = frame.system().map(tracing::field::display);
    if status >= 500 {
        tracing::error!(%request_id, method, pattern, status, seconds, system, "request");
    } else if status >= 400 {
        tracing::info!(%request_id, method, pattern, status, seconds, system, "request");
    } else {
        tracing::debug!(%request_id, method, pattern, status, seconds, system, "request");
    }
}

/// The method for the log and the metrics. One that HTTP does not know is a text of the client's own: it
/// would put what it likes into both, and make a series of its own each time.
fn known(method: &Method) -> &'static str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let names = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.iter().zip(names).find(|(known, _)| *known == method).map_or("(other)", |(_, name)| name)
}

/// Writes the problem of a failed request, if it has one, in the form and language of the client.
pub(crate) fn write_problem(
    response: ServiceResponse<BoxBody>,
    request_id: Uuid,
) -> ServiceResponse<BoxBody> {
    let Some(mut problem) = response.response().extensions().get::<Problem>().cloned() else {
        return response;
    };
    problem.request_id = Some(request_id.to_string());
    let headers = response.request().headers();
    if wants_ukrainian(headers) {
        problem.title = problem.code.title_uk().to_owned();
    }
    let (media_type, body) = match preferred(headers).unwrap_or(Form::Json) {
        Form::Json => ("application/problem+json", serde_json::to_vec(&problem).unwrap_or_default()),
        Form::Xml => ("application/problem+xml", problem.to_xml()),
    };
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Whether the client's first language is Ukrainian.
fn wants_ukrainian(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split([',', ';', '-']).next())
        .is_some_and(|first| first.trim().eq_ignore_ascii_case("uk"))
}
