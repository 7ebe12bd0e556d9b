//! The hub's signature: CMS (RFC 5652) by a key and a certificate that lie in files, so that everybody can verify it with the
//! `openssl` command line. Without settings the hub makes a key pair of its own at its first start.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use kordon_hub::signing::Signer;
use kordon_hub::{Error, Result};
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::stack::Stack;
use openssl::x509::extension::{BasicConstraints, KeyUsage};
use openssl::x509::{X509, X509NameBuilder};
use serde::Deserialize;

use crate::SettingsFault;
use crate::keys::FileKey;
use crate::keys::file::Names;

/// How long a certificate of the hub's own is good for, in days. One from an authority takes its place on a real site.
const OWN_VALIDITY_DAYS: u32 = 5 * 365;

/// With which key the hub signs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningSettings {
    /// The private key, PEM: RSA or on a NIST curve.
    pub key: PathBuf,
    /// The certificate of the key, and after it those above it, PEM.
    pub certificate: PathBuf,
}

/// Signs with a key that is held in memory.
pub struct CmsSigner {
    key: FileKey,
    above: Stack<X509>,
    pem: Vec<u8>,
}

impl std::fmt::Debug for CmsSigner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CmsSigner").field("key", &self.key).finish_non_exhaustive()
    }
}

impl CmsSigner {
    /// Reads the key and its certificate.
    ///
    /// # Errors
    /// [`SettingsFault`] when a file cannot be read, holds something else, or the two do not belong together.
    pub fn open(settings: &SigningSettings) -> std::result::Result<Self, SettingsFault> {
        let SigningSettings { key, certificate } = settings;
        let names = Names { key: "signing.key", certificate: "signing.certificate" };
        let key = FileKey::read(key, certificate, None, names)?;
        let pem = read(certificate, "signing.certificate")?;
        let above = stack(key.certificates().iter().skip(1).cloned())
            .map_err(|error| SettingsFault::new("signing.certificate", error))?;
        Ok(Self { key, above, pem })
    }

    /// The key pair of the hub's own in `folder`, made at the first start: a key on P-256 that its owner alone can read, and a
    /// certificate that it signs itself.
    ///
    /// # Errors
    /// [`SettingsFault`] when the folder cannot be written or holds something else.
    pub fn of_own(folder: &Path) -> std::result::Result<Self, SettingsFault> {
        let settings =
            SigningSettings { key: folder.join("key.pem"), certificate: folder.join("certificate.pem") };
        let failed = |fault: String| SettingsFault::new("signing", fault);
        fs::create_dir_all(folder).map_err(|error| failed(format!("{}: {error}", folder.display())))?;
        if !settings.key.is_file() {
            let key = new_key().map_err(|error| failed(error.to_string()))?;
            put(&settings.key, &key, 0o600)?;
        }
        // It is written after the key: with a key and no certificate the hub had ended in between.
        if !settings.certificate.is_file() {
            let key = read(&settings.key, "signing.key")?;
            let certificate = certificate_of(&key).map_err(|error| failed(error.to_string()))?;
            put(&settings.certificate, &certificate, 0o644)?;
        }
        Self::open(&settings)
    }
}

impl Signer for CmsSigner {
    fn sign(&self, content: &[u8]) -> Result<Vec<u8>> {
        CmsContentInfo::sign(
            self.key.certificates().first().map(|own| &**own),
            Some(self.key.key()),
            Some(&self.above),
            Some(content),
            CMSOptions::BINARY | CMSOptions::NOSMIMECAP,
        )
        .and_then(|signed| signed.to_der())
        .map_err(|error| Error::Internal(format!("the signing key cannot be used: {error}")))
    }

    fn certificates(&self) -> &[u8] {
        &self.pem
    }
}

fn stack(certificates: impl Iterator<Item = X509>) -> std::result::Result<Stack<X509>, ErrorStack> {
    let mut stack = Stack::new()?;
    for certificate in certificates {
        stack.push(certificate)?;
    }
    Ok(stack)
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

    #[test]
    fn the_key_of_the_hubs_own_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = CmsSigner::of_own(folder.path()).unwrap();
        let again = CmsSigner::of_own(folder.path()).unwrap();
        assert_eq!(first.certificates(), again.certificates());
        let mode = fs::metadata(folder.path().join("key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_start_that_was_cut_off_between_key_and_certificate_is_made_good() {
        let folder = tempfile::tempdir().unwrap();
        CmsSigner::of_own(folder.path()).unwrap();
        fs::remove_file(folder.path().join("certificate.pem")).unwrap();
        fs::write(folder.path().join("certificate.new"), "half").unwrap();
        CmsSigner::of_own(folder.path()).unwrap();
    }

    #[test]
    fn a_certificate_of_another_key_is_refused() {
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&own, &other] {
            CmsSigner::of_own(folder.path()).unwrap();
        }
        let settings = SigningSettings {
            key: own.path().join("key.pem"),
            certificate: other.path().join("certificate.pem"),
        };
        assert_eq!(
            CmsSigner::open(&settings).unwrap_err().to_string(),
            "signing.certificate: is not of the key"
        );
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
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let signer = CmsSigner::of_own(own.path()).unwrap();
        let content = "{\"plate\":\"АА 1234 ВВ\"}\n".as_bytes();
        let signed = signer.sign(content).unwrap();
        assert_eq!(verified(&signed, signer.certificates()).unwrap(), content);
        let at = signed.windows(4).position(|part| part == b"1234").unwrap();
        let mut changed = signed.clone();
        changed[at] = b'9';
        verified(&changed, signer.certificates()).unwrap_err();
        let stranger = CmsSigner::of_own(other.path()).unwrap();
        verified(&signed, stranger.certificates()).unwrap_err();
    }
}
