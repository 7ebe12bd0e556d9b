//! A hub with authorities: a time-stamp authority and an OCSP responder, both `openssl` behind a small
//! server. Its evidence is valid to `kordon evidence verify`, and exchanges go on while they are away.

#[expect(dead_code, reason = "the tests of the adapter use more of it")]
#[path = "../../adapters/tests/trembita/evidence/authority_server.rs"]
mod authority_server;
#[expect(dead_code, reason = "the tests of the adapter use more of it")]
#[path = "../../adapters/tests/trembita/evidence/pki.rs"]
mod pki;

use std::io::{Cursor, Read};

use self::authority_server::{AuthorityServer, Behaviour};
use self::pki::PKI;
use crate::process::{HubProcess, Said, Site, eventually};

const GUARD: &str = "SEVDEIR-TEST/GOV/00000001/DPSU_cons";

struct Member<'site> {
    site: &'site Site,
    hub: HubProcess,
    http: reqwest::Client,
}

impl Member<'_> {
    /// Asks something under an id.
    async fn ask(&self, id: &str) -> u16 {
        let asked = self.http.get(format!("{}/api/v1/checkpoints/UA209030/queue", self.hub.url()));
        let asked = asked.header("Uxp-Client", GUARD).header("Uxp-QueryID", id);
        asked.send().await.unwrap().status().as_u16()
    }

    /// Fetches the evidence of an exchange and has it verified by the program. None while there is none.
    async fn verified(&self, id: &str) -> Option<Said> {
        let asked = self.http.get(format!("{}/trembita/evidence?queryId={id}", self.hub.url()));
        let asked = asked.header("Uxp-Client", GUARD).header("Uxp-Purpose-Ids", "спір 7");
        let answer = asked.send().await.unwrap();
        if answer.status() == 404 {
            return None;
        }
        assert_eq!(answer.status(), 200);
        let mut archive = zip::ZipArchive::new(Cursor::new(answer.bytes().await.unwrap())).unwrap();
        assert_eq!(archive.len(), 2, "request and response");
        let mut arguments = vec![
            "evidence".to_owned(),
            "verify".into(),
            "--trust".into(),
            PKI.path("ca.crt").display().to_string(),
        ];
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).unwrap();
            let path = self.site.file(&entry.name().unwrap());
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            std::fs::write(&path, content).unwrap();
            arguments.push(path.display().to_string());
        }
        Some(self.site.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// Waits until an exchange is signed and stamped, and gives back what the verifier said.
    async fn stamped(&self, id: &str) -> String {
        eventually("evidence that is stamped", async || {
            let said = self.verified(id).await?;
            assert!(said.succeeded, "{}{}", said.output, said.error);
            (said.output.matches("    stamped   ").count() == 2).then_some(said.output)
        })
        .await
    }

    /// What a series of the metrics says.
    async fn metric(&self, series: &str) -> f64 {
        let metrics = self.http.get(format!("{}/metrics", self.hub.url())).send().await.unwrap();
        let metrics = metrics.text().await.unwrap();
        let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{series} is not in\n{metrics}")).parse().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_a_hub_with_authorities_is_valid_and_exchanges_go_on_while_they_are_away() {
    let server = AuthorityServer::start();
    let site = Site::shared().await;
    let file = |name: &str| PKI.path(name).display().to_string();
    let settings = format!(
        "[trembita]\naddresses = [\"127.0.0.1\"]\n[evidence]\n\
         keys = [{{ kind = \"file\", key = \"{}\", certificate = \"{}\" }}]\ntrust = [\"{}\"]\n\
         time_stamps = {{ address = \"{url}\", every_seconds = 0, again_seconds = 1 }}\n\
         certificate_status = {{ responder = \"{url}\" }}\n",
        file("ec.key"),
        file("ec.crt"),
        file("ca.crt"),
        url = server.url,
    );
    std::fs::write(site.file("kordon.toml"), settings).unwrap();
    let mut serving = site.serving();
    serving.env("KORDON_CONFIG", site.file("kordon.toml"));
    let hub = HubProcess::start(&site, serving);
    let party =
        ["--edrpou", "00032106", "--organisation", "Guard", "--system", "member", "--role", "border_guard"];
    let system = site.tell(&[&["party", "add"][..], &party].concat());
    site.tell(&["credential", "issue", "--system", &system, "--member", GUARD]);
    let member = Member { site: &site, hub, http: reqwest::Client::new() };

    assert_eq!(member.ask("q-1").await, 200);
    let said = member.stamped("q-1").await;
    assert!(said.contains("CN=Seal EC,O=Queue,C=UA"), "{said}");
    assert!(!said.contains("not verified") && !said.contains("remark"), "{said}");

    server.behave(Behaviour::Away);
    assert_eq!(member.ask("q-2").await, 200);
    // It tells of each failure in its log.
    member.hub.logs("\"step\":\"Stamp\"", 1).await;
    assert!(member.metric("kordon_evidence_failures_total{step=\"stamp\"}").await > 0.0);
    assert!(member.metric("kordon_evidence_waiting{for=\"time_stamp\"}").await > 0.0);
    assert_eq!(member.ask("q-3").await, 200);
    server.behave(Behaviour::Right);
    member.stamped("q-2").await;
    member.stamped("q-3").await;
    assert!(member.metric("kordon_evidence_key_seconds").await > 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_evidence_that_cannot_be_right_are_told_at_the_start() {
    for (setting, told) in [
        (
            "time_stamps = { address = \"ftp://tsa\" }",
            "evidence.time_stamps.address: begins with https:// or http://",
        ),
        (
            "time_stamps = { address = \"http://tsa\" }",
            "evidence.trust: names the certificate of the time-stamp authority",
        ),
        ("certificate_status = {}", "evidence.trust: names the authority of the signing certificate"),
        ("trust = [\"/none.pem\"]", "evidence.trust: /none.pem: "),
        ("keys = [{ kind = \"pkcs12\", file = \"/none.p12\" }]", "keys.file: /none.p12: "),
        ("keys = [{ kind = \"usb\" }]", "unknown variant"),
    ] {
        let site = Site::shared().await;
        std::fs::write(site.file("kordon.toml"), format!("[evidence]\n{setting}\n")).unwrap();
        let config = site.file("kordon.toml").display().to_string();
        let said = site.run(&["serve", "--listen", "127.0.0.1:0", "--config", &config]);
        assert!(!said.succeeded && said.error.contains(told), "{setting}: {}", said.error);
    }
}
