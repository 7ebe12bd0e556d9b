//! `POST /api/v1/exchange/documents`.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, post, web};
use kordon_hub::checkpoints::operators;
use kordon_hub::crossings::{Fact, rules as facts};
use kordon_hub::exchange::{self, Act, DocumentSignature, Incoming, Kept, RefusedEvent, rules};
use kordon_hub::permits::RequestId;
use kordon_hub::{Error, parties::Actor};
use kordon_schemas::events::EventIn;
use kordon_schemas::exchange::{
    Acknowledgement, DocumentFault, DocumentHeader, ExchangeDocument, StatedWithdrawal,
};
use kordon_schemas::permits::DataToWithdraw;
use kordon_schemas::read::{
    DocumentPlaces, ReadContent, ReadDocument, RefusedItem, decode_document, read_exchange_document,
};
use kordon_schemas::{CheckpointCode, ProblemCode};

use super::signature::{self, Stopped};
use super::{acknowledged, written};
use crate::Hub;
use crate::answer::{AcceptsMedia, Form, Xml};
use crate::body::Body;
use crate::openapi::OfDocuments;
use crate::problem::{Failure, Result};
use crate::rights::permissions::{ExchangeDocuments, RecordEvents, ReportPermits};
use crate::rights::{Sender, names};

/// Hands in a document.
///
/// One XML document, `exchange_document` of `/schemas/exchange.xsd`, in UTF-8 or windows-1251, with or without an enveloped XAdES signature.
/// What it holds is judged as the operation that it is, with the same right and the same rules, and takes effect in the
/// transaction that records the document. The answer is an acknowledgement, signed by the hub: what became of the document, and each
/// fault with its code and its place.
///
/// The same bytes under the same id are answered with the same acknowledgement and have no second effect, so a document
/// whose answer was lost is sent again.
#[utoipa::path(
    operation_id = "send_document", tag = "exchange",
    security(("token" = []), ("certificate" = [])), extensions(("x-roles" = json!(names::<ExchangeDocuments>()))),
    request_body(content = ExchangeDocument, content_type = "application/xml", description = "The document."),
    responses(
        (status = 200, description = "It came before: the same acknowledgement.", content_type = "application/xml", body = Acknowledgement),
        (status = 201, description = "It is recorded. Whether it took effect, in full or in part, is its `outcome`.",
            content_type = "application/xml", body = Acknowledgement),
        (status = 422, description = "It is not recorded; its faults say why. Mend it and send it again, under the same id if you like.\n\n\
            `signature_refused`: The signature of the document is not taken. Sign the whole document by one enveloped XAdES signature \
            with a certificate that is bound to the system, or ask the administrator of the hub.",
            content_type = "application/xml", body = Acknowledgement),
        OfDocuments
    )
)]
#[post("/exchange/documents")]
pub(crate) async fn send_document(
    sender: Sender,
    _: AcceptsMedia<Xml>,
    body: Body,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse> {
    if body.form != Form::Xml {
        return Err(Failure::new(ProblemCode::UnsupportedMediaType, "a document is `application/xml`"));
    }
    let system = sender.granted.actor.system;
    match take(&request, &hub, &sender, &body).await {
        Ok(kept) => {
            let id = kept.acknowledgement.document.clone().unwrap_or_default();
            let status = if kept.is_new { StatusCode::CREATED } else { StatusCode::OK };
            let mut response = acknowledged(&request, &hub, system, &id, kept, status).await?;
            if status == StatusCode::CREATED {
                let address = format!("/api/v1/exchange/documents/{id}/acknowledgement");
                crate::query::add_header(&mut response, (LOCATION, address));
            }
            Ok(response)
        }
        Err(NotTaken::Failed(failure)) => Err(failure),
        Err(NotTaken::Faulty { header, signature, faults }) => {
            let digest = hex::encode(openssl::sha::sha256(&body.bytes));
            let signed_by = signature.map(|signature| signature.certificate);
            let said = rules::unrecorded(header.as_ref(), digest, signed_by, faults, hub.clock.now());
            let bytes = written(&request, &hub, &said).await?;
            Ok(Form::Xml.answer_written(StatusCode::UNPROCESSABLE_ENTITY, bytes.into()))
        }
    }
}

/// Why a document is not recorded.
enum NotTaken {
    /// It says nothing of the document.
    Failed(Failure),
    /// The document is at fault.
    Faulty {
        header: Option<DocumentHeader>,
        signature: Option<DocumentSignature>,
        faults: Vec<DocumentFault>,
    },
}

impl From<Error> for NotTaken {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Failure> for NotTaken {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl NotTaken {
    const fn unread(faults: Vec<DocumentFault>) -> Self {
        Self::Faulty { header: None, signature: None, faults }
    }
}

async fn take(request: &HttpRequest, hub: &Hub, sender: &Sender, body: &Body) -> Result<Kept, NotTaken> {
    let actor = &sender.granted.actor;
    let text = decode_document(&body.bytes, body.charset.as_deref()).map_err(|problem| {
        if problem.code == ProblemCode::UnsupportedMediaType {
            return NotTaken::Failed(Failure(problem));
        }
        NotTaken::unread(rules::faults_told(&problem, &DocumentPlaces::default()))
    })?;
    let places = DocumentPlaces::of(&text);
    let ReadDocument { header, content } = read_exchange_document(&text)
        .map_err(|problem| NotTaken::unread(rules::faults_told(&problem, &places)))?;
    let faulty = |signature, faults| NotTaken::Faulty { header: Some(header.clone()), signature, faults };
    let signature = match signature::judge(request, hub, sender, &text).await {
        Ok(signature) => signature,
        Err(Stopped::Failed(error)) => return Err(error.into()),
        Err(Stopped::Refused(refusal)) => {
            let place = places.at("/exchange_document/Signature");
            let fault = DocumentFault::new(ProblemCode::SignatureRefused, refusal.told(), place);
            return Err(faulty(None, vec![fault]));
        }
    };
    let now = hub.clock.now();
    let mut connection = hub.database.connection().await?;
    if let Some(kept) = exchange::known(&mut connection, actor.system, &header.id, &body.bytes).await? {
        return Ok(kept);
    }
    let own = exchange::sender(&mut connection, actor.system).await?;
    drop(connection);
    let faults = rules::check_header(&header, &own, &places, now);
    if !faults.is_empty() {
        return Err(faulty(signature, faults));
    }
    let act = match asked(hub, sender, content, &places).await {
        Ok(act) => act,
        Err(Failure(problem)) if problem.status < 500 => {
            return Err(faulty(signature, rules::faults_told(&problem, &places)));
        }
        Err(failure) => return Err(failure.into()),
    };
    let incoming = Incoming {
        header,
        content: body.bytes.to_vec(),
        charset: body.charset.clone(),
        signature,
        act,
        places,
    };
    Ok(exchange::receive(&hub.database, &hub.recorder, actor, &incoming, now).await?)
}

/// What a document asks for, if the sender has the right to it.
async fn asked(hub: &Hub, sender: &Sender, content: ReadContent, places: &DocumentPlaces) -> Result<Act> {
    // Which right is missing depends on the kind.
    let of_kind = |Failure(problem): Failure| {
        let fault = kordon_schemas::Fault::new("/exchange_document/header/kind", problem.detail.as_str());
        Failure(Box::new(problem.with_faults(vec![fault])))
    };
    match content {
        ReadContent::CheckpointEvents { checkpoint, items } => {
            let granted = sender.granted.also::<RecordEvents>().map_err(of_kind)?;
            let at_checkpoint = |Failure(problem): Failure| {
                let path = "/exchange_document/content/checkpoint_events/checkpoint";
                let fault = kordon_schemas::Fault::new(path, problem.detail.as_str());
                Failure(Box::new(problem.with_faults(vec![fault])))
            };
            granted.at(&checkpoint).map_err(at_checkpoint)?;
            if !hub.checkpoints.contains(&checkpoint) {
                let unknown = Error::NotFound { what: "checkpoint", id: checkpoint.to_string() };
                return Err(at_checkpoint(unknown.into()));
            }
            let items = stated(hub, &granted.actor, &checkpoint, items, places).await?;
            Ok(Act::Events { checkpoint, items })
        }
        ReadContent::PermitReport(report) => {
            sender.granted.also::<ReportPermits>().map_err(of_kind)?;
            let (permit, report) = report.into_parts();
            Ok(Act::PermitReport { permit, report })
        }
        ReadContent::Withdrawal(StatedWithdrawal { request, kind, number, withdrawn_at }) => {
            sender.granted.also::<ReportPermits>().map_err(of_kind)?;
            let data = DataToWithdraw { kind, number, withdrawn_at };
            Ok(Act::Withdrawal { request: RequestId(request), data })
        }
    }
}

/// What the events state, each judged as `record_events` judges it.
async fn stated(
    hub: &Hub,
    actor: &Actor,
    checkpoint: &CheckpointCode,
    items: Vec<Result<EventIn, Box<RefusedItem>>>,
    places: &DocumentPlaces,
) -> Result<Vec<Result<Fact, RefusedEvent>>> {
    let now = hub.clock.now();
    let terms = operators::terms(&hub.database, actor, checkpoint).await?;
    let judge = |(index, item): (usize, Result<EventIn, Box<RefusedItem>>)| {
        let event = item.map_err(|refused| {
            let RefusedItem { id, problem } = *refused;
            RefusedEvent { id, faults: rules::faults_told(&problem, places) }
        })?;
        let id = event.id.clone();
        facts::state(actor, checkpoint, terms.as_ref(), event, now).map_err(|problem| RefusedEvent {
            id: Some(id),
            faults: rules::faults_of(&problem, places.of_event(index), places),
        })
    };
    Ok(items.into_iter().enumerate().map(judge).collect())
}
