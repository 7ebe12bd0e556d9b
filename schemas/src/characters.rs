//! Which characters a text from outside may hold.
//!
//! PostgreSQL cannot keep U+0000, XML 1.0 cannot carry most control characters, and none of them has a place
//! in what a person reads. Refusing them at the door keeps every recorded text sayable in every encoding.

/// Whether no text may hold the character: control characters but tab and line ends, and the two that XML excludes.
#[must_use]
pub fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    }
}

/// The first character of a text that no text may hold.
#[must_use]
pub fn first_forbidden(text: &str) -> Option<char> {
    text.chars().find(|character| is_forbidden(*character))
}

/// Says that a text holds a character that none may hold.
pub(crate) fn forbidden_detail(character: char) -> String {
    format!(
        "holds the character U+{:04X}, which cannot be kept: leave control characters out",
        u32::from(character)
    )
}

/// What was sent, short enough to be repeated in an answer.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.split_at(end).0),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_forbidden_and_line_ends_are_not() {
        for character in ['\0', '\u{1}', '\u{8}', '\u{b}', '\u{1f}', '\u{7f}', '\u{98}', '\u{fffe}'] {
            assert!(is_forbidden(character), "{character:?}");
        }
        for character in ['\t', '\n', '\r', ' ', 'Ї', '\u{a0}', '👍'] {
            assert!(!is_forbidden(character), "{character:?}");
        }
    }

    #[test]
    fn a_long_text_is_clipped_between_characters() {
        assert_eq!(clipped("їжак", 2), "їж…");
        assert_eq!(clipped("їжак", 4), "їжак");
    }
}
