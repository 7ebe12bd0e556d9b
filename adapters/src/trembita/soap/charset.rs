//! From bytes to text: the byte order mark says it, or the charset of the Content-Type, or the XML
//! declaration, or it is UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

/// How far a declaration may reach to be looked at, in bytes.
const DECLARATION: usize = 256;

/// Reads the bytes as text, without the byte order mark.
///
/// # Errors
/// What is wrong with the charset or the bytes, in words.
pub(in crate::trembita) fn decode<'bytes>(
    bytes: &'bytes [u8],
    charset: Option<&str>,
) -> Result<Cow<'bytes, str>, String> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, bytes.get(mark..).unwrap_or_default());
    }
    let declared = if charset.is_none() { declared(bytes) } else { None };
    let Some(label) = charset.or(declared) else { return decode_as(UTF_8, bytes) };
    if matches!(label.trim().to_ascii_lowercase().as_str(), "iso-8859-1" | "iso_8859-1" | "latin1") {
        // Where the label is taken to mean windows-1252, 32 characters read otherwise.
        return Ok(encoding_rs::mem::decode_latin1(bytes));
    }
    let encoding =
        Encoding::for_label(label.as_bytes()).ok_or_else(|| format!("the charset {label:?} is not known"))?;
    decode_as(encoding, bytes)
}

fn decode_as<'bytes>(encoding: &'static Encoding, bytes: &'bytes [u8]) -> Result<Cow<'bytes, str>, String> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or_else(|| format!("the bytes are not {}", encoding.name()))
}

/// The encoding that the XML declaration names, if the bytes begin with one.
fn declared(bytes: &[u8]) -> Option<&str> {
    let start = bytes.get(..bytes.len().min(DECLARATION))?;
    if !start.starts_with(b"<?xml") {
        return None;
    }
    let end = start.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(start.get(..end)?).ok()?;
    let (_, after) = declaration.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.get(1..)?.split(quote).next()
}
