//! The signature of a document: verified, and the sender's own.

use actix_web::HttpRequest;
use kordon_adapters::trembita::security::{Reason, Refusal, enveloped};
use kordon_hub::Error;
use kordon_hub::exchange::DocumentSignature;

use crate::Hub;
use crate::rights::Sender;
use crate::signatures::{Signatures, Way};

/// Why a document is not taken.
pub(super) enum Stopped {
    /// For its signature.
    Refused(Refusal),
    /// The hub can't tell now.
    Failed(Error),
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The signature over a document, if it is signed. The text is the one that is read.
pub(super) async fn judge(
    request: &HttpRequest,
    hub: &Hub,
    sender: &Sender,
    text: &str,
) -> Result<Option<DocumentSignature>, Stopped> {
    let judged = of(request, hub, sender, text).await;
    match &judged {
        Ok(Some(_)) => hub.metrics.count_signature(Way::Document, "taken"),
        Err(Stopped::Refused(refusal)) => {
            let reason = refusal.reason.as_str();
            tracing::info!(way = "document", reason, cause = refusal.cause, "a signed document was refused");
            hub.metrics.count_signature(Way::Document, reason);
        }
        Ok(None) | Err(Stopped::Failed(_)) => {}
    }
    judged
}

async fn of(
    request: &HttpRequest,
    hub: &Hub,
    sender: &Sender,
    text: &str,
) -> Result<Option<DocumentSignature>, Stopped> {
    let now = hub.clock.now();
    let Some(signatures) = Signatures::of(request) else {
        if enveloped::is_signed(text)? {
            let cause = "this hub is not set up to verify signatures: send the document without one";
            return Err(Refusal::new(Reason::Structure, cause).into());
        }
        sender.check(false, None)?;
        return Ok(None);
    };
    let signed = enveloped::verify(text, &signatures.authorities, &signatures.window, now)?;
    let Some(enveloped::Signed { signer, signed_at }) = signed else {
        sender.check(false, None)?;
        return Ok(None);
    };
    let certificate = &signer.verified;
    let actor = hub.authentication.by_signature(certificate, now).await?;
    sender.check(true, actor.as_ref())?;
    Ok(Some(DocumentSignature { certificate: certificate.fingerprint.clone(), signed_at }))
}
