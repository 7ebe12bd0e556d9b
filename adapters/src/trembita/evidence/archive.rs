//! Archives of a message log: containers, chained by the digests of `linkinginfo`, each archive to the one
//! before.

use std::collections::BTreeSet;

use serde::Serialize;

use super::algorithms::Digest;
use super::container::{Container, Unreadable};

const LINKING: &str = "linkinginfo";

/// What was found in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArchiveReport {
    /// What is wrong.
    pub faults: Vec<String>,
    /// The archive before this one, by its name.
    pub previous_file: Option<String>,
    /// The containers that were linked, in order.
    pub containers: usize,
    /// The last digest, hexadecimal: what the next archive begins with. Only if nothing is wrong.
    pub last_digest: Option<String>,
}

/// Verifies an archive. `previous` is the last digest of the archive before, hexadecimal; none for the first.
#[must_use]
pub fn verify(bytes: &[u8], previous: Option<&str>) -> ArchiveReport {
    let mut report =
        ArchiveReport { faults: Vec::new(), previous_file: None, containers: 0, last_digest: None };
    let container = match Container::open(bytes) {
        Ok(container) => container,
        Err(Unreadable::NoArchive) => {
            report.faults.push("the file is no archive".to_owned());
            return report;
        }
        Err(Unreadable::Unsafe(text)) => {
            report.faults.push(text);
            return report;
        }
    };
    let Some(linking) = container.get(LINKING) else {
        report.faults.push("there is no linkinginfo".to_owned());
        return report;
    };
    let Ok(linking) = std::str::from_utf8(linking) else {
        report.faults.push("the linkinginfo is not UTF-8".to_owned());
        return report;
    };
    let mut lines = linking.lines();
    let first: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    let [before, file, algorithm] = first.as_slice() else {
        report.faults.push("the first line of the linkinginfo has not three fields".to_owned());
        return report;
    };
    report.previous_file = (*file != "-").then(|| (*file).to_owned());
    let linked = links(lines, &mut report);
    check_names(&container, &linked, &mut report);
    let before = if *before == "-" { "" } else { before };
    if !before.eq_ignore_ascii_case(previous.unwrap_or_default()) {
        report
            .faults
            .push("the linkinginfo begins with another digest than the archive before ended with".to_owned());
    }
    match digest(algorithm) {
        None => report.faults.push(format!("the digest {algorithm:?} is not known, or too weak")),
        Some(digest) => chain(&container, &linked, before, digest, &mut report),
    }
    report
}

/// Digest and file of each line.
fn links<'a>(lines: impl Iterator<Item = &'a str>, report: &mut ArchiveReport) -> Vec<(&'a str, &'a str)> {
    let mut linked = Vec::new();
    for (line, number) in lines.zip(2_usize..) {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [digest, name] => linked.push((*digest, *name)),
            _ => report.faults.push(format!("line {number} of the linkinginfo has not two fields")),
        }
    }
    linked
}

fn containers(container: &Container) -> impl Iterator<Item = (&str, &[u8])> {
    container.entries().filter(|(name, _)| name.ends_with(".asice"))
}

fn check_names(container: &Container, linked: &[(&str, &str)], report: &mut ArchiveReport) {
    let inside: BTreeSet<&str> = containers(container).map(|(name, _)| name).collect();
    if inside.is_empty() {
        report.faults.push("there is no container in the archive".to_owned());
    }
    let mut named = BTreeSet::new();
    for (_, name) in linked {
        if !named.insert(*name) {
            report.faults.push(format!("{name} stands twice in the linkinginfo"));
        }
    }
    report
        .faults
        .extend(named.difference(&inside).map(|name| format!("{name} is linked and not in the archive")));
    report
        .faults
        .extend(inside.difference(&named).map(|name| format!("{name} is in the archive and not linked")));
}

/// The chain runs in the order of the archive's entries. After a digest that differs it goes on with the one
/// that is written, so that every fault is found.
fn chain(
    container: &Container,
    linked: &[(&str, &str)],
    before: &str,
    digest: Digest,
    report: &mut ArchiveReport,
) {
    let mut last = before.to_ascii_lowercase();
    for (name, bytes) in containers(container) {
        let Some((written, _)) = linked.iter().find(|(_, own)| *own == name) else { continue };
        let own = digest.of(bytes).map(|own| hexadecimal(&own)).unwrap_or_default();
        let computed = digest.of(format!("{last}{own}").as_bytes()).map(|own| hexadecimal(&own));
        if computed.as_deref() != Some(written.to_ascii_lowercase().as_str()) {
            report.faults.push(format!("the digest of {name} does not match the linkinginfo"));
        }
        last = written.to_ascii_lowercase();
        report.containers += 1;
    }
    report.last_digest = report.faults.is_empty().then_some(last);
}

fn digest(name: &str) -> Option<Digest> {
    match name {
        "SHA-256" => Some(Digest::Sha256),
        "SHA-384" => Some(Digest::Sha384),
        "SHA-512" => Some(Digest::Sha512),
        _ => None,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
