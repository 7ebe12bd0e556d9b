//! The numbers of transit declarations: the MRN that NCTS allocates, the LRN that a declarant gives, and the
//! number under which a customs office registers a paper declaration. The last must never be taken for the
//! first: no MRN is allocated under the continuity procedure.

/// Why a number was refused. The text is for the one who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    /// Not of an MRN's form.
    #[error("an MRN has 18 characters: two digits, two letters, 13 letters or digits, and a digit")]
    MrnForm,
    /// Its last digit does not follow from the others (rule R0028).
    #[error("the check digit of the MRN is wrong: the last digit would have to be {expected}")]
    MrnDigit {
        /// The digit that the first 17 characters call for.
        expected: u32,
    },
    /// Not of an LRN's form.
    #[error("an LRN has 1 to 22 visible characters, and no space at its ends")]
    LrnForm,
    /// Not a number of a register.
    #[error(
        "a registration number has 1 to 35 characters, letters, digits and - / . among them, and at least one digit"
    )]
    RegistrationForm,
    /// It looks like an MRN.
    #[error(
        "has the form of an MRN: a paper declaration is registered in a series of its own, because no MRN is allocated to it"
    )]
    LooksLikeMrn,
}

/// The length of an MRN.
const MRN_LENGTH: usize = 18;

/// The longest LRN.
const LONGEST_LRN: usize = 22;

/// The longest registration number.
const LONGEST_REGISTRATION: usize = 35;

/// Reads an MRN, of the present form or of that before 2025, and checks its last digit.
///
/// # Errors
/// [`NumberFault::MrnForm`], [`NumberFault::MrnDigit`].
pub fn mrn(number: &str) -> Result<&str, NumberFault> {
    if !has_form_of_mrn(number.as_bytes()) {
        return Err(NumberFault::MrnForm);
    }
    let Some((body, last)) = number.split_at_checked(MRN_LENGTH - 1) else {
        return Err(NumberFault::MrnForm);
    };
    let expected = check_digit(body);
    let given = last.chars().next().and_then(|last| last.to_digit(10));
    if given == Some(expected) { Ok(number) } else { Err(NumberFault::MrnDigit { expected }) }
}

/// Reads an LRN.
///
/// # Errors
/// [`NumberFault::LrnForm`].
pub fn lrn(number: &str) -> Result<&str, NumberFault> {
    let length = number.chars().count();
    let spaced = number.trim() != number || number.chars().any(char::is_control);
    if length == 0 || length > LONGEST_LRN || spaced { Err(NumberFault::LrnForm) } else { Ok(number) }
}

/// Reads the number under which a customs office registered a paper declaration.
///
/// # Errors
/// [`NumberFault::LooksLikeMrn`] also when it only looks like one to a person: in small letters, in Cyrillic ones, with spaces or
/// hyphens between; [`NumberFault::RegistrationForm`].
pub fn registration_number(number: &str) -> Result<&str, NumberFault> {
    if looks_like_mrn(number) {
        return Err(NumberFault::LooksLikeMrn);
    }
    let readable = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '.');
    let length = number.chars().count();
    let right = number.chars().all(readable) && number.chars().any(|c| c.is_ascii_digit());
    if length == 0 || length > LONGEST_REGISTRATION || !right {
        return Err(NumberFault::RegistrationForm);
    }
    Ok(number)
}

/// Whether a person or a program could take a number for an MRN.
#[must_use]
pub fn looks_like_mrn(number: &str) -> bool {
    let folded: Vec<u8> = number
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '/' | '.' | '_'))
        .flat_map(char::to_uppercase)
        .map(latin)
        .collect();
    has_form_of_mrn(&folded)
}

/// Two digits, two letters, 13 letters or digits, a digit.
fn has_form_of_mrn(number: &[u8]) -> bool {
    let digits = |from: usize, count: usize| number.iter().skip(from).take(count).all(u8::is_ascii_digit);
    let letters = number.iter().skip(2).take(2).all(u8::is_ascii_uppercase);
    let body = number.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    number.len() == MRN_LENGTH && body && digits(0, 2) && letters && digits(MRN_LENGTH - 1, 1)
}

/// The Latin letter that a Cyrillic one looks like; what is no letter of either is no part of an MRN.
fn latin(character: char) -> u8 {
    match character {
        'А' => b'A',
        'В' => b'B',
        'Е' => b'E',
        'І' => b'I',
        'К' => b'K',
        'М' => b'M',
        'Н' => b'H',
        'О' => b'O',
        'Р' => b'P',
        'С' => b'C',
        'Т' => b'T',
        'Х' => b'X',
        'У' => b'Y',
        other => u8::try_from(other).unwrap_or(b'?'),
    }
}

/// The check digit over capital letters and digits, as ISO 6346 has it: 11, 22 and 33 are no letter's value, and 10 means 0.
/// Characters that are neither count nothing.
#[must_use]
pub fn check_digit(body: &str) -> u32 {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A' => Some(10),
        b'B'..=b'K' => Some(u32::from(byte - b'B') + 12),
        b'L'..=b'U' => Some(u32::from(byte - b'L') + 23),
        b'V'..=b'Z' => Some(u32::from(byte - b'V') + 34),
        _ => None,
    };
    let (sum, _) = body.bytes().filter_map(value).fold((0u32, 1u32), |(sum, weight), value| {
        // Modulo 11 at each step: a long text does not overflow.
        ((sum + value * weight) % 11, weight * 2 % 11)
    });
    sum % 10
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mrns_of_public_samples_have_right_check_digits() {
        for right in ["24GB000246J8NY33L7", "51GBLFUWH7WOI085M4", "01YH1DI5N73MAQI1Y8", "26UA408050000042L4"]
        {
            assert_eq!(mrn(right), Ok(right));
        }
        assert_eq!(mrn("51GBLFUWH7WOI085M6"), Err(NumberFault::MrnDigit { expected: 4 }));
        for odd in ["", "24GB000246J8NY33L", "24gb000246j8ny33l7", "2AGB000246J8NY33L7", "24GB000246J8NY33LL"]
        {
            assert_eq!(mrn(odd), Err(NumberFault::MrnForm), "{odd}");
        }
    }

    #[test]
    fn a_paper_declaration_has_a_number_of_its_own_series() {
        for right in ["UA209030/2026/000017", "БП-17", "1", "209030.26.17"] {
            assert_eq!(registration_number(right), Ok(right));
        }
        for like in
            ["24GB000246J8NY33L7", "24 gb 000246 j8ny33 l7", "24GB-000246-J8NY33-L7", "26UА408050000042L4"]
        {
            assert_eq!(registration_number(like), Err(NumberFault::LooksLikeMrn), "{like}");
        }
        for odd in ["", "no digit", "17 18", "17\n", &"1".repeat(36)] {
            assert_eq!(registration_number(odd), Err(NumberFault::RegistrationForm), "{odd}");
        }
    }

    #[test]
    fn an_lrn_has_no_space_at_its_ends() {
        assert_eq!(lrn("ABC 17"), Ok("ABC 17"));
        for odd in ["", " A", "A ", "A\tB", &"A".repeat(23)] {
            assert_eq!(lrn(odd), Err(NumberFault::LrnForm), "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_an_mrn_is_never_a_registration_number(body in "[0-9]{2}[A-Z]{2}[A-Z0-9]{12}[J-M]") {
            let number = format!("{body}{}", check_digit(&body));
            prop_assert_eq!(mrn(&number), Ok(number.as_str()));
            for written in [number.clone(), number.to_lowercase(), format!("{} {}", &number[..6], &number[6..])] {
                prop_assert_eq!(registration_number(&written), Err(NumberFault::LooksLikeMrn));
            }
        }

        #[test]
        fn no_text_makes_reading_it_fail_otherwise(text in "\\PC{0,60}") {
            let _ = (mrn(&text).is_ok(), lrn(&text).is_ok(), registration_number(&text).is_ok());
        }
    }
}
