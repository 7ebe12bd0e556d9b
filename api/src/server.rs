//! Listening: HTTP or HTTPS, client certificates, draining.

use std::any::Any;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use actix_tls::accept::openssl::TlsStream;
use actix_web::dev::{Extensions, ResourceDef, ServerHandle};
use actix_web::http::header::{ALLOW, HeaderValue, LOCATION};
use actix_web::middleware::{Condition, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError, web};
use kordon_adapters::verified_certificate;
use kordon_hub::{Error, Result};
use kordon_schemas::ProblemCode;
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslFiletype, SslMethod, SslVerifyMode};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::limits::{LimitSettings, Limits};
use crate::openapi::Contract;
use crate::polls::Polls;
use crate::problem::Failure;
use crate::rights::PeerCertificate;
use crate::signatures::{self as message_signatures, Signatures};
use crate::streams::{StreamSettings, Streams};
use crate::trembita::{self, CERTIFICATES_ADDRESS, Trembita, TrembitaSettings, WSDL_ADDRESS};
use crate::{Hub, Vitals, openapi, request, routes};

/// Where and how to listen.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// The address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Threads that serve requests.
    pub workers: usize,
    /// With it the hub speaks HTTPS only.
    pub tls: Option<TlsSettings>,
    /// How often one may ask.
    pub limits: LimitSettings,
    /// How much may be followed.
    pub streams: StreamSettings,
    /// Which security servers of Trembita are trusted.
    pub trembita: TrembitaSettings,
    /// Whose signatures are believed; without it none.
    pub signatures: Option<Arc<Signatures>>,
}

/// The hub's own key pair, and whose client certificates it accepts.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    /// The certificate chain, PEM, the hub's own certificate first.
    pub certificate: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
    /// The authorities whose client certificates are accepted, PEM. Without it none is asked for.
    pub client_ca: Option<PathBuf>,
}

/// A server that listens.
#[derive(Debug)]
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    /// The address for people.
    pub url: String,
    streams: web::Data<Streams>,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Takes no new work, finishes what was begun, then returns.
    ///
    /// # Errors
    /// When the server had failed.
    pub async fn drain(self) -> Result<()> {
        // Streams would never be finished.
        self.streams.close();
        self.handle.stop(true).await;
        let ended = self.task.await.map_err(|error| Error::Internal(error.to_string()))?;
        ended.map_err(|error| Error::Internal(error.to_string()))
    }
}

/// The contract: everything that the routes say of themselves, with an example of each message.
///
/// # Errors
/// Never for a contract whose tests pass.
pub fn contract() -> Result<utoipa::openapi::OpenApi> {
    let app = App::new().into_utoipa_app().openapi(Contract::openapi()).configure(routes::configure);
    let (_, mut contract) = app.split_for_parts();
    openapi::complete(&mut contract)?;
    Ok(contract)
}

/// The contract as it is checked in and served.
///
/// # Errors
/// As [`contract`].
pub fn contract_json() -> Result<String> {
    let text = contract()?.to_pretty_json().map_err(|error| Error::Internal(error.to_string()))?;
    Ok(text + "\n")
}

/// Starts to listen. Call it within a tokio runtime.
///
/// # Errors
/// [`Error::Internal`] when the address is taken or the TLS files cannot be used; the text says which.
pub fn start(hub: Hub, settings: &ServerSettings) -> Result<Running> {
    let Hub { database, clock, metrics, .. } = &hub;
    let stamps = hub.exchanges.stamps();
    let vitals =
        Vitals { database: database.clone(), clock: clock.clone(), metrics: metrics.clone(), stamps };
    listen(Some(hub), vitals, settings)
}

/// Starts to listen for those who watch a process that plays no door: health and metrics, and nothing else.
///
/// # Errors
/// As [`start`].
pub fn watch(vitals: Vitals, settings: &ServerSettings) -> Result<Running> {
    listen(None, vitals, settings)
}

fn listen(hub: Option<Hub>, vitals: Vitals, settings: &ServerSettings) -> Result<Running> {
    let is_door = hub.is_some();
    let contract = web::Data::new(if is_door { ContractPage::new()? } else { ContractPage::none() });
    let vitals = web::Data::new(vitals);
    let limits = web::Data::new(Limits::new(settings.limits));
    let streams = web::Data::new(Streams::new(settings.streams));
    let trembita = web::Data::new(Trembita::new(&settings.trembita, &self::contract()?)?);
    let signatures = settings.signatures.clone().map(web::Data::from);
    let of_server = streams.clone();
    let server = HttpServer::new(move || {
        let app = App::new()
            // The frame is outermost.
            .wrap(from_fn(trembita::door))
            .wrap(Condition::new(signatures.is_some(), from_fn(message_signatures::http::door)))
            .wrap(from_fn(request::frame))
            .app_data(vitals.clone())
            .app_data(contract.clone())
            .app_data(limits.clone())
            .app_data(of_server.clone())
            .app_data(trembita.clone())
            .app_data(web::Data::new(Polls::default()));
        let app = match &hub {
            Some(hub) => app.app_data(web::Data::new(hub.on_this_thread())),
            None => app,
        };
        let app = match &signatures {
            Some(signatures) => app.app_data(signatures.clone()),
            None => app,
        };
        let routes: fn(&mut ServiceConfig<'_>) = if is_door { routes::configure } else { routes::of_vitals };
        let pages: fn(&mut web::ServiceConfig) = if is_door { of_door } else { |_| () };
        app.into_utoipa_app().configure(routes).into_app().configure(pages).default_service(web::to(unknown))
    })
    .workers(settings.workers)
    .on_connect(note_certificate)
    .shutdown_timeout(20)
    .disable_signals();
    let refused =
        |error: std::io::Error| Error::Internal(format!("cannot listen on {}: {error}", settings.listen));
    let (server, scheme) = match &settings.tls {
        Some(tls) => (server.bind_openssl(settings.listen, acceptor(tls)?).map_err(refused)?, "https"),
        None => (server.bind(settings.listen).map_err(refused)?, "http"),
    };
    let address = server
        .addrs()
        .first()
        .copied()
        .ok_or_else(|| Error::Internal("the server listens nowhere".into()))?;
    let server = server.run();
    let handle = server.handle();
    let url = format!("{scheme}://{address}");
    Ok(Running { address, url, streams, handle, task: tokio::spawn(server) })
}

/// The pages beside the operations.
fn of_door(config: &mut web::ServiceConfig) {
    config
        .route("/openapi.json", web::get().to(show_contract))
        .route("/docs", web::get().to(to_docs))
        .route(WSDL_ADDRESS, web::get().to(trembita::show_wsdl))
        .route(CERTIFICATES_ADDRESS, web::get().to(trembita::show_certificates))
        .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")));
}

fn acceptor(tls: &TlsSettings) -> Result<SslAcceptorBuilder> {
    let unusable = |what: &str, path: &PathBuf, error: openssl::error::ErrorStack| {
        Error::Internal(format!("the {what} {} cannot be used: {error}", path.display()))
    };
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())
        .map_err(|error| Error::Internal(error.to_string()))?;
    let TlsSettings { certificate, key, client_ca } = tls;
    acceptor
        .set_certificate_chain_file(certificate)
        .map_err(|error| unusable("certificate", certificate, error))?;
    acceptor
        .set_private_key_file(key, SslFiletype::PEM)
        .map_err(|error| unusable("private key", key, error))?;
    if let Some(client_ca) = client_ca {
        acceptor
            .set_ca_file(client_ca)
            .map_err(|error| unusable("authority of client certificates", client_ca, error))?;
        // Asked for, not demanded: a client may bring a token instead. A certificate that does not verify
        // ends the handshake.
        acceptor.set_verify(SslVerifyMode::PEER);
        acceptor.set_session_id_context(b"kordon").map_err(|error| Error::Internal(error.to_string()))?;
    }
    Ok(acceptor)
}

/// Keeps the client certificate of a connection, once a connection: reading it costs as much as ten requests.
fn note_certificate(connection: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else { return };
    if let Some(certificate) = stream.ssl().peer_certificate()
        && let Ok(verified) = verified_certificate::of(&certificate)
    {
        extensions.insert(PeerCertificate(verified));
    }
}

/// The contract, written once, and the methods that each address knows.
struct ContractPage {
    text: String,
    addresses: Vec<(ResourceDef, String)>,
}

/// What the hub shows beside the operations of the contract.
const PAGES: [&str; 5] = ["/openapi.json", "/docs", "/docs/{page:.*}", WSDL_ADDRESS, CERTIFICATES_ADDRESS];

impl ContractPage {
    /// No operations, and no page of them.
    const fn none() -> Self {
        Self { text: String::new(), addresses: Vec::new() }
    }

    fn new() -> Result<Self> {
        let of_contract = contract()?.paths.paths;
        let addresses = of_contract
            .iter()
            .map(|(address, item)| {
                let methods = [
                    ("GET", item.get.is_some()),
                    ("POST", item.post.is_some()),
                    ("PUT", item.put.is_some()),
                    ("PATCH", item.patch.is_some()),
                    ("DELETE", item.delete.is_some()),
                ];
                let known: Vec<&str> =
                    methods.iter().filter(|(_, known)| *known).map(|(method, _)| *method).collect();
                (ResourceDef::new(address.as_str()), known.join(", "))
            })
            .chain(PAGES.map(|address| (ResourceDef::new(address), "GET".to_owned())))
            .collect();
        Ok(Self { text: contract_json()?, addresses })
    }
}

async fn show_contract(page: web::Data<ContractPage>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(page.text.clone())
}

async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, HeaderValue::from_static("/docs/"))).finish()
}

/// An address that no route takes: it is unknown, or it is known and the method is not.
async fn unknown(request: HttpRequest, page: web::Data<ContractPage>) -> HttpResponse {
    let path = request.path();
    let known = page.addresses.iter().find(|(address, _)| address.is_match(path));
    let Some((_, methods)) = known else {
        return Failure::new(ProblemCode::NotFound, "there is nothing at this address").error_response();
    };
    let detail = format!("this address knows {methods}");
    let mut response = Failure::new(ProblemCode::MethodNotAllowed, detail).error_response();
    if let Ok(methods) = HeaderValue::from_str(methods) {
        response.headers_mut().insert(ALLOW, methods);
    }
    response
}
