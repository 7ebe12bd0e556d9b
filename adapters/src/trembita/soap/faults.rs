//! Codes of faults in both spellings, and faults read and written.
//!
//! Until 7.7 X-Road wrote `Client.MissingHeader`, from 7.8 on it writes `client.missing_header`. Which of the
//! two a hub answers is a setting; both are understood.

use std::fmt::{self, Write};

use roxmltree::Node;
use serde::Deserialize;

use crate::trembita::xml::{elements, escaped, text_of};

/// How codes are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// `Client.MissingHeader`: X-Road until 7.7, UXP.
    #[default]
    Camel,
    /// `client.missing_header`: X-Road from 7.8 on.
    Snake,
}

/// Who is at fault, said before the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Whoever sent the request.
    Client,
    /// The client's security server.
    ClientProxy,
    /// The provider's security server.
    ServerProxy,
    /// The provider's information system, as its own security server says it.
    Service,
    /// The provider's information system, as the client's security server says it.
    ServiceSeenByClient,
}

impl Origin {
    /// Everyone who may be at fault, those with longer words first.
    const ALL: [Self; 5] =
        [Self::Service, Self::ServiceSeenByClient, Self::ClientProxy, Self::ServerProxy, Self::Client];

    /// The words before the code.
    #[must_use]
    pub fn prefix(self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            (Self::Client, Dialect::Camel) => "Client",
            (Self::Client, Dialect::Snake) => "client",
            (Self::ClientProxy, Dialect::Camel) => "Server.ClientProxy",
            (Self::ClientProxy, Dialect::Snake) => "server.clientproxy",
            (Self::ServerProxy, Dialect::Camel) => "Server.ServerProxy",
            (Self::ServerProxy, Dialect::Snake) => "server.serverproxy",
            (Self::Service, Dialect::Camel) => "Server.ServerProxy.ServiceFailed",
            (Self::Service, Dialect::Snake) => "server.serverproxy.service_failed",
            (Self::ServiceSeenByClient, Dialect::Camel) => "Server.ClientProxy.ServiceFailed",
            (Self::ServiceSeenByClient, Dialect::Snake) => "server.clientproxy.service_failed",
        }
    }
}

/// What is wrong with a message or its exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultCode {
    /// The caller has no right to the service.
    AccessDenied,
    /// A request by REST that is not as the protocol has it.
    BadRequest,
    /// A header, or a part of an identifier, stands twice.
    DuplicateHeaderField,
    /// The service answered with an error of HTTP.
    HttpError,
    /// The headers contradict the body, or the answer the request.
    InconsistentHeaders,
    /// The answer belongs to another request.
    InconsistentResponse,
    /// The hub itself failed.
    InternalError,
    /// The Body does not hold exactly one element.
    InvalidBody,
    /// The name of a client that can't be read, or of nobody.
    InvalidClientIdentifier,
    /// A Content-Type that the protocol does not allow, or none.
    InvalidContentType,
    /// Not POST.
    InvalidHttpMethod,
    /// An exchange that cannot be taken apart, or is too large.
    InvalidMessage,
    /// Not version 4.
    InvalidProtocolVersion,
    /// The request of a metaservice that lacks something.
    InvalidRequest,
    /// No envelope of SOAP 1.1.
    InvalidSoap,
    /// An unquoted SOAPAction.
    InvalidSoapAction,
    /// Not well-formed, or not as the schema of the headers says.
    InvalidXml,
    /// The exchange between the servers broke.
    IoError,
    /// The server is being worked at.
    MaintenanceMode,
    /// No Body.
    MissingBody,
    /// No Header.
    MissingHeader,
    /// The exchange could not be recorded.
    LoggingFailed,
    /// A needed header is missing.
    MissingHeaderField,
    /// Between security servers: no signature.
    MissingSignature,
    /// Attachments without a message.
    MissingSoap,
    /// The other server was not reached.
    NetworkError,
    /// The server's knowledge of its instance is too old.
    OutdatedGlobalConf,
    /// The service is switched off.
    ServiceDisabled,
    /// A service of SOAP that is asked by REST, or the other way.
    ServiceType,
    /// The other end did not prove who it is.
    SslAuthenticationFailed,
    /// Exchanges could not be time-stamped for too long.
    TimestampingFailed,
    /// The service was not reached by that name.
    UnknownHost,
    /// No such member.
    UnknownMember,
    /// No such service.
    UnknownService,
    /// A fault that a peer raised, with its own code.
    Foreign(String),
}

/// Every code that has a name here.
const KNOWN: [FaultCode; 34] = [
    FaultCode::AccessDenied,
    FaultCode::BadRequest,
    FaultCode::DuplicateHeaderField,
    FaultCode::HttpError,
    FaultCode::InconsistentHeaders,
    FaultCode::InconsistentResponse,
    FaultCode::InternalError,
    FaultCode::InvalidBody,
    FaultCode::InvalidClientIdentifier,
    FaultCode::InvalidContentType,
    FaultCode::InvalidHttpMethod,
    FaultCode::InvalidMessage,
    FaultCode::InvalidProtocolVersion,
    FaultCode::InvalidRequest,
    FaultCode::InvalidSoap,
    FaultCode::InvalidSoapAction,
    FaultCode::InvalidXml,
    FaultCode::IoError,
    FaultCode::LoggingFailed,
    FaultCode::MaintenanceMode,
    FaultCode::MissingBody,
    FaultCode::MissingHeader,
    FaultCode::MissingHeaderField,
    FaultCode::MissingSignature,
    FaultCode::MissingSoap,
    FaultCode::NetworkError,
    FaultCode::OutdatedGlobalConf,
    FaultCode::ServiceDisabled,
    FaultCode::ServiceType,
    FaultCode::SslAuthenticationFailed,
    FaultCode::TimestampingFailed,
    FaultCode::UnknownHost,
    FaultCode::UnknownMember,
    FaultCode::UnknownService,
];

impl FaultCode {
    /// The code in a dialect.
    #[must_use]
    pub fn spelled(&self, dialect: Dialect) -> String {
        match (self.names(), self, dialect) {
            (Some((camel, _)), _, Dialect::Camel) => camel.to_owned(),
            (Some((_, snake)), _, Dialect::Snake) => snake.to_owned(),
            (None, Self::Foreign(code), Dialect::Snake) => code.to_lowercase(),
            (None, Self::Foreign(code), Dialect::Camel) => code.clone(),
            (None, _, _) => String::new(),
        }
    }

    /// Who is at fault and the code, of a whole code as a peer wrote it: `Client.MissingHeader`,
    /// `server.serverproxy.access_denied`, `SOAP-ENV:Server`. A code without a name here keeps its own.
    #[must_use]
    pub fn understood(written: &str) -> (Option<Origin>, Self) {
        // The prefix of a qualified name; codes themselves have no colon.
        let code = written.rsplit_once(':').map_or(written, |(_, own)| own).trim();
        for origin in Origin::ALL {
            for dialect in [Dialect::Camel, Dialect::Snake] {
                if let Some(own) =
                    code.strip_prefix(origin.prefix(dialect)).and_then(|rest| rest.strip_prefix('.'))
                {
                    return (Some(origin), Self::of(own));
                }
            }
        }
        (None, Self::of(code))
    }

    /// The code of a word in either spelling.
    fn of(word: &str) -> Self {
        let is_named =
            |code: &&Self| code.names().is_some_and(|(camel, snake)| word == camel || word == snake);
        KNOWN.iter().find(is_named).cloned().unwrap_or_else(|| Self::Foreign(word.to_owned()))
    }

    /// Its names in both spellings, unless it is a peer's own.
    const fn names(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::AccessDenied => ("AccessDenied", "access_denied"),
            Self::BadRequest => ("BadRequest", "bad_request"),
            Self::DuplicateHeaderField => ("DuplicateHeaderField", "duplicate_header_field"),
            Self::HttpError => ("HttpError", "http_error"),
            Self::InconsistentHeaders => ("InconsistentHeaders", "inconsistent_headers"),
            Self::InconsistentResponse => ("InconsistentResponse", "inconsistent_response"),
            Self::InternalError => ("InternalError", "internal_error"),
            Self::InvalidBody => ("InvalidBody", "invalid_body"),
            Self::InvalidClientIdentifier => ("InvalidClientIdentifier", "invalid_client_identifier"),
            Self::InvalidContentType => ("InvalidContentType", "invalid_content_type"),
            Self::InvalidHttpMethod => ("InvalidHttpMethod", "invalid_http_method"),
            Self::InvalidMessage => ("InvalidMessage", "invalid_message"),
            Self::InvalidProtocolVersion => ("InvalidProtocolVersion", "invalid_protocol_version"),
            Self::InvalidRequest => ("InvalidRequest", "invalid_request"),
            Self::InvalidSoap => ("InvalidSoap", "invalid_soap"),
            Self::InvalidSoapAction => ("InvalidSoapAction", "invalid_soap_action"),
            Self::InvalidXml => ("InvalidXml", "invalid_xml"),
            Self::IoError => ("IOError", "io_error"),
            Self::LoggingFailed => ("LoggingFailed", "logging_failed"),
            Self::MaintenanceMode => ("MaintenanceMode", "maintenance_mode"),
            Self::MissingBody => ("MissingBody", "missing_body"),
            Self::MissingHeader => ("MissingHeader", "missing_header"),
            Self::MissingHeaderField => ("MissingHeaderField", "missing_header_field"),
            Self::MissingSignature => ("MissingSignature", "missing_signature"),
            Self::MissingSoap => ("MissingSoap", "missing_soap"),
            Self::NetworkError => ("NetworkError", "network_error"),
            Self::OutdatedGlobalConf => ("OutdatedGlobalConf", "global_conf_outdated"),
            Self::ServiceDisabled => ("ServiceDisabled", "service_disabled"),
            Self::ServiceType => ("ServiceType", "service_type"),
            Self::SslAuthenticationFailed => ("SslAuthenticationFailed", "ssl_authentication_failed"),
            Self::TimestampingFailed => ("TimestampingFailed", "timestamping_failed"),
            Self::UnknownHost => ("UnknownHost", "unknown_host"),
            Self::UnknownMember => ("UnknownMember", "unknown_member"),
            Self::UnknownService => ("UnknownService", "unknown_service"),
            Self::Foreign(_) => return None,
        })
    }
}

/// Why a message is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code:?}: {text}")]
pub struct Refusal {
    /// The code.
    pub code: FaultCode,
    /// What is wrong, for whoever wrote the message.
    pub text: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: FaultCode, text: impl fmt::Display) -> Self {
        Self { code, text: text.to_string() }
    }

    /// The code with who is at fault before it: `Client.MissingHeader`.
    #[must_use]
    pub fn full_code(&self, origin: Origin, dialect: Dialect) -> String {
        format!("{}.{}", origin.prefix(dialect), self.code.spelled(dialect))
    }

    /// The fault as an envelope. `detail` is an id to look for in the log.
    #[must_use]
    pub fn envelope(&self, origin: Origin, dialect: Dialect, detail: &str) -> String {
        SoapFault {
            code: self.full_code(origin, dialect),
            string: self.text.clone(),
            actor: Some(String::new()),
            detail: Some(detail.to_owned()),
        }
        .envelope()
    }
}

/// A fault of SOAP 1.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapFault {
    /// Its code as it stands there, with prefix if it has one.
    pub code: String,
    /// What is wrong, in words.
    pub string: String,
    /// Who raised it.
    pub actor: Option<String>,
    /// All text of its detail, elements left out.
    pub detail: Option<String>,
}

impl SoapFault {
    /// Reads a fault; what it has not is empty.
    pub(super) fn read(fault: Node<'_, '_>) -> Self {
        let mut read = Self { code: String::new(), string: String::new(), actor: None, detail: None };
        for child in elements(fault) {
            match child.tag_name().name() {
                "faultcode" => read.code = text_of(child).unwrap_or_default().trim().to_owned(),
                "faultstring" => read.string = text_of(child).unwrap_or_default(),
                "faultactor" => read.actor = text_of(child),
                "detail" => {
                    let texts = child.descendants().filter(Node::is_text).filter_map(|node| node.text());
                    read.detail = Some(
                        texts.map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" "),
                    );
                }
                _ => {}
            }
        }
        read
    }

    /// The refusal of a fault where only a request may stand.
    #[must_use]
    pub fn as_request(&self) -> Refusal {
        Refusal::new(FaultCode::Foreign(self.code.clone()), self.string.clone())
    }

    /// The fault as an envelope of its own.
    #[must_use]
    pub fn envelope(&self) -> String {
        let Self { code, string, actor, detail } = self;
        let mut envelope = format!(
            concat!(
                r#"<?xml version="1.0" encoding="UTF-8"?>"#,
                r#"<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><SOAP-ENV:Fault>"#,
                "<faultcode>{}</faultcode><faultstring>{}</faultstring>"
            ),
            escaped(code),
            escaped(string)
        );
        if let Some(actor) = actor {
            let _ = write!(envelope, "<faultactor>{}</faultactor>", escaped(actor));
        }
        if let Some(detail) = detail {
            let _ = write!(envelope, "<detail><faultDetail>{}</faultDetail></detail>", escaped(detail));
        }
        envelope.push_str("</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>");
        envelope
    }
}
