//! What is refused for itself: who signed it, with what, and when.

use chrono::TimeDelta;
use kordon_adapters::trembita::security::{Reason, Refusal};

use super::{authorities, changed, file, now, part, question, refused, signed_by, taken};

#[test]
fn another_body_header_or_time_does_not_hold() {
    let text = signed_by("p256", now());
    let created = part(&text, "<wsu:Created>", "</wsu:Created>");
    let later = format!("<wsu:Created>{}</wsu:Created>", now().to_rfc3339());
    for (from, to) in [("AA1234BB", "AA1234BC"), (">q-1<", ">q-2<"), (created, &*later)] {
        assert!(refused(&changed(&text, from, to)).starts_with("value: the digest of"), "{from}");
    }
}

#[test]
fn the_key_of_another_does_not_hold() {
    let (own, other) = (signed_by("p256", now()), signed_by("revoked", now()));
    let token =
        |text: &str| part(text, "<wsse:BinarySecurityToken", "</wsse:BinarySecurityToken>").to_owned();
    let (of_own, of_other) = (token(&own), token(&other));
    let content = |token: &str| token.split(['>', '<']).nth(2).unwrap().to_owned();
    let text = changed(&own, &content(&of_own), &content(&of_other));
    assert_eq!(refused(&text), "value: the value of the signature does not hold");
    // Of another kind.
    let rsa = signed_by("rsa", now());
    let text = changed(&own, &content(&of_own), &content(&token(&rsa)));
    assert_eq!(refused(&text), "value: the key is of another kind than the algorithm");
}

#[test]
fn a_certificate_of_no_authority_or_not_for_signatures_is_not_believed() {
    assert!(refused(&signed_by("stranger", now())).starts_with("untrusted: "));
    assert_eq!(refused(&signed_by("agreement", now())), "untrusted: the certificate is not for signatures");
}

#[test]
fn a_certificate_that_has_ended_or_not_begun_is_not_believed() {
    let believed = authorities(&[]);
    // The path is remembered, its end too.
    for _ in 0..2 {
        let later = now() + TimeDelta::days(31);
        assert!(taken(&signed_by("p256", later), &believed, later).unwrap_err().starts_with("expired: "));
        let earlier = now() - TimeDelta::days(1);
        assert!(taken(&signed_by("p256", earlier), &believed, earlier).unwrap_err().starts_with("expired: "));
        taken(&signed_by("p256", now()), &believed, now()).unwrap();
    }
}

#[test]
fn a_certificate_that_was_revoked_is_not_believed() {
    let believed = authorities(&["crl-400.pem"]);
    taken(&signed_by("p256", now()), &believed, now()).unwrap();
    let told = taken(&signed_by("revoked", now()), &believed, now()).unwrap_err();
    assert_eq!(told, "revoked: the certificate was revoked");
    // Nobody asks for lists where none is set.
    taken(&signed_by("revoked", now()), &authorities(&[]), now()).unwrap();
}

#[test]
fn without_a_current_list_of_the_issuer_nobody_is_believed() {
    let told = |lists: &[&str], days: i64| {
        let at = now() + TimeDelta::days(days);
        taken(&signed_by("p256", at), &authorities(lists), at).unwrap_err()
    };
    let none = "revoked: no current list of the issuer says that the certificate was not revoked";
    assert_eq!(told(&["crl-other.pem"], 0), none);
    assert_eq!(told(&["crl-3.pem"], 5), none);
    assert!(told(&["missing.pem"], 0).starts_with("revoked: "));
}

#[test]
fn a_list_of_some_certificates_tells_who_was_revoked_and_of_nobody_that_he_was_not() {
    let told = |name: &str, lists: &[&str]| taken(&signed_by(name, now()), &authorities(lists), now());
    let none = "revoked: no current list of the issuer says that the certificate was not revoked";
    assert_eq!(told("p256", &["crl-part.pem"]).unwrap_err(), none);
    assert_eq!(told("revoked", &["crl-part.pem"]).unwrap_err(), "revoked: the certificate was revoked");
    told("p256", &["crl-part.pem", "crl-400.pem"]).unwrap();
}

#[test]
fn a_list_is_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.pem");
    std::fs::copy(file("crl-other.pem"), &list).unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    std::fs::File::options().write(true).open(&list).unwrap().set_modified(long_ago).unwrap();
    let believed = authorities(&[list.to_str().unwrap()]);
    taken(&signed_by("p256", now()), &believed, now()).unwrap_err();
    std::fs::copy(file("crl-400.pem"), &list).unwrap();
    taken(&signed_by("p256", now()), &believed, now()).unwrap();
}

#[test]
fn weak_digests_and_algorithms_are_refused_by_name() {
    let text = signed_by("rsa", now());
    for (from, to) in [
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha256",
        ),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", ""),
    ] {
        assert!(refused(&changed(&text, from, to)).starts_with("algorithm: the signature algorithm"), "{to}");
    }
    for to in ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#md5"] {
        let text = text.replace("http://www.w3.org/2001/04/xmlenc#sha256", to);
        assert_eq!(refused(&text), format!("algorithm: the digest {to:?} is not allowed"));
    }
}

#[test]
fn a_message_that_is_too_old_or_of_the_future_is_refused() {
    let at = |seconds: i64| {
        let text = signed_by("p256", now() + TimeDelta::seconds(seconds));
        taken(&text, &authorities(&[]), now())
            .map(|_| ())
            .map_err(|told| told.split(':').next().unwrap().to_owned())
    };
    assert_eq!(at(-3600), Err("stale".to_owned()));
    assert_eq!(at(-370), Err("stale".to_owned()));
    assert_eq!(at(-350), Ok(()));
    assert_eq!(at(50), Ok(()));
    assert_eq!(at(70), Err("stale".to_owned()));
}

#[test]
fn a_timestamp_says_when_in_one_way() {
    let text = signed_by("p256", now());
    let created = part(&text, "<wsu:Created>", "</wsu:Created>");
    for (to, told) in [
        ("", "structure: the Timestamp has no Created"),
        (
            "<wsu:Created>2026-11-22T12:00:00</wsu:Created>",
            "structure: Created of the Timestamp is no date-time with its zone",
        ),
        (
            "<wsu:Created>soon</wsu:Created>",
            "structure: Created of the Timestamp is no date-time with its zone",
        ),
        (&*created.repeat(2), "structure: Created of the Timestamp stands twice"),
        ("<wsu:When/>", "structure: the Timestamp holds When"),
    ] {
        assert_eq!(refused(&changed(&text, created, to)), told);
    }
}

#[test]
fn a_message_without_a_signature_is_refused_as_such() {
    assert_eq!(refused(&question()), "missing: the message is not signed");
    let text = signed_by("p256", now());
    let signature = part(&text, "<ds:Signature", "</ds:Signature>").to_owned();
    assert_eq!(refused(&changed(&text, &signature, "")), "structure: the Security header has no Signature");
}

#[test]
fn each_part_that_is_acted_on_has_to_be_signed() {
    let text = signed_by("p256", now());
    let added = changed(&text, "<s:Header>", "<s:Header><x:userId>UA1</x:userId>");
    assert_eq!(refused(&added), "unsigned: userId is not signed");
    for (outer, with) in [("<s:Header>", "<s:Header "), ("<s:Envelope ", "<s:Envelope ")] {
        let style = "s:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'";
        let end = if outer.ends_with('>') { ">" } else { " " };
        let added = changed(&text, outer, &format!("{with}{style}{end}"));
        assert_eq!(refused(&added), "unsigned: encodingStyle is not signed");
    }
    let added = changed(&text, "<s:Header>", "<s:Header><evil:unknown/>");
    assert_eq!(refused(&added), "unsigned: unknown is not signed");
}

#[test]
fn doctypes_and_entities_are_not_read() {
    let text = signed_by("p256", now());
    let doctype = format!("<!DOCTYPE s [<!ENTITY x 'AA1234BB'>]>{}", changed(&text, "AA1234BB", "&x;"));
    assert_eq!(refused(&doctype), "not read: InvalidXml");
    assert_eq!(refused(&changed(&text, "AA1234BB", "&x;")), "not read: InvalidXml");
}

#[test]
fn a_comment_may_stand_between_elements_and_not_within_a_text() {
    let text = signed_by("p256", now());
    let between = changed(&text, "<plate>", "<!-- the car --><plate>");
    taken(&between, &authorities(&[]), now()).unwrap();
    for (from, to) in
        [("AA1234BB", "AA12<!-- -->34BB"), (">q-1<", ">q-1<!-- -->0<"), ("AA1234BB", "<!---->AA1234BB")]
    {
        let told = refused(&changed(&text, from, to));
        assert!(
            told.starts_with("value:") || told == "structure: a comment stands within a text that is signed",
            "{told}"
        );
    }
    let told = refused(&changed(&text, "AA1234BB", "AA12<!-- -->34BB"));
    assert_eq!(told, "structure: a comment stands within a text that is signed");
}

/// A namespace that is declared once is written at each element that uses it.
#[test]
fn a_small_message_with_an_enormous_canonical_form_is_refused_before_anybody_is_known() {
    let text = signed_by("p256", now());
    let enormous = "e".repeat(9_000);
    // Of the method only its name is read; what it holds is written with the form.
    let bomb = format!(
        "<ds:SignatureMethod xmlns:m='{enormous}' Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\">{}</ds:SignatureMethod>",
        "<m:a></m:a>".repeat(1_900)
    );
    let method = part(&text, "<ds:SignatureMethod", "</ds:SignatureMethod>");
    assert_eq!(refused(&changed(&text, method, &bomb)), "structure: the SignedInfo is too large");
    let prefixes: String = (0..60).map(|index| format!(" xmlns:p{index}='{}'", "u".repeat(9_000))).collect();
    let list: String = (0..60).map(|index| format!("p{index} ")).collect();
    let listed = format!(
        "<ds:CanonicalizationMethod{prefixes} Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
         <c:InclusiveNamespaces xmlns:c='http://www.w3.org/2001/10/xml-exc-c14n#' PrefixList='{list}'/>"
    );
    let method = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">";
    assert_eq!(refused(&changed(&text, method, &listed)), "structure: the SignedInfo is too large");
}

/// Each element asks for each namespace that is in scope, and whether the list names it.
#[test]
fn a_list_of_prefixes_that_nobody_needs_is_refused_before_anything_is_written() {
    let text = signed_by("p256", now());
    let method = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">";
    let listed = format!(
        "{method}<c:InclusiveNamespaces xmlns:c='http://www.w3.org/2001/10/xml-exc-c14n#' PrefixList='{}'/>",
        "a ".repeat(120_000)
    );
    assert_eq!(refused(&changed(&text, method, &listed)), "algorithm: the list of prefixes is too long");
}

#[test]
fn as_many_comments_as_a_message_holds_are_looked_at_once() {
    let text = signed_by("p256", now());
    let many = "<!---->".repeat(190_000);
    let told = refused(&changed(&text, "AA1234BB", &format!("{many}AA1234BB")));
    assert_eq!(told, "structure: a comment stands within a text that is signed");
    taken(&changed(&text, "<plate>", &format!("{many}<plate>")), &authorities(&[]), now()).unwrap();
}

#[test]
fn the_sender_is_told_no_more_of_what_it_cannot_mend_than_that() {
    for reason in Reason::ALL {
        let refusal = Refusal::new(reason, "<exactly this>");
        let is_told = matches!(
            reason,
            Reason::Missing
                | Reason::Structure
                | Reason::Token
                | Reason::Algorithm
                | Reason::Ambiguous
                | Reason::Reference
                | Reason::Unsigned
                | Reason::Stale
                | Reason::Replayed
        );
        assert_eq!(refusal.told() == "<exactly this>", is_told, "{reason:?}");
        assert!(!refusal.envelope("1").contains("<exactly"));
    }
    // Whom a certificate stands for, and what is wrong with it, is one answer.
    let one = Refusal::new(Reason::Untrusted, "a");
    for reason in [Reason::Expired, Reason::Revoked, Reason::Unbound, Reason::Client] {
        assert_eq!(Refusal::new(reason, "b").envelope("1"), one.envelope("1"));
    }
}
