//! DSTU 4145 as BouncyCastle makes it, in containers as Trembita writes them. It is verified when that is
//! asked for, and otherwise never called valid.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use cms::cert::CertificateChoices;
use cms::signed_data::CertificateSet;
use der::asn1::{Any, OctetString, SetOfVec};
use der::{Decode, Encode};
use kordon_adapters::trembita::evidence::report::{Code, Verdict};
use kordon_adapters::trembita::evidence::{Report, Trust, verify};
use openssl::pkey::PKey;
use openssl::sha::sha256;
use openssl::x509::X509;
use x509_cert::Certificate;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::pki::PKI;
use super::recipe::{MESSAGE, zipped};
use super::trembita_s::{as_trembita, changed, container, signers};

const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.47";
const LIBRARY: &str = "/usr/share/java/bcprov.jar";

/// A key that BouncyCastle holds.
struct Key {
    java: Child,
    contents: ChildStdin,
    values: BufReader<ChildStdout>,
    info: SubjectPublicKeyInfoOwned,
}

fn bytes(line: &str) -> Vec<u8> {
    let digits = line.trim_end().as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

impl Key {
    /// A new key on a curve of the standard's table, which it names or writes out.
    fn on(curve: u8, form: &str) -> Self {
        assert!(Path::new(LIBRARY).is_file(), "BouncyCastle is missing: run scripts/install.sh test");
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trembita/evidence/Dstu4145.java");
        let mut java = Command::new("java")
            .args(["-cp", LIBRARY, program, &curve.to_string(), form])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("java runs");
        let mut values = BufReader::new(java.stdout.take().unwrap());
        let mut line = String::new();
        values.read_line(&mut line).unwrap();
        let info = SubjectPublicKeyInfoOwned::from_der(&bytes(&line)).unwrap();
        Self { contents: java.stdin.take().unwrap(), values, java, info }
    }

    fn sign(&mut self, content: &[u8]) -> Vec<u8> {
        let digits: String = content.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(self.contents, "{digits}").unwrap();
        let mut line = String::new();
        self.values.read_line(&mut line).unwrap();
        bytes(&line)
    }

    /// A certificate of the key, in which something else about it may be changed.
    fn certificate(&self, change: impl FnOnce(&mut SubjectPublicKeyInfoOwned)) -> Certificate {
        let mut certificate = Certificate::from_der(&PKI.file("ec.der")).unwrap();
        let info = &mut certificate.tbs_certificate.subject_public_key_info;
        *info = self.info.clone();
        change(info);
        certificate
    }

    /// The container of a message that the key of `certificate` signed; `value` makes of the value what is
    /// written.
    fn container(&mut self, certificate: &Certificate, value: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
        let signature = as_trembita(&PKI.cades("ec", MESSAGE), MESSAGE);
        let own = certificate.to_der().unwrap();
        let signed = changed(&signature, |data| {
            let mut signer = data.signer_infos.0.get(0).unwrap().clone();
            let mut attributes: Vec<_> = signer.signed_attrs.as_ref().unwrap().iter().cloned().collect();
            let named = attributes.iter_mut().find(|own| own.oid.to_string() == SIGNING_CERTIFICATE).unwrap();
            // SEQUENCE { SEQUENCE OF { SEQUENCE { OCTET STRING } } }
            let digest = OctetString::new(sha256(&own)).unwrap();
            let list = Any::encode_from(&vec![vec![vec![digest]]]).unwrap();
            named.values = SetOfVec::try_from(vec![list]).unwrap();
            let attributes = SetOfVec::try_from(attributes).unwrap();
            let made = self.sign(&attributes.to_der().unwrap());
            signer.signature = OctetString::new(value(made)).unwrap();
            signer.signed_attrs = Some(attributes);
            data.signer_infos = signers(vec![signer]);
            let choice = CertificateChoices::Certificate(certificate.clone());
            data.certificates = Some(CertificateSet(SetOfVec::try_from(vec![choice]).unwrap()));
        });
        zipped(&container(signed))
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        let _it_may_have_ended = self.java.kill();
        let _ = self.java.wait();
    }
}

/// Now, when the certificates are made and hold.
fn after_the_certificates() -> chrono::DateTime<chrono::Utc> {
    PKI.file("ec.der");
    chrono::Utc::now()
}

/// Trust in one certificate itself.
fn trusting(certificate: &Certificate) -> Trust {
    let pem = X509::from_der(&certificate.to_der().unwrap()).unwrap().to_pem().unwrap();
    Trust::none().with_pem(&pem).unwrap()
}

fn told(report: &Report) -> Vec<(Code, &str)> {
    report.not_verified.iter().map(|finding| (finding.code, finding.text.as_str())).collect()
}

const NOT_VERIFIED: (Code, &str) =
    (Code::AlgorithmNotVerified, "signature algorithm 1.2.804.2.1.1.1.1.3.1.1 not verified");
const NO_OCSP: (Code, &str) =
    (Code::RevocationNotVerified, "no OCSP answer or list says that the certificate was good");

#[test]
fn what_bouncycastle_signs_is_verified_when_it_is_asked_for_and_else_never_called_valid() {
    let now = after_the_certificates();
    // The curves with 257, 307 and 431 bits; Ukraine's certificates are of the first and write it out.
    for (curve, form) in [(6, "explicit"), (7, "named"), (9, "explicit")] {
        let mut key = Key::on(curve, form);
        let certificate = key.certificate(|_| {});
        let right = key.container(&certificate, |value| value);
        let off = verify(&right, &trusting(&certificate), now);
        assert_eq!(off.verdict(), Verdict::NotVerified);
        assert_eq!(told(&off), [NOT_VERIFIED, NO_OCSP], "{curve} {form}");
        assert!(off.faults.is_empty(), "{off:#?}");

        let trust = trusting(&certificate).with_experimental_dstu4145();
        let on = verify(&right, &trust, now);
        assert!(on.faults.is_empty(), "{curve} {form}: {on:#?}");
        assert_eq!(told(&on), [NO_OCSP], "{curve} {form}");
        assert!(on.remarks.iter().any(|finding| finding.code == Code::ExperimentalVerifier), "{on:#?}");

        let wrapped = key.container(&certificate, |value| OctetString::new(value).unwrap().to_der().unwrap());
        assert_eq!(told(&verify(&wrapped, &trust, now)), [NO_OCSP], "as an OCTET STRING");

        let others: [fn(Vec<u8>) -> Vec<u8>; 5] = [
            |mut value| {
                value[0] ^= 1;
                value
            },
            |mut value| {
                *value.last_mut().unwrap() ^= 1;
                value
            },
            |value| value[1..].to_vec(),
            |value| [value, vec![0, 0]].concat(),
            |value| vec![0; value.len()],
        ];
        for (number, other) in others.into_iter().enumerate() {
            let found = verify(&key.container(&certificate, other), &trust, now);
            assert_eq!(found.verdict(), Verdict::Invalid, "{curve} {form}, change {number}");
            assert_eq!(found.faults[0].code, Code::InvalidSignatureValue);
        }
        let stranger = Key::on(curve, form).certificate(|_| {});
        let found = verify(
            &key.container(&stranger, |value| value),
            &trusting(&stranger).with_experimental_dstu4145(),
            now,
        );
        assert_eq!(found.faults[0].code, Code::InvalidSignatureValue, "another's key");
    }
}

#[test]
fn keys_that_are_not_of_the_standards_curves_are_not_verified_and_small_ones_are_weak() {
    let now = after_the_certificates();
    let on = |key: &mut Key, certificate: &Certificate| {
        verify(
            &key.container(certificate, |value| value),
            &trusting(certificate).with_experimental_dstu4145(),
            now,
        )
    };
    let mut small = Key::on(0, "named");
    let certificate = small.certificate(|_| {});
    assert_eq!(on(&mut small, &certificate).faults[0].code, Code::WeakAlgorithm);

    let mut key = Key::on(6, "explicit");
    let parameters = key.info.algorithm.parameters.clone().unwrap().to_der().unwrap();
    let edited = |from: &[u8], to: &[u8]| {
        let place = parameters.windows(from.len()).position(|own| own == from).expect("it is there");
        let mut edited = parameters.clone();
        edited[place..place + to.len()].copy_from_slice(to);
        Any::from_der(&edited).unwrap()
    };
    for (what, parameters) in [
        ("another polynomial", edited(&[2, 1, 12], &[2, 1, 13])),
        ("another coefficient", edited(&[4, 33], &[4, 33, 0xff])),
        ("other S-boxes", edited(&[0xa9, 0xd6], &[0xa9, 0xd7])),
        ("no parameters at all", Any::null()),
    ] {
        let certificate = key.certificate(|info| info.algorithm.parameters = Some(parameters));
        let found = on(&mut key, &certificate);
        assert_eq!(told(&found)[0], NOT_VERIFIED, "{what}: {found:#?}");
        assert_ne!(found.verdict(), Verdict::Valid);
    }
    // A key of another kind under the name of the algorithm.
    let rsa = PKey::public_key_from_pem(
        &X509::from_der(&PKI.file("rsa.der")).unwrap().public_key().unwrap().public_key_to_pem().unwrap(),
    )
    .unwrap();
    let of_rsa = SubjectPublicKeyInfoOwned::from_der(&rsa.public_key_to_der().unwrap()).unwrap();
    let certificate = key.certificate(|info| *info = of_rsa);
    assert_eq!(told(&on(&mut key, &certificate))[0], NOT_VERIFIED);
}
