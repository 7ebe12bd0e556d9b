//! Notices to subscribers: services of members of Trembita, reached through the hub's own security server.
//!
//! A notice is sent under its own id: it is the id of the message (`id`, `X-Road-Id`, `Uxp-QueryID`), it
//! stands in the notice, and by REST it is the `Idempotency-Key`. It is the same at every attempt, so a
//! service that was told before knows it. Only because of that is it sent again after an attempt of which
//! nobody knows what became.
//!
//! What an answer means: by SOAP an answer that is to the question, by REST 2xx, it was taken; 409, it was
//! known. A fault within the answer, one that calls the message itself wrong, 400 and 422: it would be
//! refused again, and a person must look. All else, a right that is missing too, is mended by somebody and
//! tried again.

pub mod settings;

use async_trait::async_trait;
use kordon_hub::notices::subscribers::Subscription;
use kordon_hub::notices::{
    Addressee, Channel, ChannelFault, Channels, Dispatch, NoticeId, PermitDispatch, Receipt,
};
use kordon_schemas::notices::Notice;
use reqwest::Method;

pub use settings::{NoticeSubject, SubscriberSettings, SubscriberWay};

use crate::SettingsFault;
use crate::trembita::consumer::address::service;
use crate::trembita::consumer::{
    CallFault, Consumer, RestAnswer, RestDialect, RestQuestion, SecurityServerSettings, ServiceCall,
    SoapAnswer,
};
use crate::trembita::services::NAMESPACE;
use crate::trembita::shapes::xml_of;
use crate::trembita::soap::faults::{FaultCode, Origin};
use crate::trembita::soap::identifiers::ServiceId;

/// The element that a notice is by SOAP.
const NOTICE: &str = "notice";

/// The most characters of an answer that are kept for the record.
const KEPT_OF_ANSWER: usize = 200;

/// The way to one subscriber.
#[derive(Debug)]
pub struct Subscriber {
    consumer: Consumer,
    service: ServiceId,
    way: SubscriberWay,
    path: String,
}

/// The ways to all subscribers beside those that are open already, and who they are for the records.
///
/// # Errors
/// [`SettingsFault`], for the first setting that can't be right.
pub fn subscribed(
    channels: Channels,
    server: Option<&SecurityServerSettings>,
    subscribers: &[SubscriberSettings],
) -> Result<(Channels, Vec<Subscription>), SettingsFault> {
    let mut channels = channels;
    let mut subscriptions: Vec<Subscription> = Vec::with_capacity(subscribers.len());
    for subscriber in subscribers {
        let subscription = subscriber.subscription()?;
        if subscriptions.iter().any(|own| own.name == subscription.name) {
            return Err(SettingsFault::new(
                "subscribers.name",
                format!("{} stands twice", subscription.name),
            ));
        }
        let server = server.ok_or_else(|| {
            SettingsFault::new("subscribers", "are reached through a security server: set security_server")
        })?;
        let way = Subscriber::open(server, subscriber)?;
        channels = channels.with(Addressee::Subscriber(subscription.name.clone()), way);
        subscriptions.push(subscription);
    }
    Ok((channels, subscriptions))
}

impl Subscriber {
    /// Opens the way to a subscriber.
    ///
    /// # Errors
    /// [`SettingsFault`], for the first setting that can't be right.
    pub fn open(
        server: &SecurityServerSettings,
        settings: &SubscriberSettings,
    ) -> Result<Self, SettingsFault> {
        let SubscriberSettings { name: _, service: named, by, path, notices: _ } = settings;
        let fault = |text: &str| SettingsFault::new("subscribers.service", text);
        let service =
            service(named).ok_or_else(|| fault("is INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE[/VERSION]"))?;
        match by {
            SubscriberWay::Soap if !is_name(&service.service_code) => {
                return Err(fault("by SOAP the code of the service is the name of an element"));
            }
            SubscriberWay::Soap if !path.is_empty() => {
                return Err(SettingsFault::new("subscribers.path", "is for REST only"));
            }
            SubscriberWay::Soap | SubscriberWay::Xroad | SubscriberWay::Uxp => {}
        }
        // The hub keeps the record of attempts and tries again by it.
        let consumer = Consumer::open(server)?.trying_once();
        Ok(Self { consumer, service, way: *by, path: path.clone() })
    }

    async fn tell(&self, id: NoticeId, notice: Notice) -> Result<Receipt, ChannelFault> {
        let asked = ServiceCall { id: id.to_string(), ..ServiceCall::of(self.service.clone()) };
        let unwritten = |error| ChannelFault::Permanent(format!("the notice can't be written: {error}"));
        match self.way {
            SubscriberWay::Soap => {
                let value = serde_json::to_value(&notice).map_err(unwritten)?;
                let (code, content) = (&self.service.service_code, xml_of(NOTICE, &value));
                let body = format!("<{code} xmlns=\"{NAMESPACE}\">{content}</{code}>");
                judged_soap(self.consumer.ask_by_soap(&asked, body.as_bytes()).await)
            }
            SubscriberWay::Xroad => self.by_rest(asked, RestDialect::Xroad, &notice).await,
            SubscriberWay::Uxp => self.by_rest(asked, RestDialect::Uxp, &notice).await,
        }
    }

    async fn by_rest(
        &self,
        asked: ServiceCall,
        dialect: RestDialect,
        notice: &Notice,
    ) -> Result<Receipt, ChannelFault> {
        let body = serde_json::to_vec(notice)
            .map_err(|error| ChannelFault::Permanent(format!("the notice can't be written: {error}")))?;
        let question = RestQuestion {
            headers: vec![("Idempotency-Key".to_owned(), asked.id.clone())],
            asked,
            dialect,
            method: Method::POST,
            path: self.path.clone(),
            body: Some(("application/json".to_owned(), body.clone())),
            purpose: None,
            subject: None,
        };
        let answer = self.consumer.ask_by_rest(&question).await.map_err(not_taken)?;
        let detail = said(&answer);
        match answer.status {
            200..300 | 409 => Ok(Receipt::of(detail, "application/json", body)),
            400 | 422 => Err(ChannelFault::Permanent(detail)),
            _ => Err(ChannelFault::Transient(detail)),
        }
    }
}

#[async_trait]
impl Channel for Subscriber {
    async fn deliver(&self, dispatch: &Dispatch) -> Result<Receipt, ChannelFault> {
        self.tell(dispatch.notice.id, dispatch.notice.clone().into()).await
    }

    async fn deliver_permit(&self, dispatch: &PermitDispatch) -> Result<Receipt, ChannelFault> {
        self.tell(dispatch.notice.id, dispatch.notice.clone().into()).await
    }
}

fn judged_soap(answer: Result<SoapAnswer, CallFault>) -> Result<Receipt, ChannelFault> {
    let SoapAnswer { message, refused, sent, request_hash: _, attachments: _ } = answer.map_err(not_taken)?;
    match refused {
        None => Ok(Receipt::of(format!("answered with {}", message.wrapper.name), "text/xml", sent)),
        Some(refused) => Err(ChannelFault::Permanent(format!("refused: {}: {}", refused.code, refused.text))),
    }
}

fn not_taken(fault: CallFault) -> ChannelFault {
    let text = fault.to_string();
    let is_wrong = match &fault {
        // It would be no other the next time.
        CallFault::Question(_) => true,
        CallFault::Fault(fault) => {
            // Of the client's faults, those of its rights and its name are mended by its operator.
            fault.origin == Some(Origin::Client)
                && !matches!(
                    fault.code,
                    FaultCode::AccessDenied | FaultCode::InvalidClientIdentifier | FaultCode::Foreign(_)
                )
        }
        CallFault::NotReached(_)
        | CallFault::NoAnswer(_)
        | CallFault::TooLarge(_)
        | CallFault::Redirected(_)
        | CallFault::Http { .. }
        | CallFault::Unreadable(_)
        | CallFault::Mismatch(_)
        | CallFault::Hash(_) => false,
    };
    if is_wrong { ChannelFault::Permanent(text) } else { ChannelFault::Transient(text) }
}

/// The status and the beginning of what the service says.
fn said(answer: &RestAnswer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let text: String = text.trim().chars().take(KEPT_OF_ANSWER).collect();
    let status = answer.status;
    if text.is_empty() { format!("HTTP {status}") } else { format!("HTTP {status}: {text}") }
}

/// Whether a code can be the name of an element. XML allows more; codes of services are plain.
fn is_name(code: &str) -> bool {
    let first = code.bytes().next().is_some_and(|sign| sign.is_ascii_alphabetic() || sign == b'_');
    first && code.bytes().all(|sign| sign.is_ascii_alphanumeric() || b"-._".contains(&sign))
}
