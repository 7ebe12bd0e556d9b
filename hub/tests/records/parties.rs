//! Organisations, systems, credentials.

use chrono::TimeDelta;
use kordon_hub::Error;
use kordon_hub::parties::authentication::VerifiedCertificate;
use kordon_hub::parties::{
    self, Authentication, CredentialKind, NewSystem, Role, Scope, SystemId, Token, Zone, bind_certificate,
    issue_token, revoke,
};
use kordon_schemas::{CheckpointCode, Edrpou, ProblemCode};

use crate::site::{Site, krakivets, noon};

fn new(name: &str) -> NewSystem {
    NewSystem {
        edrpou: Edrpou::parse("43115923").unwrap(),
        organisation_name: "Державна прикордонна служба".into(),
        name: name.into(),
        role: Role::BorderGuard,
        scope: Scope::default(),
    }
}

fn later(days: i64) -> chrono::DateTime<chrono::Utc> {
    noon(0) + TimeDelta::days(days)
}

impl Site {
    async fn add(&self, new: NewSystem) -> kordon_hub::Result<parties::System> {
        parties::add_system(&mut *self.connection().await, new, noon(0)).await
    }

    /// Who stands behind a token at a time, asked of the database and not of a memory.
    async fn behind(&self, token: &Token, now: chrono::DateTime<chrono::Utc>) -> Option<SystemId> {
        let actor = Authentication::new(self.database.clone()).by_token(token, now).await.unwrap();
        actor.map(|actor| actor.system)
    }
}

#[tokio::test]
async fn a_known_organisation_gets_another_system_and_keeps_its_name() {
    let site = Site::fresh().await;
    let gate = site.add(new("gate")).await.unwrap();
    let renamed = NewSystem { organisation_name: "ДПСУ".into(), ..new("cameras") };
    let cameras = site.add(renamed).await.unwrap();
    assert_eq!(gate.organisation, cameras.organisation);
    assert_eq!(cameras.organisation.name, "Державна прикордонна служба");
}

#[tokio::test]
async fn a_name_is_used_once_in_an_organisation() {
    let site = Site::fresh().await;
    site.add(new("gate")).await.unwrap();
    assert_eq!(site.add(new("gate")).await.unwrap_err().code(), ProblemCode::Invalid);
    let other = NewSystem { edrpou: Edrpou::parse("00032106").unwrap(), ..new("gate") };
    assert!(site.add(other).await.is_ok());
}

#[tokio::test]
async fn every_fault_of_a_system_is_told_at_once() {
    let site = Site::fresh().await;
    let nameless = NewSystem { organisation_name: " ".into(), name: "n".repeat(101), ..new("") };
    let Err(Error::Invalid(faults)) = site.add(nameless).await else { panic!("it has no names") };
    let places: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(places, ["organisation", "system"]);
}

#[tokio::test]
async fn a_system_is_limited_to_checkpoints_that_exist() {
    let site = Site::fresh().await;
    let limited = |code: &str| NewSystem {
        scope: Scope { checkpoints: Some(vec![CheckpointCode::parse(code).unwrap()]), zones: None },
        ..new("gate")
    };
    assert_eq!(site.add(limited("UA999999")).await.unwrap_err().code(), ProblemCode::NotFound);
    let system = site.add(limited("UA209030")).await.unwrap();
    assert_eq!(system.scope.checkpoints, Some(vec![krakivets()]));
}

#[tokio::test]
async fn systems_are_listed_with_their_scope_and_credentials() {
    let site = Site::fresh().await;
    let scope = Scope { checkpoints: Some(vec![krakivets()]), zones: Some(vec![Zone("KRAKIVETS-1".into())]) };
    let system = site.add(NewSystem { scope: scope.clone(), ..new("gate") }).await.unwrap();
    let mut connection = site.connection().await;
    let (credential, _) = issue_token(&mut connection, system.id, later(1), noon(0)).await.unwrap();
    let listed = parties::list(&mut connection).await.unwrap();
    let (found, credentials) = listed.iter().find(|(each, _)| each.id == system.id).unwrap();
    assert_eq!((found.scope.clone(), found.role), (scope, Role::BorderGuard));
    assert_eq!(credentials.iter().map(|each| each.id).collect::<Vec<_>>(), [credential]);
    assert!(parties::any(&mut connection).await.unwrap());
}

#[tokio::test]
async fn a_token_is_good_until_it_expires() {
    let site = Site::fresh().await;
    let system = site.add(new("gate")).await.unwrap().id;
    let (_, token) = issue_token(&mut *site.connection().await, system, later(1), noon(0)).await.unwrap();
    assert_eq!(site.behind(&token, noon(0)).await, Some(system));
    assert_eq!(site.behind(&token, later(1) - TimeDelta::microseconds(1)).await, Some(system));
    assert_eq!(site.behind(&token, later(1)).await, None);
}

#[tokio::test]
async fn the_token_itself_is_not_kept() {
    let site = Site::fresh().await;
    let system = site.add(new("gate")).await.unwrap().id;
    let (_, token) = issue_token(&mut *site.connection().await, system, later(1), noon(0)).await.unwrap();
    let secret = token.reveal().trim_start_matches("kordon_");
    let kept = format!("SELECT count(*) FROM credentials WHERE credentials::text LIKE '%{secret}%'");
    assert_eq!(site.number(&kept).await, 0);
}

#[tokio::test]
async fn a_system_has_several_tokens_and_loses_the_one_that_is_revoked() {
    let site = Site::fresh().await;
    let system = site.add(new("gate")).await.unwrap().id;
    let mut connection = site.connection().await;
    let (old, old_token) = issue_token(&mut connection, system, later(1), noon(0)).await.unwrap();
    let (_, new_token) = issue_token(&mut connection, system, later(1), noon(0)).await.unwrap();
    revoke(&mut connection, old, noon(1)).await.unwrap();
    assert_eq!(site.behind(&old_token, noon(2)).await, None);
    assert_eq!(site.behind(&new_token, noon(2)).await, Some(system));
    let again = revoke(&mut connection, old, noon(3)).await.unwrap_err();
    assert_eq!(again.code(), ProblemCode::NotFound);
}

#[tokio::test]
async fn a_token_that_was_drawn_elsewhere_is_nobodys() {
    let site = Site::fresh().await;
    assert_eq!(site.behind(&Token::draw().unwrap(), noon(0)).await, None);
}

#[tokio::test]
async fn a_credential_is_for_a_system_that_exists_and_a_time_to_come() {
    let site = Site::fresh().await;
    let mut connection = site.connection().await;
    let nobody = issue_token(&mut connection, SystemId::new(), later(1), noon(0)).await.unwrap_err();
    assert_eq!(nobody.code(), ProblemCode::NotFound);
    let over = issue_token(&mut connection, site.guard.system, noon(0), noon(0)).await.unwrap_err();
    assert_eq!(over.code(), ProblemCode::Invalid);
}

#[tokio::test]
async fn a_certificate_is_known_by_its_fingerprint_before_its_subject() {
    let site = Site::fresh().await;
    let mut connection = site.connection().await;
    let bindings = [
        (site.guard.system, CredentialKind::CertificateSubject, "/C=UA/CN=gate"),
        (site.customs.system, CredentialKind::CertificateFingerprint, "f1"),
    ];
    for (system, kind, identifier) in bindings {
        bind_certificate(&mut connection, system, kind, identifier.into(), later(1), noon(0)).await.unwrap();
    }
    let authentication = Authentication::new(site.database.clone());
    for (fingerprint, subject, expected) in [
        ("f1", "/C=UA/CN=gate", Some(site.customs.system)),
        ("f2", "/C=UA/CN=gate", Some(site.guard.system)),
        ("f2", "/C=UA/CN=other", None),
    ] {
        let certificate = VerifiedCertificate { fingerprint: fingerprint.into(), subject: subject.into() };
        let actor = authentication.by_certificate(&certificate, noon(1)).await.unwrap();
        assert_eq!(actor.map(|actor| actor.system), expected, "{fingerprint} {subject}");
    }
}

#[tokio::test]
async fn a_certificate_is_bound_to_one_system() {
    let site = Site::fresh().await;
    let mut connection = site.connection().await;
    let kind = CredentialKind::CertificateFingerprint;
    let first = bind_certificate(&mut connection, site.guard.system, kind, "f1".into(), later(1), noon(0))
        .await
        .unwrap();
    let second =
        bind_certificate(&mut connection, site.customs.system, kind, "f1".into(), later(1), noon(0)).await;
    assert_eq!(second.unwrap_err().code(), ProblemCode::Invalid);
    revoke(&mut connection, first, noon(1)).await.unwrap();
    assert!(
        bind_certificate(&mut connection, site.customs.system, kind, "f1".into(), later(1), noon(2))
            .await
            .is_ok()
    );
}
