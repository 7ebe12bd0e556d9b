//! Hearing a message: who sends it, what it holds, whether its signature does, and what it asks for.

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName};
use actix_web::{HttpMessage, HttpRequest, web};
use kordon_adapters::trembita::services::find;
use kordon_adapters::trembita::soap::XROAD;
use kordon_adapters::trembita::soap::faults::{FaultCode, Origin, Refusal};
use kordon_adapters::trembita::soap::identifiers::MemberId;
use kordon_adapters::trembita::soap::message::{self, Message, Tree};
use kordon_adapters::trembita::soap::metaservices::{Metaservice, asked_wsdl};
use kordon_adapters::trembita::soap::question::Question;
use kordon_adapters::trembita::soap::transport::{
    Arrived, Side, check_method, check_soap_action, request, take_apart,
};
use kordon_hub::evidence::Exchange;
use kordon_hub::parties::Member;

use super::Heard;
use super::refused::Refused;
use crate::Hub;
use crate::limits;
use crate::receiving::receive;
use crate::signatures::Signatures;
use crate::trembita::services::Provided;
use crate::trembita::signing::Signing;
use crate::trembita::{Asking, Trembita};

/// Bytes of a message that costs little to read: several times what a question with its signature has.
const SHORT: usize = 32 << 10;

/// What a message asks for.
pub(super) enum AskedAct<'door> {
    /// Which services there are.
    ListMethods,
    /// Which of them the asker may use.
    AllowedMethods,
    /// How they are described; the Body of the answer.
    GetWsdl(String),
    /// A service.
    Service(&'door Provided, Question),
}

impl AskedAct<'_> {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::ListMethods => Metaservice::ListMethods.code(),
            Self::AllowedMethods => Metaservice::AllowedMethods.code(),
            Self::GetWsdl(_) => Metaservice::GetWsdl.code(),
            Self::Service(provided, _) => provided.service.code,
        }
    }
}

/// A message that is not answered by a service, and how its fault is signed.
pub(super) struct Unheard {
    pub(super) refused: Refused,
    pub(super) signing: Option<Signing>,
}

impl<R: Into<Refused>> From<R> for Unheard {
    fn from(refused: R) -> Self {
        Self { refused: refused.into(), signing: None }
    }
}

/// Who sends a message.
enum Sender<'hub> {
    /// A security server that the hub trusts: it has looked at the signature of the member.
    SecurityServer,
    /// Anybody else, who is known by the signature of the message alone.
    Partner { hub: &'hub Hub, signatures: web::Data<Signatures> },
}

impl<'hub> Sender<'hub> {
    fn of(trembita: &Trembita, http: &HttpRequest, hub: Option<&'hub Hub>) -> Result<Self, Refused> {
        let signatures = Signatures::of(http);
        if !trembita.is_open() && signatures.is_none() {
            let text = "this hub is not set up for Trembita";
            return Err(Refused::by_provider(FaultCode::ServiceDisabled, text));
        }
        if trembita.trusts(http) {
            return Ok(Self::SecurityServer);
        }
        let unknown = "this connection does not come from a security server that the hub trusts";
        Ok(Self::Partner {
            signatures: signatures.ok_or_else(|| Refused::by_provider(FaultCode::AccessDenied, unknown))?,
            hub: hub.ok_or_else(|| Refused::by_provider(FaultCode::InternalError, "the hub is not ready"))?,
        })
    }

    /// The most bytes that are read. Attachments are not signed, so what comes directly is one message; and
    /// of where too much came from already, it is a short one: a partner behind the same address goes on, and
    /// what others send costs little.
    fn largest(&self, trembita: &Trembita, http: &HttpRequest) -> usize {
        match self {
            Self::SecurityServer => trembita.limits.exchange_bytes,
            Self::Partner { hub, .. } if limits::is_exhausted(http, hub.clock.now()) => {
                SHORT.min(trembita.limits.message_bytes)
            }
            Self::Partner { .. } => trembita.limits.message_bytes,
        }
    }

    /// What cannot be read was sent by nobody who is known.
    fn counted(&self, refused: Refused, http: &HttpRequest) -> Refused {
        match self {
            Self::SecurityServer => refused,
            Self::Partner { hub, .. } => {
                limits::count_stranger(http, hub.clock.now()).err().map_or(refused, Refused::TooOften)
            }
        }
    }
}

/// Takes a message in, if the connection may bring one or its signature holds, and understands what it asks
/// for. It is parsed once: the headers, the signature and the question are read from the same tree.
pub(super) async fn listen<'door>(
    trembita: &'door Trembita,
    http: &HttpRequest,
    payload: Payload,
    hub: Option<&Hub>,
) -> Result<(Heard, AskedAct<'door>), Unheard> {
    let sender = Sender::of(trembita, http, hub)?;
    let text =
        arrive(trembita, http, payload, &sender).await.map_err(|refused| sender.counted(refused, http))?;
    let unreadable = |refusal: Refusal| sender.counted(refusal.into(), http);
    let tree = message::tree(&text, &trembita.limits).map_err(unreadable)?;
    let message = request(&tree).map_err(unreadable)?;
    let asking = asking(&message).map_err(unreadable)?;
    let signing = match &sender {
        Sender::SecurityServer => None,
        Sender::Partner { hub, signatures } => {
            let member = &asking.exchange.member;
            Some(Signing::of(trembita, signatures.clone(), hub, http, &tree, member).await?)
        }
    };
    http.extensions_mut().insert(asking);
    match understand(trembita, &message, &tree) {
        Ok(asked) => Ok((Heard { message, signing }, asked)),
        Err(refused) => Err(Unheard { refused, signing }),
    }
}

/// The text of the message.
async fn arrive(
    trembita: &Trembita,
    http: &HttpRequest,
    payload: Payload,
    sender: &Sender<'_>,
) -> Result<String, Refused> {
    check_method(http.method().as_str())?;
    check_soap_action(single(http.headers(), &HeaderName::from_static("soapaction"))?)?;
    if single(http.headers(), &CONTENT_ENCODING)?
        .is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
    {
        return Err(Refusal::new(FaultCode::InvalidMessage, "a message is sent uncompressed").into());
    }
    let content_type = single(http.headers(), &CONTENT_TYPE)?;
    let body = receive(payload, sender.largest(trembita, http)).await.map_err(Refusal::from)?;
    let Arrived { text, message: _, attachments } =
        take_apart(Side::Request, content_type, &body, &trembita.limits)?;
    if !attachments.is_empty() {
        return Err(Refusal::new(FaultCode::InvalidMessage, "no service here takes attachments").into());
    }
    Ok(text.into_owned())
}

/// The value of a header that may stand once.
fn single<'http>(headers: &'http HeaderMap, name: &HeaderName) -> Result<Option<&'http str>, Refusal> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| {
            Refusal::new(FaultCode::InvalidMessage, format!("the header {name} cannot be read"))
        }),
        (Some(_), Some(_)) => {
            Err(Refusal::new(FaultCode::InvalidMessage, format!("the header {name} stands twice")))
        }
    }
}

/// Who asks. The cause of the message is its purpose until the question names one.
fn asking(message: &Message) -> Result<Asking, Refusal> {
    let header = &message.header;
    let member = member(&header.client).ok_or_else(|| {
        Refusal::new(
            FaultCode::InvalidRequest,
            "the parts of 'client' have 1 to 80 bytes without control characters",
        )
    })?;
    let exchange =
        Exchange { member, id: Some(header.id.clone()), asked_by: header.user_id.clone(), subject: None };
    Ok(Asking { exchange, purpose: header.issue.clone().filter(|issue| !issue.trim().is_empty()) })
}

fn member(id: &MemberId) -> Option<Member> {
    let MemberId { instance, member_class, member_code, subsystem_code } = id;
    Member::of(instance, member_class, member_code, subsystem_code.as_deref())
}

/// What a message asks for.
fn understand<'door>(
    trembita: &'door Trembita,
    message: &Message,
    tree: &Tree<'_>,
) -> Result<AskedAct<'door>, Refused> {
    let asked = &message.header.service;
    if trembita.provider.as_ref().is_some_and(|own| member(&asked.provider).as_ref() != Some(own)) {
        let text = format!("{} is not provided here", asked.provider);
        return Err(Refused::by_provider(FaultCode::UnknownMember, text));
    }
    if let Some(metaservice) = Metaservice::of(&asked.service_code) {
        let wrapper = &message.wrapper;
        if wrapper.name != metaservice.code() || wrapper.namespace.as_deref() != Some(XROAD) {
            let text = format!("the Body holds {} of the namespace {XROAD}", metaservice.code());
            return Err(Refusal::new(FaultCode::InvalidRequest, text).into());
        }
        return match metaservice {
            Metaservice::ListMethods => Ok(AskedAct::ListMethods),
            Metaservice::AllowedMethods => Ok(AskedAct::AllowedMethods),
            Metaservice::GetWsdl => asked_wsdl(tree).map(AskedAct::GetWsdl).map_err(|refusal| {
                let is_unknown = refusal.code == FaultCode::UnknownService;
                Refused::Protocol(if is_unknown { Origin::ServerProxy } else { Origin::Client }, refusal)
            }),
        };
    }
    let version = asked.service_version.as_deref();
    let found = find(&asked.service_code, version);
    let provided =
        trembita.services.iter().find(|provided| Some(provided.service) == found).ok_or_else(|| {
            Refused::by_provider(FaultCode::UnknownService, format!("there is no service {asked}"))
        })?;
    let question = Question::read(tree, provided.service, &trembita.shapes)?;
    Ok(AskedAct::Service(provided, question))
}
