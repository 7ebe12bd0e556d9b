//! Authorities, a server, a server that signed itself, and clients, made by the `openssl` program.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use kordon_testing::security_server::Tls;
use tempfile::TempDir;

const SCRIPT: &str = r#"
set -e
EC="ec -pkeyopt ec_paramgen_curve:P-256"
for ca in ca other; do
    openssl req -x509 -newkey $EC -nodes -keyout $ca.key -out $ca.crt -days 3650 -subj "/O=Test/CN=Root $ca" 2>/dev/null
done
new() { # name subject extensions authority
    openssl req -newkey $EC -nodes -keyout $1.key -out $1.csr -subj "$2" 2>/dev/null
    printf "$3" > $1.ext
    openssl x509 -req -in $1.csr -CA $4.crt -CAkey $4.key -CAcreateserial -days 3650 -extfile $1.ext -out $1.crt 2>/dev/null
}
SERVER="subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n"
new server "/CN=localhost" "$SERVER" ca
new elsewhere "/CN=other.example" "subjectAltName=DNS:other.example\nextendedKeyUsage=serverAuth\n" ca
new foreign "/CN=localhost" "$SERVER" other
new client "/C=UA/CN=KORDON" "extendedKeyUsage=clientAuth\n" ca
new stranger "/C=UA/CN=KORDON" "extendedKeyUsage=clientAuth\n" other
openssl ec -in client.key -out client-sec1.key 2>/dev/null
openssl req -x509 -newkey $EC -nodes -keyout own.key -out own.crt -days 3650 -subj "/CN=security-server" 2>/dev/null
"#;

/// A folder with the keys and certificates.
pub(super) struct Pki(TempDir);

pub(super) static PKI: LazyLock<Pki> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let said = Command::new("bash").args(["-c", SCRIPT]).current_dir(folder.path()).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    Pki(folder)
});

impl Pki {
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).unwrap()
    }

    /// The key pair of a server that lets in clients of the authority.
    pub(super) fn tls(&self, name: &str) -> Tls {
        Tls {
            certificate: self.read(&format!("{name}.crt")),
            key: self.read(&format!("{name}.key")),
            client_ca: Some(self.read("ca.crt")),
        }
    }
}
