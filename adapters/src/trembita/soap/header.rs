//! The headers of a message: who asks whom for what. Headers that the protocol does not know are left to the
//! echo.

use roxmltree::Node;

use super::faults::{FaultCode, Refusal};
use super::identifiers::{self, MemberId, RepresentedParty, SecurityServerId, ServiceId, once};
use super::{REPRESENTATION, XROAD};

/// The headers that the protocol knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Who asks.
    pub client: MemberId,
    /// What is asked for.
    pub service: ServiceId,
    /// The id of the message.
    pub id: String,
    /// The person at whose wish it is asked, with the ISO code of the country before.
    pub user_id: Option<String>,
    /// The case or document that is the cause.
    pub issue: Option<String>,
    /// The version of the protocol: `4.` and something.
    pub protocol_version: String,
    /// The hash of the request, in answers.
    pub request_hash: Option<RequestHash>,
    /// On whose behalf is asked.
    pub represented_party: Option<RepresentedParty>,
    /// Which server out of a cluster is wanted.
    pub security_server: Option<SecurityServerId>,
}

/// The hash of a request, as a header says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHash {
    /// The URI of the algorithm.
    pub algorithm: String,
    /// The value, base64.
    pub value: String,
}

/// The headers while they are gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    client: Option<MemberId>,
    service: Option<ServiceId>,
    id: Option<String>,
    user_id: Option<String>,
    issue: Option<String>,
    protocol_version: Option<String>,
    request_hash: Option<RequestHash>,
    represented_party: Option<RepresentedParty>,
    security_server: Option<SecurityServerId>,
}

impl Gathered {
    /// Takes one child of the Header.
    pub(super) fn take(&mut self, element: Node<'_, '_>) -> Result<(), Refusal> {
        let name = element.tag_name().name();
        match (element.tag_name().namespace(), name) {
            (Some(XROAD), "client") => single(&mut self.client, name, || identifiers::client(element)),
            (Some(XROAD), "service") => single(&mut self.service, name, || identifiers::service(element)),
            (Some(XROAD), "securityServer") => {
                single(&mut self.security_server, name, || identifiers::security_server(element))
            }
            (Some(XROAD), "requestHash") => single(&mut self.request_hash, name, || request_hash(element)),
            (Some(XROAD), "id") => once(&mut self.id, element),
            (Some(XROAD), "userId") => once(&mut self.user_id, element),
            (Some(XROAD), "issue") => once(&mut self.issue, element),
            (Some(XROAD), "protocolVersion") => {
                once(&mut self.protocol_version, element)?;
                supported(self.protocol_version.as_deref().unwrap_or_default())
            }
            (Some(REPRESENTATION), "representedParty") => {
                single(&mut self.represented_party, name, || identifiers::represented_party(element))
            }
            _ => Ok(()),
        }
    }

    /// The headers, if none of the needed ones is missing; complained about in the order in which X-Road
    /// complains.
    pub(super) fn complete(self) -> Result<Header, Refusal> {
        let Self {
            client,
            service,
            id,
            user_id,
            issue,
            protocol_version,
            request_hash,
            represented_party,
            security_server,
        } = self;
        Ok(Header {
            protocol_version: needed(protocol_version, "protocolVersion")?,
            client: needed(client, "client")?,
            id: needed(id, "id")?,
            service: service.ok_or_else(|| {
                Refusal::new(FaultCode::MissingHeaderField, "Message header must contain service id")
            })?,
            user_id,
            issue,
            request_hash,
            represented_party,
            security_server,
        })
    }
}

/// Reads a header that may stand once; a second one is refused before it is looked into.
fn single<T>(
    place: &mut Option<T>,
    name: &str,
    read: impl FnOnce() -> Result<T, Refusal>,
) -> Result<(), Refusal> {
    if place.is_some() {
        return Err(Refusal::new(FaultCode::DuplicateHeaderField, format!("'{name}' stands more than once")));
    }
    *place = Some(read()?);
    Ok(())
}

fn needed<T>(field: Option<T>, name: &str) -> Result<T, Refusal> {
    field.ok_or_else(|| {
        Refusal::new(FaultCode::MissingHeaderField, format!("Required field '{name}' is missing"))
    })
}

fn supported(version: &str) -> Result<(), Refusal> {
    if version.starts_with("4.") {
        return Ok(());
    }
    Err(Refusal::new(
        FaultCode::InvalidProtocolVersion,
        format!("the protocol version {version:?} is not 4.0 or another of 4"),
    ))
}

fn request_hash(element: Node<'_, '_>) -> Result<RequestHash, Refusal> {
    let mut value = None;
    once(&mut value, element)?;
    Ok(RequestHash {
        algorithm: element.attribute("algorithmId").unwrap_or_default().to_owned(),
        value: value.unwrap_or_default(),
    })
}
