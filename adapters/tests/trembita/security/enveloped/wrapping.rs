//! Signature wrapping: what was signed is still somewhere and still holds, and something else stands where it
//! is read.

use super::{DOCUMENT, changed, refused, signed_by};
use crate::security::{part, signed_anew};

/// What an attacker wants to be read.
const EVIL: &str = "<doc xmlns=\"urn:d\"><p:body xmlns:p=\"urn:p\"><plate>XX0000XX</plate></p:body>";

/// The signed document without its declaration.
fn signed() -> String {
    signed_by("p256").split_once("?>\n").unwrap().1.to_owned()
}

fn signature(text: &str) -> String {
    part(text, "<ds:Signature ", "</ds:Signature>").to_owned()
}

#[test]
fn a_signed_document_within_another_root_is_refused() {
    let text = format!("{EVIL}<w>{}</w></doc>", signed());
    assert_eq!(refused(&text), "structure: the Signature is not the last element of the root");
    let text = format!("{EVIL}{}</doc>", signed());
    assert_eq!(refused(&text), "structure: the Signature is not the last element of the root");
}

#[test]
fn a_signature_that_was_carried_to_another_root_is_refused() {
    let text = signed();
    let carried = format!("{EVIL}{}</doc>", signature(&text));
    assert_eq!(refused(&carried), "value: the digest of the document is another");
    let beside = changed(&text, &signature(&text), "");
    let carried = format!("{EVIL}<w>{beside}</w>{}</doc>", signature(&text));
    assert_eq!(refused(&carried), "value: the digest of the document is another");
}

#[test]
fn a_signed_document_within_an_object_of_the_signature_is_refused() {
    let text = signed();
    let original = changed(&text, &signature(&text), "");
    let second = format!("<ds:Object>{original}</ds:Object></ds:Signature>");
    let wrapped = format!("{EVIL}{}</doc>", changed(&signature(&text), "</ds:Signature>", &second));
    assert_eq!(
        refused(&wrapped),
        "structure: Signature holds SignedInfo, SignatureValue, KeyInfo, Object and nothing else"
    );
    let within = format!("{original}</ds:Object>");
    let wrapped = format!("{EVIL}{}</doc>", changed(&signature(&text), "</ds:Object>", &within));
    assert_eq!(refused(&wrapped), "structure: Object holds QualifyingProperties and nothing else");
}

#[test]
fn two_signatures_are_refused_wherever_the_second_is() {
    let text = signed();
    let own = signature(&text);
    for twice in [
        changed(&text, &own, &format!("{own}{own}")),
        changed(&text, "<plate>", &format!("{own}<plate>")),
        changed(&text, "</ds:Object>", &format!("{own}</ds:Object>")),
        format!("{EVIL}<w>{text}</w>{own}</doc>"),
    ] {
        assert_eq!(refused(&twice), "structure: there are two signatures; a document has one");
    }
}

#[test]
fn a_signature_that_is_not_last_is_refused() {
    let text = signed();
    let own = signature(&text);
    let moved = changed(&changed(&text, &own, ""), "<head", &format!("{own}<head"));
    assert_eq!(refused(&moved), "structure: the Signature is not the last element of the root");
    let behind = changed(&text, &own, &format!("{own}<plate>XX0000XX</plate>"));
    assert_eq!(refused(&behind), "structure: the Signature is not the last element of the root");
}

#[test]
fn what_is_added_beside_the_signed_is_refused() {
    for evil in ["<plate>XX0000XX</plate>", "XX", " "] {
        let text = changed(&signed(), "<ds:Signature ", &format!("{evil}<ds:Signature "));
        assert_eq!(refused(&text), "value: the digest of the document is another", "{evil:?}");
    }
    let text = format!("<?xml-stylesheet href='evil.xsl'?>{}", signed());
    assert_eq!(refused(&text), "structure: a processing instruction stands beside the root");
}

/// A reference that the key's owner signed, but to a part of the document.
#[test]
fn a_reference_to_a_part_of_the_document_is_refused() {
    for uri in ["#part", "#xpointer(/)", "#xpointer(id('part'))", "http://example.org/", "#"] {
        let text = signed_by("p256").replacen("<head", "<head Id='part'", 1);
        let text = signed_anew(&text, "p256", |info| info.replace("URI=\"\"", &format!("URI=\"{uri}\"")));
        assert_eq!(
            refused(&text),
            format!(
                "reference: the reference {uri:?} is to neither the document (\"\"), its SignedProperties nor its KeyInfo"
            )
        );
    }
    let text = signed_anew(&signed_by("p256"), "p256", |info| info.replace(" URI=\"\"", ""));
    assert_eq!(refused(&text), "reference: a reference without a URI");
}

#[test]
fn a_signature_over_its_properties_alone_is_refused() {
    let alone = |info: &str| {
        let of_document = part(info, "<ds:Reference Id=", "</ds:Reference>").to_owned();
        changed(info, &of_document, "")
    };
    let text = signed_anew(&signed_by("p256"), "p256", alone);
    assert_eq!(refused(&text), "unsigned: the document is not signed: there is no reference to \"\"");
    let without = |info: &str| {
        let of_properties = part(info, "<ds:Reference Type=", "</ds:Reference>").to_owned();
        changed(info, &of_properties, "")
    };
    let text = signed_anew(&signed_by("p256"), "p256", without);
    assert_eq!(refused(&text), "unsigned: the SignedProperties are not signed");
    let twice = |info: &str| {
        let of_document = part(info, "<ds:Reference Id=", "</ds:Reference>").to_owned();
        changed(
            info,
            "</ds:SignedInfo>",
            &format!("{}</ds:SignedInfo>", of_document.replacen("document-", "other-", 1)),
        )
    };
    let text = signed_anew(&signed_by("p256"), "p256", twice);
    assert!(refused(&text).starts_with("structure: something is signed twice"), "{}", refused(&text));
}

/// Transforms choose what is signed, so there are two and no others.
#[test]
fn other_transforms_are_refused() {
    const ENVELOPED: &str =
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>";
    const EXCLUSIVE: &str =
        "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
    let both = format!("{ENVELOPED}{EXCLUSIVE}");
    let xpath = |algorithm: &str| {
        format!(
            "<ds:Transform Algorithm=\"{algorithm}\"><ds:XPath>not(ancestor-or-self::plate)</ds:XPath></ds:Transform>"
        )
    };
    for transforms in [
        ENVELOPED.to_owned(),
        EXCLUSIVE.to_owned(),
        String::new(),
        format!("{EXCLUSIVE}{ENVELOPED}"),
        format!("{both}{EXCLUSIVE}"),
        format!("{}{both}", xpath("http://www.w3.org/TR/1999/REC-xpath-19991116")),
        format!("{}{EXCLUSIVE}", xpath("http://www.w3.org/2002/06/xmldsig-filter2")),
        format!("{}{EXCLUSIVE}", xpath("http://www.w3.org/TR/1999/REC-xslt-19991116")),
        format!("{}{EXCLUSIVE}", xpath("http://www.w3.org/2000/09/xmldsig#enveloped-signature")),
        both.replace("xml-exc-c14n#", "xml-exc-c14n#WithComments"),
        both.replace(
            "http://www.w3.org/2001/10/xml-exc-c14n#",
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        ),
        both.replace("http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2000/09/xmldsig#base64"),
    ] {
        let text = signed_anew(&signed_by("p256"), "p256", |info| info.replacen(&both, &transforms, 1));
        assert!(refused(&text).starts_with("algorithm:"), "{transforms}: {}", refused(&text));
    }
}

#[test]
fn properties_that_are_not_those_of_the_signature_are_refused() {
    let text = signed();
    let own = part(&text, "<xades:SignedProperties ", "</xades:SignedProperties>").to_owned();
    let later = own.replacen("SigningTime>20", "SigningTime>19", 1);
    // The signed ones stand in the document, others in the signature, under one Id or two.
    let moved = |in_place: &str| {
        let text = changed(&text, &own, in_place);
        changed(
            &text,
            "<head",
            &format!(
                "<w xmlns:xades='http://uri.etsi.org/01903/v1.3.2#' xmlns:ds='http://www.w3.org/2000/09/xmldsig#'>{own}</w><head"
            ),
        )
    };
    assert!(refused(&moved(&later)).starts_with("ambiguous:"), "{}", refused(&moved(&later)));
    let renamed = later.replacen("properties-", "other-", 1);
    assert!(refused(&moved(&renamed)).starts_with("reference:"), "{}", refused(&moved(&renamed)));
    let twice = changed(&text, &own, &format!("{own}{renamed}"));
    assert_eq!(refused(&twice), "structure: there are not exactly one SignedProperties");
    let of_other = changed(&text, "Target=\"#signature-", "Target=\"#other-");
    assert_eq!(refused(&of_other), "structure: the QualifyingProperties are about another signature");
}

#[test]
fn an_id_that_stands_twice_is_refused_in_any_writing() {
    let text = signed();
    let id = format!("\"properties-{}\"", &part(&text, "Id=\"properties-", "\">")[15..47]);
    for attribute in ["Id", "ID", "id", "xml:id", "p:Id"] {
        let twice = changed(&text, "<p:body>", &format!("<p:body {attribute}={id}>"));
        assert!(refused(&twice).starts_with("ambiguous:"), "{attribute}: {}", refused(&twice));
    }
}

/// A comment is not signed, and to some readers a text ends where it stands.
#[test]
fn a_comment_within_a_text_is_refused() {
    let text = changed(&signed(), "AA1234BB", "AA1234BB<!-- -->");
    assert_eq!(refused(&text), "structure: a comment stands within a text that is signed");
    let beside = changed(&signed(), "<!-- note -->", "");
    super::taken(&beside);
}

#[test]
fn an_entity_that_hides_a_part_is_refused() {
    let text = format!("<!DOCTYPE doc [<!ENTITY e 'x'>]>{}", signed());
    assert_eq!(refused(&text), "structure: a document type declaration is not allowed");
    let declared = format!("<!DOCTYPE doc [<!ATTLIST head Id ID #IMPLIED>]>{}", signed());
    assert_eq!(refused(&declared), "structure: a document type declaration is not allowed");
    assert!(DOCUMENT.contains("AA1234BB"));
}
