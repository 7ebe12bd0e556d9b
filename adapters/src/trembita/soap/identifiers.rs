//! Identifiers of members, services and security servers. Which characters they may hold is not enforced:
//! X-Road's list has no underscore, and Trembita's codes are full of them.

use std::fmt;

use roxmltree::Node;

use super::faults::{FaultCode, Refusal};
use super::{IDENTIFIERS, REPRESENTATION};
use crate::trembita::xml::{elements, text_of};

/// A member or one of its subsystems.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId {
    /// The instance of X-Road or UXP: `SEVDEIR`, `SEVDEIR-TEST`.
    pub instance: String,
    /// The class of the member: `GOV`.
    pub member_class: String,
    /// The code of the member; in Trembita its EDRPOU code.
    pub member_code: String,
    /// The subsystem, if it is not the member itself.
    pub subsystem_code: Option<String>,
}

/// A service of a member or subsystem.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceId {
    /// Who provides it.
    pub provider: MemberId,
    /// The service: `GetQueue_v1`.
    pub service_code: String,
    /// Its version, a minor technical change.
    pub service_version: Option<String>,
}

/// One security server of a member.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecurityServerId {
    /// Whose it is.
    pub owner: MemberId,
    /// Its code.
    pub server_code: String,
}

/// The third party on whose behalf the client asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepresentedParty {
    /// Its class, if it has one.
    pub class: Option<String>,
    /// Its code.
    pub code: String,
}

impl fmt::Display for MemberId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { instance, member_class, member_code, subsystem_code } = self;
        write!(formatter, "{instance}/{member_class}/{member_code}")?;
        subsystem_code.iter().try_for_each(|code| write!(formatter, "/{code}"))
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider, service_code, service_version } = self;
        write!(formatter, "{provider}/{service_code}")?;
        service_version.iter().try_for_each(|version| write!(formatter, "/{version}"))
    }
}

/// The parts of an identifier as they stand in the header.
#[derive(Debug, Default)]
struct Parts {
    instance: Option<String>,
    member_class: Option<String>,
    member_code: Option<String>,
    subsystem_code: Option<String>,
    service_code: Option<String>,
    service_version: Option<String>,
    server_code: Option<String>,
}

impl Parts {
    fn read(element: Node<'_, '_>) -> Result<Self, Refusal> {
        let mut parts = Self::default();
        for child in elements(element) {
            if child.tag_name().namespace() != Some(IDENTIFIERS) {
                continue;
            }
            let part = match child.tag_name().name() {
                "xRoadInstance" => &mut parts.instance,
                "memberClass" => &mut parts.member_class,
                "memberCode" => &mut parts.member_code,
                "subsystemCode" => &mut parts.subsystem_code,
                "serviceCode" => &mut parts.service_code,
                "serviceVersion" => &mut parts.service_version,
                "serverCode" => &mut parts.server_code,
                _ => continue,
            };
            once(part, child)?;
        }
        Ok(parts)
    }

    fn member(&mut self, of: &str) -> Result<MemberId, Refusal> {
        Ok(MemberId {
            instance: needed(self.instance.take(), of, "xRoadInstance")?,
            member_class: needed(self.member_class.take(), of, "memberClass")?,
            member_code: needed(self.member_code.take(), of, "memberCode")?,
            subsystem_code: self.subsystem_code.take(),
        })
    }
}

/// Takes the text of an element that may stand once.
pub(super) fn once(place: &mut Option<String>, element: Node<'_, '_>) -> Result<(), Refusal> {
    let name = element.tag_name().name();
    if place.is_some() {
        return Err(Refusal::new(FaultCode::DuplicateHeaderField, format!("'{name}' stands more than once")));
    }
    let text = text_of(element).ok_or_else(|| {
        Refusal::new(FaultCode::InvalidXml, format!("'{name}' has elements where text is expected"))
    })?;
    *place = Some(text);
    Ok(())
}

fn needed(part: Option<String>, of: &str, name: &str) -> Result<String, Refusal> {
    part.ok_or_else(|| Refusal::new(FaultCode::InvalidXml, format!("'{of}' has no '{name}'")))
}

fn object_type<'a>(element: Node<'a, '_>, allowed: &[&str]) -> Result<&'a str, Refusal> {
    let name = element.tag_name().name();
    let refusal = |fault: String| Refusal::new(FaultCode::InvalidXml, fault);
    let kind = element
        .attribute((IDENTIFIERS, "objectType"))
        .ok_or_else(|| refusal(format!("'{name}' has no id:objectType")))?;
    if !allowed.contains(&kind) {
        return Err(refusal(format!(
            "the id:objectType of '{name}' is {kind:?} and has to be {}",
            allowed.join(" or ")
        )));
    }
    Ok(kind)
}

/// Reads the `client` header.
pub(super) fn client(element: Node<'_, '_>) -> Result<MemberId, Refusal> {
    let kind = object_type(element, &["MEMBER", "SUBSYSTEM"])?;
    let client = Parts::read(element)?.member("client")?;
    // One that says it is a member and names a subsystem could be taken for either.
    if (kind == "SUBSYSTEM") != client.subsystem_code.is_some() {
        return Err(Refusal::new(
            FaultCode::InvalidXml,
            "the id:objectType of 'client' does not fit its subsystemCode",
        ));
    }
    Ok(client)
}

/// Reads the `service` header.
pub(super) fn service(element: Node<'_, '_>) -> Result<ServiceId, Refusal> {
    object_type(element, &["SERVICE"])?;
    let mut parts = Parts::read(element)?;
    Ok(ServiceId {
        provider: parts.member("service")?,
        service_code: needed(parts.service_code, "service", "serviceCode")?,
        service_version: parts.service_version,
    })
}

/// Reads the `securityServer` header.
pub(super) fn security_server(element: Node<'_, '_>) -> Result<SecurityServerId, Refusal> {
    object_type(element, &["SERVER"])?;
    let mut parts = Parts::read(element)?;
    Ok(SecurityServerId {
        owner: parts.member("securityServer")?,
        server_code: needed(parts.server_code, "securityServer", "serverCode")?,
    })
}

/// Reads the `representedParty` header.
pub(super) fn represented_party(element: Node<'_, '_>) -> Result<RepresentedParty, Refusal> {
    let (mut class, mut code) = (None, None);
    for child in elements(element) {
        match (child.tag_name().namespace(), child.tag_name().name()) {
            (Some(REPRESENTATION), "partyClass") => once(&mut class, child)?,
            (Some(REPRESENTATION), "partyCode") => once(&mut code, child)?,
            _ => {}
        }
    }
    Ok(RepresentedParty { class, code: needed(code, "representedParty", "partyCode")? })
}
