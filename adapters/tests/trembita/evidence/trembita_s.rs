//! Containers as Trembita writes them: ASiC-S with CAdES.

use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerInfo, SignerInfos};
use der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec};
use der::{Decode, Encode};
use gost94::{Digest, Gost94UA};
use kordon_adapters::trembita::evidence::report::{Code, Format, Verdict};
use kordon_adapters::trembita::evidence::{Report, Trust, verify};

use super::pki::PKI;
use super::recipe::{Files, MESSAGE, edit, remove, zipped};

/// What is changed about the files of a container or archive.
type Change = fn(&mut Files);

const P7S: &str = "META-INF/signature.p7s";
const GOST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.804.2.1.1.1.1.2.1");
const DSTU: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.804.2.1.1.1.1.3.1.1");
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";

pub(super) fn container(signature: Vec<u8>) -> Files {
    vec![
        ("mimetype".into(), b"application/vnd.etsi.asic-s+zip".to_vec()),
        ("message.xml".into(), MESSAGE.to_vec()),
        (P7S.into(), signature),
    ]
}

fn report(files: &Files, trust: &Trust) -> Report {
    verify(&zipped(files), trust, chrono::Utc::now())
}

/// The signed data changed, and written again.
pub(super) fn changed(signature: &[u8], change: impl FnOnce(&mut SignedData)) -> Vec<u8> {
    let mut info = ContentInfo::from_der(signature).expect("CMS");
    let mut data: SignedData = info.content.decode_as().expect("signed data");
    change(&mut data);
    info.content = Any::encode_from(&data).expect("encoded");
    info.to_der().expect("encoded")
}

pub(super) fn signers(list: Vec<SignerInfo>) -> SignerInfos {
    SignerInfos(SetOfVec::try_from(list).expect("a set"))
}

/// As Trembita signs: the digest of GOST 34.311 over these bytes, and a value of DSTU 4145, which nothing
/// here can verify.
pub(super) fn as_trembita(signature: &[u8], over: &[u8]) -> Vec<u8> {
    changed(signature, |data| {
        let mut signer = data.signer_infos.0.get(0).expect("a signer").clone();
        signer.digest_alg.oid = GOST;
        signer.signature_algorithm.oid = DSTU;
        let digest = OctetString::new(Gost94UA::digest(over).to_vec()).expect("a digest");
        let mut attributes: Vec<_> =
            signer.signed_attrs.as_ref().expect("attributes").iter().cloned().collect();
        for attribute in &mut attributes {
            if attribute.oid.to_string() == MESSAGE_DIGEST {
                attribute.values =
                    SetOfVec::try_from(vec![Any::encode_from(&digest).expect("a value")]).expect("a set");
            }
        }
        signer.signed_attrs = Some(SetOfVec::try_from(attributes).expect("a set"));
        data.signer_infos = signers(vec![signer]);
    })
}

#[test]
fn a_signature_that_can_be_verified_is() {
    for signer in ["rsa", "ec"] {
        let files = container(PKI.cades(signer, MESSAGE));
        let found = report(&files, &PKI.trust("ca"));
        assert_eq!(found.format, Some(Format::AsicS));
        assert!(found.faults.is_empty(), "{found:#?}");
        // It brought no OCSP answer.
        let codes: Vec<Code> = found.not_verified.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::RevocationNotVerified]);
        let [signed] = found.signatures.as_slice() else { panic!("one signature") };
        assert!(
            signed.signed_at.is_some() && signed.signer.as_ref().is_some_and(|name| name.contains("CN=Seal"))
        );
        assert_eq!(signed.covers, ["message.xml"]);
    }
}

#[test]
fn each_fault_is_found() {
    let whole = || container(PKI.cades("ec", MESSAGE));
    let cases: [(&str, Change, Code); 7] = [
        (
            "another message",
            |files| edit(files, "message.xml", |_| "<message/>".into()),
            Code::InvalidSignatureValue,
        ),
        ("no message", |files| remove(files, "message.xml"), Code::AsicMessageNotFound),
        ("no signature", |files| remove(files, P7S), Code::AsicSignatureNotFound),
        ("two files", |files| files.push(("other.xml".into(), b"x".to_vec())), Code::MalformedSignature),
        ("no CMS", |files| files[2].1 = b"junk".to_vec(), Code::MalformedSignature),
        (
            "another value",
            |files| {
                files[2].1 = changed(&files[2].1, |data| {
                    let mut signer = data.signer_infos.0.get(0).expect("a signer").clone();
                    let mut value = signer.signature.as_bytes().to_vec();
                    *value.last_mut().expect("a byte") ^= 1;
                    signer.signature = OctetString::new(value).expect("a value");
                    data.signer_infos = signers(vec![signer]);
                });
            },
            Code::InvalidSignatureValue,
        ),
        (
            "nobody signed",
            |files| {
                files[2].1 = changed(&files[2].1, |data| data.signer_infos = signers(Vec::new()));
            },
            Code::MalformedSignature,
        ),
    ];
    for (what, change, expected) in cases {
        let mut files = whole();
        change(&mut files);
        let found = report(&files, &PKI.trust("ca"));
        assert_eq!(found.verdict(), Verdict::Invalid, "{what}: {found:#?}");
        assert_eq!(found.faults[0].code, expected, "{what}: {found:#?}");
    }
    let found = report(&whole(), &PKI.trust("other"));
    assert_eq!(found.faults[0].code, Code::InvalidCertificateChain);
}

#[test]
fn a_signature_of_dstu_4145_is_never_called_valid_and_its_digest_is_verified() {
    let signature = PKI.cades("ec", MESSAGE);
    let found = report(&container(as_trembita(&signature, MESSAGE)), &PKI.trust("ca"));
    assert_eq!(found.verdict(), Verdict::NotVerified, "{found:#?}");
    let told: Vec<&str> = found.not_verified.iter().map(|finding| finding.text.as_str()).collect();
    assert!(told.contains(&"signature algorithm 1.2.804.2.1.1.1.1.3.1.1 not verified"), "{told:?}");
    let other = report(&container(as_trembita(&signature, b"another message")), &PKI.trust("ca"));
    assert_eq!(other.verdict(), Verdict::Invalid);
    assert_eq!(other.faults[0].code, Code::InvalidSignatureValue);
}

#[test]
fn the_digest_of_ukraine_has_the_right_s_box() {
    // Values that reproduce the digests of a real container of Trembita.
    for (text, expected) in [
        ("", "da37bdf41145e39e34111775b40646e8059c2e969c1460bb98abccb26f0f76a5"),
        ("abc", "a34a53504d8ba070cb73a583146167a0a3c226d793440d9cea24465fe02251f2"),
        (
            "This is message, length=32 bytes",
            "317e4f627075d4897ef41380bcb8d48926d29ddafa5816da556543905d2237a9",
        ),
    ] {
        let digest: String = Gost94UA::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, expected, "{text:?}");
    }
}
