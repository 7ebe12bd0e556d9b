//! Containers and archives that were broken at random: whatever they hold, the verifier ends, and what it
//! calls valid holds the bytes that were signed.
//!
//! `make test` tries a few hundred. For longer: `KORDON_FUZZ_SECONDS=600 cargo test -p kordon-adapters --test
//! trembita --release -- --ignored evidence::hostile::for_long`.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kordon_adapters::trembita::evidence::report::Verdict;
use kordon_adapters::trembita::evidence::{Trust, archive, verify};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use super::pki::PKI;
use super::recipe::{Files, PLAIN, Recipe, Stamp, zipped};
use crate::vectors;

/// What is done to a container.
#[derive(Debug, Clone)]
enum Damage {
    /// A byte of the file is another.
    Byte(Index, u8),
    /// The file ends here.
    End(Index),
    /// Bytes are put in.
    Bytes(Index, Vec<u8>),
    /// A byte of an entry is another.
    OfEntry(Index, Index, u8),
    /// A stretch of an entry is that of another one, or of this one again.
    Stretch(Index, Index, Index, Index, usize),
    /// An entry is gone.
    Gone(Index),
    /// An entry is there under another's name.
    Renamed(Index, Index),
    /// A piece of XML stands in an entry.
    Piece(Index, Index, &'static str),
}

/// Pieces that parsers are asked to trip over.
const PIECES: [&str; 12] = [
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "&b;",
    "&#0;",
    "<![CDATA[",
    "xmlns:ds=\"urn:other\" ",
    "Id=\"signature\" ",
    "URI=\"#signed-properties\" ",
    "<ds:Signature Id=\"signature\">",
    "<ds:Reference URI=\"/message.xml\"/>",
    "<?xml version=\"1.0\"?>",
    "\u{feff}",
    "99999999999999999999",
];

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<Index>;
    prop_oneof![
        (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        index().prop_map(Damage::End),
        (index(), vec(any::<u8>(), 0..20)).prop_map(|(at, bytes)| Damage::Bytes(at, bytes)),
        (index(), index(), any::<u8>()).prop_map(|(entry, at, byte)| Damage::OfEntry(entry, at, byte)),
        (index(), index(), index(), index(), 1..200_usize)
            .prop_map(|(to, at, from, place, length)| Damage::Stretch(to, at, from, place, length)),
        index().prop_map(Damage::Gone),
        (index(), index()).prop_map(|(one, other)| Damage::Renamed(one, other)),
        (index(), index(), proptest::sample::select(PIECES.to_vec()))
            .prop_map(|(entry, at, piece)| Damage::Piece(entry, at, piece)),
    ]
}

/// The containers that are broken: one of each kind.
static BASES: LazyLock<Vec<Files>> = LazyLock::new(|| {
    let rsa = Recipe { signer: "rsa", ocsp: Some("rsa.ocsp"), ..PLAIN };
    let kinds = [
        PLAIN,
        Recipe { stamp: Stamp::Batch, ..PLAIN },
        Recipe { batch: true, ..rsa.clone() },
        Recipe { batch: true, stamp: Stamp::Batch, ..PLAIN },
        Recipe { dss: true, ..rsa },
    ];
    kinds.iter().map(Recipe::files).collect()
});

static TRUST: LazyLock<Trust> = LazyLock::new(|| PKI.trust("ca"));

/// Does the damage: what is done to entries first, then what is done to the file.
fn damaged(base: &Files, all: &[Damage]) -> Vec<u8> {
    let mut files = base.clone();
    for one in all {
        if files.is_empty() {
            break;
        }
        let count = files.len();
        match one {
            Damage::OfEntry(entry, at, byte) => {
                let content = &mut files[entry.index(count)].1;
                if !content.is_empty() {
                    let at = at.index(content.len());
                    content[at] = *byte;
                }
            }
            Damage::Stretch(to, at, from, place, length) => {
                let source = files[from.index(count)].1.clone();
                let content = &mut files[to.index(count)].1;
                let start = place.index(source.len() + 1);
                let stretch = source[start..source.len().min(start + length)].to_vec();
                let at = at.index(content.len() + 1);
                content.splice(at..at, stretch);
            }
            Damage::Gone(entry) => {
                files.remove(entry.index(count));
            }
            Damage::Renamed(one, other) => files[one.index(count)].0 = files[other.index(count)].0.clone(),
            Damage::Piece(entry, at, piece) => {
                let content = &mut files[entry.index(count)].1;
                let at = at.index(content.len() + 1);
                content.splice(at..at, piece.bytes());
            }
            Damage::Byte(..) | Damage::End(_) | Damage::Bytes(..) => {}
        }
    }
    let mut names = std::collections::BTreeSet::new();
    files.retain(|(name, _)| names.insert(name.clone()));
    let mut bytes = zipped(&files);
    for one in all {
        match one {
            Damage::Byte(at, byte) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Damage::End(at) => bytes.truncate(at.index(bytes.len() + 1)),
            Damage::Bytes(at, more) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            Damage::Byte(..)
            | Damage::OfEntry(..)
            | Damage::Stretch(..)
            | Damage::Gone(_)
            | Damage::Renamed(..)
            | Damage::Piece(..) => {}
        }
    }
    bytes
}

/// The files that a container holds, if it can be read at all.
fn contents(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else { return BTreeMap::new() };
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let Ok(mut entry) = archive.by_index(index) else { continue };
        let mut content = Vec::new();
        let read = std::io::Read::read_to_end(&mut entry, &mut content);
        if let (Ok(_), Ok(name)) = (read, entry.name()) {
            files.insert(name.into_owned(), content);
        }
    }
    files
}

/// The law.
fn check(base: &Files, bytes: &[u8], now: DateTime<Utc>) -> Result<(), TestCaseError> {
    let report = verify(bytes, &TRUST, now);
    if report.verdict() == Verdict::Valid {
        let (held, signed): (_, BTreeMap<_, _>) = (contents(bytes), base.iter().cloned().collect());
        for name in report.signatures.iter().flat_map(|signed| &signed.covers) {
            prop_assert_eq!(held.get(name), signed.get(name), "{} is called valid", name);
        }
    }
    // It is no archive of containers either way, and the verifier of those says so and ends.
    let report = archive::verify(bytes, None);
    prop_assert!(!report.faults.is_empty());
    Ok(())
}

fn run(runner: &mut TestRunner) {
    let base = 0..BASES.len();
    runner
        .run(&(base, vec(damage(), 1..6)), |(base, all)| {
            check(&BASES[base], &damaged(&BASES[base], &all), Utc::now())
        })
        .unwrap_or_else(|fault| panic!("{fault}"));
}

#[test]
fn whatever_is_broken_the_verifier_ends_and_calls_nothing_valid_that_was_not_signed() {
    run(&mut TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() }));
}

#[test]
fn containers_of_xroad_that_were_broken_are_never_called_valid() {
    let Some(folder) = vectors::folder("xroad/asic") else { return };
    let files: Vec<Vec<u8>> =
        vectors::names(&folder).iter().map(|name| vectors::read(&folder, name)).collect();
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let strategy = (0..files.len(), vec((any::<Index>(), any::<u8>()), 1..8));
    let ran = runner.run(&strategy, |(file, changes)| {
        let mut bytes = files[file].clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        prop_assert_ne!(verify(&bytes, &Trust::none(), Utc::now()).verdict(), Verdict::Valid);
        Ok(())
    });
    ran.unwrap_or_else(|fault| panic!("{fault}"));
}

#[test]
#[ignore = "for as long as KORDON_FUZZ_SECONDS says"]
fn for_long() {
    let seconds = std::env::var("KORDON_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let (begun, mut cases) = (Instant::now(), 0_u32);
    while begun.elapsed() < Duration::from_secs(seconds) {
        run(&mut TestRunner::new(Config { cases: 1_000, failure_persistence: None, ..Config::default() }));
        cases += 1_000;
    }
    println!("{cases} cases in {:?}", begun.elapsed());
}
