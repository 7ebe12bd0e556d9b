//! The metaservices by REST (X-Road's service metadata protocol for REST): which services there are, which of
//! their endpoints the asker may use, and how they are described. Those by SOAP are in `soap`.
//!
//! They stand where X-Road asks a member's services, `/r1/INSTANCE/CLASS/CODE/SUBSYSTEM/listMethods`, and
//! below the contract, where a security server gets when its service is registered with `/api/v1`.

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use kordon_adapters::trembita::escaped;
use kordon_adapters::trembita::soap::faults::{FaultCode, Origin, Refusal};
use kordon_adapters::trembita::soap::metaservices::ENDPOINT;
use kordon_hub::parties::member::decoded;
use kordon_hub::parties::{Member, Role};
use serde_json::{Map, Value, json};

use super::Trembita;
use crate::Hub;
use crate::request::{CountedAs, RequestFrame};
use crate::rights::authenticate;

/// The code of the one service that the contract is.
pub(super) const SERVICE: &str = "api";

/// Where the service begins.
const BASE: &str = "/api/v1";

/// A metaservice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metaservice {
    ListMethods,
    AllowedMethods,
    GetOpenApi,
}

impl Metaservice {
    fn of(code: &str) -> Option<Self> {
        match code {
            "listMethods" => Some(Self::ListMethods),
            "allowedMethods" => Some(Self::AllowedMethods),
            "getOpenAPI" => Some(Self::GetOpenApi),
            _ => None,
        }
    }
}

/// What the contract says of the service that it is.
#[derive(Debug)]
pub(super) struct Described {
    endpoints: Vec<Endpoint>,
    document: String,
}

/// One act of the service.
#[derive(Debug)]
struct Endpoint {
    method: String,
    /// Its path below the service, with a star for each parameter.
    path: String,
    /// Who may; nobody named: everyone may.
    roles: Vec<String>,
}

impl Described {
    /// Reads the contract. What does not stand below the service is no part of it.
    pub(super) fn of_contract(contract: &Value) -> Self {
        let mut document = contract.clone();
        let mut endpoints = Vec::new();
        let mut below = Map::new();
        for (address, item) in contract["paths"].as_object().into_iter().flatten() {
            let Some(path) = address.strip_prefix(BASE).filter(|path| path.starts_with('/')) else {
                continue;
            };
            below.insert(path.to_owned(), item.clone());
            for (method, operation) in item.as_object().into_iter().flatten() {
                let roles = operation["x-roles"].as_array().into_iter().flatten();
                endpoints.push(Endpoint {
                    method: method.to_ascii_uppercase(),
                    path: with_stars(path),
                    roles: roles.filter_map(|role| role.as_str().map(str::to_owned)).collect(),
                });
            }
        }
        if let Some(document) = document.as_object_mut() {
            document.insert("paths".to_owned(), Value::Object(below));
            // The member asks its own server, never ours.
            document.insert("servers".to_owned(), json!([{ "url": ENDPOINT }]));
        }
        Self { endpoints, document: document.to_string() }
    }

    /// The list of services of a provider, with the endpoints that `is_shown`.
    fn listing(&self, provider: &Member, is_shown: impl Fn(&Endpoint) -> bool) -> String {
        let endpoints: Vec<Value> = self
            .endpoints
            .iter()
            .filter(|endpoint| is_shown(endpoint))
            .map(|Endpoint { method, path, roles: _ }| json!({ "method": method, "path": path }))
            .collect();
        let names = ["xroad_instance", "member_class", "member_code", "subsystem_code"];
        let mut service = Map::new();
        for (name, text) in
            [("object_type", "SERVICE"), ("service_type", "OPENAPI"), ("service_code", SERVICE)]
        {
            service.insert(name.to_owned(), Value::from(text));
        }
        for (name, part) in names.into_iter().zip(provider.parts()) {
            service.insert(name.to_owned(), Value::from(part.as_str()));
        }
        service.insert("endpoint_list".to_owned(), Value::Array(endpoints));
        json!({ "service": [service] }).to_string()
    }
}

impl Endpoint {
    fn is_for(&self, role: Role) -> bool {
        self.roles.is_empty() || self.roles.iter().any(|own| own == role.as_str())
    }
}

fn with_stars(path: &str) -> String {
    let starred = |part: &str| {
        if part.starts_with('{') && part.ends_with('}') { "*".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(starred).collect::<Vec<_>>().join("/")
}

/// The metaservice that an address asks for, and of whom if it says so.
pub(super) fn asked(path: &str) -> Option<(Metaservice, Option<Member>)> {
    if let Some(code) = path.strip_prefix(BASE).and_then(|below| below.strip_prefix('/')) {
        return Metaservice::of(code).map(|metaservice| (metaservice, None));
    }
    let (provider, code) = path.strip_prefix("/r1/")?.rsplit_once('/')?;
    Some((Metaservice::of(code)?, Some(Member::parse(provider)?)))
}

/// Answers a metaservice. `is_member`: the connection is trusted and names a client.
pub(super) async fn answer(
    trembita: &Trembita,
    request: ServiceRequest,
    (metaservice, provider): (Metaservice, Option<Member>),
    is_member: bool,
) -> ServiceResponse {
    let http = request.request();
    let response = match told(trembita, http, metaservice, provider, is_member).await {
        Ok(body) => HttpResponse::Ok().content_type("application/json").body(body),
        Err((origin, refusal)) => fault(trembita, http, origin, &refusal),
    };
    request.into_response(response)
}

type Refused = (Origin, Refusal);

async fn told(
    trembita: &Trembita,
    http: &HttpRequest,
    metaservice: Metaservice,
    provider: Option<Member>,
    is_member: bool,
) -> Result<String, Refused> {
    let by_provider = |code, text: &str| (Origin::ServerProxy, Refusal::new(code, text));
    let malformed = |text: &str| (Origin::Client, Refusal::new(FaultCode::BadRequest, text));
    if !is_member {
        if trembita.trusts(http) {
            return Err(malformed("neither X-Road-Client nor Uxp-Client is there"));
        }
        let text = "this connection does not come from a security server that the hub trusts";
        return Err(by_provider(FaultCode::AccessDenied, text));
    }
    if ![Method::GET, Method::HEAD].contains(http.method()) {
        return Err(malformed("a metaservice is asked with GET"));
    }
    let provider =
        provider.or_else(|| named(http.headers())).or_else(|| trembita.provider.clone()).ok_or_else(
            || malformed("neither the address nor X-Road-Service nor Uxp-Service names the provider"),
        )?;
    if trembita.provider.as_ref().is_some_and(|own| *own != provider) {
        return Err(by_provider(FaultCode::UnknownMember, &format!("{provider} is not provided here")));
    }
    let described = &trembita.described;
    match metaservice {
        Metaservice::ListMethods => Ok(described.listing(&provider, |_| true)),
        Metaservice::AllowedMethods => {
            let hub = http.app_data::<web::Data<Hub>>();
            let hub = hub.ok_or_else(|| by_provider(FaultCode::InternalError, "the hub is not ready"))?;
            let actor = authenticate(http, hub)
                .await
                .map_err(|failure| by_provider(FaultCode::AccessDenied, &failure.0.detail))?;
            Ok(described.listing(&provider, |endpoint| endpoint.is_for(actor.role)))
        }
        Metaservice::GetOpenApi => {
            let codes = http.query_string().split('&').filter_map(|one| one.strip_prefix("serviceCode="));
            match codes.collect::<Vec<_>>().as_slice() {
                [code] if decoded(code).as_deref() == Some(SERVICE) => Ok(described.document.clone()),
                [code] => {
                    Err(by_provider(FaultCode::UnknownService, &format!("there is no service {code:?}")))
                }
                _ => Err(malformed("serviceCode stands once in the query")),
            }
        }
    }
}

/// The provider, as the header that names the service says it.
fn named(headers: &HeaderMap) -> Option<Member> {
    let service =
        ["x-road-service", "uxp-service"].into_iter().find_map(|name| headers.get(name))?.to_str().ok()?;
    let provider: Vec<&str> = service.split('/').take(4).collect();
    Member::parse(&provider.join("/"))
}

/// A fault in the protocol's own words: JSON, or XML where that is asked for. 400 where the question is
/// wrong, else 500.
fn fault(trembita: &Trembita, http: &HttpRequest, origin: Origin, refusal: &Refusal) -> HttpResponse {
    let code = refusal.full_code(origin, trembita.dialect);
    let id = RequestFrame::of(http).id().to_string();
    let (status, counted) = match (origin, &refusal.code) {
        (Origin::Client, _) => (StatusCode::BAD_REQUEST, 400),
        (_, FaultCode::AccessDenied) => (StatusCode::INTERNAL_SERVER_ERROR, 403),
        (_, FaultCode::UnknownService | FaultCode::UnknownMember) => (StatusCode::INTERNAL_SERVER_ERROR, 404),
        (_, _) => (StatusCode::INTERNAL_SERVER_ERROR, 500),
    };
    let accepted = http.headers().get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    let first = accepted.split([',', ';']).next().unwrap_or_default().trim();
    let (media_type, body) = if ["text/xml", "application/xml", "text/*"].contains(&first) {
        let media_type = if first == "text/*" { "text/xml" } else { first };
        let body = format!(
            "<error><type>{}</type><message>{}</message><detail>{id}</detail></error>",
            escaped(&code),
            escaped(&refusal.text)
        );
        (format!("{media_type};charset=utf-8"), body)
    } else {
        let body = json!({ "type": code, "message": refusal.text, "detail": id }).to_string();
        ("application/json;charset=utf-8".to_owned(), body)
    };
    let mut response = HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header(("X-Road-Error", code))
        .body(body);
    response.extensions_mut().insert(CountedAs(counted));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metaservice_is_asked_where_xroad_asks_it_and_below_the_contract() {
        let of = |path: &str| asked(path).map(|(metaservice, of)| (metaservice, of.map(|of| of.to_string())));
        let provider = "SEVDEIR-TEST/GOV/20000090/KORDON_prod";
        assert_eq!(
            of(&format!("/r1/{provider}/listMethods")),
            Some((Metaservice::ListMethods, Some(provider.into())))
        );
        assert_eq!(of("/api/v1/allowedMethods"), Some((Metaservice::AllowedMethods, None)));
        assert_eq!(of("/api/v1/getOpenAPI"), Some((Metaservice::GetOpenApi, None)));
        for other in [
            "/api/v1/checkpoints",
            "/r1/listMethods",
            "/r1/A/B/listMethods",
            "/r1/A/B/C/D/E/listMethods",
            "/listMethods",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn a_parameter_is_a_star() {
        assert_eq!(with_stars("/checkpoints/{checkpoint}/queue"), "/checkpoints/*/queue");
    }
}
