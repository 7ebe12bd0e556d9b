//! The container of one message: an archive whose first entry is its type, stored as it is, so that other
//! programs know it by its first bytes. The same message gives the same bytes whenever it is written.

use std::io::{Cursor, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike, Timelike, Utc};
use kordon_hub::sealing::Sealed;
use kordon_hub::{Error, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::chain::{SHA512, sha512};
use crate::trembita::xml::escaped;

/// The media type of a container.
pub const MEDIA_TYPE: &str = "application/vnd.etsi.asic-e+zip";

/// The name of a container's file: the id of the exchange as far as it may stand in one, the part, and the id
/// of the message.
#[must_use]
pub fn file_name(sealed: &Sealed) -> String {
    let plain = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    let query: String = sealed.query_id.chars().filter(plain).take(60).collect();
    let query = if query.is_empty() { "message".to_owned() } else { query };
    format!("{query}-{}-{}.asice", sealed.part.as_str(), sealed.id.simple())
}

/// The container of a message.
///
/// # Errors
/// [`Error::Internal`] when it can't be packed.
pub fn write(sealed: &Sealed) -> Result<Vec<u8>> {
    let mut files: Vec<(&str, &[u8], &str)> =
        vec![("message.xml", &sealed.message.bytes, &sealed.message.media_type)];
    if let Some(attachment) = &sealed.attachment {
        files.push(("attachment1", &attachment.bytes, &attachment.media_type));
    }
    if let Some((chain, result)) = &sealed.chain {
        files.push(("sig-hashchainresult.xml", result, "application/hash-chain-result"));
        files.push(("sig-hashchain.xml", chain, "application/hash-chain"));
    }
    let mut of_signature: Vec<(&str, Vec<u8>)> = vec![("META-INF/signatures.xml", sealed.signatures.clone())];
    if let Some(stamp) = &sealed.stamp {
        files.push(("ts-hashchainresult.xml", &stamp.chain_result, "application/hash-chain-result"));
        files.push(("ts-hashchain.xml", &stamp.chain, "application/hash-chain"));
        of_signature.push(("META-INF/ASiCManifest.xml", manifest_of_stamp(&stamp.chain_result)));
        of_signature.push(("META-INF/timestamp.tst", stamp.token.clone()));
    }
    of_signature.push(("META-INF/manifest.xml", manifest(&files)));
    let of_signature = of_signature.iter().map(|(name, bytes)| (*name, bytes.as_slice()));
    let entries = files.iter().map(|(name, bytes, _)| (*name, *bytes)).chain(of_signature);
    pack(entries, sealed.recorded_at).map_err(|error| Error::Internal(format!("a container: {error}")))
}

/// The containers of some messages as one archive.
///
/// # Errors
/// [`Error::Internal`] when they can't be packed.
pub fn write_all(sealed: &[Sealed]) -> Result<Vec<u8>> {
    let failed = |error: zip::result::ZipError| Error::Internal(format!("containers: {error}"));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for message in sealed {
        let container = write(message)?;
        let options = stored.last_modified_time(time(message.recorded_at));
        archive.start_file(file_name(message), options).map_err(failed)?;
        archive.write_all(&container).map_err(|error| failed(error.into()))?;
    }
    Ok(archive.finish().map_err(failed)?.into_inner())
}

fn pack<'a>(
    entries: impl Iterator<Item = (&'a str, &'a [u8])>,
    at: DateTime<Utc>,
) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default().last_modified_time(time(at));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.set_comment(format!("mimetype={MEDIA_TYPE}"))?;
    archive.start_file("mimetype", options.compression_method(CompressionMethod::Stored))?;
    archive.write_all(MEDIA_TYPE.as_bytes())?;
    for (name, bytes) in entries {
        archive.start_file(name, options.compression_method(CompressionMethod::Deflated))?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// An instant as archives know it, in UTC.
pub(super) fn time(at: DateTime<Utc>) -> zip::DateTime {
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let (date, clock) = (at.date_naive(), at.time());
    zip::DateTime::from_date_and_time(
        year,
        part(date.month()),
        part(date.day()),
        part(clock.hour()),
        part(clock.minute()),
        part(clock.second()),
    )
    .unwrap_or_default()
}

/// What the container holds, as OpenDocument lists it.
fn manifest(files: &[(&str, &[u8], &str)]) -> Vec<u8> {
    let entry = |name: &str, media_type: &str| {
        format!(
            "<manifest:file-entry manifest:full-path=\"{name}\" manifest:media-type=\"{}\"/>",
            escaped(media_type)
        )
    };
    let entries: String = files.iter().map(|(name, _, media_type)| entry(name, media_type)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.2\">\
         {}{entries}</manifest:manifest>",
        entry("/", MEDIA_TYPE)
    )
    .into_bytes()
}

/// What the time-stamp is over. The namespace lacks a digit of ETSI's, as X-Road's does: its verifier asks
/// for that one.
fn manifest_of_stamp(chain_result: &[u8]) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/2918/v1.2.1#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
         <asic:SigReference URI=\"META-INF/timestamp.tst\" MimeType=\"vnd.etsi.timestamp-token\"/>\
         <asic:DataObjectReference URI=\"ts-hashchainresult.xml\" MimeType=\"text/xml\">\
         <ds:DigestMethod Algorithm=\"{SHA512}\"/><ds:DigestValue>{}</ds:DigestValue>\
         </asic:DataObjectReference></asic:ASiCManifest>",
        STANDARD.encode(sha512(chain_result))
    )
    .into_bytes()
}
