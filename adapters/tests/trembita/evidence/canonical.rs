//! Canonical XML against a stranger's: xmlsec1 signs properties that are written in odd ways, and the
//! verifier has to find the same bytes. With each method, and with none, which means the inclusive one.

use kordon_adapters::trembita::evidence::report::Code;
use kordon_adapters::trembita::evidence::{Trust, verify};

use super::pki::PKI;
use super::recipe::{E, Files, MESSAGE, base64, edit, sha512, zipped};

const METHODS: [&str; 4] = [
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
];

const ODD: [&str; 6] = [
    r#"<o:a xmlns:o="urn:o" z="1" o:b="2" a='x&#9;y&#10;z&#13;&quot;&lt;&gt;'><b xmlns="urn:d"><c xmlns=""/></b></o:a>"#,
    "<!-- a comment --><?note  with data ?><![CDATA[<&>]]>&#13; text\r\n in &gt; lines",
    r#"<p:e xmlns:p="urn:1"><p:e xmlns:p="urn:2"><p:e xmlns:p="urn:1" xml:lang="uk"/></p:e></p:e>"#,
    "<черга мова='Їжак 😀' рядки='a\n\tb'>Шегині</черга>",
    r#"<e xmlns="urn:1"><p:f xmlns:p="urn:1" xmlns="urn:1" p:a="1" unused:b="2"/><e xmlns=""/></e>"#,
    r#"<r xmlns:z="urn:1" xmlns:a="urn:2"><t z:b="1" a:b="2" b="3" a="4"/><unused:u unused:v=''/></r>"#,
];

fn template(method: &str, transform: Option<&str>, odd: &str) -> String {
    let certificate = PKI.file("ec.der");
    let transforms = transform
        .map(|transform| format!("<ds:Transforms><ds:Transform Algorithm=\"{transform}\"/></ds:Transforms>"))
        .unwrap_or_default();
    format!(
        concat!(
            r#"<asic:XAdESSignatures xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:unused="urn:unused" xmlns="urn:default" xml:space="preserve" xml:lang="en">"#,
            r##"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="signature"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{method}"/>"##,
            r##"<!-- of ECDSA --><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>"##,
            r##"<ds:Reference Id="data" URI="message.xml"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>"##,
            r##"<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#properties">{transforms}"##,
            r##"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>"##,
            r##"<ds:KeyInfo><!--certificate--></ds:KeyInfo><ds:Object>"##,
            r##"<xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Target="#signature"><xades:SignedProperties Id="properties">"##,
            r##"<xades:SignedSignatureProperties><xades:SigningTime>2026-01-02T03:04:05Z</xades:SigningTime><xades:SigningCertificateV2><xades:Cert>"##,
            r##"<xades:CertDigest><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"/><ds:DigestValue>{digest}</ds:DigestValue></xades:CertDigest>"##,
            r##"</xades:Cert></xades:SigningCertificateV2>{odd}</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"##,
            r##"<xades:DataObjectFormat ObjectReference="#data"><xades:MimeType>text/xml</xades:MimeType></xades:DataObjectFormat>"##,
            r##"</xades:SignedDataObjectProperties></xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature></asic:XAdESSignatures>"##
        ),
        method = method,
        transforms = transforms,
        digest = base64(&sha512(&certificate)),
        odd = odd,
    )
}

fn faults(files: &Files) -> Vec<Code> {
    let report = verify(&zipped(files), &Trust::none(), chrono::Utc::now());
    report.faults.iter().map(|finding| finding.code).collect()
}

#[test]
fn what_xmlsec1_signs_holds_however_it_is_written() {
    for odd in ODD {
        for (method, transform) in
            METHODS.iter().zip([None, Some(METHODS[2]), Some(METHODS[3]), Some(METHODS[1])])
        {
            let signed =
                PKI.xmlsec_signs("ec", &template(method, transform, odd), &[("message.xml", MESSAGE)]);
            // Put in afterwards: from a certificate in the template xmlsec1 would take the key.
            let certificate = base64(&PKI.file("ec.der"));
            let signed = String::from_utf8(signed).expect("text").replace(
                "<!--certificate-->",
                &format!("<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>"),
            );
            let mut files: Files = vec![
                ("mimetype".into(), E.into()),
                ("message.xml".into(), MESSAGE.into()),
                ("META-INF/signatures.xml".into(), signed.into()),
            ];
            assert_eq!(faults(&files), [], "{method} {transform:?} {odd}");
            edit(&mut files, "META-INF/signatures.xml", |text| {
                text.replace("<xades:SigningTime>", "<xades:SigningTime><![CDATA[]]> ")
            });
            assert_eq!(faults(&files), [Code::InvalidSignatureValue], "{method} {transform:?} {odd}");
        }
    }
}
