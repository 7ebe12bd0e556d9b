//! A certificate authority of a test's own.

use std::path::Path;
use std::process::Command;

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name};

/// A certificate with its private key.
pub(crate) struct Pair {
    certificate: X509,
    key: PKey<Private>,
}

/// Signs certificates.
pub(crate) struct Authority(Pair);

/// What a certificate is good for.
#[derive(Clone, Copy)]
enum Use<'name> {
    Authority,
    Server(&'name str),
    Client,
}

impl Pair {
    pub(crate) fn certificate_pem(&self) -> Vec<u8> {
        self.certificate.to_pem().unwrap()
    }

    /// SHA-256 over its DER form, as `openssl x509 -fingerprint -sha256` writes it.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = self.certificate.digest(MessageDigest::sha256()).unwrap();
        digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    pub(crate) fn key_pem(&self) -> Vec<u8> {
        self.key.private_key_to_pem_pkcs8().unwrap()
    }
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        Self(sign(None, &subject(&[(Nid::COMMONNAME, name)]), Use::Authority, (-3600, 86_400)))
    }

    pub(crate) fn certificate_pem(&self) -> Vec<u8> {
        self.0.certificate_pem()
    }

    pub(crate) fn sign_server(&self, host: &str) -> Pair {
        self.sign(&[(Nid::COMMONNAME, host)], Use::Server(host), (-3600, 86_400))
    }

    pub(crate) fn sign_client(&self, name: &str, country: &str) -> Pair {
        self.sign(&[(Nid::COUNTRYNAME, country), (Nid::COMMONNAME, name)], Use::Client, (-3600, 86_400))
    }

    pub(crate) fn sign_client_without_country(&self, name: &str) -> Pair {
        self.sign(&[(Nid::COMMONNAME, name)], Use::Client, (-3600, 86_400))
    }

    pub(crate) fn sign_expired_client(&self, name: &str) -> Pair {
        self.sign(&[(Nid::COUNTRYNAME, "UA"), (Nid::COMMONNAME, name)], Use::Client, (-7200, -3600))
    }

    /// A certificate for a new key of a kind that the `openssl` program knows, put beside the key in a folder
    /// as `NAME.key`; in DER.
    pub(crate) fn sign_with_openssl(&self, folder: &Path, kind: &str, name: &str) -> Vec<u8> {
        std::fs::write(folder.join("authority.pem"), self.0.certificate_pem()).unwrap();
        std::fs::write(folder.join("authority.key"), self.0.key_pem()).unwrap();
        let script = format!(
            "openssl req -newkey {kind} -nodes -keyout {name}.key -out {name}.csr -subj /C=UA/CN={name} && \
             openssl x509 -req -in {name}.csr -CA authority.pem -CAkey authority.key -days 1 -out {name}.pem"
        );
        let said = Command::new("bash").args(["-c", &script]).current_dir(folder).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        X509::from_pem(&std::fs::read(folder.join(format!("{name}.pem"))).unwrap()).unwrap().to_der().unwrap()
    }

    fn sign(&self, names: &[(Nid, &str)], purpose: Use<'_>, seconds: (i64, i64)) -> Pair {
        sign(Some(&self.0), &subject(names), purpose, seconds)
    }
}

fn subject(names: &[(Nid, &str)]) -> X509Name {
    let mut subject = X509Name::builder().unwrap();
    for (kind, value) in names {
        subject.append_entry_by_nid(*kind, value).unwrap();
    }
    subject.build()
}

/// A certificate for a new key, good between two moments from now, in seconds; without an issuer it signs
/// itself.
fn sign(issuer: Option<&Pair>, subject: &X509Name, purpose: Use<'_>, (from, until): (i64, i64)) -> Pair {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    let mut serial = BigNum::new().unwrap();
    serial.rand(120, MsbOption::MAYBE_ZERO, false).unwrap();
    certificate.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    certificate.set_subject_name(subject).unwrap();
    let issuer_name = issuer.map_or(&**subject, |issuer| issuer.certificate.subject_name());
    certificate.set_issuer_name(issuer_name).unwrap();
    let now = chrono::Utc::now().timestamp();
    certificate.set_not_before(&Asn1Time::from_unix(now + from).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::from_unix(now + until).unwrap()).unwrap();
    certificate.set_pubkey(&key).unwrap();
    say_what_for(&mut certificate, issuer, purpose);
    certificate.sign(issuer.map_or(&key, |issuer| &issuer.key), MessageDigest::sha256()).unwrap();
    Pair { certificate: certificate.build(), key }
}

fn say_what_for(certificate: &mut X509Builder, issuer: Option<&Pair>, purpose: Use<'_>) {
    let extensions = match purpose {
        Use::Authority => vec![
            BasicConstraints::new().critical().ca().build().unwrap(),
            KeyUsage::new().critical().key_cert_sign().crl_sign().build().unwrap(),
        ],
        Use::Server(host) => {
            let context = certificate.x509v3_context(issuer.map(|issuer| &*issuer.certificate), None);
            let names = SubjectAlternativeName::new().dns(host).build(&context).unwrap();
            vec![names, ExtendedKeyUsage::new().server_auth().build().unwrap()]
        }
        Use::Client => vec![ExtendedKeyUsage::new().client_auth().build().unwrap()],
    };
    for extension in extensions {
        certificate.append_extension(extension).unwrap();
    }
}
