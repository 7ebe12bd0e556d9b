//! From the bytes of an XML document to its text: UTF-8 and windows-1251, decided as RFC 7303 has it.
//!
//! A byte order mark wins over the `charset` of the `Content-Type`, which wins over the XML declaration (RFC
//! 7303, 3). Without any of them it is UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1251};

use super::malformed;
use super::place::Place;
use crate::characters::clipped;
use crate::problem::{Problem, ProblemCode};

/// How far into a document its XML declaration can reach, in bytes.
const LONGEST_DECLARATION: usize = 256;

/// The text of an XML document. `charset` is the parameter of that name of the `Content-Type`, if there is one.
///
/// # Errors
/// A [`Problem`]: `unsupported_media_type` for an encoding other than UTF-8 and windows-1251, `malformed_xml` with line and column
/// for bytes that are not of the encoding.
pub fn decode_xml<'b>(body: &'b [u8], charset: Option<&str>) -> Result<Cow<'b, str>, Box<Problem>> {
    let (encoding, bytes) = match body {
        [0xef, 0xbb, 0xbf, rest @ ..] => (UTF_8, rest),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 0, 0xfe, 0xff, ..] | [0, b'<', ..] | [b'<', 0, ..] => {
            return Err(unsupported("UTF-16 or UTF-32"));
        }
        _ => (stated_encoding(body, charset)?, body),
    };
    if encoding == WINDOWS_1251 {
        // Every byte has a meaning in windows-1251; 0x98 means a control character, which the reader refuses
        // with its place.
        return Ok(WINDOWS_1251.decode_without_bom_handling(bytes).0);
    }
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|fault| not_utf8(bytes, fault.valid_up_to()))
}

/// The encoding of a document without byte order mark.
fn stated_encoding(body: &[u8], charset: Option<&str>) -> Result<&'static Encoding, Box<Problem>> {
    let label = match charset.map(|charset| charset.trim().trim_matches('"')) {
        Some(charset) => charset,
        None => match declared_encoding(body) {
            Some(declared) => declared,
            None => return Ok(UTF_8),
        },
    };
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding == UTF_8 || encoding == WINDOWS_1251 => Ok(encoding),
        Some(_) | None => Err(unsupported(&format!("the encoding `{}`", clipped(label, 40)))),
    }
}

/// What the XML declaration says of the encoding. A declaration that is not well written is left to the parser to refuse.
fn declared_encoding(body: &[u8]) -> Option<&str> {
    let head = body.get(..LONGEST_DECLARATION).unwrap_or(body).strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(head.get(..end)?).ok()?;
    let (_, after) = declaration.split_once("encoding")?;
    let quoted = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    quoted.strip_prefix(quote)?.split_once(quote).map(|(label, _)| label)
}

fn unsupported(what: &str) -> Box<Problem> {
    let detail = format!("The document is in {what}; XML is read in UTF-8 and windows-1251.");
    Box::new(Problem::new(ProblemCode::UnsupportedMediaType, detail))
}

fn not_utf8(bytes: &[u8], valid_up_to: usize) -> Box<Problem> {
    let (before, after) = bytes.split_at_checked(valid_up_to).unwrap_or((bytes, &[]));
    let place = Place::end_of(std::str::from_utf8(before).unwrap_or_default());
    let byte = after.first().copied().unwrap_or_default();
    let detail = format!(
        "the byte 0x{byte:02X} is not UTF-8; a document in windows-1251 says so in its XML declaration or in the charset of its \
         Content-Type"
    );
    malformed(ProblemCode::MalformedXml, place, &detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Є` in windows-1251.
    const YE: &[u8] = &[0xaa];

    fn document(declaration: &str, text: &[u8]) -> Vec<u8> {
        [declaration.as_bytes(), b"<a>", text, b"</a>"].concat()
    }

    #[test]
    fn the_declaration_decides_alone() {
        for declaration in [
            r#"<?xml version="1.0" encoding="windows-1251"?>"#,
            "<?xml version='1.0' encoding = 'Windows-1251' standalone='yes'?>",
            r#"<?xml version="1.0" encoding="cp1251"?>"#,
        ] {
            assert!(
                decode_xml(&document(declaration, YE), None).unwrap().ends_with("<a>Є</a>"),
                "{declaration}"
            );
        }
    }

    #[test]
    fn without_a_word_it_is_utf_8() {
        for declaration in ["", r#"<?xml version="1.0"?>"#, r#"<?xml version="1.0" encoding="utf-8"?>"#] {
            assert!(decode_xml(&document(declaration, "Є".as_bytes()), None).unwrap().ends_with("<a>Є</a>"));
            assert_eq!(
                decode_xml(&document(declaration, YE), None).unwrap_err().code,
                ProblemCode::MalformedXml
            );
        }
    }

    #[test]
    fn the_charset_wins_over_the_declaration_and_the_mark_over_both() {
        let declares_utf8 = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
        assert!(
            decode_xml(&document(declares_utf8, YE), Some("windows-1251")).unwrap().ends_with("<a>Є</a>")
        );
        let declares_1251 = r#"<?xml version="1.0" encoding="windows-1251"?>"#;
        assert!(
            decode_xml(&document(declares_1251, "Є".as_bytes()), Some("\"utf-8\""))
                .unwrap()
                .ends_with("<a>Є</a>")
        );
        let marked = [b"\xef\xbb\xbf".as_slice(), &document(declares_1251, "Є".as_bytes())].concat();
        let text = decode_xml(&marked, Some("windows-1251")).unwrap();
        assert!(text.starts_with("<?xml") && text.ends_with("<a>Є</a>"));
    }

    #[test]
    fn other_encodings_are_refused_by_name() {
        let utf16: Vec<u8> = "\u{feff}<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let bare_utf16: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let details: Vec<String> = [
            decode_xml(&utf16, None),
            decode_xml(&bare_utf16, None),
            decode_xml(&document(r#"<?xml version="1.0" encoding="KOI8-U"?>"#, b""), None),
            decode_xml(b"<a/>", Some("iso-8859-5")),
            decode_xml(b"<a/>", Some("")),
        ]
        .map(|refused| refused.unwrap_err())
        .map(|problem| format!("{} {}", problem.code.as_str(), problem.detail))
        .into();
        insta::assert_snapshot!(details.join("\n"), @"
        unsupported_media_type The document is in UTF-16 or UTF-32; XML is read in UTF-8 and windows-1251.
        unsupported_media_type The document is in UTF-16 or UTF-32; XML is read in UTF-8 and windows-1251.
        unsupported_media_type The document is in the encoding `KOI8-U`; XML is read in UTF-8 and windows-1251.
        unsupported_media_type The document is in the encoding `iso-8859-5`; XML is read in UTF-8 and windows-1251.
        unsupported_media_type The document is in the encoding ``; XML is read in UTF-8 and windows-1251.
        ");
    }
}
