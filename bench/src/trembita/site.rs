//! The stand: a hub that takes this machine for a security server, or one that does not and takes what its
//! partners sign; with a member and a partner, both the border guard.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use chrono::{TimeDelta, Utc};
use kordon_adapters::keys::FileKey;
use kordon_hub::Database;
use kordon_hub::database::DatabaseSettings;
use kordon_hub::parties::{self, Member, Role, SignaturePolicy};
use openssl::hash::MessageDigest;
use openssl::x509::X509;

use super::key_size::KeySize;
use super::messages::{self, Way};
use crate::hub::HubProcess;
use crate::ledger::Ledger;

/// Who asks through the security server.
pub(super) const MEMBER: &str = "UA/GOV/00032106/GUARD";

/// Who asks without one.
const PARTNER: &str = "UA/GOV/00032106/DIRECT";

/// An authority, a partner and the hub, each with an RSA key of `$BITS` bits.
const KEYS: &str = r#"
set -e
openssl req -x509 -newkey rsa:$BITS -nodes -keyout authority.key -out authority.pem -days 30 -subj "/C=UA/O=Bench/CN=Authority" 2>/dev/null
for name in partner hub; do
    openssl req -newkey rsa:$BITS -nodes -keyout $name.key -out $name.csr -subj "/C=UA/O=Bench/CN=$name" 2>/dev/null
    printf 'keyUsage=critical,digitalSignature,nonRepudiation\nbasicConstraints=critical,CA:FALSE\n' > $name.ext
    openssl x509 -req -in $name.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 20 -sha256 -extfile $name.ext -out $name.pem 2>/dev/null
done
"#;

/// Who is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// Members, through a security server on this machine. What they sign is not looked at: the server has
    /// proved them.
    Members,
    /// Partners without one, by their signatures, which are made with keys of that size.
    Partners(KeySize),
}

impl Door {
    /// The folder of its hub.
    fn folder(self) -> String {
        match self {
            Self::Members => "members".to_owned(),
            Self::Partners(size) => format!("partners-{}", size.bits()),
        }
    }

    /// What its hub signs with.
    const fn key_size(self) -> KeySize {
        match self {
            Self::Members => KeySize::Usual,
            Self::Partners(size) => size,
        }
    }
}

/// All that is needed to ask.
pub(super) struct Site {
    pub(super) hub: HubProcess,
    pub(super) ledger: Ledger,
    keys: PathBuf,
    archives: PathBuf,
    partner: FileKey,
}

impl Site {
    /// Makes the keys, starts the hub, binds the member and the partner.
    pub(super) async fn start(kordon: &Path, data: &Path, door: Door) -> anyhow::Result<Self> {
        let data = data.join(door.folder());
        std::fs::DirBuilder::new().mode(0o711).create(&data)?;
        let keys = data.join("keys");
        std::fs::create_dir(&keys)?;
        let made = Command::new("bash")
            .args(["-c", KEYS])
            .env("BITS", door.key_size().bits().to_string())
            .current_dir(&keys)
            .output()?;
        ensure!(made.status.success(), "no keys: {}", String::from_utf8_lossy(&made.stderr));
        let (hub_data, archives) = (data.join("hub"), data.join("archives"));
        let file = |name: &str| keys.join(name).display().to_string();
        let key =
            format!("[{{kind=\"file\",key=\"{}\",certificate=\"{}\"}}]", file("hub.key"), file("hub.pem"));
        let servers = match door {
            Door::Members => "[\"127.0.0.1\"]",
            Door::Partners(_) => "[]",
        };
        let settings = [
            ("KORDON_TREMBITA__ADDRESSES", servers.to_owned()),
            ("KORDON_SIGNATURES__AUTHORITIES", file("authority.pem")),
            ("KORDON_SIGNATURES__KEYS", key.clone()),
            ("KORDON_EVIDENCE__KEYS", key),
            // Full ones only: the run does not last until the hour.
            (
                "KORDON_EVIDENCE__ARCHIVES",
                format!("{{folder=\"{}\",largest_bytes=4194304}}", archives.display()),
            ),
        ];
        let hub = HubProcess::start_with(kordon, &hub_data, &settings).await?;
        let ledger = Ledger::open(&hub_data).await?;
        let partner = FileKey::open(&keys.join("partner.key"), &keys.join("partner.pem"), None)
            .map_err(|fault| anyhow::anyhow!("{fault}"))?;
        let site = Self { hub, ledger, keys, archives, partner };
        site.bind().await?;
        Ok(site)
    }

    async fn bind(&self) -> anyhow::Result<()> {
        let database = Database::open(DatabaseSettings::new(self.ledger.url()))?;
        let mut connection = database.connection().await?;
        let (now, until) = (Utc::now(), Utc::now() + TimeDelta::days(1));
        let guard = parties::list(&mut connection)
            .await?
            .into_iter()
            .find(|(system, _)| system.role == Role::BorderGuard)
            .map(|(system, _)| system.id)
            .context("the hub has no border guard")?;
        for member in [MEMBER, PARTNER] {
            let member = Member::parse(member).context("no member")?;
            parties::bind_member(&mut connection, guard, &member, until, now).await?;
        }
        let certificate = X509::from_pem(&std::fs::read(self.keys.join("partner.pem"))?)?;
        let fingerprint: String =
            certificate.digest(MessageDigest::sha256())?.iter().map(|byte| format!("{byte:02x}")).collect();
        let der = certificate.to_der()?;
        parties::bind_whole_certificate(&mut connection, guard, fingerprint, &der, until, now).await?;
        Ok(parties::set_signatures(&mut connection, guard, SignaturePolicy::Optional).await?)
    }

    /// Writes messages of a kind into a file and names it.
    pub(super) fn messages(&self, way: Way, count: usize) -> anyhow::Result<PathBuf> {
        let asker = match way {
            Way::Json | Way::Soap => MEMBER,
            Way::Signed => PARTNER,
        };
        let file = self.keys.join("messages");
        messages::write(&file, way, &self.hub.address, asker, &self.partner, count)?;
        Ok(file)
    }

    /// Waits until all that was exchanged is sealed.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        super::sealing::all_sealed(&self.ledger).await.map(drop)
    }

    /// What the containers are to be trusted by.
    pub(super) async fn sealing_certificate(&self) -> anyhow::Result<Vec<u8>> {
        Ok(tokio::fs::read(self.keys.join("authority.pem")).await?)
    }

    /// Where the archives of the evidence are.
    pub(super) fn archives(&self) -> PathBuf {
        self.archives.clone()
    }
}
