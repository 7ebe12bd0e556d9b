//! A hub that cannot start says why, in words that tell what to do.

use kordon_api::server::contract_json;

use super::add_party;
use crate::process::{Said, Site};

#[test]
fn a_folder_that_another_hub_holds_is_refused() {
    let site = Site::private();
    let _first = site.serve();
    let second = Said::by(&mut site.serving());
    assert!(!second.succeeded);
    assert!(second.error.contains("another hub holds the folder"), "{}", second.error);
    assert!(second.error.contains("stop it, or give this hub a data folder of its own"), "{}", second.error);
}

#[test]
fn a_machine_without_postgresql_is_told_what_to_install() {
    let site = Site::private();
    let empty = site.file("no-programs");
    std::fs::create_dir(&empty).unwrap();
    for command in [["serve", "--sample-parties"], ["party", "list"]] {
        let said = Said::by(site.command(&command).env("KORDON_PG_BIN", &empty));
        assert!(!said.succeeded);
        let told = format!("no PostgreSQL server is installed here (looked in {})", empty.display());
        assert!(said.error.contains(&told), "{}", said.error);
        assert!(said.error.contains("apt-get install postgresql"), "{}", said.error);
    }
}

#[test]
fn a_database_that_is_away_is_named_without_its_password() {
    let site = Site::private();
    let url = "postgresql://kordon:verysecret@127.0.0.1:1/kordon";
    for command in [["serve", "--sample-parties"], ["party", "list"]] {
        let said = Said::by(site.command(&command).env("DATABASE_URL", url));
        assert!(!said.succeeded);
        assert!(said.error.contains("not available: the database"), "{}", said.error);
        assert!(!said.error.contains("verysecret"), "{}", said.error);
    }
    assert!(!site.cluster().exists(), "no private database is made when another one is named");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_not_known_or_cannot_be_are_refused() {
    let site = Site::shared().await;
    let file = site.file("kordon.toml");
    std::fs::write(&file, "listne = \"127.0.0.1:0\"\n").unwrap();
    for (variable, value, named) in [
        ("KORDON_CONFIG", file.to_str().unwrap(), "listne"),
        ("KORDON_DATABASE__POOL_SIEZ", "5", "pool_siez"),
        ("KORDON_WORKERS", "many", "workers"),
        ("KORDON_WORKERS", "0", "workers"),
        ("KORDON_DATABASE__POOL_SIZE", "0", "pool_size"),
    ] {
        let said = Said::by(site.serving().env(variable, value));
        assert!(!said.succeeded, "{variable}={value}");
        assert!(said.error.contains("the settings cannot be read"), "{variable}={value}: {}", said.error);
        assert!(said.error.to_lowercase().contains(named), "{variable}={value}: {}", said.error);
    }
    let said = Said::by(site.serving().env("KORDON_CONFIG", site.file("nowhere.toml")));
    assert!(said.error.contains("there is no settings file"), "{}", said.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_named() {
    let site = Site::shared().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let holder = std::net::TcpListener::bind(&taken).unwrap();
    let said = site.run(&["serve", "--listen", &taken]);
    assert!(!said.succeeded);
    assert!(said.error.contains(&format!("cannot listen on {taken}")), "{}", said.error);
    drop(holder);
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_files_that_cannot_be_used_are_named() {
    let site = Site::shared().await;
    let (certificate, key) = (site.file("hub.pem"), site.file("hub.key"));
    std::fs::write(&certificate, "no certificate").unwrap();
    let mut serving = site.serving();
    serving.env("KORDON_TLS__CERTIFICATE", &certificate).env("KORDON_TLS__KEY", &key);
    let said = Said::by(&mut serving);
    assert!(!said.succeeded);
    let told = format!("the certificate {} cannot be used", certificate.display());
    assert!(said.error.contains(&told), "{}", said.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn sample_parties_are_not_put_beside_real_ones() {
    let site = Site::shared().await;
    add_party(&site, "gate", "border_guard");
    let said = Said::by(&mut site.serving());
    assert!(!said.succeeded);
    assert!(said.error.contains("this database has parties of its own"), "{}", said.error);
}

#[test]
fn the_contract_is_printed_without_a_database() {
    let site = Site::private();
    let said = site.run(&["openapi"]);
    assert_eq!(said.output, contract_json().unwrap());
    assert!(!site.data().exists());
}

#[test]
fn a_part_of_a_hub_that_there_is_not_is_refused() {
    let site = Site::private();
    let said = Said::by(&mut site.command(&["serve", "--roles", "api,boats"]));
    assert!(!said.succeeded);
    assert!(said.error.contains("possible values: api, delivery, timers"), "{}", said.error);
    assert!(!site.cluster().exists(), "nothing was started");
}

#[test]
fn the_scenario_of_an_outage_is_not_played_against_a_hub_whose_clock_is_not_its_own() {
    let site = Site::private();
    let credentials = site.file("credentials.json");
    std::fs::write(&credentials, "{}").unwrap();
    let mut demo = site.command(&["demo", "--scenario", "outage", "--url", "http://127.0.0.1:1"]);
    let said = Said::by(demo.arg("--credentials").arg(&credentials));
    assert!(!said.succeeded);
    assert!(said.error.contains("whose clock it puts on: leave out --url"), "{}", said.error);
}
