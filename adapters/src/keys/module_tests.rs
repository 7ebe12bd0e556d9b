//! Keys in a module, made and held by SoftHSM; what they sign the `openssl` command line verifies.
//!
//! SoftHSM reads where its tokens are from the environment of the process, so the tests run this program
//! anew, each with a token of its own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use chrono::Utc;
use kordon_hub::signing::Signer as _;

use super::*;
use crate::keys::KeySettings;
use crate::keys::algorithm::ecdsa_der;
use crate::signing::{self, CmsSigner, SigningSettings};

const LIBRARIES_OF_DEBIAN: [&str; 2] =
    ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"];

/// In the process that was started anew: the folder with the token.
const FOLDER: &str = "KORDON_TEST_OF_MODULE";

fn library() -> PathBuf {
    let found = LIBRARIES_OF_DEBIAN.into_iter().map(PathBuf::from).find(|path| path.is_file());
    found.expect("SoftHSM is missing: run scripts/install.sh test")
}

fn run(folder: &Path, script: &str) {
    let said = Command::new("bash")
        .args(["-ec", script])
        .current_dir(folder)
        .env("SOFTHSM2_CONF", folder.join("softhsm2.conf"))
        .output()
        .unwrap();
    assert!(
        said.status.success(),
        "{}{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
}

/// Runs a test of this file in a process of its own, with a token that has the keys `rsa` and `ec`.
fn with_token(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("softhsm2.conf"),
        format!("directories.tokendir = {}/tokens\nlog.level = ERROR\n", at.display()),
    )
    .unwrap();
    fs::write(at.join("pin"), "1234\n").unwrap();
    fs::write(at.join("wrong"), "4321\n").unwrap();
    run(
        at,
        "mkdir tokens
         softhsm2-util --init-token --free --label kordon --so-pin 5678 --pin 1234
         new() {
             openssl req -x509 -newkey $2 -nodes -keyout $1.key -out $1.pem -days 20 -subj /CN=Kordon
             openssl pkcs8 -topk8 -nocrypt -in $1.key -out $1.p8
             softhsm2-util --import $1.p8 --token kordon --label $1 --id $3 --pin 1234
             openssl x509 -in $1.pem -pubkey -noout -out $1.pub
         }
         new rsa rsa:2048 01
         new ec 'ec -pkeyopt ec_paramgen_curve:P-256' 02
         new wide 'ec -pkeyopt ec_paramgen_curve:P-384' 03
         rm ./*.key ./*.p8",
    );
    let said = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(FOLDER, at)
        .env("SOFTHSM2_CONF", at.join("softhsm2.conf"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success() && told.contains("1 passed"), "{told}");
}

fn folder() -> PathBuf {
    std::env::var_os(FOLDER).map(PathBuf::from).expect("started by another test")
}

fn open(label: &str, pin: &str, certificate: &str) -> std::result::Result<ModuleKey, SettingsFault> {
    let at = folder();
    ModuleKey::open(&library(), "kordon", label, &at.join(pin), &at.join(format!("{certificate}.pem")))
}

fn holds(label: &str, digest: &str, options: &str, value: &[u8]) -> bool {
    let at = folder();
    fs::write(at.join("content"), b"content").unwrap();
    fs::write(at.join("value"), value).unwrap();
    let line = format!("dgst -{digest} -verify {label}.pub{options} -signature value content");
    Command::new("openssl").args(line.split(' ')).current_dir(at).output().unwrap().status.success()
}

#[test]
fn a_module_signs_by_each_algorithm_and_openssl_verifies_it() {
    with_token("keys::module::tests::in_a_module_each_algorithm_signs");
}

#[test]
#[ignore = "started by another test, in a process of its own"]
fn in_a_module_each_algorithm_signs() {
    use SignatureAlgorithm::*;
    let rsa = open("rsa", "pin", "rsa").unwrap();
    let pss = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest";
    for (algorithm, digest, options) in [
        (RsaSha256, "sha256", ""),
        (RsaSha384, "sha384", ""),
        (RsaSha512, "sha512", ""),
        (RsaPssSha256, "sha256", pss),
        (RsaPssSha384, "sha384", pss),
        (RsaPssSha512, "sha512", pss),
    ] {
        let value = rsa.sign(algorithm, b"content").unwrap();
        assert!(holds("rsa", digest, options, &value), "{algorithm:?}");
        assert!(!holds("rsa", digest, options, &rsa.sign(algorithm, b"other").unwrap()), "{algorithm:?}");
    }
    for (label, algorithm, digest, width) in
        [("ec", EcdsaSha256, "sha256", 64), ("wide", EcdsaSha384, "sha384", 96)]
    {
        let key = open(label, "pin", label).unwrap();
        let value = key.sign(algorithm, b"content").unwrap();
        assert_eq!(value.len(), width);
        assert!(holds(label, digest, "", &ecdsa_der(&value).unwrap()));
        key.sign(RsaSha256, b"content").unwrap_err();
    }
}

#[test]
fn the_list_of_the_gate_is_signed_by_a_module_too_and_openssl_verifies_it() {
    with_token("keys::module::tests::in_a_module_the_list_of_the_gate_is_signed");
}

#[test]
#[ignore = "started by another test, in a process of its own"]
fn in_a_module_the_list_of_the_gate_is_signed() {
    let at = folder();
    let content = "{\"plate\":\"АА 1234 ВВ\"}\n".as_bytes();
    for label in ["rsa", "ec", "wide"] {
        let settings = serde_json::json!({
            "kind": "module", "library": library(), "token": "kordon", "label": label,
            "pin_file": at.join("pin"), "certificate": at.join(format!("{label}.pem")),
        });
        let settings: SigningSettings = serde_json::from_value(settings).unwrap();
        let signer = CmsSigner::new(signing::key(Some(&settings), &at).unwrap()).unwrap();
        let mut signed = signer.sign(content, Utc::now()).unwrap();
        let verified = |signed: &[u8]| {
            fs::write(at.join("list.p7m"), signed).unwrap();
            let line = format!("cms -verify -inform DER -binary -in list.p7m -CAfile {label}.pem");
            Command::new("openssl").args(line.split(' ')).current_dir(&at).output().unwrap()
        };
        let said = verified(&signed);
        assert!(said.status.success(), "{label}: {}", String::from_utf8_lossy(&said.stderr));
        assert_eq!(said.stdout, content);
        let place = signed.windows(4).position(|part| part == b"1234").unwrap();
        signed[place] = b'9';
        assert!(!verified(&signed).status.success());
    }
    let missing = SigningSettings(KeySettings::Module {
        library: library(),
        token: "kordon".into(),
        label: "none".into(),
        pin_file: at.join("pin"),
        certificate: at.join("rsa.pem"),
    });
    let said = signing::key(Some(&missing), &at).unwrap_err().to_string();
    assert_eq!(said, "signing.token: there is no private key \"none\" on it");
}

#[test]
fn what_is_wrong_with_a_module_is_told_at_the_start_and_a_lost_session_is_opened_anew() {
    with_token("keys::module::tests::in_a_module_faults_are_told");
}

#[test]
#[ignore = "started by another test, in a process of its own"]
fn in_a_module_faults_are_told() {
    let fault = |opened: std::result::Result<ModuleKey, SettingsFault>| opened.unwrap_err().to_string();
    assert_eq!(fault(open("ec", "pin", "wide")), "keys.certificate: is not of the key");
    assert!(
        fault(open("rsa", "pin", "ec"))
            .starts_with("keys.token: internal: the key of the module cannot be used: ")
    );
    assert_eq!(fault(open("none", "pin", "rsa")), "keys.token: there is no private key \"none\" on it");
    let elsewhere =
        ModuleKey::open(&library(), "other", "rsa", &folder().join("pin"), &folder().join("rsa.pem"));
    assert_eq!(fault(elsewhere), "keys.token: there is no token \"other\"");
    let no_library = ModuleKey::open(
        Path::new("/none.so"),
        "kordon",
        "rsa",
        &folder().join("pin"),
        &folder().join("rsa.pem"),
    );
    assert!(fault(no_library).starts_with("keys.token: /none.so: "));
    let key = open("ec", "pin", "ec").unwrap();
    // The token has forgotten who is there, as when the module was restarted.
    let forget = || key.session.lock().unwrap().as_ref().unwrap().0.logout().unwrap();
    forget();
    let value = key.sign(SignatureAlgorithm::EcdsaSha256, b"content").unwrap();
    assert!(holds("ec", "sha256", "", &ecdsa_der(&value).unwrap()));
    forget();
    assert!(fault(open("rsa", "wrong", "rsa")).starts_with("keys.token: "));
}
