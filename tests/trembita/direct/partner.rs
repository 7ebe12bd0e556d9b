//! A hub that believes an authority, and a partner with a certificate of it.

use std::path::PathBuf;

use chrono::TimeDelta;
use kordon_adapters::keys::{FileKey, Signer};
use kordon_hub::parties::{self, Role, SignaturePolicy};
use tempfile::TempDir;

use crate::hub::{Believed, TestHub};
use crate::tls::authority::{Authority, Pair};
use crate::trembita::{GUARD, bind};

/// A hub that believes an authority, and a partner with a certificate of it: the border guard's system.
pub(crate) struct Direct {
    pub(crate) hub: TestHub,
    pub(crate) authority: Authority,
    pub(crate) partner: Partner,
}

/// Who signs.
pub(crate) struct Partner {
    folder: TempDir,
    pub(crate) key: FileKey,
    pair: Pair,
}

impl Partner {
    pub(crate) fn of(pair: Pair) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let key = FileKey::open(
            &file("partner.key", &pair.key_pem()),
            &file("partner.pem", &pair.certificate_pem()),
            None,
        )
        .unwrap();
        Self { folder, key, pair }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn fingerprint(&self) -> String {
        self.pair.fingerprint().replace(':', "").to_lowercase()
    }
}

impl Direct {
    /// A hub whose border guard may sign, as the policy says.
    pub(crate) async fn with(policy: SignaturePolicy) -> Self {
        Self::asked_as(policy, &[]).await
    }

    /// The same, where the hub knows its own names.
    pub(crate) async fn asked_as(policy: SignaturePolicy, hosts: &[&str]) -> Self {
        let authority = Authority::new("Kordon test authority");
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let believed = Believed { authorities: authority.certificate_pem(), lists: Vec::new(), hosts };
        let hub = TestHub::start_for_partners(believed).await;
        bind(&hub, Role::BorderGuard, GUARD).await;
        let partner = Partner::of(authority.sign_client("partner", "UA"));
        let direct = Self { hub, authority, partner };
        direct.bind(&direct.partner, Role::BorderGuard).await;
        direct.set(Role::BorderGuard, policy).await;
        direct
    }

    pub(crate) async fn bind(&self, partner: &Partner, role: Role) {
        let now = self.hub.clock.now();
        let mut connection = self.hub.database.connection().await.unwrap();
        let (system, until) = (self.hub.system(role), now + TimeDelta::days(365));
        let (fingerprint, der) = (partner.fingerprint(), partner.key.certificate().to_vec());
        parties::bind_whole_certificate(&mut connection, system, fingerprint, &der, until, now)
            .await
            .unwrap();
    }

    pub(crate) async fn set(&self, role: Role, policy: SignaturePolicy) {
        let mut connection = self.hub.database.connection().await.unwrap();
        parties::set_signatures(&mut connection, self.hub.system(role), policy).await.unwrap();
    }

    /// The hub's certificate, as everybody gets it.
    pub(crate) async fn certificate(&self) -> Vec<u8> {
        let answer = self.hub.get("/api/v1/signing-certificate").as_role(Role::Customs);
        answer.header("Accept", "*/*").send().await.text().as_bytes().to_vec()
    }
}
