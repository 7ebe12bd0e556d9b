//! SOAP: from a message to the request of the contract that it is, and from its answer to a message with the
//! same headers.

mod listening;
mod refused;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::future::ready;
use futures_util::stream::once;
use kordon_adapters::trembita::escaped;
use kordon_adapters::trembita::services::{Form, NAMESPACE, Service};
use kordon_adapters::trembita::shapes::xml_of;
use kordon_adapters::trembita::soap::faults::{FaultCode, Origin, Refusal};
use kordon_adapters::trembita::soap::message::Message;
use kordon_adapters::trembita::soap::metaservices::{ENDPOINT, Metaservice, listing, with_wsdl};
use kordon_adapters::trembita::soap::question::{Content, Question};
use kordon_adapters::trembita::soap::wsdl;
use kordon_schemas::{Problem, ToXml};

pub(super) use self::refused::Refused;

use self::listening::{AskedAct, Unheard, listen};
use super::services::Provided;
use super::signing::Signing;
use super::{Asking, Trembita, onward};
use crate::Hub;
use crate::metrics::ExchangeOutcome;
use crate::request::RequestFrame;
use crate::rights::authenticate;

/// The media type of a message.
pub(super) const TEXT_XML: HeaderValue = HeaderValue::from_static("text/xml; charset=utf-8");

/// Characters of an idempotency key, as the contract has it.
const LONGEST_KEY: usize = 128;

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
    let listened = listen(trembita, &http, payload, hub.as_deref().map(|hub| &**hub)).await;
    let (heard, asked) = match listened {
        Ok(understood) => understood,
        Err(Unheard { refused, signing }) => {
            count("(none)", ExchangeOutcome::Fault);
            let response = refused.answer(trembita, &http, signing.as_ref()).await;
            return Ok(ServiceResponse::new(http, response));
        }
    };
    let code = asked.code();
    let (http, answered) = match asked {
        AskedAct::ListMethods => {
            let all = trembita.services.iter().map(|provided| provided.service);
            let listed = listing(Metaservice::ListMethods, &heard.message.header, all);
            (http, heard.answer(&listed).await)
        }
        AskedAct::AllowedMethods => {
            let listed = list_allowed(trembita, &heard, &http, hub.as_deref().map(|hub| &**hub)).await;
            let answered = match listed {
                Ok(listed) => heard.answer(&listed).await,
                Err(refused) => Err(refused),
            };
            (http, answered)
        }
        AskedAct::GetWsdl(body) => {
            let described = describe(trembita, &heard, &http, &body).await;
            (http, described)
        }
        AskedAct::Service(provided, question) => {
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
            refused.answer(trembita, &http, heard.signing.as_ref()).await
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
    async fn envelope(&self, body: &str) -> Result<String, Refused> {
        let envelope = self.message.answer(body);
        match &self.signing {
            None => Ok(envelope),
            Some(signing) => Ok(signing.sign(envelope).await?),
        }
    }

    /// The answer with a Body, as a response.
    async fn answer(&self, body: &str) -> Result<(HttpResponse, ExchangeOutcome), Refused> {
        let envelope = self.envelope(body).await?;
        let response = HttpResponse::Ok().insert_header((CONTENT_TYPE, TEXT_XML)).body(envelope);
        Ok((response, ExchangeOutcome::Answered))
    }
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
    if provided.takes_key
        && let Ok(key) = HeaderValue::from_str(&key_of(id))
    {
        head.headers.insert(HeaderName::from_static("idempotency-key"), key);
    }
    request
}

/// The key of a message, by its id: an id may be of any letters and length, a key may not.
fn key_of(id: &str) -> String {
    if (1..=LONGEST_KEY).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return id.to_owned();
    }
    format!("sha256:{}", hex::encode(openssl::sha::sha256(id.as_bytes())))
}

fn held(message: String) -> Payload {
    let content = once(ready(Ok(web::Bytes::from(message))));
    Payload::Stream { payload: Box::pin(content) }
}

/// The answer of the contract as a message: what was answered; or a problem of the question, as a fault
/// within the answer; or a fault of SOAP when the asker may not ask, or the hub itself failed.
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
    let answer = format!("<{code}Response xmlns=\"{NAMESPACE}\">{body}</{code}Response>");
    let (response, _) = heard.answer(&answer).await?;
    Ok((response, outcome))
}

/// A problem as the fault within an answer, or as a fault of SOAP where it is not the question that is at
/// fault.
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

/// The services that the asker may use.
async fn list_allowed(
    trembita: &Trembita,
    heard: &Heard,
    http: &HttpRequest,
    hub: Option<&Hub>,
) -> Result<String, Refused> {
    let missing = || Refused::by_provider(FaultCode::InternalError, "the hub is not ready");
    let actor = authenticate(http, hub.ok_or_else(missing)?)
        .await
        .map_err(|failure| Refused::by_provider(FaultCode::AccessDenied, failure.0.detail))?;
    let allowed = trembita.services.iter().filter(|provided| provided.is_for(actor.role));
    let allowed = allowed.map(|provided| provided.service);
    Ok(listing(Metaservice::AllowedMethods, &heard.message.header, allowed))
}

/// How the services are described.
async fn describe(
    trembita: &Trembita,
    heard: &Heard,
    http: &HttpRequest,
    body: &str,
) -> Result<(HttpResponse, ExchangeOutcome), Refused> {
    let described = wsdl::wsdl(ENDPOINT, &trembita.shapes)
        .map_err(|error| Refused::by_provider(FaultCode::InternalError, error))?;
    let id = RequestFrame::of(http).id().simple().to_string();
    let (content_type, body) = with_wsdl(&heard.envelope(body).await?, &described, &id);
    let response = HttpResponse::build(StatusCode::OK).content_type(content_type).body(body);
    Ok((response, ExchangeOutcome::Answered))
}
