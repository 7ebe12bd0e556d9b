//! What somebody else's certificate is known by, once a connection or a signature was verified with it: its
//! fingerprint and its subject, by which it is bound to a system (Resolution 1393, clause 23).

use kordon_hub::parties::authentication::VerifiedCertificate;
use kordon_hub::{Error, Result};
use openssl::hash::MessageDigest;
use openssl::x509::X509Ref;

/// What the hub keeps of a certificate that was verified: of a connection, or of a message's signature.
///
/// # Errors
/// When the certificate cannot be read.
pub fn of(certificate: &X509Ref) -> Result<VerifiedCertificate> {
    let fingerprint = certificate
        .digest(MessageDigest::sha256())
        .map_err(|error| Error::Internal(format!("a certificate cannot be read: {error}")))?;
    let subject = certificate
        .subject_name()
        .entries()
        .map(|entry| {
            let name = entry.object().nid().short_name().unwrap_or("?");
            let value = entry.data().to_string().map(|value| value.to_string()).unwrap_or_default();
            // A slash in a value would let it pass for another part of the subject.
            format!("/{name}={}", value.replace('\\', "\\\\").replace('/', "\\/"))
        })
        .collect();
    Ok(VerifiedCertificate { fingerprint: hex::encode(fingerprint), subject })
}
