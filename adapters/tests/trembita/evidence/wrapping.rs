//! Signatures that hold, of something else than is used: none of the known ways to hide one thing behind
//! another is taken.

use kordon_adapters::trembita::evidence::report::{Code, Verdict};
use kordon_adapters::trembita::evidence::verify;

use super::pki::PKI;
use super::recipe::{PLAIN, edit, zipped};

#[test]
fn wrapped_signatures_are_refused() {
    let signature = String::from_utf8(PLAIN.files().pop().expect("the signature").1).expect("text");
    let start = signature.find("<ds:Signature ").expect("a signature");
    let end = signature.find("</asic:XAdESSignatures>").expect("its end");
    let whole = &signature[start..end];
    let properties_start = signature.find("<xades:SignedProperties").expect("properties");
    let properties_end = signature.find("<xades:UnsignedProperties>").expect("their end");
    let properties = &signature[properties_start..properties_end];
    let forged = properties.replace("2026-01-02", "2020-01-02");
    let renamed = |text: &str| text.replace("Id=\"signed-properties\"", "Id=\"hidden\"");
    let wrapped: Vec<(&str, String)> = vec![
        ("the signature within another", signature.replace("<ds:Object>", &format!("<ds:Object>{whole}</ds:Object><ds:Object>"))),
        ("a copy under an element of the root", signature.replace(whole, &format!("<asic:other>{whole}</asic:other>{}", whole.replace("2026-01-02", "2020-01-02")))),
        ("only under an element of the root", signature.replace(whole, &format!("<asic:other>{whole}</asic:other>"))),
        ("forged properties with the same Id", signature.replace(properties, &format!("{forged}{properties}"))),
        ("forged properties, the right ones elsewhere in the file", signature.replace(properties, &renamed(&forged)).replace("</ds:KeyInfo>", &format!("</ds:KeyInfo><ds:Object>{properties}</ds:Object>"))),
        ("properties of another signature", signature.replace("Target=\"#signature\"", "Target=\"#other\"")),
        ("two SignedInfo", signature.replace("<ds:SignedInfo>", "<ds:SignedInfo></ds:SignedInfo><ds:SignedInfo>")),
        ("two values", signature.replace("<ds:KeyInfo>", "<ds:SignatureValue>AA==</ds:SignatureValue><ds:KeyInfo>")),
        ("two QualifyingProperties", signature.replace("<ds:Object>", "<ds:Object><xades:QualifyingProperties Target=\"#signature\"></xades:QualifyingProperties>")),
        ("a transform of the message", signature.replacen("\"/message.xml\">", "\"/message.xml\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"></ds:Transform></ds:Transforms>", 1)),
        ("a reference to the whole document", signature.replace("URI=\"#signed-properties\"", "URI=\"\"")),
        ("a reference of another type", signature.replace("01903#SignedProperties\" URI", "01903#Other\" URI")),
    ];
    for (what, text) in wrapped {
        assert_ne!(text, signature, "{what}");
        let mut files = PLAIN.files();
        edit(&mut files, "META-INF/signatures.xml", |_| text);
        let report = verify(&zipped(&files), &PKI.trust("ca"), chrono::Utc::now());
        assert_eq!(report.verdict(), Verdict::Invalid, "{what}: {report:#?}");
        assert!(
            report
                .faults
                .iter()
                .any(|fault| matches!(fault.code, Code::MalformedSignature | Code::AsicSignatureNotFound)),
            "{what}: {report:#?}"
        );
    }
}
