//! The archive that a container is: read into memory within bounds, and only if every reader would see the
//! same in it.

use std::io::{Cursor, Read};

use zip::ZipArchive;

/// Bytes of the file.
const FILE: usize = 64 << 20;
/// Bytes of all entries unpacked.
const UNPACKED: u64 = 128 << 20;
/// Entries.
const ENTRIES: usize = 10_000;

/// What an archive holds.
#[derive(Debug)]
pub(super) struct Container {
    entries: Vec<(String, Vec<u8>)>,
}

/// Why an archive is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is no archive at all.
    NoArchive,
    /// It tricks its reader, or is too large.
    Unsafe(String),
}

impl Container {
    /// Reads an archive.
    pub(super) fn open(bytes: &[u8]) -> Result<Self, Unreadable> {
        let refused = |text: &str| Unreadable::Unsafe(text.to_owned());
        if bytes.len() > FILE {
            return Err(Unreadable::Unsafe(format!("larger than {FILE} bytes")));
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
            if bytes.starts_with(b"PK\x03\x04") || bytes.windows(4).any(|four| four == b"PK\x05\x06") {
                Unreadable::Unsafe(error.to_string())
            } else {
                Unreadable::NoArchive
            }
        })?;
        if !bytes.starts_with(b"PK\x03\x04") || archive.offset() != 0 {
            return Err(refused("something stands before the archive"));
        }
        let end = bytes.len().checked_sub(22 + archive.comment().len());
        if !end.and_then(|end| bytes.get(end..)).is_some_and(|end| end.starts_with(b"PK\x05\x06")) {
            return Err(refused("something stands after the archive"));
        }
        if archive.len() > ENTRIES {
            return Err(Unreadable::Unsafe(format!("more than {ENTRIES} entries")));
        }
        archive.validate_header_consistency().map_err(|error| Unreadable::Unsafe(error.to_string()))?;
        Self::unpack(&mut archive)
    }

    fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Self, Unreadable> {
        let mut entries: Vec<(String, Vec<u8>)> = Vec::with_capacity(archive.len());
        let mut left = UNPACKED;
        for index in 0..archive.len() {
            let unsafe_entry = |text: String| Unreadable::Unsafe(text);
            let mut entry = archive.by_index(index).map_err(|error| unsafe_entry(error.to_string()))?;
            let name = std::str::from_utf8(entry.name_raw())
                .map_err(|_| unsafe_entry("a name that is not UTF-8".to_owned()))?
                .to_owned();
            check_name(&name)?;
            if entry.is_symlink() || entry.encrypted() {
                return Err(unsafe_entry(format!("{name:?} is a link or encrypted")));
            }
            if entries.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name)) {
                return Err(unsafe_entry(format!("{name:?} is there more than once")));
            }
            let mut content = Vec::new();
            // What the headers say about the size is the sender's word.
            entry
                .by_ref()
                .take(left + 1)
                .read_to_end(&mut content)
                .map_err(|error| unsafe_entry(format!("{name:?}: {error}")))?;
            left = u64::try_from(content.len())
                .ok()
                .and_then(|length| left.checked_sub(length))
                .ok_or_else(|| unsafe_entry(format!("more than {UNPACKED} bytes unpacked")))?;
            if name.ends_with('/') {
                if !content.is_empty() {
                    return Err(unsafe_entry(format!("{name:?} is a folder with content")));
                }
                continue;
            }
            entries.push((name, content));
        }
        Ok(Self { entries })
    }

    /// The bytes of an entry.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.entries.iter().find(|(own, _)| own == name).map(|(_, content)| content.as_slice())
    }

    /// Names and bytes, in the order of the archive.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries.iter().map(|(name, content)| (name.as_str(), content.as_slice()))
    }

    /// What is signed: all that is neither the `mimetype` nor in `META-INF` nor a hash chain.
    pub(super) fn data(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries().filter(|(name, _)| {
            *name != "mimetype"
                && !name.starts_with("META-INF/")
                && !matches!(
                    *name,
                    "sig-hashchain.xml"
                        | "sig-hashchainresult.xml"
                        | "ts-hashchain.xml"
                        | "ts-hashchainresult.xml"
                )
        })
    }
}

fn check_name(name: &str) -> Result<(), Unreadable> {
    let bad = name.is_empty()
        || name.len() > 512
        || name.starts_with('/')
        || name.contains(|character: char| matches!(character, '\\' | ':') || character.is_control())
        || name.trim_end_matches('/').split('/').any(|part| matches!(part, "" | "." | ".."));
    if bad {
        return Err(Unreadable::Unsafe(format!("the name {name:?} leads astray")));
    }
    Ok(())
}
