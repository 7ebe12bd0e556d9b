//! Messages of SOAP that are signed by those who ask: taken at their signature, and answered signed.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use chrono::{DateTime, Utc};
use kordon_adapters::trembita::security;
use kordon_adapters::trembita::soap::message::Tree;
use kordon_hub::parties::Member;
use kordon_hub::{Error, Result};

use super::Trembita;
use super::soap::Refused;
use crate::Hub;
use crate::request::RequestFrame;
use crate::signatures::{NotTaken, Signatures, Taken, Way, beside, note_refusal};

/// How the answer to a signed message is signed.
pub(super) struct Signing {
    signatures: web::Data<Signatures>,
    signed: Arc<security::Signed>,
    now: DateTime<Utc>,
}

impl Signing {
    /// Takes the message with that tree at its signature. `member` is whom it names as its client.
    pub(super) async fn of(
        trembita: &Trembita,
        signatures: web::Data<Signatures>,
        hub: &Hub,
        http: &HttpRequest,
        tree: &Tree<'_>,
        member: &Member,
    ) -> std::result::Result<Self, Refused> {
        let now = hub.clock.now();
        let taking = async {
            let Signatures { authorities, window, hosts: _, keys: _ } = &**signatures;
            let signed = security::verify(tree.root_element(), authorities, window, &trembita.limits, now)?;
            let security::Signed { signer, created, digest, .. } = &signed;
            let taken = Taken { signer, created: *created, digest, is_of: Some(member) };
            let actor = signatures.take(hub, http, &taken).await?;
            RequestFrame::of(http).note_system(actor.system);
            Ok(signed)
        };
        match taking.await {
            Ok(signed) => {
                hub.metrics.count_signature(Way::Soap, "taken");
                Ok(Self { signatures, signed: Arc::new(signed), now })
            }
            Err(NotTaken::Failed(error)) => Err(error.into()),
            Err(NotTaken::Refused(refusal)) => {
                note_refusal(hub, http, Way::Soap, &refusal).map_err(Refused::TooOften)?;
                Err(Refused::Signature(refusal))
            }
        }
    }

    /// Signs an envelope that answers the message.
    pub(super) async fn sign(&self, envelope: String) -> Result<String, Error> {
        let Self { signatures, signed, now } = self;
        let (key, signed, now) = (signatures.key(*now)?, Arc::clone(signed), *now);
        beside::sign(move || security::sign::answer(&envelope, &*key, &signed, now)).await
    }
}
