//! Programs of strangers that verify what was sealed: signxml and pyasice in Python, xmlsec1, and `openssl
//! ts`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::evidence::pki::PKI;
use crate::evidence::recipe::Files;

fn strangers_python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv-evidence/bin/python");
    assert!(python.is_file(), "{} is missing: run scripts/install.sh test", python.display());
    python
}

pub(super) fn python_holds(tool: &str, bytes: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("container.asice");
    std::fs::write(&file, bytes).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trembita/evidence/strangers.py");
    let said = Command::new(strangers_python())
        .arg(script)
        .arg(tool)
        .arg(&file)
        .arg(PKI.path("ca.crt"))
        .output()
        .unwrap();
    if said.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said.stderr).into_owned()) }
}

/// Whether xmlsec1 finds the signature right. Each URI is mapped to the file of the container.
pub(super) fn xmlsec_holds(files: &Files) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("xmlsec1");
    command
        .args(["--verify", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"])
        .args(["--enabled-reference-uris", "empty,same-doc,local,remote", "--trusted-pem"])
        .arg(PKI.path("ca.crt"));
    for (name, content) in files {
        let path = folder.path().join(name.replace('/', "_"));
        std::fs::write(&path, content).unwrap();
        if !name.starts_with("META-INF") {
            command.arg(format!("--url-map:/{name}")).arg(&path);
        }
    }
    let said = command.arg(folder.path().join("META-INF_signatures.xml")).output().unwrap();
    if said.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said.stderr).into_owned()) }
}

/// Whether `openssl ts -verify` finds a token right over some bytes.
pub(super) fn openssl_ts_holds(token: &[u8], bytes: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("token"), token).unwrap();
    std::fs::write(at("data"), bytes).unwrap();
    let mut command = Command::new("openssl");
    command.args(["ts", "-verify", "-token_in", "-in"]).arg(at("token")).arg("-data").arg(at("data"));
    command.arg("-CAfile").arg(PKI.path("ca.crt")).output().unwrap().status.success()
}
