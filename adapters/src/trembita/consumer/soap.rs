//! Asking by SOAP: X-Road's message protocol 4.0, as UXP has it too.

use std::collections::BTreeSet;
use std::fmt::Write;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use roxmltree::Node;
use uuid::Uuid;

use super::{CallFault, Consumer, HashOutcome, ServiceCall};
use crate::trembita::soap::attachments::{Enclosure, enclosed, includes_parts};
use crate::trembita::soap::faults::{FaultCode, Refusal};
use crate::trembita::soap::identifiers::{MemberId, ServiceId};
use crate::trembita::soap::message::{self, Envelope, Kind, Message};
use crate::trembita::soap::transport::{Side, receive};
use crate::trembita::soap::{IDENTIFIERS, Limits, SOAP, XROAD, charset};
use crate::trembita::xml::{self, elements, escaped, text_of};

/// The version of the protocol that is spoken.
const VERSION: &str = "4.0";

/// Bytes of a message with its attachments. X-Road's message log takes no more by default.
const LARGEST_QUESTION: usize = 10 << 20;

/// An answer that is to the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoapAnswer {
    /// The message.
    pub message: Message,
    /// What went beside it.
    pub attachments: Vec<Attachment>,
    /// What the hash of the request came to.
    pub request_hash: HashOutcome,
    /// Why the service did not do what was asked, if it says so within the answer.
    pub refused: Option<Within>,
    /// The message of the question as it was sent, byte for byte.
    pub sent: Vec<u8>,
}

/// A part beside a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its headers in order.
    pub headers: Vec<(String, String)>,
    /// Its content.
    pub content: Vec<u8>,
}

/// A fault within an answer: the service understood the question and refuses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// Its code.
    pub code: String,
    /// What is wrong, in words.
    pub text: String,
}

impl Consumer {
    /// Asks a service. `body` is the only child of the Body as a document of its own, in any encoding that it
    /// declares. It is sent once: what was sent may have been carried out.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn ask_by_soap(&self, asked: &ServiceCall, body: &[u8]) -> Result<SoapAnswer, CallFault> {
        self.ask_by_soap_with(asked, body, &[]).await
    }

    /// The same with parts beside the message, which names them by their ids (`cid:…`). Where it includes one
    /// as MTOM has it, it is sent as MTOM has it.
    ///
    /// # Errors
    /// [`CallFault`].
    pub async fn ask_by_soap_with(
        &self,
        asked: &ServiceCall,
        body: &[u8],
        enclosures: &[Enclosure],
    ) -> Result<SoapAnswer, CallFault> {
        let limits = self.limits();
        let text = envelope(&self.client, asked, &content(body, &limits)?);
        let Question { message: question, content_type, body } = Question::of(&text, enclosures, &limits)?;
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert("soapaction", HeaderValue::from_static("\"\""));
        let address = self.connection.address.clone();
        let sent = text.into_bytes();
        let request = self.connection.request(Method::POST, address, headers, Some(body))?;
        let heard = self.connection.send(request, false).await?;
        if heard.status.is_redirection() {
            return Err(CallFault::Redirected(heard.status.as_u16()));
        }
        let content_type = heard.header(CONTENT_TYPE.as_str());
        let received = match receive(Side::Answer, content_type, &heard.body, &limits) {
            Ok(received) => received,
            Err(_) if !heard.status.is_success() => return Err(heard.error()),
            Err(refusal) => return Err(CallFault::Unreadable(refusal)),
        };
        let answer = match received.envelope {
            Envelope::Fault(fault) => return Err(CallFault::Fault(fault.into())),
            Envelope::Message(_) if !heard.status.is_success() => return Err(heard.error()),
            Envelope::Message(answer) => *answer,
        };
        compare(&question, &answer)?;
        let hash = answer.header.request_hash.clone();
        let request_hash = self.judged(hash.map(|hash| {
            let checked = hash.verify(&sent);
            (hash, checked)
        }))?;
        let attachments = received.attachments.into_iter();
        let attachments = attachments
            .map(|part| Attachment { content: part.content.to_vec(), headers: part.headers })
            .collect();
        let refused = within(&answer, &limits).map_err(CallFault::Unreadable)?;
        Ok(SoapAnswer { message: answer, attachments, request_hash, refused, sent })
    }

    fn limits(&self) -> Limits {
        let usual = Limits::default();
        let largest = self.connection.largest;
        Limits { exchange_bytes: largest, message_bytes: usual.message_bytes.min(largest), ..usual }
    }
}

/// A question as it goes out.
struct Question {
    message: Message,
    content_type: HeaderValue,
    body: Vec<u8>,
}

impl Question {
    fn of(text: &str, enclosures: &[Enclosure], limits: &Limits) -> Result<Self, CallFault> {
        let refused = |refusal: Refusal| CallFault::Question(refusal.text);
        let tree = message::tree(text, limits).map_err(refused)?;
        let message = match Envelope::of(&tree).map_err(refused)? {
            Envelope::Message(message) => *message,
            Envelope::Fault(_) => return Err(CallFault::Question("a fault is no question".into())),
        };
        if enclosures.is_empty() {
            let content_type = HeaderValue::from_static("text/xml; charset=utf-8");
            return Ok(Self { message, content_type, body: text.as_bytes().to_vec() });
        }
        let ids: BTreeSet<&str> = enclosures.iter().map(Enclosure::id).collect();
        let bytes = enclosures.iter().map(|own| own.content().len()).sum::<usize>() + text.len();
        let fault = if ids.len() < enclosures.len() {
            Some("two attachments have the same id".to_owned())
        } else if enclosures.len() > limits.attachments {
            Some(format!("a message goes with at most {} attachments", limits.attachments))
        } else if bytes > LARGEST_QUESTION {
            Some(format!("a message and its attachments have at most {LARGEST_QUESTION} bytes"))
        } else {
            None
        };
        if let Some(fault) = fault {
            return Err(CallFault::Question(fault));
        }
        let boundary = Uuid::new_v4().simple().to_string();
        let (content_type, body) = enclosed(text, includes_parts(&tree), enclosures, &boundary);
        let content_type =
            HeaderValue::try_from(content_type).map_err(|error| CallFault::Question(error.to_string()))?;
        Ok(Self { message, content_type, body })
    }
}

/// The element that a question is, without what stands around it in its file.
fn content(body: &[u8], limits: &Limits) -> Result<String, CallFault> {
    let text = charset::decode(body, None).map_err(CallFault::Question)?;
    let document = xml::parse(&text, &limits.bounds())
        .map_err(|fault| CallFault::Question(format!("the body: {fault}")))?;
    Ok(text.get(document.root_element().range()).unwrap_or_default().to_owned())
}

fn envelope(client: &MemberId, asked: &ServiceCall, content: &str) -> String {
    let ServiceCall { service, id, user_id, issue } = asked;
    let mut header = String::new();
    let kind = if client.subsystem_code.is_some() { "SUBSYSTEM" } else { "MEMBER" };
    let _ = write!(header, "<xro:client iden:objectType=\"{kind}\">{}</xro:client>", member(client));
    let ServiceId { provider, service_code, service_version } = service;
    let _ = write!(
        header,
        "<xro:service iden:objectType=\"SERVICE\">{}{}{}</xro:service>",
        member(provider),
        part("serviceCode", service_code),
        service_version.as_deref().map(|version| part("serviceVersion", version)).unwrap_or_default(),
    );
    for (name, value) in [("userId", user_id.as_ref()), ("id", Some(id)), ("issue", issue.as_ref())] {
        if let Some(value) = value {
            let _ = write!(header, "<xro:{name}>{}</xro:{name}>", escaped(value));
        }
    }
    format!(
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?>"#,
            r#"<soapenv:Envelope xmlns:soapenv="{soap}"><soapenv:Header xmlns:xro="{xroad}" xmlns:iden="{identifiers}">"#,
            "{header}<xro:protocolVersion>{version}</xro:protocolVersion></soapenv:Header>",
            "<soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
        ),
        soap = SOAP,
        xroad = XROAD,
        identifiers = IDENTIFIERS,
        header = header,
        version = VERSION,
        content = content,
    )
}

fn member(member: &MemberId) -> String {
    let MemberId { instance, member_class, member_code, subsystem_code } = member;
    let mut parts = part("xRoadInstance", instance)
        + &part("memberClass", member_class)
        + &part("memberCode", member_code);
    if let Some(code) = subsystem_code {
        parts.push_str(&part("subsystemCode", code));
    }
    parts
}

fn part(name: &str, value: &str) -> String {
    format!("<iden:{name}>{}</iden:{name}>", escaped(value))
}

/// Whether the answer is to the question. X-Road compares all of these but the version.
fn compare(question: &Message, answer: &Message) -> Result<(), CallFault> {
    let mut differing = question.differing(answer);
    if question.header.protocol_version != answer.header.protocol_version {
        differing.push("protocolVersion");
    }
    // The question sent back is no answer.
    if answer.kind() != Kind::Response {
        differing.push("Body");
    }
    if differing.is_empty() { Ok(()) } else { Err(CallFault::Mismatch(differing)) }
}

/// The fault within an answer (message protocol, annex D.2): an element of no namespace.
fn within(answer: &Message, limits: &Limits) -> Result<Option<Within>, Refusal> {
    let document = answer.document(limits)?;
    let wrapper =
        document.root_element().children().rfind(Node::is_element).and_then(|body| elements(body).next());
    let wrapper = wrapper.ok_or_else(|| Refusal::new(FaultCode::InvalidBody, "the Body is empty"))?;
    let Some(fault) = elements(wrapper).find(|child| child.has_tag_name("fault")) else { return Ok(None) };
    let own = |name: &str| {
        let element = elements(fault).find(|child| child.has_tag_name(name))?;
        text_of(element).map(|text| text.trim().to_owned())
    };
    Ok(own("faultCode").map(|code| Within { code, text: own("faultString").unwrap_or_default() }))
}
