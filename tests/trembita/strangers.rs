//! The settings and the command, on the real program: a security server by its client certificate, a member
//! bound by the operator.

use crate::process::{HubProcess, Site};
use crate::tls::authority::Authority;

const GUARD: &str = "SEVDEIR-TEST/GOV/00000001/DPSU_cons";

#[tokio::test(flavor = "multi_thread")]
async fn a_security_server_is_told_by_its_certificate_and_a_member_by_its_binding() {
    let site = Site::shared().await;
    let authority = Authority::new("Kordon test authority");
    let own = authority.sign_server("localhost");
    let (server, other) = (authority.sign_client("ss-1", "UA"), authority.sign_client("ss-1", "UA"));
    let file = |name: &str, content: &[u8]| {
        let path = site.file(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let settings =
        format!("[trembita]\ncertificates = [\"{}\"]\nfault_codes = \"snake\"\n", server.fingerprint());
    let mut serving = site.serving();
    serving
        .env("KORDON_CONFIG", file("kordon.toml", settings.as_bytes()))
        .env("KORDON_TLS__CERTIFICATE", file("hub.pem", &own.certificate_pem()))
        .env("KORDON_TLS__KEY", file("hub.key", &own.key_pem()))
        .env("KORDON_TLS__CLIENT_CA", file("clients.pem", &authority.certificate_pem()));
    let hub = HubProcess::start(&site, serving);
    let system = site.tell(&[
        "party",
        "add",
        "--edrpou",
        "00032106",
        "--organisation",
        "State Border Guard Service",
        "--system",
        "member",
        "--role",
        "border_guard",
    ]);
    let bound = site.tell(&["credential", "issue", "--system", &system, "--member", GUARD]);
    assert!(bound.contains(&format!("  {GUARD} bound until ")), "{bound}");
    assert!(site.tell(&["party", "list"]).contains("trembita_member"));
    let again = site.run(&["credential", "issue", "--system", &system, "--member", GUARD]);
    assert!(again.error.contains("bound to a system already"), "{}", again.error);
    let wrong = site.run(&["credential", "issue", "--system", &system, "--member", "GOV/1"]);
    assert!(wrong.error.contains("a member is INSTANCE/CLASS/CODE"), "{}", wrong.error);

    let url = hub.url().replace("127.0.0.1", "localhost");
    let asked = async |pair: &crate::tls::authority::Pair| {
        let trusted = reqwest::Certificate::from_pem(&authority.certificate_pem()).unwrap();
        let identity = reqwest::Identity::from_pkcs8_pem(&pair.certificate_pem(), &pair.key_pem()).unwrap();
        let client = reqwest::Client::builder().tls_certs_only([trusted]).identity(identity).build().unwrap();
        let envelope = super::Envelope::of("GetQueue_v1", "<t:checkpoint>UA209030</t:checkpoint>").text();
        let request =
            client.post(format!("{url}/trembita/soap")).header("Content-Type", "text/xml").body(envelope);
        let by_soap = request.send().await.unwrap().text().await.unwrap();
        let request =
            client.get(format!("{url}/api/v1/checkpoints/UA209030/queue")).header("Uxp-Client", GUARD);
        (by_soap, request.send().await.unwrap().status().as_u16())
    };
    let (by_soap, by_rest) = asked(&server).await;
    assert!(by_soap.contains("<GetQueue_v1Response"), "{by_soap}");
    assert_eq!(by_rest, 200);
    let (by_soap, by_rest) = asked(&other).await;
    assert!(by_soap.contains("<faultcode>server.serverproxy.access_denied</faultcode>"), "{by_soap}");
    assert_eq!(by_rest, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_cannot_be_right_is_told_at_the_start() {
    for (setting, told) in [
        ("certificates = [\"ab:cd\"]", "trembita.certificates"),
        ("provider = \"KORDON\"", "trembita.provider is INSTANCE/CLASS/CODE[/SUBSYSTEM]"),
        ("fault_codes = \"kebab\"", "fault_codes"),
        ("adresses = []", "adresses"),
    ] {
        let site = Site::shared().await;
        let path = site.file("kordon.toml");
        std::fs::write(&path, format!("[trembita]\n{setting}\n")).unwrap();
        let said = site.run(&["serve", "--listen", "127.0.0.1:0", "--config", &path.display().to_string()]);
        assert!(!said.succeeded && said.error.contains(told), "{setting}: {}", said.error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_signatures_that_cannot_be_right_are_told_at_the_start() {
    for (settings, told) in [
        ("authorities = \"/nowhere/partners.pem\"", "signatures.authorities: /nowhere/partners.pem"),
        ("authorities = \"Cargo.toml\"", "signatures.authorities: Cargo.toml"),
        ("window_seconds = 60", "authorities"),
        ("authorities = \"Cargo.toml\"\nwindow = 5", "window"),
    ] {
        let site = Site::shared().await;
        let path = site.file("kordon.toml");
        std::fs::write(&path, format!("[signatures]\n{settings}\n")).unwrap();
        let said = site.run(&["serve", "--listen", "127.0.0.1:0", "--config", &path.display().to_string()]);
        assert!(!said.succeeded && said.error.contains(told), "{settings}: {}", said.error);
    }
}
