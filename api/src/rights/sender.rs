//! Who hands in a document. A document can be signed itself, so a system that signs its messages is taken
//! here at its token or certificate and at the signature of the document together; that the signature is
//! there and is its own is asked for by [`Sender::check`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use kordon_adapters::trembita::security::{Reason, Refusal};
use kordon_hub::parties::{Actor, SignaturePolicy};
use kordon_schemas::ProblemCode;

use super::actor::{Credential, unauthenticated};
use super::permissions::{ExchangeDocuments, Permission};
use super::{Granted, granted};
use crate::limits;
use crate::problem::{Failure, Result};
use crate::request::RequestFrame;

/// The system that hands in a document, with the right to do so.
#[derive(Debug)]
pub struct Sender {
    /// Who, by whatever else than the document it proves itself with.
    pub granted: Granted<ExchangeDocuments>,
    policy: SignaturePolicy,
    /// Whether the message around the document was signed, or came through a security server.
    is_vouched_for: bool,
}

impl Sender {
    async fn of(request: HttpRequest) -> Result<Self> {
        let hub = granted::hub(&request)?;
        let credential = Credential::of(&request);
        let found = match &credential {
            Some(credential) => credential.sender(&hub).await?,
            None => None,
        };
        let Some((actor, policy)) = found else { return Err(unauthenticated(&request, &hub)) };
        RequestFrame::of(&request).note_system(actor.system);
        limits::count_system(&request, actor.system, hub.clock.now())?;
        if !ExchangeDocuments::ROLES.contains(&actor.role) {
            let detail = format!("the role {} does not do this", actor.role);
            return Err(Failure::new(ProblemCode::Forbidden, detail));
        }
        let is_vouched_for = matches!(credential, Some(Credential::Signature(_) | Credential::Member(_)));
        Ok(Self { granted: Granted::to_one_who_may(actor), policy, is_vouched_for })
    }

    /// Checks whose signature a document brings: `signer` is the system behind it, none if the document is
    /// not signed, or signed by nobody that the hub knows.
    ///
    /// # Errors
    /// Where the policy of the system asks for a signature that is not there, or the signature is not its
    /// own.
    pub fn check(&self, is_signed: bool, signer: Option<&Arc<Actor>>) -> Result<(), Refusal> {
        let own = self.granted.actor.system;
        match (is_signed, signer) {
            (false, _) if self.policy == SignaturePolicy::Required && !self.is_vouched_for => {
                Err(Refusal::new(
                    Reason::Missing,
                    "this system signs what it sends, and neither the document nor the message around it is signed",
                ))
            }
            (false, _) => Ok(()),
            (true, Some(signer)) if signer.system == own => Ok(()),
            (true, Some(signer)) => {
                let cause = format!("the certificate is bound to the system {}, not to {own}", signer.system);
                Err(Refusal::new(Reason::Unbound, cause))
            }
            (true, None) => {
                Err(Refusal::new(Reason::Unbound, "the certificate is bound to no system that signs"))
            }
        }
    }
}

impl FromRequest for Sender {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(Self::of(request.clone()))
    }
}
