//! `/api/v1/exchange/documents`: the door for systems that work in batches and in XML alone. What a document
//! asks for is judged by the rights and rules of the operation that it is, and what becomes of it is told by
//! a signed document.

pub(crate) mod acknowledgement;
pub(crate) mod inbox;
pub(crate) mod send;
pub(crate) mod show;
mod signature;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use kordon_adapters::trembita::security::enveloped;
use kordon_hub::exchange::{self, Kept};
use kordon_hub::parties::SystemId;
use kordon_hub::{Error, Result};
use kordon_schemas::ToXml;

use crate::Hub;
use crate::answer::Form;
use crate::signatures::{Signatures, beside};

/// A document of the hub, signed if a key can sign now.
async fn written(request: &HttpRequest, hub: &Hub, document: &impl ToXml) -> Result<Vec<u8>> {
    let bytes = document.to_xml();
    let now = hub.clock.now();
    let signatures = Signatures::of(request);
    let key = match &signatures {
        Some(signatures) => signatures.key(now),
        None => hub.sealing_keys.signing(now).cloned(),
    };
    let Ok(key) = key else {
        tracing::warn!("no key can sign now: a document goes out without a signature");
        return Ok(bytes);
    };
    let text = String::from_utf8(bytes).map_err(|error| Error::Internal(error.to_string()))?;
    let signed = beside::sign(move || enveloped::sign(&text, &*key, now)).await?;
    Ok(signed.into_bytes())
}

/// The acknowledgement of a document that is recorded. The first that was written is the one that everybody gets.
async fn acknowledged(
    request: &HttpRequest,
    hub: &Hub,
    system: SystemId,
    id: &str,
    kept: Kept,
    status: StatusCode,
) -> Result<HttpResponse> {
    let body = match kept.written {
        Some(written) => written,
        None => {
            let bytes = written(request, hub, &kept.acknowledgement).await?;
            let mut connection = hub.database.connection().await?;
            exchange::keep_writing(&mut connection, system, id, &bytes).await?
        }
    };
    Ok(Form::Xml.answer_written(status, body.into()))
}
