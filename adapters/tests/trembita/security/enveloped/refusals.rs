//! Signatures that are refused though nobody moved anything: keys, algorithms, times.

use chrono::TimeDelta;
use kordon_adapters::trembita::security::enveloped;

use super::{DOCUMENT, authorities, changed, key, now, refused, signed_by, taken_at};
use crate::security::{part, signed_anew};

#[test]
fn a_certificate_that_is_not_believed_is_refused() {
    assert!(refused(&signed_by("stranger")).starts_with("untrusted:"));
    assert_eq!(refused(&signed_by("agreement")), "untrusted: the certificate is not for signatures");
    let (lists, now) = (authorities(&["crl-400.pem"]), now());
    assert_eq!(
        taken_at(&signed_by("revoked"), &lists, now).unwrap_err(),
        "revoked: the certificate was revoked"
    );
    taken_at(&signed_by("p256"), &lists, now).unwrap();
    let late = now + TimeDelta::days(31);
    assert!(taken_at(&signed_by("p256"), &authorities(&[]), late).unwrap_err().starts_with("expired:"));
}

#[test]
fn a_signature_from_the_future_is_refused() {
    let text = enveloped::sign(DOCUMENT, &key("p256"), now() + TimeDelta::hours(1)).unwrap();
    assert!(refused(&text).starts_with("stale: it was signed at"), "{}", refused(&text));
}

#[test]
fn weak_algorithms_are_refused_though_their_signature_holds() {
    let anew = |from: &str, to: &str| {
        refused(&signed_anew(&signed_by("p256"), "p256", |info| {
            assert!(info.contains(from));
            info.replace(from, to)
        }))
    };
    assert_eq!(
        anew("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
        "algorithm: the digest \"http://www.w3.org/2000/09/xmldsig#sha1\" is not allowed"
    );
    assert_eq!(
        anew("xmldsig-more#ecdsa-sha256", "xmldsig-more#ecdsa-sha1"),
        "algorithm: the signature algorithm \"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1\" is not allowed"
    );
    assert_eq!(
        anew("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
        "algorithm: the signature algorithm \"http://www.w3.org/2000/09/xmldsig#hmac-sha1\" is not allowed"
    );
}

/// The digest of the certificate is signed, so another certificate, be it for the same key, can't take its place.
#[test]
fn another_certificate_is_refused() {
    let text = signed_by("p256");
    let own = part(&text, "<ds:X509Certificate>", "</ds:X509Certificate>").to_owned();
    let of_other = signed_by("p384");
    let other = part(&of_other, "<ds:X509Certificate>", "</ds:X509Certificate>");
    assert_eq!(
        refused(&changed(&text, &own, other)),
        "token: the SigningCertificate is another than the first of KeyInfo"
    );
    assert_eq!(
        refused(&changed(&text, &own, &format!("{other}{own}"))),
        "token: the SigningCertificate is another than the first of KeyInfo"
    );
    assert!(refused(&changed(&text, &own, "")).starts_with("token:"));
    let named = part(&text, "<xades:SigningCertificateV2>", "</xades:SigningCertificateV2>").to_owned();
    assert!(refused(&changed(&text, &named, "")).starts_with("token:"));
    let key_value = "<ds:KeyValue><ds:RSAKeyValue/></ds:KeyValue>";
    assert_eq!(
        refused(&changed(&text, "<ds:KeyInfo>", &format!("<ds:KeyInfo>{key_value}"))),
        "token: KeyInfo holds X509Data and nothing else"
    );
}

#[test]
fn a_value_of_another_key_is_refused() {
    let (text, other) = (signed_by("p256"), signed_by("p256"));
    let value = |text: &str| part(text, "<ds:SignatureValue>", "</ds:SignatureValue>").to_owned();
    let swapped = changed(&text, &value(&text), &value(&other));
    assert_eq!(refused(&swapped), "value: the value of the signature does not hold");
}

#[test]
fn what_is_hostile_is_refused_before_it_costs_anything() {
    let bomb = format!("<!DOCTYPE d [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>{DOCUMENT}");
    let bomb = bomb.replacen("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "", 1);
    assert_eq!(refused(&bomb), "structure: a document type declaration is not allowed");
    let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    assert_eq!(refused(&deep), "structure: more than 64 elements within each other");
    let begun = std::time::Instant::now();
    let text = signed_by("p256");
    let many = "<ds:X509Certificate>AAAA</ds:X509Certificate>".repeat(3_000);
    assert_eq!(
        refused(&changed(&text, "</ds:X509Data>", &format!("{many}</ds:X509Data>"))),
        "structure: the Signature is too large"
    );
    assert!(begun.elapsed().as_secs() < 5);
}
