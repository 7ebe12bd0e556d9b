//! An authority, signers, a time-stamp authority and an OCSP responder, all by the `openssl` program: what is
//! verified here was made by a stranger.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use kordon_adapters::trembita::evidence::Trust;
use tempfile::TempDir;

const SCRIPT: &str = r#"
set -e
new() { # name subject key-options extensions serial
    openssl req -newkey $3 -nodes -keyout $1.key -out $1.csr -subj "$2" 2>/dev/null
    printf "$4" > $1.ext
    openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -set_serial $5 -days 3650 -sha256 -extfile $1.ext -out $1.crt 2>/dev/null
}
EC="ec -pkeyopt ec_paramgen_curve:P-256"
for ca in ca other; do
    openssl req -x509 -newkey $EC -nodes -keyout $ca.key -out $ca.crt -days 3650 -subj "/O=Test/CN=Root $ca" 2>/dev/null
done
SEAL="keyUsage=critical,nonRepudiation\n"
new rsa "/C=UA/O=Queue/CN=Seal RSA" rsa:2048 "$SEAL" 18
new ec "/C=UA/O=Queue/CN=Seal EC" "$EC" "$SEAL" 19
new revoked "/C=UA/O=Queue/CN=Revoked" "$EC" "$SEAL" 20
new short "/C=UA/O=Queue/CN=Short" rsa:1024 "$SEAL" 21
new agreement "/C=UA/O=Queue/CN=Agreement" "$EC" "keyUsage=critical,keyAgreement\n" 22
new tsa "/O=Test/CN=Time" "$EC" "extendedKeyUsage=critical,timeStamping\n" 30
new tsa-of-other "/O=Test/CN=Time of other" "$EC" "extendedKeyUsage=critical,timeStamping\n" 31
openssl x509 -req -in tsa-of-other.csr -CA other.crt -CAkey other.key -set_serial 31 -days 3650 -sha256 -extfile tsa-of-other.ext -out tsa-of-other.crt 2>/dev/null
new ocsp "/O=Test/CN=Responder" "$EC" "extendedKeyUsage=OCSPSigning\n" 32
{
    printf 'V\t400101000000Z\t\t12\tunknown\t/CN=a\n'
    printf 'V\t400101000000Z\t\t13\tunknown\t/CN=b\n'
    printf 'R\t400101000000Z\t200101000000Z\t14\tunknown\t/CN=c\n'
    printf 'V\t400101000000Z\t\t15\tunknown\t/CN=d\n'
    printf 'V\t400101000000Z\t\t16\tunknown\t/CN=e\n'
} > index.txt
for name in rsa ec revoked short agreement; do
    openssl ocsp -issuer ca.crt -cert $name.crt -no_nonce -reqout $name.req 2>/dev/null
    openssl ocsp -index index.txt -CA ca.crt -rsigner ocsp.crt -rkey ocsp.key -reqin $name.req -respout $name.ocsp >/dev/null 2>&1
done
openssl ocsp -index index.txt -CA ca.crt -rsigner ec.crt -rkey ec.key -reqin ec.req -respout forged.ocsp >/dev/null 2>&1
printf '01\n' > number
list() { # name authority-key options...
    name=$1; key=$2; shift 2
    printf '[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\n' > list.cnf
    printf '[partial]\nissuingDistributionPoint=critical,@point\n[point]\nonlyuser=TRUE\n' >> list.cnf
    openssl ca -gencrl -config list.cnf -cert $key.crt -keyfile $key.key "$@" -out list.pem 2>/dev/null
    openssl crl -in list.pem -outform DER -out $name.crl
}
list ca ca
list of-other other
list stale ca -crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z
list partial ca -crlexts partial
openssl req -x509 -newkey $EC -nodes -keyout namesake.key -out namesake.crt -days 3650 -subj "/O=Test/CN=Root ca" 2>/dev/null
list forged namesake
head -c 300000 /dev/zero > huge.crl
for name in rsa ec revoked short agreement; do openssl x509 -in $name.crt -outform DER -out $name.der; done
"#;

/// A folder with the keys and certificates.
pub(super) struct Pki(TempDir);

pub(super) static PKI: LazyLock<Pki> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), SCRIPT);
    Pki(folder)
});

fn run(folder: &Path, script: &str) {
    let said =
        Command::new("bash").args(["-c", script]).current_dir(folder).output().expect("bash and openssl run");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

impl Pki {
    /// A file of the folder.
    pub(super) fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The path of a file of the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A new folder within, for the work of a moment. It goes with all.
    pub(super) fn folder_for_work(&self) -> PathBuf {
        tempfile::tempdir_in(self.0.path()).expect("a folder").keep()
    }

    /// Trust in one of the two roots.
    pub(super) fn trust(&self, root: &str) -> Trust {
        Trust::none().with_pem(&self.file(&format!("{root}.crt"))).expect("a root")
    }

    /// A time-stamp over some bytes, by one of the authorities.
    pub(super) fn stamp(&self, authority: &str, digest: &str, bytes: &[u8]) -> Vec<u8> {
        let work = tempfile::tempdir_in(self.0.path()).expect("a folder");
        std::fs::write(work.path().join("data"), bytes).expect("written");
        let script = format!(
            r#"
            set -e
            printf '01' > serial
            printf '[t]\nserial=serial\ndefault_policy=1.2.3\ndigests=sha1,sha256,sha512\nsigner_digest=sha256\ness_cert_id_alg=sha256\ncrypto_device=builtin\n' > t.cnf
            openssl ts -query -data data -{digest} -cert -out q.tsq 2>/dev/null
            openssl ts -reply -config t.cnf -section t -queryfile q.tsq -signer ../{authority}.crt -inkey ../{authority}.key -token_out -out t.tst
            "#
        );
        run(work.path(), &script);
        std::fs::read(work.path().join("t.tst")).expect("a token")
    }

    /// A time-stamp over some bytes, signed with a certificate that is none for time-stamps.
    pub(super) fn forged_stamp(&self, signer: &str, bytes: &[u8]) -> Vec<u8> {
        let work = tempfile::tempdir_in(self.0.path()).expect("a folder");
        std::fs::write(work.path().join("right"), self.stamp("tsa", "sha512", bytes)).expect("written");
        let script = format!(
            "openssl cms -verify -noverify -inform DER -in right -out info && \
             openssl cms -sign -cades -binary -nodetach -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 \
                -in info -signer ../{signer}.crt -inkey ../{signer}.key -outform DER -out forged"
        );
        run(work.path(), &script);
        std::fs::read(work.path().join("forged")).expect("a token")
    }

    /// A detached signature in CMS, with the attributes of CAdES.
    pub(super) fn cades(&self, signer: &str, bytes: &[u8]) -> Vec<u8> {
        let work = tempfile::tempdir_in(self.0.path()).expect("a folder");
        std::fs::write(work.path().join("data"), bytes).expect("written");
        let script = format!(
            "openssl cms -sign -cades -binary -md sha256 -in data -signer ../{signer}.crt -inkey ../{signer}.key -outform DER -out p7s"
        );
        run(work.path(), &script);
        std::fs::read(work.path().join("p7s")).expect("a signature")
    }

    /// Whether xmlsec1 finds the signature of a file right. The files that it refers to lie beside it.
    pub(super) fn xmlsec_holds(&self, signature: &str, files: &[(&str, &[u8])]) -> bool {
        let work = tempfile::tempdir_in(self.0.path()).expect("a folder");
        for (name, bytes) in files {
            std::fs::write(work.path().join(name), bytes).expect("written");
        }
        // xmlsec1 reads files by relative URIs only, and those of X-Road begin with a slash.
        std::fs::write(work.path().join("signatures.xml"), signature).expect("written");
        let said = Command::new("xmlsec1")
            .args(["--verify", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"])
            .args(["--enabled-reference-uris", "empty,same-doc,local,remote", "--trusted-pem"])
            .arg(self.0.path().join("ca.crt"))
            .arg("signatures.xml")
            .current_dir(work.path())
            .output()
            .expect("xmlsec1 runs");
        said.status.success()
    }

    /// The template of a signature, signed by xmlsec1.
    pub(super) fn xmlsec_signs(&self, signer: &str, template: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
        let work = tempfile::tempdir_in(self.0.path()).expect("a folder");
        for (name, bytes) in files {
            std::fs::write(work.path().join(name), bytes).expect("written");
        }
        std::fs::write(work.path().join("template.xml"), template).expect("written");
        let script = format!(
            "xmlsec1 --sign --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties \
                --enabled-reference-uris empty,same-doc,local,remote --privkey-pem ../{signer}.key --output signed.xml template.xml"
        );
        run(work.path(), &script);
        std::fs::read(work.path().join("signed.xml")).expect("signed")
    }
}
