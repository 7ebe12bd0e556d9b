//! HTTPS with the hub's own key pair, and client certificates as credentials: the real program, configured as
//! an operator configures it.

pub(crate) mod authority;

use authority::{Authority, Pair};
use reqwest::StatusCode;

use crate::process::{Client, HubProcess, Site};

const CHECKPOINTS: &str = "/api/v1/checkpoints";

/// A hub that speaks TLS and accepts client certificates of one authority.
struct Secured {
    hub: HubProcess,
    authority: Authority,
    site: Site,
}

impl Secured {
    async fn start() -> Self {
        let site = Site::shared().await;
        let authority = Authority::new("Kordon test authority");
        let own = authority.sign_server("localhost");
        let file = |name: &str, content: &[u8]| {
            let path = site.file(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let mut serving = site.serving();
        serving
            .env("KORDON_TLS__CERTIFICATE", file("hub.pem", &own.certificate_pem()))
            .env("KORDON_TLS__KEY", file("hub.key", &own.key_pem()))
            .env("KORDON_TLS__CLIENT_CA", file("clients.pem", &authority.certificate_pem()));
        let hub = HubProcess::start(&site, serving);
        Self { hub, authority, site }
    }

    /// A client that trusts the hub's authority and may bring a certificate or a token.
    fn client(&self, own: Option<&Pair>, token: Option<&str>) -> Client {
        let trusted = reqwest::Certificate::from_pem(&self.authority.certificate_pem()).unwrap();
        let mut http = reqwest::Client::builder().tls_certs_only([trusted]);
        if let Some(own) = own {
            let identity = reqwest::Identity::from_pkcs8_pem(&own.certificate_pem(), &own.key_pem()).unwrap();
            http = http.identity(identity);
        }
        Client::over(http.build().unwrap(), &self.url(), token)
    }

    fn url(&self) -> String {
        self.hub.url().replace("127.0.0.1", "localhost")
    }

    /// Registers a border-guard system.
    fn system(&self, name: &str) -> String {
        let organisation = "State Border Guard Service";
        self.site.tell(&[
            "party",
            "add",
            "--edrpou",
            "00032106",
            "--organisation",
            organisation,
            "--system",
            name,
            "--role",
            "border_guard",
        ])
    }

    /// Binds a certificate by its fingerprint.
    fn bind(&self, system: &str, pair: &Pair) {
        let file = self.site.file("bound.pem");
        std::fs::write(&file, pair.certificate_pem()).unwrap();
        let file = file.display().to_string();
        self.site.tell(&["credential", "issue", "--system", system, "--certificate", &file]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_is_bound_by_its_fingerprint() {
    let secured = Secured::start().await;
    let (bound, other) =
        (secured.authority.sign_client("gate-1", "UA"), secured.authority.sign_client("gate-1", "UA"));
    secured.bind(&secured.system("gate-1"), &bound);
    let answer = secured.client(Some(&bound), None).get(CHECKPOINTS).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let answer = secured.client(Some(&other), None).get(CHECKPOINTS).await;
    assert_eq!(answer.code(), "unauthenticated", "the same name on another certificate is not enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_is_bound_by_its_subject() {
    let secured = Secured::start().await;
    let system = secured.system("gate-2");
    secured.site.tell(&["credential", "issue", "--system", &system, "--subject", "/C=UA/CN=gate-2"]);
    let (first, renewed) =
        (secured.authority.sign_client("gate-2", "UA"), secured.authority.sign_client("gate-2", "UA"));
    for pair in [&first, &renewed] {
        let answer = secured.client(Some(pair), None).get(CHECKPOINTS).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    for stranger in [
        secured.authority.sign_client("gate-20", "UA"),
        secured.authority.sign_client("gate-2", "PL"),
        // Written without care, the subject would read as the bound one.
        secured.authority.sign_client_without_country("x/C=UA/CN=gate-2"),
        secured.authority.sign_client_without_country("gate-2"),
    ] {
        let answer = secured.client(Some(&stranger), None).get(CHECKPOINTS).await;
        assert_eq!(answer.code(), "unauthenticated", "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_authority_or_of_another_time_ends_the_handshake() {
    let secured = Secured::start().await;
    // The same name, another key.
    let impostor = Authority::new("Kordon test authority");
    let forged = impostor.sign_client("gate-3", "UA");
    let expired = secured.authority.sign_expired_client("gate-3");
    // A server's certificate does not make a client.
    let server = secured.authority.sign_server("localhost");
    let system = secured.system("gate-3");
    for (what, pair) in [("forged", &forged), ("expired", &expired), ("of a server", &server)] {
        secured.bind(&system, pair);
        let answer = secured.client(Some(pair), None).try_get(CHECKPOINTS).await;
        assert!(answer.is_err(), "{what}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_works_over_tls_and_decides_alone() {
    let secured = Secured::start().await;
    let token = secured.site.token("customs");
    assert_eq!(secured.client(None, Some(&token)).get(CHECKPOINTS).await.status, StatusCode::OK);
    assert_eq!(secured.client(None, None).get(CHECKPOINTS).await.code(), "unauthenticated");

    let bound = secured.authority.sign_client("gate-4", "UA");
    secured.bind(&secured.system("gate-4"), &bound);
    let bad = format!("kordon_{}", "0".repeat(64));
    let answer = secured.client(Some(&bound), Some(&bad)).get(CHECKPOINTS).await;
    assert_eq!(answer.code(), "unauthenticated", "a bad token is not made good by a certificate");
    // Its certificate is of a border guard, its token of customs: the token decides.
    let both = secured.client(Some(&bound), Some(&token));
    let queue = both.get("/api/v1/checkpoints/UA209030/call-list").await;
    assert_eq!(queue.code(), "forbidden", "{}", queue.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_with_a_key_pair_does_not_speak_without_it() {
    let secured = Secured::start().await;
    assert!(secured.url().starts_with("https://"));
    let plain = Client::new(&secured.url().replace("https://", "http://"), None);
    assert!(plain.try_get("/health/live").await.is_err());
    let untrusting = Client::new(&secured.url(), None);
    assert!(untrusting.try_get("/health/live").await.is_err(), "nobody else vouches for the hub");
    assert_eq!(secured.client(None, None).get("/health/live").await.status, StatusCode::NO_CONTENT);
}
