//! Evidence at the doors: what a member, or a partner that signs, sent and what it was answered, byte for
//! byte, is recorded before the answer leaves. What cannot be recorded is not answered, and while sealing is
//! too far behind nothing is taken at all.
//!
//! Of the head of a message of HTTP the names are kept in lower case and in the order in which the server
//! knows them: HTTP gives neither a meaning. What follows a stream, and downloads of evidence itself, are
//! kept by their heads alone. So is what somebody sends at length whom the hub does not know; and what is
//! refused for being too often is no exchange.

use std::cell::RefCell;
use std::fmt::Write;
use std::rc::Rc;

use actix_web::body::{BodySize, BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream::once;
use kordon_adapters::trembita::rest::OF_CONNECTION;
use kordon_adapters::trembita::soap::faults::{FaultCode, Origin, Refusal};
use kordon_adapters::trembita::soap::transport::taken_apart;
use kordon_hub::sealing::{Content, Exchange, Message, Part};
use kordon_schemas::ProblemCode;

use super::soap::TEXT_XML;
use super::{Asking, SOAP_ADDRESS, Trembita};
use crate::Hub;
use crate::body::LARGEST_MAIL;
use crate::metrics::ExchangeOutcome;
use crate::problem::{Failure, Result};
use crate::receiving::receive;
use crate::request::{CountedAs, RequestFrame, status};

/// Where evidence is fetched as X-Road's servers have it: `?queryId=…`.
pub(crate) const EVIDENCE_ADDRESS: &str = "/trembita/evidence";

/// Where the contract has it.
const OF_CONTRACT: &str = "/api/v1/evidence/";

/// The most bytes that are kept of a message, and of what goes beside it, from a member that is bound to no
/// system and so was refused before anybody looked at either.
const LARGEST_OF_STRANGERS: usize = 16 << 10;

/// Headers that are secrets. Like those of a connection they are no part of the message that is kept.
const SECRETS: [&str; 2] = ["authorization", "cookie"];

/// Who asked in a message that is sealed and names no member: by the certificate of its signature.
#[derive(Debug, Clone)]
struct SealedFor(String);

/// A request of a member, kept until it is answered.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// SOAP: the bytes as far as they were read, and their media type.
    Soap(Rc<RefCell<Vec<u8>>>, Option<String>),
    /// A message of HTTP: its head, its body, and its media type.
    Rest(Vec<u8>, web::Bytes, Option<String>),
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Keeps what is read of a request of SOAP.
pub(super) fn keep_soap(request: &mut ServiceRequest) {
    let bytes = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&bytes);
    let payload = request.take_payload().inspect(move |piece| {
        if let Ok(piece) = piece {
            kept.borrow_mut().extend_from_slice(piece);
        }
    });
    request.set_payload(Payload::Stream { payload: Box::pin(payload) });
    let media_type = text(request.headers(), "content-type");
    request.extensions_mut().insert(Kept::Soap(bytes, media_type));
}

/// Keeps a request of HTTP. Its body is read here, whatever becomes of it.
///
/// # Errors
/// A body that is too large or does not arrive.
pub(super) async fn keep_rest(request: &mut ServiceRequest, uri: &Uri) -> Result<()> {
    let body = receive(request.take_payload(), LARGEST_MAIL).await?;
    let address = uri.path_and_query().map_or_else(|| uri.path(), |both| both.as_str());
    let head = head([request.method().as_str(), address], request.headers());
    let media_type = text(request.headers(), "content-type");
    request.extensions_mut().insert(Kept::Rest(head, body.clone(), media_type));
    let payload = Box::pin(once(ready(Ok(body))));
    request.set_payload(Payload::Stream { payload });
    Ok(())
}

/// Keeps a request of HTTP that its sender signed, with the whole address, which is signed too. `fingerprint`
/// is that of the certificate.
pub(crate) fn keep_signed(
    request: &HttpRequest,
    method: &str,
    target: &str,
    body: &web::Bytes,
    fingerprint: &str,
) {
    let head = head([method, target], request.headers());
    let media_type = text(request.headers(), "content-type");
    let mut extensions = request.extensions_mut();
    extensions.insert(Kept::Rest(head, body.clone(), media_type));
    extensions.insert(SealedFor(format!("certificate {fingerprint}")));
}

/// The head of a message of HTTP as X-Road writes it: two lines of its own, then the headers, nothing behind
/// the colon.
fn head(first: [&str; 2], headers: &HeaderMap) -> Vec<u8> {
    let [one, two] = first;
    let mut head = format!("{one}\r\n{two}\r\n").into_bytes();
    let is_left_out = |name: &str| OF_CONNECTION.contains(&name) || SECRETS.contains(&name);
    for (name, value) in headers.iter().filter(|(name, _)| !is_left_out(name.as_str())) {
        head.extend_from_slice(name.as_str().as_bytes());
        head.push(b':');
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head
}

/// The fault of a door that takes nothing while sealing is behind.
pub(super) fn refused(
    trembita: &Trembita,
    request: ServiceRequest,
    text: String,
) -> ServiceResponse<BoxBody> {
    if request.path() != SOAP_ADDRESS {
        return request.into_response(Failure::new(ProblemCode::SealingUnavailable, text).error_response());
    }
    if let Some(hub) = request.app_data::<web::Data<Hub>>() {
        hub.metrics.count_exchange("(none)", ExchangeOutcome::Fault);
    }
    let id = RequestFrame::of(request.request()).id().to_string();
    let response = fault(trembita, FaultCode::TimestampingFailed, text, &id);
    request.into_response(response)
}

fn fault(trembita: &Trembita, code: FaultCode, text: String, id: &str) -> HttpResponse {
    let envelope = Refusal::new(code, text).envelope(Origin::ServerProxy, trembita.dialect, id);
    let mut response =
        HttpResponse::InternalServerError().insert_header((CONTENT_TYPE, TEXT_XML)).body(envelope);
    response.extensions_mut().insert(CountedAs(503));
    response
}

/// Whether a response is of a request that is kept.
pub(crate) fn is_kept(response: &ServiceResponse<BoxBody>) -> bool {
    response.request().extensions().get::<Kept>().is_some()
}

/// Records an exchange with a member or with one who signed, if the response is of one. Call it when nothing
/// more is changed of the response.
///
/// # Errors
/// What is answered in its place, when it could not be recorded; its problem is not written yet.
pub(crate) async fn record(
    response: ServiceResponse<BoxBody>,
) -> std::result::Result<ServiceResponse<BoxBody>, ServiceResponse<BoxBody>> {
    let (kept, by) = {
        let extensions = response.request().extensions();
        let member = extensions
            .get::<Asking>()
            .map(|asking| (asking.exchange.member.to_string(), asking.exchange.id.clone()));
        let signer = || extensions.get::<SealedFor>().map(|SealedFor(client)| (client.clone(), None));
        (extensions.get::<Kept>().cloned(), member.or_else(signer))
    };
    let hub = response.request().app_data::<web::Data<Hub>>().cloned();
    let (Some(kept), Some((client, query_id)), Some(hub)) = (kept, by, hub) else { return Ok(response) };
    let frame = RequestFrame::of(response.request());
    let status = status(&response);
    // Whoever asks too often is not listened to: nothing is exchanged, and nothing may fill the database.
    if status == 429 {
        return Ok(response);
    }
    // Whatever it was answered: metaservices and addresses that are not there are asked without anybody being
    // looked for.
    let is_stranger = frame.system().is_none();
    let (response, answer) = taken(response, &kept).await?;
    let mut request = asked(kept);
    if is_stranger {
        request.attachment = request.attachment.filter(|own| own.bytes.len() <= LARGEST_OF_STRANGERS);
        if request.message.bytes.len() > LARGEST_OF_STRANGERS {
            return Ok(response);
        }
    }
    let exchange = Exchange {
        id: frame.id(),
        query_id,
        client,
        system: frame.system(),
        messages: vec![request, answer],
    };
    match hub.exchanges.record(exchange).await {
        Ok(()) => Ok(response),
        Err(error) => Err(instead(response, error)),
    }
}

/// What is answered in place of an answer that could not be recorded.
fn instead(response: ServiceResponse<BoxBody>, error: kordon_hub::Error) -> ServiceResponse<BoxBody> {
    let request = response.request();
    let trembita = request.app_data::<web::Data<Trembita>>().cloned();
    let in_place = match trembita {
        Some(trembita) if request.extensions().get::<Kept>().is_some_and(Kept::is_soap) => {
            let id = RequestFrame::of(request).id().to_string();
            let text = "the exchange could not be recorded; send the same again".to_owned();
            fault(&trembita, FaultCode::LoggingFailed, text, &id)
        }
        Some(_) | None => Failure::from(error).error_response(),
    };
    response.into_response(in_place)
}

impl Kept {
    fn is_soap(&self) -> bool {
        match self {
            Self::Soap(..) => true,
            Self::Rest(..) => false,
        }
    }
}

/// The request as a message.
fn asked(kept: Kept) -> Message {
    match kept {
        Kept::Soap(bytes, media_type) => {
            let bytes = bytes.take();
            of_soap(Part::Request, &bytes, media_type.as_deref())
        }
        Kept::Rest(head, body, media_type) => of_rest(Part::Request, head, &body, media_type.as_deref()),
    }
}

/// The response with its bytes taken, and itself as a message.
async fn taken(
    response: ServiceResponse<BoxBody>,
    kept: &Kept,
) -> std::result::Result<(ServiceResponse<BoxBody>, Message), ServiceResponse<BoxBody>> {
    let (request, response) = response.into_parts();
    let media_type = text(response.headers(), "content-type");
    let is_stream = media_type.as_deref().is_some_and(|media| media.starts_with("text/event-stream"))
        && response.body().size() == BodySize::Stream;
    let status = response.status();
    let head = || {
        let code = status.as_u16().to_string();
        head([&code, status.canonical_reason().unwrap_or_default()], response.headers())
    };
    let answered = match kept {
        Kept::Soap(..) => None,
        Kept::Rest(..) => Some(head()),
    };
    if let Some(head) = answered.clone().filter(|_| is_stream || request.path().starts_with(OF_CONTRACT)) {
        let message = of_rest(Part::Response, head, &[], None);
        return Ok((ServiceResponse::new(request, response), message));
    }
    let (response, body) = response.into_parts();
    let Ok(body) = to_bytes(body).await else {
        let failed = kordon_hub::Error::Internal("the answer could not be written".to_owned());
        return Err(ServiceResponse::new(request, Failure::from(failed).error_response()));
    };
    let message = match answered {
        None => of_soap(Part::Response, &body, media_type.as_deref()),
        Some(head) => of_rest(Part::Response, head, &body, media_type.as_deref()),
    };
    let response = response.set_body(BoxBody::new(body));
    Ok((ServiceResponse::new(request, response), message))
}

/// The media type without its parameters.
fn media(media_type: Option<&str>, otherwise: &str) -> String {
    let named = media_type.and_then(|media| media.split(';').next()).map(str::trim);
    named.filter(|media| !media.is_empty()).unwrap_or(otherwise).to_owned()
}

fn of_soap(part: Part, body: &[u8], media_type: Option<&str>) -> Message {
    let (message, beside) = taken_apart(media_type, body);
    let attachment = beside.map(|part| Content {
        bytes: part.content.to_vec(),
        media_type: media(part.header("Content-Type"), "application/octet-stream"),
    });
    Message {
        part,
        message: Content { bytes: message.to_vec(), media_type: "text/xml".to_owned() },
        attachment,
    }
}

fn of_rest(part: Part, head: Vec<u8>, body: &[u8], media_type: Option<&str>) -> Message {
    let attachment = (!body.is_empty())
        .then(|| Content { bytes: body.to_vec(), media_type: media(media_type, "application/octet-stream") });
    Message { part, message: Content { bytes: head, media_type: "text/plain".to_owned() }, attachment }
}

/// The address of the contract that an address of X-Road's kind means: `?queryId=…`.
pub(super) fn of_contract(query: &str) -> Option<Uri> {
    let parameters = query.split('&').filter_map(|parameter| parameter.split_once('='));
    let id = parameters.into_iter().find(|(name, _)| *name == "queryId").map(|(_, id)| id)?;
    // It becomes one segment of an address: what is no letter or digit of it is encoded, unless it is so
    // already.
    let mut segment = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            let _ = write!(segment, "%{byte:02X}");
        }
    }
    format!("{OF_CONTRACT}{segment}").parse().ok()
}
