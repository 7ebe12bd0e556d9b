//! What the bytes of a mail say, when their charset is told, told wrongly or not told (Order 926, section
//! III, clause 7: a request is not lost because of the program that wrote it).

use std::borrow::Cow;

use encoding_rs::WINDOWS_1251;
use mail_parser::decoders::charsets::map::charset_decoder;

use super::bodies::is_untold;
use super::parts::{PartHead, decoded};

/// Where in HTML the charset is said, if it is said there.
const HEAD_OF_HTML: usize = 1024;

/// The text of a part, HTML with its formatting.
pub(super) fn text_of(head: &PartHead, bytes: &[u8]) -> String {
    let bytes = decoded(head.encoding, bytes);
    let told = head.charset.as_deref().filter(|_| !is_untold(head)).map(Cow::Borrowed);
    let told = told.or_else(|| of_html(&bytes).filter(|_| head.is("text", "html")).map(Cow::Owned));
    let text = told.and_then(|charset| by_charset(&charset, &bytes)).unwrap_or_else(|| of_no_charset(&bytes));
    text.strip_prefix('\u{feff}').map(ToOwned::to_owned).unwrap_or(text)
}

/// The text of bytes in a charset; `None` if nobody knows it, or it is one under which anything is sent.
fn by_charset(charset: &str, bytes: &[u8]) -> Option<String> {
    let said = charset.trim().to_ascii_lowercase();
    if matches!(said.as_str(), "us-ascii" | "ascii" | "utf-8" | "utf8") {
        return None;
    }
    charset_decoder(said.as_bytes()).map(|decode| decode(bytes))
}

/// The text of bytes of which nobody said what they are, or said what they need not be: UTF-8, also where
/// single characters of it are broken, or the charset that old Ukrainian programs write.
pub(super) fn of_no_charset(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let broken = text.chars().filter(|character| *character == char::REPLACEMENT_CHARACTER).count();
    let whole = text.chars().filter(|character| !character.is_ascii()).count() - broken;
    if broken > whole {
        WINDOWS_1251.decode_without_bom_handling(bytes).0.into_owned()
    } else {
        text.into_owned()
    }
}

/// The charset that HTML names in a `meta`, as both of its forms do.
fn of_html(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(bytes.get(..HEAD_OF_HTML).unwrap_or(bytes)).to_ascii_lowercase();
    let (_, meta) = head.split_once("<meta")?;
    let (_, named) = meta.split_once("charset=")?;
    let named = named.trim_start_matches(['"', '\'', ' ']);
    let ends = |of: char| !(of.is_ascii_alphanumeric() || ['-', '_', '.', ':'].contains(&of));
    named.split(ends).next().filter(|name| !name.is_empty()).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_character_does_not_make_a_text_another_charset() {
        let mut bytes = "ЄДРПОУ: 43115923".as_bytes().to_vec();
        bytes.push(0xd0);
        assert_eq!(of_no_charset(&bytes), "ЄДРПОУ: 43115923\u{fffd}");
        let (old, ..) = WINDOWS_1251.encode("ЄДРПОУ: 43115923");
        assert_eq!(of_no_charset(&old), "ЄДРПОУ: 43115923");
    }

    #[test]
    fn html_names_its_charset_in_two_forms() {
        let named = |html: &str| of_html(html.as_bytes());
        assert_eq!(named("<html><META charset='windows-1251'>").as_deref(), Some("windows-1251"));
        let old = r#"<meta http-equiv="Content-Type" content="text/html; charset=koi8-u">"#;
        assert_eq!(named(old).as_deref(), Some("koi8-u"));
        assert_eq!(named("<p>charset=utf-8"), None);
        assert_eq!(named("<meta charset="), None);
    }
}
