//! One SOAP message: its headers checked, its text kept as it came.

use std::borrow::Cow;
use std::ops::Range;

use roxmltree::Node;

/// The tree of a message, from which all that is known of it is read.
pub use roxmltree::Document as Tree;

use super::faults::{FaultCode, Refusal, SoapFault};
use super::header::{Gathered, Header};
use super::{Limits, SOAP};
use crate::trembita::security::WSSE;
use crate::trembita::xml::{self, elements};

const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

/// What stood in an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Envelope {
    /// A message that was understood.
    Message(Box<Message>),
    /// A fault. A service may answer one; a client may not send one.
    Fault(SoapFault),
}

/// A message with its headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The headers that the protocol knows.
    pub header: Header,
    /// The only child of the Body.
    pub wrapper: Wrapper,
    /// How the body is written.
    pub style: Style,
    pub(super) text: String,
    pub(super) header_content: Range<usize>,
    /// Where signatures of the message stand in the Header.
    pub(super) security: Vec<Range<usize>>,
    /// The declarations of the namespaces that hold within the Header, each with a space before it.
    pub(super) header_declarations: String,
    /// A prefix for the envelope of an answer that the Header does not use for something else.
    pub(super) free_prefix: String,
}

/// The name of the only child of the Body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapper {
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its name without prefix: the service code and what may follow it.
    pub name: String,
}

/// How the body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Document/literal, the style of the protocol.
    Document,
    /// RPC/encoded, still read.
    Rpc,
}

/// What a message is in its exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A question.
    Request,
    /// An answer: its wrapper ends with `Response` and the service code does not.
    Response,
}

impl Message {
    /// Whether it asks or answers.
    #[must_use]
    pub fn kind(&self) -> Kind {
        const ANSWER: &str = "Response";
        if self.wrapper.name.ends_with(ANSWER) && !self.header.service.service_code.ends_with(ANSWER) {
            return Kind::Response;
        }
        // A service whose own code ends so is answered with the word once more.
        match self.wrapper.name.strip_prefix(self.header.service.service_code.as_str()) {
            Some(ANSWER) => Kind::Response,
            Some(_) | None => Kind::Request,
        }
    }

    /// The whole message as text, as it came, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands within the Header, as it came: comments, white space and unknown headers too.
    #[must_use]
    pub fn header_content(&self) -> &str {
        self.text.get(self.header_content.clone()).unwrap_or_default()
    }

    /// The same without signatures, which are about the message that they came with.
    #[must_use]
    pub fn header_without_signatures(&self) -> Cow<'_, str> {
        if self.security.is_empty() {
            return Cow::Borrowed(self.header_content());
        }
        let mut kept = String::with_capacity(self.header_content.len());
        let mut from = self.header_content.start;
        for signature in &self.security {
            kept.push_str(self.text.get(from..signature.start).unwrap_or_default());
            from = signature.end;
        }
        kept.push_str(self.text.get(from..self.header_content.end).unwrap_or_default());
        Cow::Owned(kept)
    }

    /// Whether the message brings a signature.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        !self.security.is_empty()
    }

    /// The tree of the message once more, for whoever reads the body and did not keep the first.
    ///
    /// # Errors
    /// None in practice: the text was read once with the same limits.
    pub fn document(&self, limits: &Limits) -> Result<Tree<'_>, Refusal> {
        xml::parse_again(&self.text, &limits.bounds()).map_err(invalid)
    }

    /// Checks that an answer answers this request: client, service, id, userId, issue and representedParty
    /// are the same values.
    ///
    /// # Errors
    /// [`FaultCode::InconsistentHeaders`], with the names of the headers that differ.
    pub fn answered_by(&self, answer: &Self) -> Result<(), Refusal> {
        let differing = self.differing(answer);
        if differing.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(
            FaultCode::InconsistentHeaders,
            format!("the answer differs from the request in {}", differing.join(", ")),
        ))
    }

    /// The names of the headers that an answer to this request does not say again as they were.
    #[must_use]
    pub fn differing(&self, answer: &Self) -> Vec<&'static str> {
        let (asked, said) = (&self.header, &answer.header);
        [
            ("client", asked.client == said.client),
            ("service", asked.service == said.service),
            ("id", asked.id == said.id),
            ("userId", asked.user_id == said.user_id),
            ("issue", asked.issue == said.issue),
            ("representedParty", asked.represented_party == said.represented_party),
        ]
        .into_iter()
        .filter_map(|(name, same)| (!same).then_some(name))
        .collect()
    }
}

/// Parses the text of a message.
///
/// # Errors
/// [`FaultCode::InvalidXml`], or [`FaultCode::InvalidSoap`] where there is no message at all.
pub fn tree<'text>(text: &'text str, limits: &Limits) -> Result<Tree<'text>, Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::new(FaultCode::InvalidSoap, "there is no message"));
    }
    xml::parse(text, &limits.bounds()).map_err(invalid)
}

impl Envelope {
    /// Reads a message from its text.
    ///
    /// # Errors
    /// As [`tree`] and [`Self::of`].
    pub fn read(text: &str, limits: &Limits) -> Result<Self, Refusal> {
        Self::of(&tree(text, limits)?)
    }

    /// Reads a message from its tree.
    ///
    /// # Errors
    /// The first fault, in the order of the protocol's own parser.
    pub fn of(document: &Tree<'_>) -> Result<Self, Refusal> {
        Read::walk(document.root_element())?.finish(document.input_text())
    }
}

fn invalid(fault: xml::XmlFault) -> Refusal {
    Refusal::new(FaultCode::InvalidXml, fault)
}

/// The envelope once it was walked through.
struct Read<'a, 'input> {
    header: Option<(Node<'a, 'input>, Gathered)>,
    body: Option<Option<Node<'a, 'input>>>,
    style: Style,
}

impl<'a, 'input> Read<'a, 'input> {
    /// Walks through the envelope in the order of the document and raises what is raised where it stands.
    fn walk(envelope: Node<'a, 'input>) -> Result<Self, Refusal> {
        if !envelope.has_tag_name((SOAP, "Envelope")) {
            return Err(Refusal::new(FaultCode::InvalidSoap, "the root is not an Envelope of SOAP 1.1"));
        }
        let mut read = Self { header: None, body: None, style: style(envelope) };
        for child in elements(envelope) {
            match (child.tag_name().namespace(), child.tag_name().name()) {
                (Some(SOAP), "Header") if read.header.is_none() && read.body.is_none() => {
                    let mut gathered = Gathered::default();
                    elements(child).try_for_each(|element| gathered.take(element))?;
                    read.header = Some((child, gathered));
                }
                (Some(SOAP), "Body") if read.body.is_none() => {
                    let mut children = elements(child);
                    let content = children.next();
                    if children.next().is_some() {
                        return Err(Refusal::new(FaultCode::InvalidBody, "the Body has more than one child"));
                    }
                    if style(child) == Style::Rpc {
                        read.style = Style::Rpc;
                    }
                    read.body = Some(content);
                }
                (Some(SOAP), name @ ("Header" | "Body")) => {
                    return Err(Refusal::new(
                        FaultCode::InvalidSoap,
                        format!("a {name} that stands twice or in the wrong place"),
                    ));
                }
                _ => {
                    return Err(Refusal::new(
                        FaultCode::InvalidSoap,
                        "the Envelope has a child beside Header and Body",
                    ));
                }
            }
        }
        Ok(read)
    }

    /// Raises what is raised at the end of the envelope.
    fn finish(self, text: &str) -> Result<Envelope, Refusal> {
        let Self { header, body, style } = self;
        if let Some(Some(content)) = body
            && content.has_tag_name((SOAP, "Fault"))
        {
            return Ok(Envelope::Fault(SoapFault::read(content)));
        }
        let (element, gathered) =
            header.ok_or_else(|| Refusal::new(FaultCode::MissingHeader, "the message has no Header"))?;
        let header = gathered.complete()?;
        let content = body
            .ok_or_else(|| Refusal::new(FaultCode::MissingBody, "the message has no Body"))?
            .ok_or_else(|| Refusal::new(FaultCode::InvalidBody, "the Body has no child"))?;
        let name = content.tag_name().name();
        // Not equal: services in use write `testQueryRequest` for `testQuery`, and answers end with
        // `Response`.
        if !name.starts_with(header.service.service_code.as_str()) {
            return Err(Refusal::new(
                FaultCode::InconsistentHeaders,
                format!("the Body holds {name:?} and the header asks for {:?}", header.service.service_code),
            ));
        }
        Ok(Envelope::Message(Box::new(Message {
            header,
            wrapper: Wrapper {
                namespace: content.tag_name().namespace().map(str::to_owned),
                name: name.to_owned(),
            },
            style,
            text: text.to_owned(),
            header_content: content_of(element, text),
            security: elements(element)
                .filter(|child| child.has_tag_name((WSSE, "Security")))
                .map(|child| child.range())
                .collect(),
            header_declarations: declarations(element),
            free_prefix: free_prefix(element),
        })))
    }
}

fn style(element: Node<'_, '_>) -> Style {
    let encoded = element
        .attribute((SOAP, "encodingStyle"))
        .is_some_and(|styles| styles.split_ascii_whitespace().any(|style| style == ENCODING));
    if encoded { Style::Rpc } else { Style::Document }
}

/// The range of all that stands between the tags of an element.
fn content_of(element: Node<'_, '_>, text: &str) -> Range<usize> {
    match (element.first_child(), element.last_child()) {
        (Some(first), Some(last)) => first.range().start..last.range().end.min(text.len()),
        _ => 0..0,
    }
}

fn declarations(element: Node<'_, '_>) -> String {
    let mut declarations = String::new();
    for namespace in element.namespaces() {
        match namespace.name() {
            Some("xml") => continue,
            Some(prefix) => {
                declarations.push_str(" xmlns:");
                declarations.push_str(prefix);
            }
            None => declarations.push_str(" xmlns"),
        }
        declarations.push_str("=\"");
        xml::push_escaped(&mut declarations, namespace.uri());
        declarations.push('"');
    }
    declarations
}

fn free_prefix(element: Node<'_, '_>) -> String {
    let is_taken = |prefix: &str| element.lookup_namespace_uri(Some(prefix)).is_some_and(|uri| uri != SOAP);
    let mut prefix = "soapenv".to_owned();
    while is_taken(&prefix) {
        prefix.push('_');
    }
    prefix
}
