//! Signatures of messages: what is taken, and every known way to wrap what was signed. Keys and certificates
//! are made by the `openssl` program.

mod enveloped;
mod fuzz;
mod http;
mod refusals;
mod signing;
mod wrapping;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use kordon_adapters::keys::{FileKey, Signer};
use kordon_adapters::trembita::evidence::Trust;
use kordon_adapters::trembita::security::{Authorities, Signed, Window, sign, verify};
use kordon_adapters::trembita::soap::Limits;
use kordon_adapters::trembita::soap::message::Envelope;
use tempfile::TempDir;

const SCRIPT: &str = r#"
set -e
new() { # name key-options serial authority extensions
    openssl req -newkey $2 -nodes -keyout $1.key -out $1.csr -subj "/C=UA/O=Partner/CN=$1" 2>/dev/null
    printf "$5" > $1.ext
    openssl x509 -req -in $1.csr -CA $4.crt -CAkey $4.key -set_serial $3 -days 30 -sha256 -extfile $1.ext -out $1.crt 2>/dev/null
}
EC="ec -pkeyopt ec_paramgen_curve"
USAGE="keyUsage=critical,digitalSignature\n"
for ca in ca other; do
    openssl req -x509 -newkey $EC:P-256 -nodes -keyout $ca.key -out $ca.crt -days 3650 -subj "/O=Test/CN=Root $ca" 2>/dev/null
done
new rsa rsa:2048 18 ca "$USAGE"
new p256 "$EC:P-256" 19 ca "$USAGE"
new p384 "$EC:P-384" 20 ca "$USAGE"
new p521 "$EC:P-521" 21 ca "$USAGE"
new revoked "$EC:P-256" 22 ca "$USAGE"
new stranger "$EC:P-256" 23 other "$USAGE"
new agreement "$EC:P-256" 24 ca "keyUsage=critical,keyAgreement\n"
printf 'R\t400101000000Z\t200101000000Z\t16\tunknown\t/C=UA/O=Partner/CN=revoked\n' > index.txt
printf '[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ndefault_md=sha256\ncrlnumber=number\n[part]\nissuingDistributionPoint=critical,@of\n[of]\nonlyuser=TRUE\n' > ca.cnf
for days in 3 400; do
    printf '01' > number
    openssl ca -config ca.cnf -gencrl -crldays $days -cert ca.crt -keyfile ca.key -out crl-$days.pem 2>/dev/null
done
printf '01' > number
openssl ca -config ca.cnf -gencrl -crldays 400 -crlexts part -cert ca.crt -keyfile ca.key -out crl-part.pem 2>/dev/null
printf '01' > number
openssl ca -config ca.cnf -gencrl -crldays 400 -cert other.crt -keyfile other.key -out crl-other.pem 2>/dev/null
"#;

static PKI: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let said = Command::new("bash").args(["-c", SCRIPT]).current_dir(folder.path()).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    folder
});

fn file(name: &str) -> PathBuf {
    PKI.path().join(name)
}

fn key(name: &str) -> FileKey {
    FileKey::open(&file(&format!("{name}.key")), &file(&format!("{name}.crt")), None).unwrap()
}

/// Authorities that believe what leads to the first root, with lists of revoked certificates.
fn authorities(lists: &[&str]) -> Authorities {
    let trust = Trust::none().with_pem(&std::fs::read(file("ca.crt")).unwrap()).unwrap();
    Authorities::new(trust, lists.iter().map(|list| file(list)).collect())
}

/// A question whose parts have Ids that the tests know.
fn question() -> String {
    let wsu =
        "xmlns:wsu='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd'";
    let id = "<id:xRoadInstance>T</id:xRoadInstance><id:memberClass>GOV</id:memberClass><id:memberCode>1</id:memberCode>";
    format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:x='http://x-road.eu/xsd/xroad.xsd' \
         xmlns:id='http://x-road.eu/xsd/identifiers' xmlns:evil='urn:evil' {wsu}>\n<s:Header>\
         <x:client wsu:Id='client' id:objectType='MEMBER'>{id}</x:client>\
         <x:service wsu:Id='service' id:objectType='SERVICE'>{id}<id:serviceCode>ask</id:serviceCode></x:service>\
         <x:id wsu:Id='id'>q-1</x:id>\n<x:protocolVersion wsu:Id='version'>4.0</x:protocolVersion></s:Header>\
         <s:Body wsu:Id='body'><ask xmlns='urn:t'><plate>AA1234BB</plate></ask></s:Body></s:Envelope>"
    )
}

fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The question, signed by a key at a time.
fn signed_by(name: &str, at: DateTime<Utc>) -> String {
    sign::sign(&question(), &key(name), None, at).unwrap()
}

/// The message with another `SignedInfo`, signed anew by its own key: what a partner would send that signs in
/// another way.
fn signed_anew(text: &str, name: &str, change: impl Fn(&str) -> String) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    let info = part(text, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let other = change(info);
    let form = other.replacen(
        "<ds:SignedInfo>",
        "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
        1,
    );
    let key = key(name);
    let value = STANDARD.encode(key.sign(key.kind().usual_algorithm(), form.as_bytes()).unwrap());
    let text = changed(text, info, &other);
    let old = part(&text, "<ds:SignatureValue>", "</ds:SignatureValue>").to_owned();
    changed(&text, &old, &format!("<ds:SignatureValue>{value}</ds:SignatureValue>"))
}

/// What becomes of a message: it goes the whole way that it goes at the door.
fn taken(text: &str, authorities: &Authorities, at: DateTime<Utc>) -> Result<Signed, String> {
    let limits = Limits::default();
    let message = match Envelope::read(text, &limits) {
        Ok(Envelope::Message(message)) => message,
        Ok(Envelope::Fault(fault)) => return Err(format!("fault: {}", fault.code)),
        Err(refusal) => return Err(format!("not read: {:?}", refusal.code)),
    };
    let document = message.document(&limits).unwrap();
    verify(document.root_element(), authorities, &Window::default(), &limits, at)
        .map_err(|refusal| refusal.to_string())
}

/// Why a message is refused.
#[track_caller]
fn refused(text: &str) -> String {
    taken(text, &authorities(&[]), now()).map(|_| "taken").unwrap_err()
}

/// The text with one place changed, which has to be there once.
#[track_caller]
fn changed(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
    text.replacen(from, to, 1)
}

/// From the beginning of `from` to the end of `to`.
#[track_caller]
fn part<'text>(text: &'text str, from: &str, to: &str) -> &'text str {
    let start = text.find(from).unwrap_or_else(|| panic!("{from:?} in {text}"));
    let end = text[start..].find(to).unwrap_or_else(|| panic!("{to:?} after {from:?}")) + to.len();
    &text[start..start + end]
}

/// Whether xmlsec1 finds that a message holds.
fn xmlsec_holds(text: &str, certificate: &Path) -> bool {
    const WSS: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("message.xml");
    std::fs::write(&path, text).unwrap();
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let mut command = Command::new("xmlsec1");
    command.args(["--verify", "--pubkey-cert-pem"]).arg(certificate);
    for (namespace, name) in [
        (soap.to_owned(), "Body"),
        (format!("{WSS}-utility-1.0.xsd"), "Timestamp"),
        (format!("{WSS}-secext-1.0.xsd"), "BinarySecurityToken"),
        (
            "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd".to_owned(),
            "SignatureConfirmation",
        ),
        ("http://x-road.eu/xsd/xroad.xsd".to_owned(), "client"),
        ("http://x-road.eu/xsd/xroad.xsd".to_owned(), "service"),
        ("http://x-road.eu/xsd/xroad.xsd".to_owned(), "id"),
        ("http://x-road.eu/xsd/xroad.xsd".to_owned(), "protocolVersion"),
    ] {
        command.arg("--id-attr:Id").arg(format!("{namespace}:{name}"));
    }
    command.arg(&path).output().unwrap().status.success()
}
