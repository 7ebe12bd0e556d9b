//! Signature wrapping: what was signed is still there and still holds, and something else stands where it is
//! acted on.

use super::{changed, key, now, part, refused, sign, signed_anew, signed_by};

/// The Body of the question, as it was signed.
const BODY: &str = "<s:Body wsu:Id='body'><ask xmlns='urn:t'><plate>AA1234BB</plate></ask></s:Body>";

/// What an attacker wants to be acted on.
fn evil_body(id: &str) -> String {
    format!("<s:Body{id}><ask xmlns='urn:t'><plate>XX0000XX</plate></ask></s:Body>")
}

#[test]
fn a_body_that_was_moved_into_the_header_is_refused() {
    let moved = |id: &str| {
        let text = changed(&signed_by("p256", now()), BODY, &evil_body(id));
        refused(&changed(
            &text,
            "<s:Header>",
            &format!("<s:Header><evil:wrapper wsu:Id='w'>{BODY}</evil:wrapper>"),
        ))
    };
    assert_eq!(moved(""), "reference: the reference \"#body\" is to something that is not acted on");
    assert_eq!(
        moved(" wsu:Id='other'"),
        "reference: the reference \"#body\" is to something that is not acted on"
    );
    assert_eq!(moved(" wsu:Id='body'"), "ambiguous: the Id \"body\" stands twice");
}

#[test]
fn a_body_that_stands_in_the_header_itself_is_refused() {
    let text = changed(&signed_by("p256", now()), BODY, &evil_body(""));
    let text = changed(&text, "<s:Header>", &format!("<s:Header>{BODY}"));
    // It is a signed header now, but the Body is not signed.
    assert_eq!(refused(&text), "unsigned: Body is not signed");
}

#[test]
fn a_body_within_the_security_header_is_refused() {
    let text = changed(&signed_by("p256", now()), BODY, &evil_body(""));
    let text = changed(&text, "</wsse:Security>", &format!("{BODY}</wsse:Security>"));
    assert_eq!(refused(&text), "structure: the Security header holds Body, which is not taken here");
}

#[test]
fn a_body_within_an_object_of_the_signature_is_refused() {
    let text = changed(&signed_by("p256", now()), BODY, &evil_body(""));
    let text = changed(&text, "</ds:Signature>", &format!("<ds:Object>{BODY}</ds:Object></ds:Signature>"));
    assert_eq!(
        refused(&text),
        "structure: Signature holds SignedInfo, SignatureValue, KeyInfo and nothing else"
    );
}

#[test]
fn a_body_within_the_body_is_refused() {
    let evil =
        format!("<s:Body><ask xmlns='urn:t'><plate>XX0000XX</plate><evil:w>{BODY}</evil:w></ask></s:Body>");
    let text = changed(&signed_by("p256", now()), BODY, &evil);
    assert_eq!(refused(&text), "reference: the reference \"#body\" is to something that is not acted on");
}

#[test]
fn a_second_body_beside_the_first_is_refused() {
    for both in [format!("{}{BODY}", evil_body("")), format!("{BODY}{}", evil_body(""))] {
        let text = changed(&signed_by("p256", now()), BODY, &both);
        assert_eq!(refused(&text), "not read: InvalidSoap");
    }
}

#[test]
fn an_id_that_stands_twice_is_refused_wherever_the_second_is() {
    for place in ["<plate>", "<s:Header>"] {
        let text = signed_by("p256", now()).replacen(place, &place.replace('>', " wsu:Id='body'>"), 1);
        assert_eq!(refused(&text), "ambiguous: the Id \"body\" stands twice");
    }
}

/// Readers differ in which attributes they take for ids.
#[test]
fn an_id_in_an_attribute_of_another_namespace_is_refused() {
    for (of_evil, of_signed) in [
        (" wsu:Id='body'", " Id='body'"),
        (" Id='body'", " wsu:Id='body'"),
        (" xml:id='body'", " wsu:Id='body'"),
        (" evil:ID='body'", " wsu:Id='body'"),
        (" wsu:Id='body'", " xml:id='body'"),
    ] {
        let signed = BODY.replace(" wsu:Id='body'", of_signed);
        let text = changed(&signed_by("p256", now()), BODY, &evil_body(of_evil));
        let text = changed(&text, "<s:Header>", &format!("<s:Header><evil:w wsu:Id='w'>{signed}</evil:w>"));
        assert_eq!(refused(&text), "ambiguous: the Id \"body\" stands twice", "{of_evil} {of_signed}");
    }
    // Alone it is no wsu:Id.
    for other in [" Id='body'", " xml:id='body'", " evil:Id='body'"] {
        let text = changed(&signed_by("p256", now()), " wsu:Id='body'", other);
        assert_eq!(
            refused(&text),
            "reference: the reference \"#body\" is to an element whose wsu:Id is another"
        );
    }
}

#[test]
fn a_prefix_that_means_another_namespace_makes_no_id() {
    let text = changed(&signed_by("p256", now()), "<s:Body wsu:Id", "<s:Body xmlns:wsu='urn:evil' wsu:Id");
    assert_eq!(refused(&text), "reference: the reference \"#body\" is to an element whose wsu:Id is another");
}

#[test]
fn a_header_that_was_wrapped_is_refused() {
    let text = signed_by("p256", now());
    let client = part(&text, "<x:client", "</x:client>").to_owned();
    let evil = client.replace(" wsu:Id='client'", "").replace(">1<", ">2<");
    let text = changed(&text, &client, &format!("<evil:wrapper>{client}</evil:wrapper>{evil}"));
    assert_eq!(refused(&text), "reference: the reference \"#client\" is to something that is not acted on");
    let text = signed_by("p256", now());
    let text = changed(&text, &client, &format!("{client}{evil}"));
    assert_eq!(refused(&text), "not read: DuplicateHeaderField");
}

#[test]
fn a_header_that_was_moved_behind_the_envelope_of_another_is_refused() {
    // The signed header stays, deeper, within one that nobody reads.
    let text = signed_by("p256", now());
    let id = part(&text, "<x:id", "</x:id>").to_owned();
    let text = changed(&text, &id, &format!("<evil:unknown wsu:Id='u'>{id}</evil:unknown><x:id>q-9</x:id>"));
    assert_eq!(refused(&text), "reference: the reference \"#id\" is to something that is not acted on");
}

#[test]
fn a_timestamp_that_was_replaced_is_refused() {
    let text = signed_by("p256", now() - chrono::TimeDelta::hours(1));
    let old = part(&text, "<wsu:Timestamp", "</wsu:Timestamp>").to_owned();
    let fresh = format!("<wsu:Timestamp><wsu:Created>{}</wsu:Created></wsu:Timestamp>", now().to_rfc3339());
    let moved = changed(&text, &old, &fresh);
    let moved = changed(
        &moved,
        "<s:Header>",
        &format!(
            "<s:Header><evil:w xmlns:wsu='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'>{old}</evil:w>"
        ),
    );
    assert!(refused(&moved).ends_with("is to something that is not acted on"), "{}", refused(&moved));
    let twice = changed(&text, &old, &format!("{fresh}{old}"));
    assert_eq!(refused(&twice), "structure: the Security header holds Timestamp twice");
}

/// The partner's key signs it: the value holds, and it is refused for what is signed.
#[test]
fn a_reference_to_an_ancestor_or_to_the_whole_message_is_refused() {
    for uri in ["", "#", "#envelope", "#header", "#security"] {
        let question = super::question()
            .replacen("<s:Envelope ", "<s:Envelope wsu:Id='envelope' ", 1)
            .replacen("<s:Header>", "<s:Header wsu:Id='header'>", 1);
        let text = sign::sign(&question, &key("p256"), None, now()).unwrap();
        let text = changed(&text, "<wsse:Security ", "<wsse:Security wsu:Id='security' ");
        let text =
            signed_anew(&text, "p256", |info| changed(info, "URI=\"#body\"", &format!("URI=\"{uri}\"")));
        assert!(refused(&text).starts_with("reference: "), "{uri}: {}", refused(&text));
    }
}

#[test]
fn a_signature_that_leaves_a_part_out_is_refused_for_that_part() {
    let text = signed_by("p256", now());
    for (id, name) in [
        ("body", "Body"),
        ("client", "client"),
        ("service", "service"),
        ("id", "id"),
        ("version", "protocolVersion"),
    ] {
        let text = signed_anew(&text, "p256", |info| {
            changed(info, part(info, &format!("<ds:Reference URI=\"#{id}\""), "</ds:Reference>"), "")
        });
        assert_eq!(refused(&text), format!("unsigned: {name} is not signed"));
    }
    let text = signed_anew(&text, "p256", |info| {
        changed(info, part(info, "<ds:Reference URI=\"#time-", "</ds:Reference>"), "")
    });
    assert_eq!(refused(&text), "unsigned: Timestamp is not signed");
}

#[test]
fn a_reference_by_xpointer_or_to_a_file_is_refused() {
    let text = signed_by("p256", now());
    let to_token = part(&text, "<wsse:Reference URI=\"", "\" V").to_owned();
    for uri in
        ["#xpointer(/)", "#xpointer(id('body'))", "cid:body", "file:///etc/passwd", "http://evil.invalid/"]
    {
        let of_body =
            signed_anew(&text, "p256", |info| changed(info, "URI=\"#body\"", &format!("URI=\"{uri}\"")));
        assert!(refused(&of_body).starts_with("reference: the reference"), "{uri}: {}", refused(&of_body));
        let of_token = changed(&text, &to_token, &format!("<wsse:Reference URI=\"{uri}\" V"));
        assert!(refused(&of_token).starts_with("reference: the reference"), "{uri}: {}", refused(&of_token));
    }
}

#[test]
fn a_part_that_is_signed_twice_is_refused() {
    let text = signed_anew(&signed_by("p256", now()), "p256", |info| {
        let one = part(info, "<ds:Reference URI=\"#body\"", "</ds:Reference>");
        changed(info, one, &one.repeat(2))
    });
    assert_eq!(refused(&text), "structure: \"#body\" is signed twice");
}

#[test]
fn transforms_beside_the_canonical_form_are_refused() {
    let text = signed_by("p256", now());
    let one = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
    for algorithm in [
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/2002/06/xmldsig-filter2",
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2000/09/xmldsig#base64",
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    ] {
        let other = one.replace("http://www.w3.org/2001/10/xml-exc-c14n#", algorithm);
        for transforms in [other.clone(), format!("{other}{one}"), format!("{one}{other}")] {
            let text = text.replacen(one, &transforms, 1);
            assert!(refused(&text).starts_with("algorithm: "), "{transforms}: {}", refused(&text));
        }
    }
    let none = text.replacen(one, "", 1);
    assert!(refused(&none).starts_with("algorithm: "));
    let nested = text.replacen(one, &one.replace("></", "><ds:XPath>1</ds:XPath></"), 1);
    assert!(refused(&nested).starts_with("algorithm: "));
}

#[test]
fn a_second_signature_security_header_or_token_is_refused() {
    let text = signed_by("p256", now());
    for (from, to, told) in [
        ("<ds:Signature ", "</ds:Signature>", "structure: the Security header holds Signature twice"),
        ("<wsse:Security ", "</wsse:Security>", "structure: there are two Security headers"),
        (
            "<wsse:BinarySecurityToken ",
            "</wsse:BinarySecurityToken>",
            "structure: the Security header holds BinarySecurityToken twice",
        ),
    ] {
        let one = part(&text, from, to).to_owned();
        let told_now = refused(&changed(&text, &one, &one.repeat(2)));
        assert!(told_now == told || told_now.starts_with("ambiguous: "), "{told_now}");
    }
}

#[test]
fn a_token_outside_the_security_header_is_refused() {
    let text = signed_by("p256", now());
    let token = part(&text, "<wsse:BinarySecurityToken ", "</wsse:BinarySecurityToken>").to_owned();
    let own = changed(&token, part(&token, " wsu:Id=\"", "\">"), ">");
    let wsse =
        "xmlns:wsse='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'";
    let moved = changed(&text, &token, &own);
    let wsu =
        "xmlns:wsu='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'";
    let moved = changed(&moved, "<s:Header>", &format!("<s:Header><evil:w {wsse} {wsu}>{token}</evil:w>"));
    assert_eq!(refused(&moved), "reference: the token is not the one of the Security header");
}

#[test]
fn a_security_header_for_another_actor_is_no_signature_for_this_one() {
    let text = changed(&signed_by("p256", now()), "<wsse:Security ", "<wsse:Security s:actor='urn:other' ");
    assert_eq!(refused(&text), "structure: the Security header is for another actor");
}
