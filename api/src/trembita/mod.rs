//! Members of Trembita: they ask through a security server, by REST as everybody else, or by SOAP. A member
//! is told by what the security server sends along, so it counts only on a connection from one that the
//! settings name. Without any the door is shut.
//!
//! What a member asks by SOAP is asked anew as the request of the contract that it is, so that one act has
//! one right, one limit, one entry in the access log, whichever way it came.
//!
//! - [`settings`]: which security servers are trusted, and how faults are spelled.
//! - `asking`: who asks, as the rest of the door sees it.
//! - `signing`: messages of SOAP that are signed by those who ask.
//! - `soap`: from a message to a request of the contract and back.
//! - `metaservices`: which services there are, and how they are described, by REST.
//! - `sealing`: what is exchanged is recorded as evidence.
//! - `services`: the services, each with its operation of the contract.

mod asking;
mod metaservices;
pub(crate) mod sealing;
mod services;
pub mod settings;
mod signing;
mod soap;

use std::collections::HashSet;
use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use kordon_adapters::trembita::rest::MemberRequest;
use kordon_adapters::trembita::shapes::Shapes;
use kordon_adapters::trembita::soap::faults::Dialect;
use kordon_adapters::trembita::soap::{Limits, wsdl};
use kordon_hub::evidence::Exchange;
use kordon_hub::parties::Member;
use kordon_hub::{Error, Result};

pub use asking::Asking;
pub use settings::TrembitaSettings;

use crate::Hub;
use crate::problem::Failure;
use crate::rights::{PeerCertificate, meet};
use crate::signatures::Signatures;
use metaservices::Described;
use services::Provided;

/// Where SOAP is spoken.
pub const SOAP_ADDRESS: &str = "/trembita/soap";

/// Where the certificates stand that exchanges are sealed with.
pub const CERTIFICATES_ADDRESS: &str = "/trembita/certificates";

/// Where its description stands.
pub const WSDL_ADDRESS: &str = "/trembita/wsdl";

/// The door of Trembita, ready to serve.
#[derive(Debug)]
pub struct Trembita {
    certificates: HashSet<String>,
    addresses: HashSet<IpAddr>,
    provider: Option<Member>,
    dialect: Dialect,
    limits: Limits,
    services: Vec<Provided>,
    shapes: Shapes,
    described: Described,
}

impl Trembita {
    /// The door as it is set, over the operations of the contract.
    ///
    /// # Errors
    /// [`Error::Internal`] when a setting can't be right, or the contract lacks an operation; the text says which.
    pub(crate) fn new(settings: &TrembitaSettings, contract: &utoipa::openapi::OpenApi) -> Result<Self> {
        let TrembitaSettings { certificates, addresses, provider, fault_codes } = settings;
        let provider = match provider {
            Some(provider) => Some(Member::parse(provider).ok_or_else(|| {
                Error::Internal("trembita.provider is INSTANCE/CLASS/CODE[/SUBSYSTEM]".into())
            })?),
            None => None,
        };
        let contract = serde_json::to_value(contract).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self {
            certificates: settings::fingerprints(certificates)?,
            addresses: addresses.iter().copied().collect(),
            provider,
            dialect: *fault_codes,
            limits: Limits::default(),
            services: services::provided(&contract)?,
            shapes: Shapes::of_contract(&contract),
            described: Described::of_contract(&contract),
        })
    }

    /// Whether any security server is trusted.
    fn is_open(&self) -> bool {
        !self.certificates.is_empty() || !self.addresses.is_empty()
    }

    /// Why nothing is taken, if exchanges could not be sealed for too long.
    fn behind(&self, request: &ServiceRequest) -> Option<String> {
        let is_open = self.is_open() || Signatures::of(request.request()).is_some();
        let hub = request.app_data::<web::Data<Hub>>().filter(|_| is_open)?;
        hub.exchanges.check(hub.clock.now()).err().map(|error| error.to_string())
    }

    /// Whether a request comes from a security server that is trusted: by the certificate of the connection, or by its other end.
    /// What a proxy says of the other end does not count.
    fn trusts(&self, request: &HttpRequest) -> bool {
        let certified = || {
            request
                .conn_data::<PeerCertificate>()
                .is_some_and(|PeerCertificate(peer)| self.certificates.contains(&peer.fingerprint))
        };
        let known =
            || request.peer_addr().is_some_and(|peer| self.addresses.contains(&peer.ip().to_canonical()));
        certified() || known()
    }
}

/// Whether a request comes from a security server that the hub trusts.
pub(crate) fn is_from_security_server(request: &HttpRequest) -> bool {
    request.app_data::<web::Data<Trembita>>().is_some_and(|trembita| trembita.trusts(request))
}

/// Stands between the frame and the routes: takes SOAP, and notes which member asks by REST.
///
/// # Errors
/// None of its own.
pub(crate) async fn door(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(trembita) = request.app_data::<web::Data<Trembita>>().cloned() else {
        return onward(request, next).await;
    };
    if request.path() == SOAP_ADDRESS {
        if let Some(text) = trembita.behind(&request) {
            return Ok(sealing::refused(&trembita, request, text));
        }
        sealing::keep_soap(&mut request);
        // In a box: no other request carries what it needs.
        return Box::pin(soap::answer(&trembita, request, next)).await;
    }
    let mut came_to = None;
    if request.path() == sealing::EVIDENCE_ADDRESS
        && let Some(own) = request.uri().query().and_then(sealing::of_contract)
    {
        came_to = Some(request.uri().clone());
        turn(&mut request, own);
    }
    let metaservice = metaservices::asked(request.uri().path());
    if !trembita.trusts(request.request()) {
        return elsewhere(&trembita, request, next, metaservice).await;
    }
    let asked = match asked(&request) {
        Ok(Some(asked)) => asked,
        Ok(None) => return elsewhere(&trembita, request, next, metaservice).await,
        Err(refused) => return Ok(request.into_response(refused.error_response())),
    };
    if let Some(text) = trembita.behind(&request) {
        return Ok(sealing::refused(&trembita, request, text));
    }
    let came_to = came_to.unwrap_or_else(|| request.uri().clone());
    if let Err(refused) = Box::pin(sealing::keep_rest(&mut request, &came_to)).await {
        return Ok(request.into_response(refused.error_response()));
    }
    let asked = without_parameters_of_uxp(&mut request, asked);
    let MemberRequest { client, id, user_id, issue, purpose, subject, echoed } = asked;
    let exchange = Exchange { member: client, id, asked_by: user_id, subject };
    request.extensions_mut().insert(Asking { exchange, purpose: purpose.or(issue) });
    // The hub's own log and limits go by the system; the connection's certificate is the security server's.
    request.headers_mut().remove("x-forwarded-for");
    let mut response = match metaservice {
        Some(metaservice) => metaservices::answer(&trembita, request, metaservice, true).await,
        None => onward(request, next).await?,
    };
    for (name, value) in echoed {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// A request that no member asks.
async fn elsewhere(
    trembita: &Trembita,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    metaservice: Option<(metaservices::Metaservice, Option<Member>)>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match metaservice {
        // Without a security server nobody asks as X-Road does, and the address is one that there is not.
        Some(metaservice) if trembita.is_open() => {
            Ok(metaservices::answer(trembita, request, metaservice, false).await)
        }
        Some(_) | None => onward(request, next).await,
    }
}

/// Hands a request to its route. Who asks is found out first, see [`meet`].
async fn onward(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    meet(request.request()).await;
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Who asks by REST, if a member does.
fn asked(request: &ServiceRequest) -> std::result::Result<Option<MemberRequest>, Failure> {
    let asked = MemberRequest::read(|name| request.headers().get_all(name).map(HeaderValue::as_bytes))
        .map_err(|fault| Failure::malformed(format!("header:{}", fault.header), fault.fault))?;
    let brings_token = || {
        request.headers().get_all(AUTHORIZATION).any(|value| {
            value.as_bytes().get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
        })
    };
    if asked.is_some() && brings_token() {
        return Err(Failure::malformed(
            "header:Authorization",
            "a member of Trembita brings no token beside",
        ));
    }
    Ok(asked)
}

/// Clients of UXP write the id of the message and the user into the query as well, where no operation of the contract knows them.
/// They are taken out of it; what a header says goes before.
fn without_parameters_of_uxp(request: &mut ServiceRequest, mut asked: MemberRequest) -> MemberRequest {
    let (mut kept, mut taken) = (Vec::new(), false);
    for parameter in request.query_string().split('&').filter(|parameter| !parameter.is_empty()) {
        let place = match parameter.split_once('=') {
            Some(("queryId", _)) => Some(&mut asked.id),
            Some(("userId", _)) => Some(&mut asked.user_id),
            Some(_) | None => None,
        };
        match place {
            Some(place) => {
                taken = true;
                if place.is_none() {
                    *place = value_of(parameter);
                }
            }
            None => kept.push(parameter),
        }
    }
    if taken {
        let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
        if let Ok(uri) = format!("{}{query}", request.uri().path()).parse::<Uri>() {
            turn(request, uri);
        }
    }
    asked
}

/// The value of a parameter of a query, decoded.
fn value_of(parameter: &str) -> Option<String> {
    let read = web::Query::<Vec<(String, String)>>::from_query(parameter).ok()?;
    read.into_inner().into_iter().next().map(|(_, value)| value)
}

/// Turns a request to another address.
fn turn(request: &mut ServiceRequest, uri: Uri) {
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
}

/// The certificates of the keys that exchanges are sealed with: the one that signs, those that signed before and have not ended, and
/// those that are to come.
pub(crate) async fn show_certificates(hub: web::Data<Hub>) -> std::result::Result<HttpResponse, Failure> {
    let pem = hub.sealing_keys.published_pem(hub.clock.now())?;
    Ok(HttpResponse::Ok().content_type("application/pem-certificate-chain").body(pem))
}

/// The description of the services, for those who register them at a security server.
pub(crate) async fn show_wsdl(
    request: HttpRequest,
    trembita: web::Data<Trembita>,
) -> std::result::Result<HttpResponse, Failure> {
    let connection = request.connection_info().clone();
    let endpoint = format!("{}://{}{SOAP_ADDRESS}", connection.scheme(), connection.host());
    let text = wsdl::wsdl(&endpoint, &trembita.shapes).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(text))
}
