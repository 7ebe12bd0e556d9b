//! Verifying what was sealed: the containers of the archives, one after the other on one core, as `kordon
//! evidence verify` does.

use std::io::{Cursor, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::Utc;
use kordon_adapters::trembita::evidence::{Trust, Verdict, verify};
use zip::ZipArchive;

/// So many are verified.
pub(super) const CONTAINERS: usize = 10_000;

/// How long it took.
pub(super) struct Verified {
    pub(super) containers: usize,
    pub(super) took: Duration,
}

/// Verifies the containers of the archives in a folder. It is an error when anything is wrong with one.
pub(super) fn run(archives: &Path, authority: &[u8]) -> anyhow::Result<Verified> {
    let trust = Trust::none().with_pem(authority).map_err(anyhow::Error::msg)?;
    let containers = read(archives)?;
    ensure!(containers.len() == CONTAINERS, "the archives hold {} containers", containers.len());
    let now = Utc::now();
    let begun = Instant::now();
    for container in &containers {
        let report = verify(container, &trust, now);
        // There is no authority that would say that the certificate is good, or when it signed; all else has
        // to hold.
        let holds = report.verdict() != Verdict::Invalid && !report.signatures.is_empty();
        ensure!(holds, "a container is {}: {report:?}", report.verdict());
    }
    Ok(Verified { containers: containers.len(), took: begun.elapsed() })
}

fn read(archives: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut containers = Vec::with_capacity(CONTAINERS);
    let mut files: Vec<_> = std::fs::read_dir(archives)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        let mut archive = ZipArchive::new(Cursor::new(std::fs::read(file)?))?;
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index)?;
            if containers.len() < CONTAINERS && entry.name()?.ends_with(".asice") {
                let mut container = Vec::new();
                entry.read_to_end(&mut container)?;
                containers.push(container);
            }
        }
    }
    Ok(containers)
}
