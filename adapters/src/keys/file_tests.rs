//! Keys in files, made by the `openssl` command line and checked by it.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::*;
use crate::keys::KeyRing;
use crate::keys::algorithm::ecdsa_der;

fn openssl(folder: &Path, line: &str) -> bool {
    Command::new("openssl").args(line.split(' ')).current_dir(folder).output().unwrap().status.success()
}

/// A key of that kind with a certificate of its own: `key.pem`, `certificate.pem`.
fn key(kind: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = format!(
        "req -x509 -newkey {kind} -nodes -keyout key.pem -out certificate.pem -days 20 -subj /CN=Kordon"
    );
    assert!(openssl(folder.path(), &made));
    folder
}

fn open(folder: &TempDir) -> FileKey {
    FileKey::open(&at(folder, "key.pem"), &at(folder, "certificate.pem"), None).unwrap()
}

fn at(folder: &TempDir, name: &str) -> PathBuf {
    folder.path().join(name)
}

/// Whether the command line finds a signature of a key right.
fn holds(folder: &TempDir, digest: &str, options: &str, content: &[u8], value: &[u8]) -> bool {
    fs::write(at(folder, "content"), content).unwrap();
    fs::write(at(folder, "value"), value).unwrap();
    assert!(openssl(folder.path(), "x509 -in certificate.pem -pubkey -noout -out public.pem"));
    openssl(folder.path(), &format!("dgst -{digest} -verify public.pem{options} -signature value content"))
}

#[test]
fn the_openssl_command_line_verifies_each_algorithm_of_rsa() {
    use SignatureAlgorithm::*;
    let folder = key("rsa:2048");
    let signer = open(&folder);
    let pss = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest";
    for (algorithm, digest, options) in [
        (RsaSha256, "sha256", ""),
        (RsaSha384, "sha384", ""),
        (RsaSha512, "sha512", ""),
        (RsaPssSha256, "sha256", pss),
        (RsaPssSha384, "sha384", pss),
        (RsaPssSha512, "sha512", pss),
    ] {
        let value = signer.sign(algorithm, b"content").unwrap();
        assert!(holds(&folder, digest, options, b"content", &value), "{algorithm:?}");
        assert!(!holds(&folder, digest, options, b"Content", &value), "{algorithm:?}");
    }
    signer.sign(EcdsaSha256, b"content").unwrap_err();
}

#[test]
fn the_openssl_command_line_verifies_each_curve_and_the_two_numbers_are_as_wide_as_it() {
    use SignatureAlgorithm::*;
    for (curve, algorithm, digest, width) in [
        ("prime256v1", EcdsaSha256, "sha256", 32),
        ("secp384r1", EcdsaSha384, "sha384", 48),
        ("secp521r1", EcdsaSha512, "sha512", 66),
    ] {
        let folder = key(&format!("ec -pkeyopt ec_paramgen_curve:{curve}"));
        let signer = open(&folder);
        assert_eq!(signer.kind().usual_algorithm(), algorithm);
        let value = signer.sign(algorithm, b"content").unwrap();
        assert_eq!(value.len(), 2 * width);
        assert!(holds(&folder, digest, "", b"content", &ecdsa_der(&value).unwrap()));
        signer.sign(RsaSha256, b"content").unwrap_err();
    }
}

#[test]
fn a_key_with_a_password_and_pkcs12_are_the_same_key() {
    let folder = key("rsa:2048");
    fs::write(at(&folder, "password"), "червоний\n").unwrap();
    fs::write(at(&folder, "other"), "another\n").unwrap();
    assert!(openssl(folder.path(), "pkey -in key.pem -aes256 -passout file:password -out locked.pem"));
    let pack = "pkcs12 -export -inkey key.pem -in certificate.pem -passout file:password -out key.p12";
    assert!(openssl(folder.path(), pack));
    let plain = open(&folder);
    let (password, other) = (at(&folder, "password"), at(&folder, "other"));
    let locked = at(&folder, "locked.pem");
    let certificate = at(&folder, "certificate.pem");
    let opened = FileKey::open(&locked, &certificate, Some(&password)).unwrap();
    let packed = FileKey::open_pkcs12(&at(&folder, "key.p12"), Some(&password)).unwrap();
    let value = plain.sign(SignatureAlgorithm::RsaSha512, b"content").unwrap();
    for same in [opened, packed] {
        assert_eq!(same.sign(SignatureAlgorithm::RsaSha512, b"content").unwrap(), value);
        assert_eq!(same.chain(), plain.chain());
    }
    let fault = |opened: std::result::Result<FileKey, SettingsFault>| opened.unwrap_err().to_string();
    assert_eq!(
        fault(FileKey::open(&locked, &certificate, None)),
        "keys.key: holds no private key in PEM without a password"
    );
    assert_eq!(
        fault(FileKey::open(&locked, &certificate, Some(&other))),
        "keys.key: holds no private key in PEM of this password"
    );
    assert_eq!(
        fault(FileKey::open_pkcs12(&at(&folder, "key.p12"), Some(&other))),
        "keys.file: cannot be opened with this password"
    );
}

#[test]
fn a_key_that_is_too_short_or_on_another_curve_is_refused() {
    for kind in ["rsa:1024", "ec -pkeyopt ec_paramgen_curve:secp256k1", "ed25519"] {
        let folder = key(kind);
        let fault = FileKey::open(&at(&folder, "key.pem"), &at(&folder, "certificate.pem"), None);
        assert_eq!(
            fault.unwrap_err().to_string(),
            "keys.key: is neither RSA of 2048 bits or more nor on P-256, P-384 or P-521"
        );
    }
}

#[test]
fn a_chain_is_put_in_order_and_what_is_of_another_is_left_out() {
    let folder = key("ec -pkeyopt ec_paramgen_curve:prime256v1");
    let stranger = key("ec -pkeyopt ec_paramgen_curve:prime256v1");
    let issue = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout leaf.key -subj /CN=Leaf -out leaf.csr";
    assert!(openssl(folder.path(), issue));
    let sign =
        "x509 -req -in leaf.csr -CA certificate.pem -CAkey key.pem -CAcreateserial -days 5 -out leaf.pem";
    assert!(openssl(folder.path(), sign));
    let mut all = fs::read(at(&folder, "leaf.pem")).unwrap();
    all.extend(fs::read(at(&stranger, "certificate.pem")).unwrap());
    all.extend(fs::read(at(&folder, "certificate.pem")).unwrap());
    fs::write(at(&folder, "all.pem"), all).unwrap();
    let opened = FileKey::open(&at(&folder, "leaf.key"), &at(&folder, "all.pem"), None).unwrap();
    assert_eq!(opened.chain().len(), 2);
    assert_eq!(opened.chain()[1], open(&folder).chain()[0]);
}

#[test]
fn the_newer_key_signs_and_both_are_published_until_the_older_ends() {
    let ring = |ends: &[(i64, i64)]| {
        let now = Utc::now();
        let key = key("ec -pkeyopt ec_paramgen_curve:prime256v1");
        let keys = ends.iter().map(|(from, until)| {
            let mut opened = open(&key);
            let day = |days: &i64| now + TimeDelta::days(*days);
            opened.validity = Validity { from: day(from), until: day(until) };
            std::sync::Arc::new(opened) as std::sync::Arc<dyn Signer>
        });
        (KeyRing::of(keys.collect()).unwrap(), now)
    };
    let (keys, now) = ring(&[(-300, 20), (-1, 400)]);
    assert_eq!(keys.signing(now).unwrap().holds().from, now - TimeDelta::days(1));
    assert_eq!(keys.published(now).count(), 2);
    let later = now + TimeDelta::days(21);
    assert_eq!(keys.published(later).count(), 1);
    assert_eq!(keys.lasts_until(now), Some(now + TimeDelta::days(400)));

    // One that is yet to begin is published and does not sign; a gap between the two ends what lasts.
    let (keys, now) = ring(&[(-300, 20), (5, 400)]);
    assert_eq!(keys.signing(now).unwrap().holds().until, now + TimeDelta::days(20));
    assert_eq!(keys.published(now).count(), 2);
    assert_eq!(keys.lasts_until(now), Some(now + TimeDelta::days(400)));
    let (keys, now) = ring(&[(-300, 20), (25, 400)]);
    assert_eq!(keys.lasts_until(now), Some(now + TimeDelta::days(20)));
    keys.signing(now + TimeDelta::days(22)).unwrap_err();

    assert_eq!(KeyRing::open(&[]).unwrap_err().to_string(), "keys: there is no key");
}

#[test]
fn a_certificate_warns_at_30_14_and_7_days_and_when_it_has_ended() {
    use crate::keys::ring::warning;
    let now = Utc::now();
    let in_hours = |hours| warning(now + TimeDelta::hours(hours), now);
    assert_eq!(in_hours(31 * 24), None);
    assert_eq!(in_hours(30 * 24), Some(30));
    assert_eq!(in_hours(14 * 24 + 1), Some(30));
    assert_eq!(in_hours(14 * 24), Some(14));
    assert_eq!(in_hours(7 * 24), Some(7));
    assert_eq!(in_hours(1), Some(7));
    assert_eq!(in_hours(-1), Some(0));
}
