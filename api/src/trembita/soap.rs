//! SOAP: from a message to the request of the contract that it is, and from its answer to a message with the same headers.

use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream::once;
use kordon_adapters::trembita::escaped;
use kordon_adapters::trembita::security;
use kordon_adapters::trembita::services::{Form, NAMESPACE, Service};
use kordon_adapters::trembita::shapes::xml_of;
use kordon_adapters::trembita::soap::faults::{FaultCode, Origin, Refusal};
use kordon_adapters::trembita::soap::identifiers::MemberId;
use kordon_adapters::trembita::soap::message::{Envelope, Message};
use kordon_adapters::trembita::soap::metaservices::{ENDPOINT, Metaservice, asked_wsdl, listing, with_wsdl};
use kordon_adapters::trembita::soap::question::{Content, Question};
use kordon_adapters::trembita::soap::transport::{Side, check_method, check_soap_action, receive};
use kordon_adapters::trembita::soap::{XROAD, wsdl};
use kordon_hub::Error;
use kordon_hub::evidence::Exchange;
use kordon_hub::parties::Member;
use kordon_schemas::{Problem, ToXml};

use super::services::Provided;
use super::signing::Signing;
use super::{Asking, Trembita, onward};
use crate::Hub;
use crate::limits;
use crate::metrics::ExchangeOutcome;
use crate::problem::Failure;
use crate::request::{CountedAs, RequestFrame};
use crate::rights::authenticate;
use crate::signatures::Signatures;

/// How long a message may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) const TEXT_XML: HeaderValue = HeaderValue::from_static("text/xml; charset=utf-8");

/// A refusal.
pub(super) enum Refused {
    /// By the message protocol, with the side that is at fault.
    Protocol(Origin, Refusal),
    /// For its signature.
    Signature(security::Refusal),
    /// For being refused too often.
    TooOften(Failure),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Protocol(Origin::Client, refusal)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let Failure(problem) = Failure::from(error);
        Self::Protocol(Origin::Service, Refusal::new(FaultCode::InternalError, &problem.title))
    }
}

impl Refused {
    /// What the hub refuses as a provider.
    fn by_provider(code: FaultCode, text: impl std::fmt::Display) -> Self {
        Self::Protocol(Origin::ServerProxy, Refusal::new(code, text))
    }

    /// The fault: 500, as SOAP 1.1 has it, and counted as what it means. It is signed where the question was.
    fn answer(&self, trembita: &Trembita, http: &HttpRequest, signing: Option<&Signing>) -> HttpResponse {
        let id = RequestFrame::of(http).id().to_string();
        let envelope = match self {
            Self::Protocol(origin, refusal) => refusal.envelope(*origin, trembita.dialect, &id),
            Self::Signature(refusal) => refusal.envelope(&id),
            Self::TooOften(failure) => return failure.error_response(),
        };
        let envelope = match signing.map(|signing| signing.sign(&envelope)) {
            None => envelope,
            Some(Ok(signed)) => signed,
            Some(Err(error)) => return Failure::from(error).error_response(),
        };
        let mut response =
            HttpResponse::InternalServerError().insert_header((CONTENT_TYPE, TEXT_XML)).body(envelope);
        response.extensions_mut().insert(CountedAs(self.counted()));
        response
    }

    /// The status that it is counted as.
    fn counted(&self) -> u16 {
        let (origin, refusal) = match self {
            Self::Protocol(origin, refusal) => (origin, refusal),
            Self::Signature(_) => return 401,
            Self::TooOften(_) => return 429,
        };
        match (origin, &refusal.code) {
            (_, FaultCode::AccessDenied | FaultCode::ServiceDisabled) => 403,
            (_, FaultCode::UnknownService | FaultCode::UnknownMember) => 404,
            (Origin::Client, _) => 400,
            (
                Origin::ClientProxy | Origin::ServerProxy | Origin::Service | Origin::ServiceSeenByClient,
                _,
            ) => 500,
        }
    }
}

/// What a message asks for.
enum Asked<'door> {
    Metaservice(Metaservice),
    Service(&'door Provided, Question),
}

impl Asked<'_> {
    fn code(&self) -> &'static str {
        match self {
            Self::Metaservice(metaservice) => metaservice.code(),
            Self::Service(provided, _) => provided.service.code,
        }
    }
}

/// Answers a request to the address of SOAP.
pub(super) async fn answer(
    trembita: &Trembita,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let hub = request.app_data::<web::Data<Hub>>().cloned();
    let count = |service: &str, outcome: ExchangeOutcome| {
        if let Some(hub) = &hub {
            hub.metrics.count_exchange(service, outcome);
        }
    };
    let (http, payload) = request.into_parts();
    let heard = hear(trembita, &http, payload, hub.as_deref().map(|hub| &**hub)).await;
    let understood = match heard {
        Ok(heard) => match understand(trembita, &heard.message) {
            Ok(asked) => Ok((heard, asked)),
            Err(refused) => Err((refused, heard.signing)),
        },
        Err(refused) => Err((refused, None)),
    };
    let (heard, asked) = match understood {
        Ok(understood) => understood,
        Err((refused, signing)) => {
            count("(none)", ExchangeOutcome::Fault);
            let response = refused.answer(trembita, &http, signing.as_ref());
            return Ok(ServiceResponse::new(http, response));
        }
    };
    let code = asked.code();
    let (http, answered) = match asked {
        Asked::Metaservice(metaservice) => {
            let answered = tell(trembita, metaservice, &heard, &http, hub.as_deref().map(|hub| &**hub)).await;
            (http, answered.map(|response| (response, ExchangeOutcome::Answered)))
        }
        Asked::Service(provided, question) => {
            let asked_anew = anew(http, provided, question, &heard.message.header.id);
            let response = onward(asked_anew, next).await?;
            let (http, response) = response.into_parts();
            (http, of_contract(provided.service, &heard, response).await)
        }
    };
    let response = match answered {
        Ok((response, outcome)) => {
            count(code, outcome);
            response
        }
        Err(refused) => {
            count(code, ExchangeOutcome::Fault);
            refused.answer(trembita, &http, heard.signing.as_ref())
        }
    };
    Ok(ServiceResponse::new(http, response))
}

/// A message, and how its answer is signed, if it was signed itself.
struct Heard {
    message: Message,
    signing: Option<Signing>,
}

impl Heard {
    /// The answer with a Body.
    fn envelope(&self, body: &str) -> Result<String, Refused> {
        let envelope = self.message.answer(body);
        match &self.signing {
            None => Ok(envelope),
            Some(signing) => Ok(signing.sign(&envelope)?),
        }
    }
}

/// Reads the message, if the connection may bring one or its signature holds.
async fn hear(
    trembita: &Trembita,
    http: &HttpRequest,
    payload: Payload,
    hub: Option<&Hub>,
) -> Result<Heard, Refused> {
    let signatures = Signatures::of(http);
    if !trembita.is_open() && signatures.is_none() {
        return Err(Refused::by_provider(FaultCode::ServiceDisabled, "this hub is not set up for Trembita"));
    }
    let is_member = trembita.trusts(http);
    if !is_member && signatures.is_none() {
        let text = "this connection does not come from a security server that the hub trusts";
        return Err(Refused::by_provider(FaultCode::AccessDenied, text));
    }
    let message = match (read(trembita, http, payload, is_member).await, hub) {
        // Nobody is known to have sent it.
        (Err(refused), Some(hub)) if !is_member => {
            limits::count_stranger(http, hub.clock.now()).map_err(Refused::TooOften)?;
            return Err(refused);
        }
        (read, _) => read?,
    };
    let asking = asking(&message)?;
    let signing = match (is_member, signatures, hub) {
        (true, _, _) => None,
        (false, Some(signatures), Some(hub)) => {
            let member = &asking.exchange.member;
            Some(Signing::of(trembita, signatures, hub, http, &message, member).await?)
        }
        (false, _, _) => return Err(Refused::by_provider(FaultCode::InternalError, "the hub is not ready")),
    };
    http.extensions_mut().insert(asking);
    Ok(Heard { message, signing })
}

/// Reads the message.
async fn read(
    trembita: &Trembita,
    http: &HttpRequest,
    payload: Payload,
    is_member: bool,
) -> Result<Message, Refused> {
    check_method(http.method().as_str())?;
    check_soap_action(single(http.headers(), &HeaderName::from_static("soapaction"))?)?;
    if single(http.headers(), &CONTENT_ENCODING)?
        .is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
    {
        return Err(Refusal::new(FaultCode::InvalidMessage, "a message is sent uncompressed").into());
    }
    let content_type = single(http.headers(), &CONTENT_TYPE)?;
    // Attachments are not signed, so what comes directly is one message.
    let limit = if is_member { trembita.limits.exchange_bytes } else { trembita.limits.message_bytes };
    let body = collect(payload, limit).await?;
    let received = receive(Side::Request, content_type, &body, &trembita.limits)?;
    if !received.attachments.is_empty() {
        return Err(Refusal::new(FaultCode::InvalidMessage, "no service here takes attachments").into());
    }
    match received.envelope {
        Envelope::Message(message) => Ok(*message),
        Envelope::Fault(fault) => Err(fault.as_request().into()),
    }
}

/// The value of a header that may stand once.
fn single<'http>(headers: &'http HeaderMap, name: &HeaderName) -> Result<Option<&'http str>, Refusal> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| {
            Refusal::new(FaultCode::InvalidMessage, format!("the header {name} cannot be read"))
        }),
        (Some(_), Some(_)) => {
            Err(Refusal::new(FaultCode::InvalidMessage, format!("the header {name} stands twice")))
        }
    }
}

async fn collect(mut payload: Payload, limit: usize) -> Result<web::Bytes, Refusal> {
    let refused = |text: String| Refusal::new(FaultCode::InvalidMessage, text);
    let reading = async {
        let mut body = web::BytesMut::new();
        while let Some(piece) = payload.next().await {
            let piece = piece.map_err(|_| refused("the message could not be received".to_owned()))?;
            if body.len() + piece.len() > limit {
                return Err(refused(format!("larger than {limit} bytes")));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .map_err(|_| refused(format!("the message did not arrive within {} seconds", PATIENCE.as_secs())))?
}

/// Who asks. The cause of the message is its purpose until the question names one.
fn asking(message: &Message) -> Result<Asking, Refusal> {
    let header = &message.header;
    let member = member(&header.client).ok_or_else(|| {
        Refusal::new(
            FaultCode::InvalidRequest,
            "the parts of 'client' have 1 to 80 bytes without control characters",
        )
    })?;
    let exchange =
        Exchange { member, id: Some(header.id.clone()), asked_by: header.user_id.clone(), subject: None };
    Ok(Asking { exchange, purpose: header.issue.clone().filter(|issue| !issue.trim().is_empty()) })
}

fn member(id: &MemberId) -> Option<Member> {
    let MemberId { instance, member_class, member_code, subsystem_code } = id;
    Member::of(instance, member_class, member_code, subsystem_code.as_deref())
}

fn understand<'door>(trembita: &'door Trembita, message: &Message) -> Result<Asked<'door>, Refused> {
    let asked = &message.header.service;
    if trembita.provider.as_ref().is_some_and(|own| member(&asked.provider).as_ref() != Some(own)) {
        let text = format!("{} is not provided here", asked.provider);
        return Err(Refused::by_provider(FaultCode::UnknownMember, text));
    }
    if let Some(metaservice) = Metaservice::of(&asked.service_code) {
        let wrapper = &message.wrapper;
        if wrapper.name != metaservice.code() || wrapper.namespace.as_deref() != Some(XROAD) {
            let text = format!("the Body holds {} of the namespace {XROAD}", metaservice.code());
            return Err(Refusal::new(FaultCode::InvalidRequest, text).into());
        }
        return Ok(Asked::Metaservice(metaservice));
    }
    let version = asked.service_version.as_deref();
    let found = kordon_adapters::trembita::services::find(&asked.service_code, version);
    let provided =
        trembita.services.iter().find(|provided| Some(provided.service) == found).ok_or_else(|| {
            Refused::by_provider(FaultCode::UnknownService, format!("there is no service {asked}"))
        })?;
    let question = message.question(provided.service, &trembita.shapes, &trembita.limits)?;
    Ok(Asked::Service(provided, question))
}

/// The request of the contract that a question is. Nothing of the headers that came is left in it.
fn anew(http: HttpRequest, provided: &Provided, mut question: Question, id: &str) -> ServiceRequest {
    let uri = provided.address_of(&question).parse::<Uri>().unwrap_or_default();
    let (payload, content_type) = match question.message.take() {
        Some(Content::Xml(message)) => (held(message), "application/xml; charset=utf-8"),
        Some(Content::Json(message)) => (held(message), "application/json"),
        None => (Payload::None, "application/json"),
    };
    if let (Some(purpose), Some(asking)) =
        (question.purpose.take(), http.extensions_mut().get_mut::<Asking>())
    {
        asking.purpose = Some(purpose);
    }
    let mut request = ServiceRequest::from_parts(http, payload);
    request.match_info_mut().get_mut().update(&uri);
    let head = request.head_mut();
    head.uri = uri;
    head.method = Method::from_bytes(provided.method.as_bytes()).unwrap_or(Method::GET);
    head.headers = HeaderMap::new();
    let accepted = match provided.service.answer {
        Form::Xml(_) => "application/xml",
        Form::Json { .. } => "application/json",
    };
    head.headers.insert(ACCEPT, HeaderValue::from_static(accepted));
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    // A message that is sent again has its id again.
    if let (true, Ok(key)) = (provided.takes_key, HeaderValue::from_str(id)) {
        head.headers.insert(HeaderName::from_static("idempotency-key"), key);
    }
    request
}

fn held(message: String) -> Payload {
    let content = once(ready(Ok(web::Bytes::from(message))));
    Payload::Stream { payload: Box::pin(content) }
}

/// The answer of the contract as a message: what was answered; or a problem of the question, as a fault within the answer; or a
/// fault of SOAP when the asker may not ask, or the hub itself failed.
async fn of_contract(
    service: &Service,
    heard: &Heard,
    response: HttpResponse,
) -> Result<(HttpResponse, ExchangeOutcome), Refused> {
    let problem = response.extensions().get::<Problem>().cloned();
    let (body, outcome) = match problem {
        Some(problem) => (fault_within(problem)?, ExchangeOutcome::Problem),
        None => {
            let failed = || Refused::by_provider(FaultCode::InternalError, "the answer could not be written");
            let body = to_bytes(response.into_body()).await.map_err(|_| failed())?;
            let written = match service.answer {
                Form::Xml(_) => {
                    let text = std::str::from_utf8(&body).map_err(|_| failed())?;
                    text.split_once("?>").map_or(text, |(_, root)| root).to_owned()
                }
                Form::Json { element, shape: _ } => {
                    xml_of(element, &serde_json::from_slice(&body).map_err(|_| failed())?)
                }
            };
            (written, ExchangeOutcome::Answered)
        }
    };
    let code = service.code;
    let envelope =
        heard.envelope(&format!("<{code}Response xmlns=\"{NAMESPACE}\">{body}</{code}Response>"))?;
    Ok((HttpResponse::Ok().insert_header((CONTENT_TYPE, TEXT_XML)).body(envelope), outcome))
}

/// A problem as the fault within an answer, or as a fault of SOAP where it is not the question that is at fault.
fn fault_within(problem: Problem) -> Result<String, Refused> {
    match problem.status {
        401 | 403 => return Err(Refused::by_provider(FaultCode::AccessDenied, &problem.detail)),
        500.. => {
            let refusal = Refusal::new(FaultCode::InternalError, &problem.title);
            return Err(Refused::Protocol(Origin::Service, refusal));
        }
        _ => {}
    }
    let written = problem.to_xml();
    let written = String::from_utf8_lossy(&written);
    let root = written.split_once("?>").map_or(&*written, |(_, root)| root);
    Ok(format!(
        "<fault xmlns=\"\"><faultCode>{}</faultCode><faultString>{}</faultString>{root}</fault>",
        problem.code.as_str(),
        escaped(&problem.detail),
    ))
}

/// Tells of the services.
async fn tell(
    trembita: &Trembita,
    metaservice: Metaservice,
    heard: &Heard,
    http: &HttpRequest,
    hub: Option<&Hub>,
) -> Result<HttpResponse, Refused> {
    let all = trembita.services.iter();
    let message = &heard.message;
    let body = match metaservice {
        Metaservice::ListMethods => {
            listing(metaservice, &message.header, all.map(|provided| provided.service))
        }
        Metaservice::AllowedMethods => {
            let missing = || Refused::by_provider(FaultCode::InternalError, "the hub is not ready");
            let actor = authenticate(http, hub.ok_or_else(missing)?)
                .await
                .map_err(|failure| Refused::by_provider(FaultCode::AccessDenied, failure.0.detail))?;
            let allowed = all.filter(|provided| provided.is_for(actor.role));
            listing(metaservice, &message.header, allowed.map(|provided| provided.service))
        }
        Metaservice::GetWsdl => {
            let body = asked_wsdl(message, &trembita.limits).map_err(|refusal| {
                let is_unknown = refusal.code == FaultCode::UnknownService;
                Refused::Protocol(if is_unknown { Origin::ServerProxy } else { Origin::Client }, refusal)
            })?;
            let described = wsdl::wsdl(ENDPOINT, &trembita.shapes)
                .map_err(|error| Refused::by_provider(FaultCode::InternalError, error))?;
            let id = RequestFrame::of(http).id().simple().to_string();
            let (content_type, body) = with_wsdl(&heard.envelope(&body)?, &described, &id);
            return Ok(HttpResponse::build(StatusCode::OK).content_type(content_type).body(body));
        }
    };
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, TEXT_XML)).body(heard.envelope(&body)?))
}
