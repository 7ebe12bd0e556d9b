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
        anew(
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
        ),
        "algorithm: the signature algorithm \"http://www.w3.org/2000/09/xmldsig#hmac-sha1\" is not allowed"
    );
}

/// The digest of the certificate is signed, so another certificate, be it for the same key, can't take its
/// place.
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

/// All that a reader sees of a document beside its signature.
fn seen(text: &str) -> Option<Vec<String>> {
    let document = roxmltree::Document::parse(text).ok()?;
    let is_of_signature =
        |node: &roxmltree::Node<'_, '_>| node.ancestors().any(|own| own.tag_name().name() == "Signature");
    let mut seen = Vec::new();
    for node in document.root_element().descendants().filter(|node| !is_of_signature(node)) {
        if node.is_element() {
            let attributes: Vec<String> = node.attributes().map(|own| format!("{own:?}")).collect();
            seen.push(format!("{:?} {}", node.tag_name(), attributes.join(" ")));
        } else if node.is_text() {
            seen.push(node.text().unwrap_or_default().to_owned());
        }
    }
    Some(seen)
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_changed_it_is_refused_or_reads_the_same(place in 0.0_f64..1.0, cut in 0_usize..3, put in "[<>&\"'=a-zA-Z0-9#/ \\n!\\[\\-]{0,3}") {
        static SIGNED: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| signed_by("p256"));
        let text = SIGNED.as_str();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
        let mut from = (text.len() as f64 * place) as usize;
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        let mut to = (from + cut).min(text.len());
        while !text.is_char_boundary(to) {
            to += 1;
        }
        let other = format!("{}{put}{}", &text[..from], &text[to..]);
        if let Ok(Some(_)) = taken_at(&other, &authorities(&[]), now()) {
            proptest::prop_assert_eq!(seen(&other), seen(text));
        }
    }
}
