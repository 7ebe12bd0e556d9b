//! Archives that mean harm.

use std::time::{Duration, Instant};

use kordon_adapters::trembita::evidence::report::{Code, Verdict};
use kordon_adapters::trembita::evidence::{Trust, verify};
use proptest::prelude::*;

use super::recipe::{MESSAGE, PLAIN, Recipe, Stamp, zipped};

const BARE: Recipe = Recipe { stamp: Stamp::No, ocsp: None, ..PLAIN };

fn refused(bytes: &[u8], what: &str) {
    let started = Instant::now();
    let report = verify(bytes, &Trust::none(), chrono::Utc::now());
    assert_eq!(report.verdict(), Verdict::Invalid, "{what}: {report:#?}");
    assert_eq!(report.faults[0].code, Code::ContainerUnsafe, "{what}: {report:#?}");
    assert!(report.signatures.is_empty(), "nothing in it is looked at: {what}");
    assert!(started.elapsed() < Duration::from_secs(60), "{what}: {:?}", started.elapsed());
}

/// All places of a text replaced by one of the same length, as no writer of archives would.
fn patched(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "{from}");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

#[test]
fn names_that_stand_twice_or_lead_astray_are_refused() {
    let with = |name: &str| {
        let mut files = BARE.files();
        files.push((name.into(), b"<forged/>".to_vec()));
        zipped(&files)
    };
    refused(&patched(&with("message.xmk"), "message.xmk", "message.xml"), "the message twice");
    refused(&with("MESSAGE.xml"), "the message twice but for case");
    for name in ["../evil", "/etc/passwd", "a/../../b", "a\\b", "c:evil", "./a", "a//b", "bell\u{7}"] {
        refused(&patched(&with(&"x".repeat(name.len())), &"x".repeat(name.len()), name), name);
    }
}

#[test]
fn what_stands_around_the_archive_is_refused() {
    let archive = zipped(&BARE.files());
    refused(&[b"%PDF-1.7\n".as_slice(), &archive].concat(), "something before");
    refused(&[&archive, b"trailing".as_slice()].concat(), "something after");
    refused(&[archive.clone(), archive.clone()].concat(), "two archives");
    refused(&archive[..archive.len() - 30], "cut off");
    // The message of the local header is not that of the directory.
    let mut other = archive.clone();
    let at = other.windows(11).position(|window| window == b"message.xml").expect("a local name");
    other[at] = b'M';
    refused(&other, "two truths");
}

#[test]
fn bombs_are_refused() {
    let mut files = BARE.files();
    for number in 0..3 {
        files.push((format!("attachment{number}"), vec![0; 45 << 20]));
    }
    let bomb = zipped(&files);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    refused(&bomb, "135 MB in less than one");
    let many: Vec<(String, Vec<u8>)> = (0..10_001).map(|number| (format!("a{number}"), Vec::new())).collect();
    refused(&zipped(&many), "10,001 files");
    refused(&vec![b'P'; (64 << 20) + 1], "a large file");
    let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let mut files = BARE.files();
    super::recipe::edit(&mut files, "META-INF/signatures.xml", |_| deep);
    let report = verify(&zipped(&files), &Trust::none(), chrono::Utc::now());
    assert_eq!(report.faults[0].code, Code::MalformedSignature);
}

#[test]
fn what_is_no_archive_has_no_type() {
    for bytes in [b"".as_slice(), b"junk", MESSAGE] {
        let report = verify(bytes, &Trust::none(), chrono::Utc::now());
        assert_eq!(report.faults[0].code, Code::AsicMimeTypeNotFound);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn garbage_never_panics_and_is_never_valid(bytes in prop::collection::vec(any::<u8>(), 0..300), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let now = chrono::Utc::now();
        prop_assert_eq!(verify(&bytes, &Trust::none(), now).verdict(), Verdict::Invalid);
        let mut archive = zipped(&BARE.files());
        let at = place.index(archive.len());
        archive[at] = byte;
        prop_assert_ne!(verify(&archive, &Trust::none(), now).verdict(), Verdict::Valid);
        // The same within a file, where no checksum of the archive stands before it.
        for name in ["META-INF/signatures.xml", "sig-hashchain.xml", "sig-hashchainresult.xml"] {
            let mut files = Recipe { batch: true, ..BARE }.files();
            let (_, content) = files.iter_mut().find(|(own, _)| own == name).expect("the file");
            let at = place.index(content.len());
            let changed = content[at] != byte;
            content[at] = byte;
            let report = verify(&zipped(&files), &Trust::none(), now);
            prop_assert_ne!(report.verdict(), Verdict::Valid);
            prop_assert!(!changed || !report.signatures.iter().any(|signed| signed.signer.is_none()) || !report.faults.is_empty());
        }
    }
}
