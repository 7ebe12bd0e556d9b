//! Members and services as people and headers write them: parts between slashes, each percent-encoded where
//! it has to be.

use kordon_hub::parties::member::{decoded, encoded};

use crate::trembita::soap::identifiers::{MemberId, ServiceId};

/// The parts of a text; none may be empty or hold control characters.
pub(super) fn parts(text: &str) -> Option<Vec<String>> {
    let stands = |part: &String| !part.is_empty() && !part.chars().any(char::is_control);
    text.split('/').map(|part| decoded(part).filter(stands)).collect()
}

/// Reads `INSTANCE/CLASS/CODE` or `INSTANCE/CLASS/CODE/SUBSYSTEM`.
#[must_use]
pub fn member(text: &str) -> Option<MemberId> {
    match <[String; 3]>::try_from(parts(text)?) {
        Ok([instance, member_class, member_code]) => {
            Some(MemberId { instance, member_class, member_code, subsystem_code: None })
        }
        Err(more) => {
            let [instance, member_class, member_code, subsystem] = <[String; 4]>::try_from(more).ok()?;
            Some(MemberId { instance, member_class, member_code, subsystem_code: Some(subsystem) })
        }
    }
}

/// Reads `INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE`, with `/VERSION` behind it or not. Of a member without
/// subsystem it has four parts.
#[must_use]
pub fn service(text: &str) -> Option<ServiceId> {
    let mut parts = parts(text)?;
    let service_version = if parts.len() == 6 { parts.pop() } else { None };
    let service_code = parts.pop()?;
    let mut parts = parts.into_iter();
    let provider = MemberId {
        instance: parts.next()?,
        member_class: parts.next()?,
        member_code: parts.next()?,
        subsystem_code: parts.next(),
    };
    parts.next().is_none().then_some(ServiceId { provider, service_code, service_version })
}

/// The parts of a member, in their order.
pub(super) fn parts_of_member(member: &MemberId) -> Vec<&str> {
    let MemberId { instance, member_class, member_code, subsystem_code } = member;
    [instance, member_class, member_code].into_iter().chain(subsystem_code).map(String::as_str).collect()
}

/// The parts of a service, in their order.
pub(super) fn parts_of_service(service: &ServiceId) -> Vec<&str> {
    let ServiceId { provider, service_code, service_version } = service;
    let mut parts = parts_of_member(provider);
    parts.push(service_code);
    parts.extend(service_version.as_deref());
    parts
}

/// Parts as they stand in addresses and headers.
pub(super) fn written(parts: &[&str]) -> String {
    parts.iter().map(|part| encoded(part)).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_read_and_written_with_its_parts() {
        for (text, version) in [
            ("SEVDEIR-TEST/GOV/20000090/KORDON_prod/GetQueue_v1", None),
            ("SEVDEIR-TEST/GOV/20000090/KORDON_prod/GetQueue/v1", Some("v1")),
            ("EE/BUSINESS/producer/s%2Fub/%C3%B6%C3%A4%C3%A5", None),
        ] {
            let read = service(text).unwrap();
            assert!(read.provider.subsystem_code.is_some(), "{text}");
            assert_eq!(read.service_version.as_deref(), version);
            assert_eq!(written(&parts_of_service(&read)), text);
        }
        assert_eq!(service("EE/BUSINESS/producer/testQuery").unwrap().provider.subsystem_code, None);
        for nothing in
            ["", "EE/BUSINESS/producer", "EE/BUSINESS/a/b/c/d/e", "EE//a/b/c", "EE/BUSINESS/a/b/%GG"]
        {
            assert_eq!(service(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_member_has_three_parts_or_four() {
        assert_eq!(member("EE/BUSINESS/consumer").unwrap().subsystem_code, None);
        assert_eq!(
            member("EE/BUSINESS/consumer/sub%2Fsystem").unwrap().to_string(),
            "EE/BUSINESS/consumer/sub/system"
        );
        assert!(member("EE/BUSINESS").is_none() && member("EE/BUSINESS/a/b/c").is_none());
    }
}
