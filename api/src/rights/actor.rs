//! Who is asking: a bearer token, or a client certificate that the TLS layer has verified.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use kordon_hub::parties::authentication::VerifiedCertificate;
use kordon_hub::parties::{Actor, Token};
use kordon_schemas::ProblemCode;

use crate::Hub;
use crate::problem::{Failure, Result};
use crate::request::RequestFrame;

/// The client certificate of a connection, verified against the configured authorities.
#[derive(Debug, Clone)]
pub struct PeerCertificate(pub VerifiedCertificate);

/// The actor behind a request. A token, when one is sent, decides alone: a client that sends a bad token is not let in by its
/// certificate.
///
/// # Errors
/// [`ProblemCode::Unauthenticated`] without a valid credential.
pub async fn authenticate(request: &HttpRequest, hub: &Hub) -> Result<Arc<Actor>> {
    let now = hub.clock.now();
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let actor = match (headers.next(), headers.next()) {
        (Some(header), None) => {
            let token = header.to_str().ok().and_then(bearer).and_then(Token::parse);
            match token {
                Some(token) => hub.authentication.by_token(&token, now).await?,
                None => None,
            }
        }
        (Some(_), Some(_)) => None,
        (None, _) => match request.conn_data::<PeerCertificate>() {
            Some(PeerCertificate(certificate)) => hub.authentication.by_certificate(certificate, now).await?,
            None => None,
        },
    };
    let actor = actor.ok_or_else(|| {
        Failure::new(
            ProblemCode::Unauthenticated,
            "no valid bearer token and no bound client certificate was sent",
        )
    })?;
    RequestFrame::of(request).note_system(actor.system);
    Ok(actor)
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
