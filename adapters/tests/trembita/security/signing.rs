//! What is signed here is taken here, and by strangers.

use chrono::TimeDelta;
use kordon_adapters::trembita::security::sign;

use super::{authorities, changed, file, key, now, question, signed_by, taken, xmlsec_holds};

#[test]
fn what_is_signed_with_each_kind_of_key_is_taken_here_and_by_xmlsec1() {
    for name in ["rsa", "p256", "p384", "p521"] {
        let text = signed_by(name, now());
        let signed = taken(&text, &authorities(&[]), now()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let fingerprint = signed.signer.certificate.to_pem().unwrap();
        assert_eq!(fingerprint, openssl_pem(name));
        assert!(xmlsec_holds(&text, &file(&format!("{name}.crt"))), "{name}: {text}");
        let other = changed(&text, "AA1234BB", "AA1234BC");
        assert!(!xmlsec_holds(&other, &file(&format!("{name}.crt"))), "{name}");
        assert!(taken(&other, &authorities(&[]), now()).unwrap_err().starts_with("value:"), "{name}");
    }
}

fn openssl_pem(name: &str) -> Vec<u8> {
    let pem = std::fs::read(file(&format!("{name}.crt"))).unwrap();
    openssl::x509::X509::from_pem(&pem).unwrap().to_pem().unwrap()
}

#[test]
fn an_answer_confirms_the_signature_of_the_question() {
    let asked = taken(&signed_by("p256", now()), &authorities(&[]), now()).unwrap();
    let answer = sign::sign(&question(), &key("rsa"), Some(&asked.value), now()).unwrap();
    assert!(xmlsec_holds(&answer, &file("rsa.crt")));
    let answer = taken(&answer, &authorities(&[]), now()).unwrap();
    assert_eq!(answer.confirms, [asked.value]);
}

#[test]
fn an_envelope_without_a_header_is_signed_too() {
    let fault = "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">\
                 <s:Body><s:Fault><faultcode>s:Server</faultcode></s:Fault></s:Body></s:Envelope>";
    let signed = sign::sign(fault, &key("p256"), None, now()).unwrap();
    assert!(xmlsec_holds(&signed, &file("p256.crt")), "{signed}");
    sign::sign(&signed, &key("p256"), None, now()).unwrap_err();
}

#[test]
fn parts_without_ids_get_some_whatever_prefixes_are_taken() {
    let question = question()
        .replace(" wsu:Id='client'", "")
        .replace(" wsu:Id='body'", "")
        .replace("xmlns:evil='urn:evil'", "xmlns:wsu_='urn:other'");
    let signed = sign::sign(&question, &key("p256"), None, now()).unwrap();
    taken(&signed, &authorities(&[]), now()).unwrap();
    assert!(xmlsec_holds(&signed, &file("p256.crt")), "{signed}");
}

#[test]
fn two_messages_differ_and_the_same_is_known_again() {
    let (first, other) = (signed_by("p256", now()), signed_by("p256", now() + TimeDelta::milliseconds(1)));
    let digest = |text: &str| taken(text, &authorities(&[]), now()).unwrap().digest;
    assert_eq!(digest(&first), digest(&first));
    assert_ne!(digest(&first), digest(&other));
    // White space between the parts is not signed; it makes no other message.
    assert_eq!(digest(&first), digest(&changed(&first, "\n<s:Header>", "\n\n  <s:Header>")));
}

/// Of an ECDSA value (r, s) anybody makes (r, n - s), which holds as well.
#[test]
fn a_second_value_that_holds_makes_no_second_message() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use openssl::bn::{BigNum, BigNumContext};
    use openssl::ec::EcGroup;
    use openssl::nid::Nid;

    let first = signed_by("p256", now());
    let asked = taken(&first, &authorities(&[]), now()).unwrap();
    let mut order = BigNum::new().unwrap();
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    group.order(&mut order, &mut BigNumContext::new().unwrap()).unwrap();
    let (r, s) = asked.value.split_at(32);
    let turned = &order - &BigNum::from_slice(s).unwrap();
    let second = [r, &turned.to_vec_padded(32).unwrap()].concat();
    let text = changed(&first, &STANDARD.encode(&asked.value), &STANDARD.encode(&second));
    let again = taken(&text, &authorities(&[]), now()).unwrap();
    assert_ne!(again.value, asked.value);
    assert_eq!(again.digest, asked.digest);
}
