//! The hub's signature: CMS (RFC 5652), so that everybody can verify it with the `openssl` command line. The
//! key is wherever the hub's keys may be, a hardware module too. Without settings the hub makes a key pair of
//! its own at its first start.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{Any, GeneralizedTime, ObjectIdentifier, OctetString, SetOfVec, UtcTime};
use der::{DateTime as DerDateTime, Decode, Encode};
use kordon_hub::signing::Signer;
use kordon_hub::{Error, Result};
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::extension::{BasicConstraints, KeyUsage};
use openssl::x509::{X509, X509NameBuilder};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use crate::SettingsFault;
use crate::keys::algorithm::ecdsa_der;
use crate::keys::{self, KeySettings, SignatureAlgorithm};

/// How long a certificate of the hub's own is good for, in days. One from an authority takes its place on a
/// real site.
const OWN_VALIDITY_DAYS: u32 = 5 * 365;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");

/// With which key the hub signs: any that it can seal with. Without a `kind` it is the key of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningSettings(pub KeySettings);

impl<'de> Deserialize<'de> for SigningSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let mut fields = BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?;
        fields.entry("kind".to_owned()).or_insert_with(|| "file".into());
        let fields = fields.into_iter().collect::<serde_json::Map<_, _>>();
        serde_json::from_value(fields.into()).map(Self).map_err(D::Error::custom)
    }
}

/// The key that the hub signs with: as set, or one of its own in `folder`.
///
/// # Errors
/// As [`KeySettings::open`], and when the folder cannot be written.
pub fn key(
    settings: Option<&SigningSettings>,
    folder: &Path,
) -> std::result::Result<Arc<dyn keys::Signer>, SettingsFault> {
    match settings {
        Some(SigningSettings(settings)) => settings.open().map_err(of_signing),
        None => of_own(folder)?.open().map_err(of_signing),
    }
}

/// The fault of a key by its name among the settings of the signature.
fn of_signing(fault: SettingsFault) -> SettingsFault {
    let SettingsFault { setting, fault } = fault;
    let setting = match setting {
        "keys.key" => "signing.key",
        "keys.certificate" => "signing.certificate",
        "keys.file" => "signing.file",
        "keys.password_file" => "signing.password_file",
        "keys.token" => "signing.token",
        other => other,
    };
    SettingsFault { setting, fault }
}

/// The key pair of the hub's own in `folder`, made at the first start: a key on P-256 that its owner alone
/// can read, and a certificate that it signs itself.
fn of_own(folder: &Path) -> std::result::Result<KeySettings, SettingsFault> {
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let failed = |fault: String| SettingsFault::new("signing", fault);
    fs::create_dir_all(folder).map_err(|error| failed(format!("{}: {error}", folder.display())))?;
    if !key.is_file() {
        let made = new_key().map_err(|error| failed(error.to_string()))?;
        put(&key, &made, 0o600)?;
    }
    // It is written after the key: with a key and no certificate the hub had ended in between.
    if !certificate.is_file() {
        let made = read(&key, "signing.key")?;
        let made = certificate_of(&made).map_err(|error| failed(error.to_string()))?;
        put(&certificate, &made, 0o644)?;
    }
    Ok(KeySettings::File { key, certificate, password_file: None })
}

/// Writes what the hub signs as CMS.
#[derive(Debug)]
pub struct CmsSigner {
    key: Arc<dyn keys::Signer>,
    pem: Vec<u8>,
}

impl CmsSigner {
    /// Signs with a key.
    ///
    /// # Errors
    /// [`Error::Internal`] when its certificates can't be written.
    pub fn new(key: Arc<dyn keys::Signer>) -> Result<Self> {
        let mut pem = Vec::new();
        for certificate in key.chain() {
            pem.extend(X509::from_der(certificate).and_then(|one| one.to_pem()).map_err(unusable)?);
        }
        Ok(Self { key, pem })
    }

    fn signer_info(
        &self,
        own: &Certificate,
        content: &[u8],
        now: DateTime<Utc>,
    ) -> std::result::Result<SignerInfo, Error> {
        let algorithm = self.key.kind().usual_algorithm();
        let digest = hash(algorithm.digest(), content).map_err(unusable)?;
        let attribute = |oid, value: der::Result<Any>| {
            Ok::<_, der::Error>(Attribute { oid, values: SetOfVec::try_from(vec![value?])? })
        };
        let attributes = || {
            SetOfVec::try_from(vec![
                attribute(CONTENT_TYPE, Any::encode_from(&DATA))?,
                attribute(SIGNING_TIME, Any::encode_from(&time(now)?))?,
                attribute(MESSAGE_DIGEST, Any::encode_from(&OctetString::new(digest.to_vec())?))?,
            ])
        };
        let attributes = attributes().map_err(unusable)?;
        let value = self.key.sign(algorithm, &attributes.to_der().map_err(unusable)?)?;
        let value = if self.key.kind().width().is_some() { ecdsa_der(&value)? } else { value };
        let (digest_alg, signature_algorithm) = identifiers(algorithm).map_err(unusable)?;
        Ok(SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: own.tbs_certificate.issuer.clone(),
                serial_number: own.tbs_certificate.serial_number.clone(),
            }),
            digest_alg,
            signed_attrs: Some(attributes),
            signature_algorithm,
            signature: OctetString::new(value).map_err(unusable)?,
            unsigned_attrs: None,
        })
    }

    fn signed_data(&self, content: &[u8], signer: SignerInfo) -> der::Result<Vec<u8>> {
        let mut certificates = Vec::with_capacity(self.key.chain().len());
        for certificate in self.key.chain() {
            certificates.push(CertificateChoices::Certificate(Certificate::from_der(certificate)?));
        }
        let data = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![signer.digest_alg.clone()])?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: DATA,
                econtent: Some(Any::encode_from(&OctetString::new(content)?)?),
            },
            certificates: Some(CertificateSet(SetOfVec::try_from(certificates)?)),
            crls: None,
            signer_infos: SignerInfos(SetOfVec::try_from(vec![signer])?),
        };
        ContentInfo { content_type: SIGNED_DATA, content: Any::encode_from(&data)? }.to_der()
    }
}

impl Signer for CmsSigner {
    fn sign(&self, content: &[u8], now: DateTime<Utc>) -> Result<Vec<u8>> {
        let own = Certificate::from_der(self.key.certificate()).map_err(unusable)?;
        let signer = self.signer_info(&own, content, now)?;
        self.signed_data(content, signer).map_err(unusable)
    }

    fn certificates(&self) -> &[u8] {
        &self.pem
    }
}

fn unusable(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("the signing key cannot be used: {error}"))
}

/// A moment as attributes have it: the short form until 2049 (RFC 5652, 11.3).
fn time(now: DateTime<Utc>) -> der::Result<Time> {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let moment = DerDateTime::from_unix_duration(std::time::Duration::from_secs(seconds))?;
    match UtcTime::from_date_time(moment) {
        Ok(short) => Ok(Time::UtcTime(short)),
        Err(_) => Ok(Time::GeneralTime(GeneralizedTime::from_date_time(moment))),
    }
}

/// The identifiers of a digest and of a signature. Those of RSA have a NULL behind them, those of a curve
/// nothing.
fn identifiers(
    algorithm: SignatureAlgorithm,
) -> der::Result<(AlgorithmIdentifierOwned, AlgorithmIdentifierOwned)> {
    let digest = match algorithm.digest().size() {
        32 => "2.16.840.1.101.3.4.2.1",
        48 => "2.16.840.1.101.3.4.2.2",
        _ => "2.16.840.1.101.3.4.2.3",
    };
    let (signature, parameters) = match algorithm {
        SignatureAlgorithm::EcdsaSha256 => ("1.2.840.10045.4.3.2", None),
        SignatureAlgorithm::EcdsaSha384 => ("1.2.840.10045.4.3.3", None),
        SignatureAlgorithm::EcdsaSha512 => ("1.2.840.10045.4.3.4", None),
        SignatureAlgorithm::RsaSha256 => ("1.2.840.113549.1.1.11", Some(Any::null())),
        SignatureAlgorithm::RsaSha384 => ("1.2.840.113549.1.1.12", Some(Any::null())),
        SignatureAlgorithm::RsaSha512 => ("1.2.840.113549.1.1.13", Some(Any::null())),
        // Never the usual one of a key; its parameters would have to be written out.
        SignatureAlgorithm::RsaPssSha256
        | SignatureAlgorithm::RsaPssSha384
        | SignatureAlgorithm::RsaPssSha512 => return Err(der::ErrorKind::Failed.into()),
    };
    let of = |oid, parameters| {
        Ok::<_, der::Error>(AlgorithmIdentifierOwned { oid: ObjectIdentifier::new(oid)?, parameters })
    };
    Ok((of(digest, None)?, of(signature, parameters)?))
}

fn read(path: &Path, setting: &'static str) -> std::result::Result<Vec<u8>, SettingsFault> {
    fs::read(path).map_err(|error| SettingsFault::new(setting, format!("{}: {error}", path.display())))
}

/// Puts a file in place when it is whole and on the disk.
fn put(path: &Path, content: &[u8], mode: u32) -> std::result::Result<(), SettingsFault> {
    let draft = path.with_extension("new");
    let write = || {
        // A draft of a start that was cut off.
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().map_err(|error| SettingsFault::new("signing", format!("{}: {error}", path.display())))
}

fn new_key() -> std::result::Result<Vec<u8>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::generate(&group)?)?.private_key_to_pem_pkcs8()
}

fn certificate_of(key: &[u8]) -> std::result::Result<Vec<u8>, ErrorStack> {
    let key = PKey::private_key_from_pem(key)?;
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("CN", "Kordon hub")?;
    let name = name.build();
    let mut serial = BigNum::new()?;
    serial.rand(159, MsbOption::MAYBE_ZERO, false)?;
    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    certificate.set_serial_number(&*serial.to_asn1_integer()?)?;
    certificate.set_subject_name(&name)?;
    certificate.set_issuer_name(&name)?;
    certificate.set_pubkey(&key)?;
    certificate.set_not_before(&*Asn1Time::days_from_now(0)?)?;
    certificate.set_not_after(&*Asn1Time::days_from_now(OWN_VALIDITY_DAYS)?)?;
    certificate.append_extension(BasicConstraints::new().critical().build()?)?;
    certificate.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
    certificate.sign(&key, MessageDigest::sha256())?;
    certificate.build().to_pem()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    fn own(folder: &Path) -> CmsSigner {
        CmsSigner::new(key(None, folder).unwrap()).unwrap()
    }

    #[test]
    fn the_key_of_the_hubs_own_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = own(folder.path());
        let again = own(folder.path());
        assert_eq!(first.certificates(), again.certificates());
        let mode = fs::metadata(folder.path().join("key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_start_that_was_cut_off_between_key_and_certificate_is_made_good() {
        let folder = tempfile::tempdir().unwrap();
        own(folder.path());
        fs::remove_file(folder.path().join("certificate.pem")).unwrap();
        fs::write(folder.path().join("certificate.new"), "half").unwrap();
        own(folder.path());
    }

    #[test]
    fn a_certificate_of_another_key_is_refused() {
        let (own_folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&own_folder, &other] {
            own(folder.path());
        }
        let settings = format!(
            r#"{{"key": {:?}, "certificate": {:?}}}"#,
            own_folder.path().join("key.pem"),
            other.path().join("certificate.pem"),
        );
        let settings: SigningSettings = serde_json::from_str(&settings).unwrap();
        let said = key(Some(&settings), own_folder.path()).unwrap_err().to_string();
        assert_eq!(said, "signing.certificate: is not of the key");
    }

    /// What `openssl cms -verify` gives out, or what it says against it.
    fn verified(signed: &[u8], authority: &[u8]) -> std::result::Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        let (message, trusted) = (folder.path().join("list.p7m"), folder.path().join("authority.pem"));
        fs::write(&message, signed).unwrap();
        fs::write(&trusted, authority).unwrap();
        let said = Command::new("openssl")
            .args(["cms", "-verify", "-inform", "DER", "-binary", "-in"])
            .arg(&message)
            .arg("-CAfile")
            .arg(&trusted)
            .output()
            .unwrap();
        if said.status.success() {
            Ok(said.stdout)
        } else {
            Err(String::from_utf8_lossy(&said.stderr).into())
        }
    }

    #[test]
    fn the_openssl_command_line_verifies_what_is_signed_and_refuses_what_was_changed() {
        let (own_folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let signer = own(own_folder.path());
        let content = "{\"plate\":\"АА 1234 ВВ\"}\n".as_bytes();
        let signed = signer.sign(content, Utc::now()).unwrap();
        assert_eq!(verified(&signed, signer.certificates()).unwrap(), content);
        let at = signed.windows(4).position(|part| part == b"1234").unwrap();
        let mut changed = signed.clone();
        changed[at] = b'9';
        verified(&changed, signer.certificates()).unwrap_err();
        let stranger = own(other.path());
        verified(&signed, stranger.certificates()).unwrap_err();
    }
}
