//! Evidence that exchanges over Trembita leave: signed containers and the archives that chain them, verified
//! for whoever holds them. Verifying asks nobody; whom to trust is given.
//!
//! - [`verify`]: a container: ASiC-E in X-Road's profile and as DSS writes it, ASiC-S as Trembita writes it.
//! - [`archive`]: an archive of containers with its linking information.
//! - [`sealing`]: containers, time-stamps and archives that are made here.
//! - [`report`]: what was found: every fault, what could not be verified, and the [`Verdict`].
//!
//! What can't be verified is never called valid: a chain without roots, a signature of an algorithm that no
//! verifier knows. DSTU 4145 has one, which is experimental and off unless [`Trust`] is told.

pub(in crate::trembita) mod algorithms;
pub mod archive;
mod asic_e;
mod asic_s;
mod batch;
pub(in crate::trembita) mod c14n;
mod cms;
mod container;
mod dstu4145;
mod hash_chain;
pub mod report;
mod revocation;
pub(in crate::trembita) mod revocation_list;
pub mod sealing;
mod signature;
mod timestamp;
pub(in crate::trembita) mod trust;
mod verifier;
pub(in crate::trembita) mod xml;

use chrono::{DateTime, Utc};

pub use report::{Report, Verdict};
pub use trust::Trust;

use container::{Container, Unreadable};
use report::{Code, Format};

/// Verifies a container. `now` is when certificates have to hold if no time-stamp says when the signature was
/// there.
#[must_use]
pub fn verify(bytes: &[u8], trust: &Trust, now: DateTime<Utc>) -> Report {
    let mut report = Report::new();
    match Container::open(bytes) {
        Err(Unreadable::NoArchive) => {
            report.fault(Code::AsicMimeTypeNotFound, "mimetype", "the file is no archive");
        }
        Err(Unreadable::Unsafe(text)) => report.fault(Code::ContainerUnsafe, "archive", text),
        Ok(container) => inspect(&container, trust, now, &mut report),
    }
    report
}

fn inspect(container: &Container, trust: &Trust, now: DateTime<Utc>, report: &mut Report) {
    let media = container.get("mimetype").map(|media| String::from_utf8_lossy(media).trim().to_owned());
    match media.as_deref() {
        None | Some("") => report.fault(Code::AsicMimeTypeNotFound, "mimetype", "there is none"),
        Some("application/vnd.etsi.asic-e+zip") => report.format = Some(Format::AsicE),
        Some("application/vnd.etsi.asic-s+zip") => report.format = Some(Format::AsicS),
        Some(other) => {
            report.fault(
                Code::AsicInvalidMimeType,
                "mimetype",
                format!("{other:?} is no container of signatures"),
            );
        }
    }
    // Without a type it is still looked into, so that the report lists all that is wrong.
    if report.format == Some(Format::AsicS)
        || (report.format.is_none() && container.get(asic_s::SIGNATURE).is_some())
    {
        asic_s::verify(container, trust, now, report);
    } else {
        asic_e::verify(container, trust, now, report);
    }
}
