//! Who is asking, by what proves it: the signature of the message, a member of Trembita as a trusted security
//! server tells it, a bearer token, or a client certificate that the TLS layer has verified.

use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, web};
use kordon_hub::parties::SystemId;
use kordon_hub::parties::authentication::VerifiedCertificate;
use kordon_hub::parties::{Actor, Member, SignaturePolicy, Token};
use kordon_schemas::ProblemCode;

use crate::Hub;
use crate::limits;
use crate::problem::{Failure, Result};
use crate::request::RequestFrame;
use crate::signatures::{SignedBy, brings_signature};
use crate::trembita::{Asking, is_from_security_server};

/// The client certificate of a connection, verified against the configured authorities.
#[derive(Debug, Clone)]
pub struct PeerCertificate(pub VerifiedCertificate);

/// What a request proves its sender with. A signature of the message itself, where it was verified, goes
/// before all else. A member of Trembita is told by a security server that the hub trusts, and then nothing
/// else counts. A token, when one is sent, decides alone: a client that sends a bad token is not let in by
/// its certificate.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A bearer token.
    Token(Token),
    /// A client certificate.
    Certificate(VerifiedCertificate),
    /// A member of Trembita.
    Member(Member),
    /// The certificate of the message's signature.
    Signature(VerifiedCertificate),
}

impl Credential {
    /// The credential of a request, if it has one of the right form.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Option<Self> {
        if let Some(SignedBy(certificate)) = SignedBy::of(request) {
            return Some(Self::Signature(certificate));
        }
        if let Some(asking) = Asking::of(request) {
            return Some(Self::Member(asking.exchange.member));
        }
        let mut headers = request.headers().get_all(AUTHORIZATION);
        match (headers.next(), headers.next()) {
            (Some(header), None) => {
                header.to_str().ok().and_then(bearer).and_then(Token::parse).map(Self::Token)
            }
            (Some(_), Some(_)) => None,
            (None, _) => request
                .conn_data::<PeerCertificate>()
                .map(|PeerCertificate(certificate)| Self::Certificate(certificate.clone())),
        }
    }

    /// The actor behind it, as long as it is good.
    ///
    /// # Errors
    /// When the database is away and the answer is not remembered.
    pub async fn actor(&self, hub: &Hub) -> kordon_hub::Result<Option<Arc<Actor>>> {
        let now = hub.clock.now();
        match self {
            Self::Token(token) => hub.authentication.by_token(token, now).await,
            Self::Certificate(certificate) => hub.authentication.by_certificate(certificate, now).await,
            Self::Signature(certificate) => hub.authentication.by_signature(certificate, now).await,
            Self::Member(member) => hub.authentication.by_member(member, now).await,
        }
    }

    /// The actor behind it, as long as it is good, with whether it signs: also of a system that is taken at
    /// its signature alone, for a message whose signature is judged afterwards.
    ///
    /// # Errors
    /// As [`Self::actor`].
    pub(super) async fn sender(
        &self,
        hub: &Hub,
    ) -> kordon_hub::Result<Option<(Arc<Actor>, SignaturePolicy)>> {
        let now = hub.clock.now();
        match self {
            Self::Token(token) => hub.authentication.sender_by_token(token, now).await,
            Self::Certificate(certificate) | Self::Signature(certificate) => {
                hub.authentication.sender_by_certificate(certificate, now).await
            }
            Self::Member(member) => hub.authentication.sender_by_member(member, now).await,
        }
    }
}

/// Whether a request brings anything that could be a system's credential. One that brings nothing is a
/// stranger's, and counted as such before it is looked at.
#[must_use]
pub fn brings_credential(request: &HttpRequest) -> bool {
    let is_bearer = |header: &HeaderValue| {
        header.as_bytes().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
    };
    request
        .headers()
        .get(AUTHORIZATION)
        .map_or_else(|| request.conn_data::<PeerCertificate>().is_some(), is_bearer)
        || is_from_security_server(request)
        || brings_signature(request)
}

/// Who stands behind a request's credential, when that was found out before its handler was reached.
#[derive(Clone)]
struct Met(Option<Arc<Actor>>);

/// Finds out who asks before anything else of a request is looked at. What a handler needs is read side by
/// side, and the first to fail answers: with the actor known, that is the right, so that whoever has none
/// hears of nothing else. At addresses where nobody is counted nobody is looked up either: made-up tokens
/// would cost the database a question each, without a limit.
pub(crate) async fn meet(request: &HttpRequest) {
    if limits::is_uncounted(request) {
        return;
    }
    let Some(hub) = request.app_data::<web::Data<Hub>>() else { return };
    let Some(credential) = Credential::of(request) else { return };
    // When the database is away, the handler's own question says so.
    if let Ok(actor) = credential.actor(hub).await {
        request.extensions_mut().insert(Met(actor));
    }
}

/// The system that was found behind a request's credential before its handler was reached.
pub(crate) fn met(request: &HttpRequest) -> Option<SystemId> {
    let extensions = request.extensions();
    extensions.get::<Met>().and_then(|Met(actor)| actor.as_ref()).map(|actor| actor.system)
}

/// The actor behind a request.
///
/// # Errors
/// [`ProblemCode::Unauthenticated`] without a valid credential; [`ProblemCode::TooManyRequests`] when the
/// system, or the address from which bad credentials come, asks too often.
pub async fn authenticate(request: &HttpRequest, hub: &Hub) -> Result<Arc<Actor>> {
    let met = request.extensions().get::<Met>().cloned();
    let actor = match met {
        Some(Met(actor)) => actor,
        None => match Credential::of(request) {
            Some(credential) => credential.actor(hub).await?,
            None => None,
        },
    };
    let Some(actor) = actor else { return Err(unauthenticated(request, hub)) };
    RequestFrame::of(request).note_system(actor.system);
    limits::count_system(request, actor.system, hub.clock.now())?;
    Ok(actor)
}

/// What somebody is told behind whom no system was found. It is counted.
pub(super) fn unauthenticated(request: &HttpRequest, hub: &Hub) -> Failure {
    if let Err(too_often) = limits::count_unknown(request, hub.clock.now()) {
        return too_often;
    }
    let detail = match Asking::of(request) {
        Some(asking) => {
            format!("the member {} is bound to no system of this hub", asking.exchange.member)
        }
        None => "no valid bearer token and no bound client certificate was sent".to_owned(),
    };
    Failure::new(ProblemCode::Unauthenticated, detail)
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
