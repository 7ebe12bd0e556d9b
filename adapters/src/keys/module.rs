//! A key that lies in a hardware module, reached by PKCS#11. It never leaves the module: what is digested
//! here is signed there.
//!
//! The module's library is loaded once a process and stays: it may be initialized once, whoever uses it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as ModuleError, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use kordon_hub::{Error, Result};
use openssl::hash::hash;
use openssl::x509::X509;

use super::algorithm::{KeyKind, SignatureAlgorithm};
use super::file::{certificates, in_order, secret, validity};
use super::{Signer, Validity};
use crate::SettingsFault;

/// The libraries that are loaded, by their files.
static LIBRARIES: LazyLock<Mutex<BTreeMap<PathBuf, Pkcs11>>> = LazyLock::new(Mutex::default);

/// Where a key is within a module.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    library: PathBuf,
    token: String,
    label: String,
    pin: String,
}

/// A key in a hardware module.
pub struct ModuleKey {
    place: Place,
    kind: KeyKind,
    chain: Vec<Vec<u8>>,
    validity: Validity,
    /// One session: modules sign one after the other anyway. None after it failed, until the next signature.
    session: Mutex<Option<(Session, ObjectHandle)>>,
}

impl std::fmt::Debug for ModuleKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { place, kind, chain: _, validity, session: _ } = self;
        formatter
            .debug_struct("ModuleKey")
            .field("token", &place.token)
            .field("label", &place.label)
            .field("kind", kind)
            .field("validity", validity)
            .finish_non_exhaustive()
    }
}

impl ModuleKey {
    /// Finds the key with a label on the token with a label, and tries it. `certificate` is the PEM file with
    /// its certificate and those above it; `pin_file` the file whose first line is the user's PIN.
    ///
    /// # Errors
    /// [`SettingsFault`] when the library, the token or the key is not there, the PIN is another, or the
    /// certificate is not of the key.
    pub fn open(
        library: &Path,
        token: &str,
        label: &str,
        pin_file: &Path,
        certificate: &Path,
    ) -> std::result::Result<Self, SettingsFault> {
        let bad = |fault: &str| SettingsFault::new("keys.certificate", fault);
        let chain = in_order(certificates(certificate, "keys.certificate")?);
        let own: &X509 = chain.first().ok_or_else(|| bad("holds no certificate in PEM"))?;
        let public = own.public_key().map_err(|error| bad(&error.to_string()))?;
        let kind = KeyKind::of(&public).ok_or_else(|| {
            bad("is neither of RSA of 2048 bits or more nor of a key on P-256, P-384 or P-521")
        })?;
        let validity = validity(own).ok_or_else(|| bad("does not say when it holds"))?;
        let encoded = chain.iter().map(|one| one.to_der()).collect::<std::result::Result<Vec<_>, _>>();
        let place = Place {
            library: library.to_owned(),
            token: token.to_owned(),
            label: label.to_owned(),
            pin: secret(pin_file)?,
        };
        let session = place.open().map_err(|fault| SettingsFault::new("keys.token", fault))?;
        let key = Self {
            place,
            kind,
            chain: encoded.map_err(|error| bad(&error.to_string()))?,
            validity,
            session: Mutex::new(Some(session)),
        };
        key.try_out(own)?;
        Ok(key)
    }

    /// Signs something, so that a key that is not the certificate's is told at the start.
    fn try_out(&self, own: &X509) -> std::result::Result<(), SettingsFault> {
        let algorithm = self.kind.usual_algorithm();
        let value =
            self.sign(algorithm, b"kordon").map_err(|error| SettingsFault::new("keys.token", error))?;
        let value = match self.kind.width() {
            Some(_) => super::algorithm::ecdsa_der(&value)
                .map_err(|error| SettingsFault::new("keys.token", error))?,
            None => value,
        };
        let holds = own.public_key().and_then(|public| {
            openssl::sign::Verifier::new(algorithm.digest(), &public)?.verify_oneshot(&value, b"kordon")
        });
        if holds.unwrap_or(false) {
            return Ok(());
        }
        Err(SettingsFault::new("keys.certificate", "is not of the key"))
    }

    fn signature(
        &self,
        session: &(Session, ObjectHandle),
        algorithm: SignatureAlgorithm,
        content: &[u8],
    ) -> std::result::Result<Vec<u8>, Failed> {
        let (session, key) = session;
        let digest = hash(algorithm.digest(), content).map_err(|error| Failed::Here(error.to_string()))?;
        let signed = match self.kind {
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => session.sign(&Mechanism::Ecdsa, *key, &digest),
            KeyKind::Rsa { .. } if algorithm.is_pss() => {
                session.sign(&Mechanism::RsaPkcsPss(pss(algorithm)), *key, &digest)
            }
            KeyKind::Rsa { .. } => {
                let mut encoded = digest_info(algorithm).to_vec();
                encoded.extend_from_slice(&digest);
                session.sign(&Mechanism::RsaPkcs, *key, &encoded)
            }
        };
        signed.map_err(Failed::Module)
    }
}

enum Failed {
    Here(String),
    Module(ModuleError),
}

impl Place {
    /// Opens a session and finds the key.
    fn open(&self) -> std::result::Result<(Session, ObjectHandle), String> {
        let module = self.library()?;
        let failed = |error: ModuleError| error.to_string();
        let named =
            |slot: &_| module.get_token_info(*slot).is_ok_and(|info| info.label().trim_end() == self.token);
        let slots = module.get_slots_with_token().map_err(failed)?;
        let slot =
            slots.into_iter().find(named).ok_or_else(|| format!("there is no token {:?}", self.token))?;
        let session = module.open_ro_session(slot).map_err(failed)?;
        let pin = AuthPin::new(self.pin.clone().into());
        match session.login(UserType::User, Some(&pin)) {
            // Another session of this process is logged in: the token knows the process, not the session.
            Ok(()) | Err(ModuleError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(error) => return Err(failed(error)),
        }
        let wanted =
            [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Label(self.label.clone().into_bytes())];
        match session.find_objects(&wanted).map_err(failed)?.as_slice() {
            [key] => Ok((session, *key)),
            [] => Err(format!("there is no private key {:?} on it", self.label)),
            _ => Err(format!("there are several private keys {:?} on it", self.label)),
        }
    }

    fn library(&self) -> std::result::Result<Pkcs11, String> {
        let mut loaded = LIBRARIES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = loaded.get(&self.library) {
            return Ok(module.clone());
        }
        let module =
            Pkcs11::new(&self.library).map_err(|error| format!("{}: {error}", self.library.display()))?;
        module
            .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
            .map_err(|error| format!("{}: {error}", self.library.display()))?;
        loaded.insert(self.library.clone(), module.clone());
        Ok(module)
    }
}

impl Signer for ModuleKey {
    fn sign(&self, algorithm: SignatureAlgorithm, content: &[u8]) -> Result<Vec<u8>> {
        let failed = |text: String| Error::Internal(format!("the key of the module cannot be used: {text}"));
        if !algorithm.fits(self.kind) {
            return Err(failed(format!("{algorithm:?} is not for a key of the kind {:?}", self.kind)));
        }
        let mut kept = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        // A session that was lost, as when the module was away, is opened anew once.
        if let Some(session) = kept.take() {
            match self.signature(&session, algorithm, content) {
                Ok(value) => {
                    *kept = Some(session);
                    return Ok(value);
                }
                Err(Failed::Here(text)) => return Err(failed(text)),
                Err(Failed::Module(error)) => {
                    tracing::warn!(%error, "a session of the hardware module was lost")
                }
            }
        }
        let session = self.place.open().map_err(failed)?;
        match self.signature(&session, algorithm, content) {
            Ok(value) => {
                *kept = Some(session);
                Ok(value)
            }
            Err(Failed::Here(text)) => Err(failed(text)),
            Err(Failed::Module(error)) => Err(failed(error.to_string())),
        }
    }

    fn kind(&self) -> KeyKind {
        self.kind
    }

    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn holds(&self) -> Validity {
        self.validity
    }
}

/// What stands before a digest in a signature of PKCS#1 (RFC 8017, 9.2): the algorithm of it, in DER.
fn digest_info(algorithm: SignatureAlgorithm) -> [u8; 19] {
    let (whole, number, length) = match algorithm.digest().size() {
        32 => (0x31, 1, 0x20),
        48 => (0x41, 2, 0x30),
        _ => (0x51, 3, 0x40),
    };
    [
        0x30, whole, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, number, 0x05,
        0x00, 0x04, length,
    ]
}

fn pss(algorithm: SignatureAlgorithm) -> PkcsPssParams {
    let (hash_alg, mgf, length) = match algorithm.digest().size() {
        32 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32_u64),
        48 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48),
        _ => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64),
    };
    PkcsPssParams { hash_alg, mgf, s_len: length.into() }
}

#[cfg(test)]
#[path = "module_tests.rs"]
mod tests;
