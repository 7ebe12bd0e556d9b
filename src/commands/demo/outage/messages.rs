//! What left the hub: the CD070C to DG TAXUD, the mails to the press office, the office and the trader, the
//! letters to users.

use std::path::{Path, PathBuf};

use anyhow::Context;
use kordon_adapters::MailReader;
use kordon_hub::support::mail::ReadMail;
use roxmltree::Document;

use super::stage::Stage;

/// Where the messages to DG TAXUD are put.
pub(super) const TAXUD: &str = "notices/taxud";
/// Where the mails to the press office are put.
pub(super) const PRESS_OFFICE: &str = "notices/press-office";
/// Where the mails to departure offices are put.
pub(super) const OFFICES: &str = "notices/press-office/departure-offices";
/// Where the mails to traders are put.
pub(super) const TRADERS: &str = "notices/press-office/traders";
/// Where the letters to users are put.
pub(super) const LETTERS: &str = "letters";

/// The files of a folder, by name. One that begins with a dot is being written.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_whole = |path: &PathBuf| {
        path.is_file() && path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."))
    };
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_whole).collect();
    files.sort();
    files
}

/// The messages of a folder once there are so many of them; as many as there are when patience ends.
pub(super) async fn wait_for(stage: &Stage<'_>, folder: &str, count: usize) -> anyhow::Result<Vec<PathBuf>> {
    let folder = stage.folder(folder);
    stage.until(async |_| Ok(files(&folder).len() >= count)).await?;
    Ok(files(&folder))
}

/// What a CD070C says, in a line: operation, type, start, end, Fallback flag. Times are as in the message,
/// UTC.
pub(super) fn cd070c(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file)?;
    let document = Document::parse(&text).with_context(|| format!("{} is no XML", file.display()))?;
    let of = |name: &str| {
        let found = document.descendants().find(|node| node.has_tag_name(name));
        found.and_then(|node| node.text()).unwrap_or("-").to_owned()
    };
    let (operation, kind) = (of("operation"), of("type"));
    let (start, end, flag) = (of("startDateAndTime"), of("endDateAndTime"), of("flag"));
    Ok(format!("{operation} {kind} {start} to {end} fallback {flag}"))
}

/// A mail of the hub's.
pub(super) struct Mail {
    /// Its subject, decoded.
    pub(super) subject: String,
    /// Its text, decoded.
    pub(super) text: String,
    /// Its Message-ID, without brackets.
    pub(super) id: String,
    /// To whom it goes, as the head says.
    pub(super) to: String,
}

/// Reads a mail as a mail program does.
pub(super) fn mail(file: &Path) -> anyhow::Result<Mail> {
    let raw = std::fs::read(file)?;
    let read = MailReader.read(&raw).with_context(|| format!("{} is no mail", file.display()))?;
    let head = String::from_utf8_lossy(&raw);
    let to = head.lines().find_map(|line| line.strip_prefix("To: ")).unwrap_or_default().trim().to_owned();
    Ok(Mail { subject: read.subject, text: read.text, id: read.message_id.unwrap_or_default(), to })
}

/// The last mail of a folder that has so many; `None` when it never had.
pub(super) async fn mail_to(
    stage: &Stage<'_>,
    folder: &str,
    count: usize,
    holds: &str,
) -> anyhow::Result<Option<Mail>> {
    for file in wait_for(stage, folder, count).await? {
        let mail = mail(&file)?;
        if mail.subject.contains(holds) || mail.text.contains(holds) {
            return Ok(Some(mail));
        }
    }
    Ok(None)
}
