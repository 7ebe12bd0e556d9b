//! `kordon evidence`: whether containers and archives of exchanges over Trembita hold. Needs no hub and no
//! network.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use kordon_adapters::trembita::evidence::archive::{self, ArchiveReport};
use kordon_adapters::trembita::evidence::report::Signed;
use kordon_adapters::trembita::evidence::{self as containers, Report, Trust, Verdict};
use kordon_hub::Clock;
use serde::Serialize;

use super::say;

/// What to do with evidence.
#[derive(Debug, Subcommand)]
pub(super) enum Evidence {
    /// Verifies containers (ASiC-E, ASiC-S) and lists all that is wrong with them. Ends well only if all are
    /// valid.
    Verify {
        /// Certificates to trust (PEM): of certificate authorities, time-stamp authorities. Without any, no
        /// container is valid.
        #[arg(long)]
        trust: Vec<PathBuf>,
        /// Verifies signatures of DSTU 4145 too, by code that is experimental and certified by nobody. A
        /// certificate that is signed with it has to be among the trusted ones itself.
        #[arg(long)]
        experimental_dstu4145: bool,
        /// Prints the reports as JSON.
        #[arg(long)]
        json: bool,
        /// The containers.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Verifies that archives of a message log are whole: each container chained to the one before, each
    /// archive too.
    VerifyArchive {
        /// The last digest of the archive before the first one, hexadecimal; none if it is the first of all.
        #[arg(long)]
        previous: Option<String>,
        /// Prints the reports as JSON.
        #[arg(long)]
        json: bool,
        /// The archives, oldest first.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Serialize)]
struct OfFile<'a, R> {
    file: String,
    verdict: Verdict,
    #[serde(flatten)]
    report: &'a R,
}

impl Evidence {
    /// Carries it out.
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Verify { trust, experimental_dstu4145, json, files } => {
                let mut whom = Trust::none();
                if experimental_dstu4145 {
                    whom = whom.with_experimental_dstu4145();
                }
                verify(trusting(whom, &trust)?, json, &files)
            }
            Self::VerifyArchive { previous, json, files } => verify_archives(previous, json, &files),
        }
    }
}

/// Trust in the certificates of files besides.
fn trusting(mut trust: Trust, files: &[PathBuf]) -> anyhow::Result<Trust> {
    for file in files {
        trust = trust
            .with_pem(&read(file)?)
            .map_err(|fault| anyhow::anyhow!("{} cannot be trusted: {fault}", file.display()))?;
    }
    Ok(trust)
}

fn verify(trust: Trust, json: bool, files: &[PathBuf]) -> anyhow::Result<()> {
    let now = Clock::system().now();
    let mut reports = Vec::with_capacity(files.len());
    for file in files {
        let report = containers::verify(&read(file)?, &trust, now);
        reports.push((file, report.verdict(), report));
    }
    tell(json, &reports, describe)
}

fn verify_archives(previous: Option<String>, json: bool, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut previous = previous;
    let mut reports = Vec::with_capacity(files.len());
    for file in files {
        let report = archive::verify(&read(file)?, previous.as_deref());
        let verdict = if report.faults.is_empty() { Verdict::Valid } else { Verdict::Invalid };
        previous = report.last_digest.clone();
        reports.push((file, verdict, report));
    }
    tell(json, &reports, describe_archive)
}

/// Prints the reports; fails unless all are valid.
fn tell<R: Serialize>(
    json: bool,
    reports: &[(&PathBuf, Verdict, R)],
    describe: fn(&R) -> String,
) -> anyhow::Result<()> {
    if json {
        let all: Vec<OfFile<'_, R>> = reports
            .iter()
            .map(|(file, verdict, report)| OfFile {
                file: file.display().to_string(),
                verdict: *verdict,
                report,
            })
            .collect();
        say(&serde_json::to_string_pretty(&all)?);
    } else {
        for (file, verdict, report) in reports {
            say(format!("{}: {verdict}\n{}", file.display(), describe(report)).trim_end());
        }
    }
    let wrong = reports.iter().filter(|(_, verdict, _)| *verdict != Verdict::Valid).count();
    anyhow::ensure!(wrong == 0, "{wrong} of {} files are not valid", reports.len());
    Ok(())
}

fn describe(report: &Report) -> String {
    let mut text = String::new();
    for signed in &report.signatures {
        let Signed { file, signer, algorithm, signed_at, stamped_at, covers } = signed;
        let unknown = "unknown".to_owned();
        let _ = writeln!(text, "  signature   {file} by {}", signer.as_ref().unwrap_or(&unknown));
        let _ = writeln!(text, "    algorithm {}", algorithm.as_ref().unwrap_or(&unknown));
        if let Some(time) = signed_at {
            let _ = writeln!(text, "    signed    {time} by the signer's word");
        }
        if let Some(time) = stamped_at {
            let _ = writeln!(text, "    stamped   {time}");
        }
        let _ = writeln!(text, "    covers    {}", covers.join(", "));
    }
    let kinds = [
        ("fault       ", &report.faults),
        ("not verified", &report.not_verified),
        ("remark      ", &report.remarks),
    ];
    for (kind, findings) in kinds {
        for finding in findings {
            let _ = writeln!(text, "  {kind} {finding}");
        }
    }
    text
}

fn describe_archive(report: &ArchiveReport) -> String {
    let ArchiveReport { faults, previous_file, containers, last_digest } = report;
    let mut text = format!("  containers  {containers}\n");
    if let Some(previous) = previous_file {
        let _ = writeln!(text, "  follows     {previous}");
    }
    if let Some(digest) = last_digest {
        let _ = writeln!(text, "  last digest {digest}");
    }
    for fault in faults {
        let _ = writeln!(text, "  fault       {fault}");
    }
    text
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}
