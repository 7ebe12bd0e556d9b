//! Whether the certificate of a key is still good: what an OCSP responder or a list of revoked certificates
//! says of it, and what is done without such word.

use chrono::{DateTime, TimeDelta, Utc};
use kordon_adapters::keys::FileKey;
use kordon_adapters::trembita::evidence::report::{Code, Verdict};
use kordon_adapters::trembita::evidence::sealing::container;
use kordon_adapters::trembita::evidence::sealing::settings::{OnFailure, StatusSettings, StatusSource};
use kordon_hub::sealing::Sealer;

use super::site::{
    assert_valid, changed, checked, entries, site, site_asking, site_with, site_with_list, unsealed,
};
use super::strangers::{python_holds, xmlsec_holds};
use crate::evidence::authority_server::Behaviour;
use crate::evidence::pki::PKI;
use crate::evidence::recipe::{base64, zipped};

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
            for other in [
                PKI.file("forged.crl"),
                PKI.file("of-other.crl"),
                PKI.file("stale.crl"),
                list[..list.len() - 1].to_vec(),
            ] {
                let (own, other) = (base64(&list), base64(&other));
                let edited = changed(&files, "META-INF/signatures.xml", |text| text.replace(&own, &other));
                let faults = checked(&zipped(&edited)).faults;
                assert!(faults.iter().any(|fault| fault.code == Code::InvalidRevocation), "{faults:#?}");
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
