//! The example of the guide runs, and the guide tells what it tells.

use std::process::Command;

use kordon_hub::parties::{Role, SignaturePolicy};

use super::SENDER;
use super::signed::Customs;

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_guide_tells_what_the_guide_tells() {
    let customs = Customs::with(SignaturePolicy::Optional).await;
    let hub_certificate = customs.partner.file("hub.pem");
    std::fs::write(&hub_certificate, customs.direct.certificate().await).unwrap();
    let root = env!("CARGO_MANIFEST_DIR");
    let python = format!("{root}/.venv/bin/python");
    assert!(std::path::Path::new(&python).exists(), "{python} is missing: run scripts/install.sh test");
    let mut command = Command::new(python);
    command
        .arg(format!("{root}/docs/integrate/examples/customs_exchange.py"))
        .env("HUB", &customs.direct.hub.url)
        .env("TOKEN", customs.direct.hub.token(Role::Customs))
        .env("SENDER", SENDER)
        .env("KEY", customs.partner.file("partner.key"))
        .env("CERTIFICATE", customs.partner.file("partner.pem"))
        .env("HUB_CERTIFICATE", hub_certificate);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (told, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}\n{wrong}");
    let guide = std::fs::read_to_string(format!("{root}/docs/integrate/customs-exchange.md")).unwrap();
    assert!(guide.contains(&format!("```text\n{told}```")), "the guide tells what came:\n{told}");
}
