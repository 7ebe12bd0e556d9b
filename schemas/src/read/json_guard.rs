//! What every JSON body is asked before it is parsed: is it UTF-8, how deep is it, can its texts be kept.

use serde_json::Value;

use super::place::Place;
use super::{DEEPEST, malformed, too_deep};
use crate::characters::{first_forbidden, forbidden_detail};
use crate::problem::{Fault, Problem, ProblemCode};

/// Most faults of this kind that are told. A document can hold a great many.
const MOST_FAULTS: usize = 10;

/// A body that is worth parsing.
pub(super) struct Guarded<'b> {
    pub(super) text: &'b str,
    /// Whether it may hold characters that no text may hold; [`forbidden_characters`] tells.
    pub(super) unusual: bool,
}

/// Looks a body over in one pass, without recursion and without memory of its own.
pub(super) fn guard(body: &[u8]) -> Result<Guarded<'_>, Box<Problem>> {
    let text = utf8(body)?;
    if text.starts_with('\u{feff}') {
        let detail = "the document begins with a byte order mark; JSON is sent without one (RFC 8259, 8.1)";
        return Err(malformed(ProblemCode::MalformedJson, Place::of(text, 0), detail));
    }
    match scan(text) {
        Ok(unusual) => Ok(Guarded { text, unusual }),
        Err(TooDeep { offset }) => Err(too_deep(Place::of(text, offset))),
    }
}

fn utf8(body: &[u8]) -> Result<&str, Box<Problem>> {
    std::str::from_utf8(body).map_err(|fault| {
        let (before, after) = body.split_at_checked(fault.valid_up_to()).unwrap_or((body, &[]));
        let place = Place::end_of(std::str::from_utf8(before).unwrap_or_default());
        let byte = after.first().copied().unwrap_or_default();
        let detail = match body {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "this is UTF-16; JSON is sent in UTF-8".to_owned(),
            _ => format!("the byte 0x{byte:02X} is not UTF-8; JSON is sent in UTF-8"),
        };
        malformed(ProblemCode::MalformedJson, place, &detail)
    })
}

struct TooDeep {
    offset: usize,
}

/// Measures the depth, brackets in strings left out, and tells whether there is anything that could stand for a character that no
/// text may hold. It may say so too often: then the strings are looked at one by one.
fn scan(text: &str) -> Result<bool, TooDeep> {
    let bytes = text.as_bytes();
    let (mut depth, mut in_string, mut unusual) = (0_usize, false, false);
    let mut rest = bytes.iter().enumerate();
    while let Some((offset, byte)) = rest.next() {
        match (in_string, byte) {
            (true, b'\\') => {
                unusual |= is_unusual_escape(bytes.get(offset + 1..).unwrap_or_default());
                rest.next();
            }
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') if depth == DEEPEST => return Err(TooDeep { offset }),
            (false, b'[' | b'{') => depth += 1,
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (_, 0x7f) => unusual = true,
            // U+0080 to U+009F, and what stands near U+FFFE.
            (_, 0xc2) => unusual |= matches!(bytes.get(offset + 1), Some(0x80..=0x9f)),
            (_, 0xef) => unusual |= bytes.get(offset + 1) == Some(&0xbf),
            (_, _) => {}
        }
    }
    Ok(unusual)
}

/// Whether what follows a backslash could stand for a character that no text may hold.
fn is_unusual_escape(after: &[u8]) -> bool {
    match after {
        [b'b' | b'f', ..] => true,
        [b'u', high @ ..] => match high {
            [b'0', b'0', ..] => true,
            [first, second, ..] => first.eq_ignore_ascii_case(&b'f') && second.eq_ignore_ascii_case(&b'f'),
            [..] => false,
        },
        [..] => false,
    }
}

/// The strings of a document that hold a character that none may hold, and such names, by their JSON Pointer from `base`. More than
/// a few are not told.
pub(super) fn forbidden_characters(text: &str, base: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Ok(whole) = serde_json::from_str(text) {
        look_for_forbidden(&whole, &mut base.to_owned(), &mut faults);
    }
    faults
}

/// Goes down a value at `pointer`, which is not deeper than [`DEEPEST`].
fn look_for_forbidden(value: &Value, pointer: &mut String, faults: &mut Vec<Fault>) {
    let here = pointer.len();
    match value {
        _ if faults.len() >= MOST_FAULTS => {}
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(string) => {
            let found = first_forbidden(string);
            faults.extend(found.map(|character| Fault::new(pointer.as_str(), forbidden_detail(character))));
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                look_for_forbidden(value, pointer, faults);
                pointer.truncate(here);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                if let Some(character) = first_forbidden(name) {
                    let detail = format!("the name of a member {}", forbidden_detail(character));
                    faults.push(Fault::new(pointer.as_str(), detail));
                }
                pointer.push('/');
                pointer.push_str(&pointer_token(name));
                look_for_forbidden(value, pointer, faults);
                pointer.truncate(here);
            }
        }
    }
}

/// A member's name as it stands in a JSON Pointer (RFC 6901).
pub(super) fn pointer_token(name: &str) -> String {
    crate::characters::clipped(name, 100).replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_have_no_depth() {
        let text = format!(r#"{{"a": "{}\"{}"}}"#, "[".repeat(50), "{".repeat(50));
        assert!(scan(&text).is_ok());
        assert!(scan(&"[".repeat(32)).is_ok());
        assert!(scan(&"[".repeat(33)).is_err());
        assert!(scan(&"[]".repeat(33)).is_ok());
    }

    #[test]
    fn cyrillic_as_it_stands_and_escaped_is_nothing_unusual() {
        for text in [r#"{"a": "Краковець"}"#, r#"{"a": "«\u041a\u0440\n\t\"\\\/ \ud83d\ude00"}"#] {
            assert_eq!(scan(text).ok(), Some(false), "{text}");
        }
        for text in [r#""\u0000""#, r#""\b""#, r#""\uFFFE""#, "\"\u{85}\"", "\"\u{7f}\"", "\"\u{ffff}\""] {
            assert_eq!(scan(text).ok(), Some(true), "{text}");
        }
    }

    #[test]
    fn forbidden_characters_are_named_by_their_pointer() {
        let text = r#"{"a": ["ok", {"b/c": "\u0000"}], "x~\u0007": 1}"#;
        let found: Vec<String> = forbidden_characters(text, "/4")
            .into_iter()
            .map(|fault| format!("{}: {}", fault.path, fault.detail))
            .collect();
        insta::assert_snapshot!(found.join("\n"), @"
        /4/a/1/b~1c: holds the character U+0000, which cannot be kept: leave control characters out
        /4: the name of a member holds the character U+0007, which cannot be kept: leave control characters out
        ");
    }
}
