//! Requests that are signed over HTTP (RFC 9421): stands between the frame and the doors, and signs what is
//! answered. What is exchanged so is sealed as what members exchange is.

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, ResponseError, web};
use chrono::{DateTime, Utc};
use futures_util::future::ready;
use futures_util::stream::once;
use kordon_adapters::http_signatures::base::Message;
use kordon_adapters::http_signatures::message::{Fields, value_of};
use kordon_adapters::http_signatures::{Answer, Request, digest, read, sign};
use kordon_adapters::trembita::security::{Reason, Refusal};
use kordon_hub::Error;
use kordon_schemas::ProblemCode;

use super::{NotTaken, Signatures, Taken, Way, beside, note_refusal};
use crate::Hub;
use crate::body::LARGEST_MAIL;
use crate::problem::Failure;
use crate::receiving::receive;
use crate::request::{RequestFrame, write_problem};
use crate::trembita::{SOAP_ADDRESS, is_from_security_server, sealing};

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");

/// Takes signed requests. What brings no signature passes, and so does what a security server brings.
///
/// # Errors
/// None of its own.
pub(crate) async fn door(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_signed = [SIGNATURE, SIGNATURE_INPUT].iter().any(|name| request.headers().contains_key(name));
    let set_up = Signatures::of(request.request()).zip(request.app_data::<web::Data<Hub>>().cloned());
    let Some((signatures, hub)) = set_up else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    if !is_signed || request.path() == SOAP_ADDRESS || is_from_security_server(request.request()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let now = hub.clock.now();
    // What could not be proved is not done.
    if let Err(error) = hub.exchanges.check(now) {
        return Ok(request.into_response(Failure::from(error).error_response()));
    }
    let kept = Kept::of(&request);
    let (http, payload) = request.into_parts();
    let content = match take(&signatures, &hub, &http, payload, &kept, now).await {
        Ok(content) => content,
        Err(refused) => return Ok(ServiceResponse::new(http, refused.error_response())),
    };
    let payload: Payload = Payload::Stream { payload: Box::pin(once(ready(Ok(content)))) };
    let response = next.call(ServiceRequest::from_parts(http, payload)).await?.map_into_boxed_body();
    let id = RequestFrame::of(response.request()).id();
    let (http, response) = write_problem(response, id).into_parts();
    let response = match signed(&signatures, response, kept, now).await {
        Ok(response) => response,
        Err(error) => Failure::from(error).error_response(),
    };
    Ok(ServiceResponse::new(http, response))
}

/// The request as it came, to verify it and to sign what is answered to it.
struct Kept {
    method: String,
    scheme: String,
    authority: String,
    path: String,
    query: Option<String>,
    fields: Vec<(String, Vec<u8>)>,
}

impl Kept {
    fn of(request: &ServiceRequest) -> Self {
        let scheme = request.connection_info().scheme().to_owned();
        // Not what a proxy says of the host: a message for another hub must not pass for one to this.
        let of_header = || request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let host = request.uri().authority().map(|own| own.as_str()).or_else(of_header).unwrap_or_default();
        Self {
            method: request.method().as_str().to_owned(),
            authority: Request::normalized_authority(&scheme, host),
            scheme,
            path: request.uri().path().to_owned(),
            query: request.uri().query().map(str::to_owned),
            fields: fields(request.headers()),
        }
    }

    fn as_request(&self) -> Request<'_> {
        let Self { method, scheme, authority, path, query, fields } = self;
        Request {
            method,
            scheme,
            authority: authority.into(),
            path,
            query: query.as_deref(),
            fields: borrowed(fields),
        }
    }
}

fn fields(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

fn borrowed(fields: &[(String, Vec<u8>)]) -> Fields<'_> {
    fields.iter().map(|(name, value)| (name.as_str().into(), value.as_slice().into())).collect()
}

/// Takes a request at its signature; returns its content.
async fn take(
    signatures: &Signatures,
    hub: &Hub,
    http: &HttpRequest,
    payload: Payload,
    kept: &Kept,
    now: DateTime<Utc>,
) -> Result<web::Bytes, Failure> {
    let request = kept.as_request();
    let taking = async {
        if !signatures.hosts.is_empty() && !signatures.hosts.contains(&kept.authority) {
            let text = format!("the message is to {:?}, which is not this hub", kept.authority);
            return Err(Refusal::new(Reason::Structure, text).into());
        }
        let named = read(&request, &signatures.window, now)?;
        let certificate = hub.authentication.certificate(&named.fingerprint).await?;
        let certificate = certificate.ok_or_else(|| {
            Refusal::new(
                Reason::Unbound,
                format!("the certificate {} is bound to no system", named.fingerprint),
            )
        })?;
        let signer = signatures.authorities.believe(&certificate, now)?;
        let signed = named.verify(&signer)?;
        let content = receive(payload, LARGEST_MAIL).await.map_err(|fault| Stopped::Failed(fault.into()))?;
        named.check_content(value_of(&request.fields, CONTENT_DIGEST.as_str()).as_deref(), &content)?;
        let taken = Taken { signer: &signer, created: signed.created, digest: &signed.digest, is_of: None };
        let actor = signatures.take(hub, http, &taken).await?;
        RequestFrame::of(http).note_system(actor.system);
        sealing::keep_signed(http, &kept.method, &request.target_uri(), &content, &named.fingerprint);
        Ok::<_, Stopped>(content)
    };
    match taking.await {
        Ok(content) => {
            hub.metrics.count_signature(Way::Http, "taken");
            Ok(content)
        }
        Err(Stopped::Failed(failure)) => Err(failure),
        Err(Stopped::NotTaken(NotTaken::Failed(error))) => Err(error.into()),
        Err(Stopped::NotTaken(NotTaken::Refused(refusal))) => {
            note_refusal(hub, http, Way::Http, &refusal)?;
            Err(Failure::new(ProblemCode::Unauthenticated, refusal.told()))
        }
    }
}

/// Why a request is not taken.
enum Stopped {
    NotTaken(NotTaken),
    Failed(Failure),
}

impl<T: Into<NotTaken>> From<T> for Stopped {
    fn from(not_taken: T) -> Self {
        Self::NotTaken(not_taken.into())
    }
}

/// The answer with its signature, which covers the signature of the request: it answers that very one.
async fn signed(
    signatures: &Signatures,
    response: actix_web::HttpResponse,
    kept: Kept,
    now: DateTime<Utc>,
) -> Result<actix_web::HttpResponse, Error> {
    let failed =
        |error: &dyn std::fmt::Display| Error::Internal(format!("an answer cannot be signed: {error}"));
    let is_stream = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|own| own.as_bytes().starts_with(b"text/event-stream"));
    let mut components = vec![("@status", false)];
    if response.headers().contains_key(CONTENT_TYPE) {
        components.push(("content-type", false));
    }
    if response.headers().contains_key("etag") {
        components.push(("etag", false));
    }
    // A stream has no end to make a digest of: its head alone is signed.
    let mut response = if is_stream {
        response
    } else {
        let (head, body) = response.into_parts();
        let content = to_bytes(body).await.map_err(|_| failed(&"its body"))?;
        let mut response = head.map_body(|_, ()| BoxBody::new(content.clone()));
        let digest =
            HeaderValue::from_str(&digest::content_digest(&content)).map_err(|error| failed(&error))?;
        response.headers_mut().insert(CONTENT_DIGEST, digest);
        components.push(("content-digest", false));
        response
    };
    components.extend([("@method", true), ("@target-uri", true), ("signature", true)]);
    let (of_answer, status, key) = (fields(response.headers()), response.status(), signatures.key(now)?);
    let signing = move || {
        let request = kept.as_request();
        let answer = Answer { status: status.as_u16(), fields: borrowed(&of_answer), request: &request };
        sign::sign(Message::Answer(&answer), &components, None, &*key, now)
    };
    let headers = beside::sign(signing).await?;
    for (name, value) in [(SIGNATURE_INPUT, headers.input), (SIGNATURE, headers.value)] {
        let value = HeaderValue::from_str(&value).map_err(|error| failed(&error))?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}
