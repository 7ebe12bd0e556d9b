//! Archives as X-Road's message log writes them: containers and `linkinginfo`, which chains them to each
//! other and to the archive before. What is taken out, put in or changed breaks the chain from there on.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use chrono::{DateTime, Utc};
use kordon_hub::sealing::Sealed;
use kordon_hub::sealing::model::Previous;
use kordon_hub::{Error, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::chain::sha512;
use super::container;

/// An archive in memory.
pub(super) struct Archive {
    pub(super) file_name: String,
    pub(super) last_digest: String,
    pub(super) bytes: Vec<u8>,
}

/// The archive of some messages behind the one before.
pub(super) fn pack(messages: &[Sealed], previous: Option<&Previous>) -> Result<Archive> {
    let failed = |error: &dyn std::fmt::Display| Error::Internal(format!("an archive: {error}"));
    let (digest, file) =
        previous.map_or(("-", "-"), |previous| (previous.last_digest.as_str(), previous.file_name.as_str()));
    let mut linking = format!("{digest} {file} SHA-512\n");
    let mut last = previous.map(|previous| previous.last_digest.clone()).unwrap_or_default();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut put = |name: &str, bytes: &[u8], at: DateTime<Utc>| {
        archive
            .start_file(name, stored.last_modified_time(container::time(at)))
            .and_then(|()| Ok(archive.write_all(bytes)?))
            .map_err(|error| failed(&error))
    };
    for message in messages {
        let (name, bytes) = (container::file_name(message), container::write(message)?);
        last = hexadecimal(&sha512(format!("{last}{}", hexadecimal(&sha512(&bytes))).as_bytes()));
        let _ = writeln!(linking, "{last} {name}");
        put(&name, &bytes, message.recorded_at)?;
    }
    let (Some(from), Some(to)) = (messages.first(), messages.last()) else {
        return Err(failed(&"there is nothing to pack"));
    };
    put("linkinginfo", linking.as_bytes(), to.recorded_at)?;
    let bytes = archive.finish().map_err(|error| failed(&error))?.into_inner();
    let moment = |at: DateTime<Utc>| at.format("%Y%m%d%H%M%S").to_string();
    let short = last.get(..16).unwrap_or_default();
    let file_name = format!("mlog-{}-{}-{short}.zip", moment(from.recorded_at), moment(to.recorded_at));
    Ok(Archive { file_name, last_digest: last, bytes })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
