//! Members of Trembita: who asks through a security server.

use std::fmt;

/// The longest part of an identifier, in bytes of UTF-8: percent-encoded, four of them keep within what a
/// credential may have.
const LONGEST: usize = 80;

/// A member of Trembita or one of its subsystems, which stands for a system of the hub once it is bound to
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// Instance, class, code, and the subsystem if there is one; none is empty.
    parts: Vec<String>,
}

impl Member {
    /// A member of its parts as they are, not encoded. None if one of them is empty, too long, or holds
    /// control characters.
    #[must_use]
    pub fn of(instance: &str, class: &str, code: &str, subsystem: Option<&str>) -> Option<Self> {
        let parts: Vec<String> =
            [instance, class, code].into_iter().chain(subsystem).map(str::to_owned).collect();
        let stands =
            |part: &String| !part.is_empty() && part.len() <= LONGEST && !part.chars().any(char::is_control);
        parts.iter().all(stands).then_some(Self { parts })
    }

    /// Reads `INSTANCE/CLASS/CODE` or `INSTANCE/CLASS/CODE/SUBSYSTEM`, each part percent-encoded where it has
    /// to be, as the headers of Trembita and X-Road have it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text.split('/').map(decoded).collect::<Option<Vec<_>>>()?;
        match parts.as_slice() {
            [instance, class, code] => Self::of(instance, class, code, None),
            [instance, class, code, subsystem] => Self::of(instance, class, code, Some(subsystem)),
            _ => None,
        }
    }

    /// The parts, in their order.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.parts
    }
}

/// Writes it so that two members never read alike: each part [`encoded`].
impl fmt::Display for Member {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                formatter.write_str("/")?;
            }
            formatter.write_str(&encoded(part))?;
        }
        Ok(())
    }
}

/// A part of an identifier as it stands in addresses and headers: what is no letter or digit of ASCII and
/// none of `-._~` is percent-encoded.
#[must_use]
pub fn encoded(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// Resolves the percent-encoding of a part. None where a percent sign encodes nothing, or the whole is not
/// UTF-8.
#[must_use]
pub fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { digit(rest.next()?)? * 16 + digit(rest.next()?)? } else { byte });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_member_has_three_parts_or_four() {
        for (written, kept) in [
            ("SEVDEIR-TEST/GOV/00000001", "SEVDEIR-TEST/GOV/00000001"),
            ("SEVDEIR/GOV/00000001/3_MJU_prod", "SEVDEIR/GOV/00000001/3_MJU_prod"),
            ("EE/BUSINESS/consumer/sub%2Fsystem", "EE/BUSINESS/consumer/sub%2Fsystem"),
            ("EE/BUSINESS/consumer/sub system", "EE/BUSINESS/consumer/sub%20system"),
        ] {
            assert_eq!(Member::parse(written).unwrap().to_string(), kept);
        }
        for nobody in ["", "A/B", "A/B/C/D/E", "A//C", "A/B/", "A/B/%", "A/B/%GG", "A/B/%FF", "A/B/C%0A"] {
            assert_eq!(Member::parse(nobody), None, "{nobody:?}");
        }
        assert_eq!(Member::parse(&format!("A/B/{}", "c".repeat(LONGEST + 1))), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(parts in prop::collection::vec("\\PC{1,20}", 3..=4)) {
            let member = Member::of(&parts[0], &parts[1], &parts[2], parts.get(3).map(String::as_str)).unwrap();
            prop_assert_eq!(Member::parse(&member.to_string()), Some(member));
        }
    }
}
