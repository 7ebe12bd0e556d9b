//! What is sealed here: valid to our own verifier and to strangers', and invalid to each of them as soon as it is changed.

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_adapters::keys::{FileKey, KeyRing, KeySettings};
use kordon_adapters::trembita::evidence::report::{Code, Verdict};
use kordon_adapters::trembita::evidence::sealing::settings::{
    EvidenceSettings, OnFailure, StatusSettings, StatusSource, TimeStampSettings,
};
use kordon_adapters::trembita::evidence::sealing::{ContainerSealer, ONE_BY_ONE, container};
use kordon_adapters::trembita::evidence::{Report, archive, verify};
use kordon_hub::sealing::Sealer;
use kordon_hub::sealing::model::{Content, Part, Previous, Sealed, Signature, Stamp, Unsealed, Unstamped};
use tempfile::TempDir;
use uuid::Uuid;

use super::authority_server::{AuthorityServer, Behaviour};
use super::pki::PKI;
use super::recipe::{Files, base64, remove, zipped};

/// A sealer with a time-stamp authority and an OCSP responder of its own.
struct Site {
    sealer: ContainerSealer,
    server: AuthorityServer,
    folder: TempDir,
}

fn site(signer: &str) -> Site {
    site_with(signer, Some(OnFailure::Wait))
}

fn site_with(signer: &str, status: Option<OnFailure>) -> Site {
    site_asking(signer, |url| {
        status.map(|on_failure| StatusSettings {
            responder: Some(url.to_owned()),
            on_failure,
            ..StatusSettings::default()
        })
    })
}

/// A sealer that goes by a list of revoked certificates.
fn site_with_list(signer: &str, list: &str, on_failure: OnFailure) -> Site {
    site_asking(signer, |url| {
        let list = Some(format!("{url}{list}.crl"));
        Some(StatusSettings { source: StatusSource::Crl, list, on_failure, ..StatusSettings::default() })
    })
}

fn site_asking(signer: &str, status: impl FnOnce(&str) -> Option<StatusSettings>) -> Site {
    let server = AuthorityServer::start();
    let settings = EvidenceSettings {
        trust: vec![PKI.path("ca.crt")],
        time_stamps: Some(TimeStampSettings {
            address: server.url.clone(),
            every_seconds: 0,
            again_seconds: 0,
            patience_seconds: 20,
        }),
        certificate_status: status(&server.url),
        ..EvidenceSettings::default()
    };
    let key = KeySettings::File {
        key: PKI.path(&format!("{signer}.key")),
        certificate: PKI.path(&format!("{signer}.crt")),
        password_file: None,
    };
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyRing::open(&[key]).unwrap();
    let sealer = ContainerSealer::open(&settings, keys, folder.path()).unwrap();
    Site { sealer, server, folder }
}

/// The message of a number; every third has an attachment.
fn message(number: usize) -> (Content, Option<Content>) {
    let content = |text: String, media_type: &str| Content {
        bytes: text.into_bytes(),
        media_type: media_type.to_owned(),
    };
    let attachment =
        number.is_multiple_of(3).then(|| content(format!("{{\"number\": {number}}}"), "application/json"));
    (content(format!("<message>{number}</message>"), "text/xml"), attachment)
}

fn unsealed(number: usize) -> Unsealed {
    let digest = |content: &Content| openssl::sha::sha512(&content.bytes).to_vec();
    let (message, attachment) = message(number);
    Unsealed {
        id: Uuid::from_u128(number as u128),
        message_digest: digest(&message),
        message_type: message.media_type,
        attachment_digest: attachment.as_ref().map(digest),
        attachment_type: attachment.map(|content| content.media_type),
    }
}

impl Site {
    async fn signatures(&self, numbers: std::ops::Range<usize>) -> Vec<Signature> {
        let now = Utc::now();
        self.sealer.prepare(now).await.unwrap();
        let messages: Vec<Unsealed> = numbers.map(unsealed).collect();
        self.sealer.seal(&messages, now).unwrap()
    }

    /// So many messages, sealed and stamped, each ready for its container.
    async fn sealed(&self, numbers: std::ops::Range<usize>) -> Vec<Sealed> {
        let signatures = self.signatures(numbers).await;
        let unstamped: Vec<Unstamped> = signatures
            .iter()
            .map(|own| Unstamped { id: Uuid::new_v4(), signatures: own.signatures.clone() })
            .collect();
        let stamped = self.sealer.stamp(&unstamped).await.unwrap();
        let mut all = Vec::new();
        for ((signature, unstamped), stamped) in signatures.into_iter().zip(unstamped).zip(stamped) {
            assert_eq!(unstamped.id, stamped.id);
            let (signatures, stamp) = match stamped.stamp {
                Stamp::Within(signatures) => (signatures, None),
                Stamp::Batch(files) => (signature.signatures, Some(files)),
            };
            for (id, chain) in signature.messages {
                let (message, attachment) = message(usize::try_from(id.as_u128()).unwrap());
                all.push(Sealed {
                    id,
                    query_id: "q/1".into(),
                    part: Part::Request,
                    recorded_at: "2026-11-22T09:00:00Z".parse().unwrap(),
                    message,
                    attachment,
                    signatures: signatures.clone(),
                    chain: chain.zip(signature.chain_result.clone()),
                    stamp: stamp.clone(),
                });
            }
        }
        all
    }
}

fn checked(bytes: &[u8]) -> Report {
    verify(bytes, &PKI.trust("ca"), Utc::now())
}

fn assert_valid(sealed: &Sealed) -> Report {
    let report = checked(&container::write(sealed).unwrap());
    assert_eq!(report.verdict(), Verdict::Valid, "{}: {report:#?}", sealed.id);
    assert!(report.remarks.is_empty(), "{report:#?}");
    let [signed] = report.signatures.as_slice() else { panic!("one signature") };
    assert!(signed.stamped_at.is_some());
    assert!(signed.covers.contains(&"message.xml".to_owned()));
    assert_eq!(signed.covers.contains(&"attachment1".to_owned()), sealed.attachment.is_some());
    report
}

#[tokio::test]
async fn a_message_alone_is_signed_and_stamped_by_itself() {
    for signer in ["rsa", "ec"] {
        let all = site(signer).sealed(1..2).await;
        let [sealed] = all.as_slice() else { panic!("one") };
        assert!(sealed.chain.is_none() && sealed.stamp.is_none());
        assert_valid(sealed);
        let bytes = container::write(sealed).unwrap();
        assert_eq!(bytes, container::write(sealed).unwrap(), "the same bytes each time");
        assert_eq!(&bytes[30..38], b"mimetype");
        assert_eq!(&bytes[38..69], container::MEDIA_TYPE.as_bytes());
        assert_eq!(container::file_name(sealed), "q1-request-00000000000000000000000000000001.asice");
    }
}

#[tokio::test]
async fn a_few_are_signed_one_by_one_and_stamped_together() {
    let site = site("ec");
    let asked = site.server.asked();
    let all = site.sealed(0..ONE_BY_ONE).await;
    assert_eq!(site.server.asked() - asked, 2, "one question about the certificate, one for the time-stamp");
    for sealed in &all {
        assert!(sealed.chain.is_none() && sealed.stamp.is_some());
        assert_valid(sealed);
    }
}

#[tokio::test]
async fn many_share_one_signature_and_each_is_proved_alone() {
    let site = site("ec");
    for count in [9, 10, 11, 16, 17, 31, 33, 64, 100] {
        let all = site.sealed(0..count).await;
        assert_eq!(all.len(), count);
        for sealed in &all {
            assert!(sealed.chain.is_some() && sealed.stamp.is_none(), "one signature is stamped by itself");
            assert_valid(sealed);
        }
    }
}

#[tokio::test]
async fn signatures_over_many_messages_are_stamped_together_too() {
    let site = site("rsa");
    let (first, second) = (site.signatures(0..20).await, site.signatures(20..41).await);
    let unstamped: Vec<Unstamped> = first
        .iter()
        .chain(&second)
        .map(|own| Unstamped { id: Uuid::new_v4(), signatures: own.signatures.clone() })
        .collect();
    let stamped = site.sealer.stamp(&unstamped).await.unwrap();
    for (signature, stamped) in first.into_iter().chain(second).zip(stamped) {
        let Stamp::Batch(files) = stamped.stamp else { panic!("a batch") };
        for (id, chain) in signature.messages {
            let (message, attachment) = message(usize::try_from(id.as_u128()).unwrap());
            assert_valid(&Sealed {
                id,
                query_id: "q".into(),
                part: Part::Response,
                recorded_at: Utc::now(),
                message,
                attachment,
                signatures: signature.signatures.clone(),
                chain: chain.zip(signature.chain_result.clone()),
                stamp: Some(files.clone()),
            });
        }
    }
}

/// The entries of a container.
fn entries(bytes: &[u8]) -> Files {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
            (entry.name().unwrap().into_owned(), content)
        })
        .collect()
}

#[tokio::test]
async fn a_byte_that_is_changed_anywhere_in_what_is_proved_is_found() {
    let site = site("ec");
    let many = site.sealed(0..12).await;
    let few = site.sealed(0..3).await;
    for sealed in [&many[0], &many[11], &few[0], &few[1]] {
        let files = entries(&container::write(sealed).unwrap());
        for index in 0..files.len() {
            let (name, content) = files[index].clone();
            // The list of files proves nothing, and the second hash chain only what the first file says of it.
            if name == "META-INF/manifest.xml" || content.is_empty() {
                continue;
            }
            let mut changed = files.clone();
            let middle = content.len() / 2;
            changed[index].1[middle] ^= 1;
            let report = checked(&zipped(&changed));
            assert_eq!(report.verdict(), Verdict::Invalid, "{name}: {report:#?}");
            // In a hash chain an attachment may be missing: its digest stands for it, as X-Road has it.
            if name == "attachment1" && sealed.chain.is_some() {
                continue;
            }
            // What it says is said by the token and the result of the hash chain, which it lists.
            if name == "META-INF/ASiCManifest.xml" {
                continue;
            }
            let mut without = files.clone();
            remove(&mut without, &name);
            let report = checked(&zipped(&without));
            // Without its token a time-stamp is not there, and nothing is said to be stamped.
            let stamped = report.signatures.iter().any(|signed| signed.stamped_at.is_some());
            assert!(report.verdict() != Verdict::Valid || !stamped, "without {name}: {report:#?}");
        }
    }
}

#[tokio::test]
async fn the_proof_of_one_message_is_none_for_another() {
    let all = site("ec").sealed(0..12).await;
    let swapped = Sealed { chain: all[2].chain.clone(), ..all[1].clone() };
    let report = checked(&container::write(&swapped).unwrap());
    assert_eq!(report.faults[0].code, Code::InvalidHashChainRef, "{report:#?}");
}

// Strangers.

fn strangers_python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv-evidence/bin/python");
    assert!(python.is_file(), "{} is missing: run scripts/install.sh test", python.display());
    python
}

fn python_holds(tool: &str, bytes: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("container.asice");
    std::fs::write(&file, bytes).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trembita/evidence/strangers.py");
    let said = Command::new(strangers_python())
        .arg(script)
        .arg(tool)
        .arg(&file)
        .arg(PKI.path("ca.crt"))
        .output()
        .unwrap();
    if said.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said.stderr).into_owned()) }
}

/// Whether xmlsec1 finds the signature right. Each URI is mapped to the file of the container.
fn xmlsec_holds(files: &Files) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("xmlsec1");
    command
        .args(["--verify", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"])
        .args(["--enabled-reference-uris", "empty,same-doc,local,remote", "--trusted-pem"])
        .arg(PKI.path("ca.crt"));
    for (name, content) in files {
        let path = folder.path().join(name.replace('/', "_"));
        std::fs::write(&path, content).unwrap();
        if !name.starts_with("META-INF") {
            command.arg(format!("--url-map:/{name}")).arg(&path);
        }
    }
    let said = command.arg(folder.path().join("META-INF_signatures.xml")).output().unwrap();
    if said.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said.stderr).into_owned()) }
}

/// Whether `openssl ts -verify` finds a token right over some bytes.
fn openssl_ts_holds(token: &[u8], bytes: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("token"), token).unwrap();
    std::fs::write(at("data"), bytes).unwrap();
    let mut command = Command::new("openssl");
    command.args(["ts", "-verify", "-token_in", "-in"]).arg(at("token")).arg("-data").arg(at("data"));
    command.arg("-CAfile").arg(PKI.path("ca.crt")).output().unwrap().status.success()
}

fn changed(files: &Files, name: &str, change: impl Fn(&str) -> String) -> Files {
    let mut files = files.clone();
    super::recipe::edit(&mut files, name, |text| change(&text));
    files
}

#[tokio::test]
async fn strangers_find_them_valid_and_find_each_that_was_changed() {
    for signer in ["rsa", "ec"] {
        let site = site(signer);
        let (many, few) = (site.sealed(0..12).await, site.sealed(0..2).await);
        for (sealed, signed_file) in
            [(&many[3], "sig-hashchainresult.xml"), (&few[0], "attachment1"), (&few[1], "message.xml")]
        {
            let bytes = container::write(sealed).unwrap();
            let files = entries(&bytes);
            python_holds("signxml", &bytes).unwrap_or_else(|said| panic!("signxml, {signer}: {said}"));
            python_holds("pyasice", &bytes).unwrap_or_else(|said| panic!("pyasice, {signer}: {said}"));
            xmlsec_holds(&files).unwrap_or_else(|said| panic!("xmlsec1, {signer}: {said}"));

            // A file that is signed.
            let other = changed(&files, signed_file, |text| format!("{text} "));
            assert!(python_holds("signxml", &zipped(&other)).unwrap_err().contains("InvalidDigest"));
            assert!(xmlsec_holds(&other).is_err());
            // What is said of the file.
            let other = changed(&files, "META-INF/signatures.xml", |text| {
                text.replacen("MimeType>", "MimeType>x", 1)
            });
            assert!(python_holds("signxml", &zipped(&other)).unwrap_err().contains("InvalidDigest"));
            assert!(xmlsec_holds(&other).is_err());
            // What the value of the signature is over. pyasice looks at this and at no file.
            let other =
                changed(&files, "META-INF/signatures.xml", |text| text.replacen("URI=\"/", "URI=\"/x", 1));
            let said = python_holds("pyasice", &zipped(&other)).unwrap_err();
            assert!(said.contains("SignatureVerificationError"), "{said}");
            assert!(python_holds("signxml", &zipped(&other)).is_err());
        }
    }
}

#[tokio::test]
async fn openssl_finds_the_time_stamps_right_and_over_nothing_else() {
    let site = site("rsa");
    let batch = site.sealed(0..2).await;
    let files = batch[0].stamp.as_ref().unwrap();
    assert!(openssl_ts_holds(&files.token, &files.chain_result));
    assert!(!openssl_ts_holds(&files.token, &files.chain));
    let single = site.sealed(1..2).await;
    let text = String::from_utf8(single[0].signatures.clone()).unwrap();
    let between = |from: &str, to: &str| {
        let (_, after) = text.split_once(from).unwrap();
        openssl::base64::decode_block(after.split_once(to).unwrap().0).unwrap()
    };
    let token = between("<xades:EncapsulatedTimeStamp>", "<");
    let value = between("<ds:SignatureValue Id=\"signature-value\">", "<");
    assert!(openssl_ts_holds(&token, &value));
    assert!(!openssl_ts_holds(&token, &value[1..]));
}

// Authorities that fail.

#[tokio::test]
async fn an_authority_that_is_away_or_wrong_gives_no_time_stamp() {
    let site = site_with("ec", None);
    let signature = site.signatures(0..1).await.remove(0);
    let ask = async |signatures: &[u8]| {
        let own = Unstamped { id: Uuid::new_v4(), signatures: signatures.to_vec() };
        site.sealer.stamp(&[own]).await.map(|_| ()).map_err(|error| error.to_string())
    };
    ask(&signature.signatures).await.unwrap();
    for (behaviour, told) in [
        (Behaviour::Away, "HTTP 503"),
        (Behaviour::Refusing, "it refused, with status 2"),
        (Behaviour::Repeating, "the answer is to another question"),
        (Behaviour::Elsewhere, "the time-stamp is over something else"),
        (Behaviour::Stranger, "InvalidCertificateChain"),
        (Behaviour::Endless, "more than 1048576 bytes"),
    ] {
        site.server.behave(behaviour);
        let said = ask(&signature.signatures).await.unwrap_err();
        assert!(said.contains(told), "{behaviour:?}: {said}");
    }
    site.server.behave(Behaviour::Right);
    ask(&signature.signatures).await.unwrap();
}

#[tokio::test]
async fn without_word_that_the_certificate_is_good_it_goes_as_the_settings_have_it() {
    let now = Utc::now();
    let waiting = site("ec");
    waiting.server.behave(Behaviour::Away);
    let said = waiting.sealer.prepare(now).await.unwrap_err().to_string();
    assert!(said.contains("the OCSP responder: HTTP 503"), "{said}");
    // It is left alone for half a minute.
    let asked = waiting.server.asked();
    waiting.sealer.prepare(now + TimeDelta::seconds(29)).await.unwrap_err();
    assert_eq!(waiting.server.asked(), asked);
    waiting.server.behave(Behaviour::Right);
    waiting.sealer.prepare(now + TimeDelta::seconds(31)).await.unwrap();
    assert_eq!(waiting.server.asked(), asked + 1);
    // An answer that is at hand is used for an hour, while it can't be renewed.
    waiting.server.behave(Behaviour::Away);
    waiting.sealer.prepare(now + TimeDelta::minutes(50)).await.unwrap();
    waiting.sealer.prepare(now + TimeDelta::minutes(62)).await.unwrap_err();

    let going_on = site_with("ec", Some(OnFailure::SealWithout));
    going_on.server.behave(Behaviour::Away);
    going_on.sealer.prepare(now).await.unwrap();
    let signature = going_on.sealer.seal(&[unsealed(1)], now).unwrap().remove(0);
    assert!(!String::from_utf8(signature.signatures).unwrap().contains("OCSPValue"));
}

#[tokio::test]
async fn with_a_certificate_that_was_revoked_nothing_is_signed() {
    for on_failure in [OnFailure::Wait, OnFailure::SealWithout] {
        let said =
            site_with("revoked", Some(on_failure)).sealer.prepare(Utc::now()).await.unwrap_err().to_string();
        assert!(said.contains("the certificate was revoked"), "{said}");
    }
}

// Lists of revoked certificates.

#[tokio::test]
async fn a_list_of_revoked_certificates_is_word_that_the_certificate_is_good() {
    let site = site_with_list("ec", "ca", OnFailure::Wait);
    for count in [1, 12] {
        for sealed in site.sealed(0..count).await {
            assert_valid(&sealed);
            let bytes = container::write(&sealed).unwrap();
            let files = entries(&bytes);
            xmlsec_holds(&files).unwrap_or_else(|said| panic!("xmlsec1: {said}"));
            python_holds("signxml", &bytes).unwrap_or_else(|said| panic!("signxml: {said}"));
            let list = PKI.file("ca.crl");
            // The lists stand beside what is signed, so another one has to be found out by itself.
            for (other, code) in [
                (PKI.file("forged.crl"), Code::InvalidRevocation),
                (PKI.file("of-other.crl"), Code::InvalidRevocation),
                (PKI.file("stale.crl"), Code::InvalidRevocation),
                (list[..list.len() - 1].to_vec(), Code::InvalidRevocation),
            ] {
                let (own, other) = (base64(&list), base64(&other));
                let edited = changed(&files, "META-INF/signatures.xml", |text| text.replace(&own, &other));
                assert_ne!(edited, files);
                let report = checked(&zipped(&edited));
                assert!(report.faults.iter().any(|finding| finding.code == code), "{report:#?}");
            }
            let partial = base64(&PKI.file("partial.crl"));
            let edited =
                changed(&files, "META-INF/signatures.xml", |text| text.replace(&base64(&list), &partial));
            assert_eq!(checked(&zipped(&edited)).verdict(), Verdict::NotVerified);
        }
    }
}

#[tokio::test]
async fn without_a_list_that_holds_it_goes_as_the_settings_have_it() {
    let now = Utc::now();
    for (list, told) in [
        ("forged", "the list of revoked certificates: the value of the signature does not hold"),
        ("of-other", "the list of revoked certificates is another issuer's"),
        ("stale", "the list of revoked certificates was out of date"),
        ("partial", "the list of revoked certificates has a critical extension"),
        ("huge", "the list has more than 262144 bytes"),
    ] {
        let site = site_with_list("ec", list, OnFailure::Wait);
        let said = site.sealer.prepare(now).await.unwrap_err().to_string();
        assert!(said.contains("the list of revoked certificates: ") && said.contains(told), "{list}: {said}");
        let site = site_with_list("ec", list, OnFailure::SealWithout);
        site.sealer.prepare(now).await.unwrap();
        let signature = site.sealer.seal(&[unsealed(1)], now).unwrap().remove(0);
        assert!(!String::from_utf8(signature.signatures).unwrap().contains("CRLValue"));
    }
    let site = site_with_list("ec", "ca", OnFailure::Wait);
    site.sealer.prepare(now).await.unwrap();
    site.server.behave(Behaviour::Away);
    site.sealer.prepare(now + TimeDelta::minutes(50)).await.unwrap();
    let said = site.sealer.prepare(now + TimeDelta::minutes(62)).await.unwrap_err().to_string();
    assert!(said.contains("the list of revoked certificates: HTTP 503"), "{said}");
    // Lists hold for 30 days; what is near its end is of no use any more.
    site.server.behave(Behaviour::Right);
    site.sealer.prepare(now + TimeDelta::days(31)).await.unwrap_err();
    let unnamed = site_asking("ec", |_| {
        Some(StatusSettings { source: StatusSource::Crl, ..StatusSettings::default() })
    });
    let said = unnamed.sealer.prepare(now).await.unwrap_err().to_string();
    assert!(said.contains("neither the settings nor the certificate say where to ask"), "{said}");
}

#[tokio::test]
async fn with_a_certificate_on_its_list_nothing_is_signed() {
    for on_failure in [OnFailure::Wait, OnFailure::SealWithout] {
        let site = site_with_list("revoked", "ca", on_failure);
        let said = site.sealer.prepare(Utc::now()).await.unwrap_err().to_string();
        assert!(said.contains("the certificate was revoked"), "{said}");
    }
}

#[test]
fn a_certificate_that_has_ended_signs_nothing() {
    let site = site_with("ec", None);
    let later: DateTime<Utc> = Utc::now() + TimeDelta::days(4000);
    let said = site.sealer.seal(&[unsealed(1)], later).unwrap_err().to_string();
    assert!(said.contains("no certificate of a signing key holds now"), "{said}");
    let own = FileKey::open(&PKI.path("ec.key"), &PKI.path("ec.crt"), None).unwrap();
    assert_eq!(kordon_adapters::keys::Signer::chain(&own).len(), 1);
}

// Archives.

#[tokio::test]
async fn archives_are_linked_and_what_was_changed_breaks_the_link() {
    let site = site("ec");
    let mut previous: Option<Previous> = None;
    for number in 1..=3_i64 {
        let start = usize::try_from(number).unwrap() * 10;
        let messages = site.sealed(start..start + 10).await;
        let packed = site.sealer.archive(messages, previous.as_ref()).await.unwrap();
        let path = site.folder.path().join(&packed.file_name);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), packed.bytes);
        let before = previous.as_ref().map(|previous| previous.last_digest.clone());
        let report = archive::verify(&bytes, before.as_deref());
        assert_eq!((report.faults.as_slice(), report.containers), (&[][..], 10));
        assert_eq!(report.last_digest.as_deref(), Some(packed.last_digest.as_str()));
        assert_eq!(report.previous_file, previous.map(|previous| previous.file_name));
        for (name, content) in entries(&bytes).into_iter().filter(|(name, _)| name.ends_with(".asice")) {
            assert_eq!(checked(&content).verdict(), Verdict::Valid, "{name}");
        }
        let mut files = entries(&bytes);
        files[4].1[40] ^= 1;
        assert!(!archive::verify(&zipped(&files), before.as_deref()).faults.is_empty());
        previous = Some(Previous {
            number,
            file_name: packed.file_name,
            last_digest: packed.last_digest,
            made_at: Utc::now(),
        });
    }
    let last = previous.unwrap().file_name;
    site.sealer.remove(&last).await.unwrap();
    site.sealer.remove(&last).await.unwrap();
    assert!(!site.folder.path().join(last).exists());
}
