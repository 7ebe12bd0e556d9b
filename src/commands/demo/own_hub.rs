//! A hub of the demonstration's own: a private PostgreSQL, a free port, notices into folders, all in a
//! temporary folder that goes when the demonstration ends. It knows nothing of the site's settings, so that
//! no played notice leaves the machine.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use kordon_adapters::trembita::evidence::sealing::settings::EvidenceSettings;
use kordon_api::limits::LimitSettings;
use kordon_api::streams::StreamSettings;
use kordon_api::trembita::TrembitaSettings;
use kordon_hub::database::DatabaseSettings;
use kordon_hub::database::private_cluster::PrivateCluster;
use kordon_hub::{Clock, Database};
use tempfile::TempDir;

use super::queues::bank::Bank;
use crate::commands::samples::{self, Samples};
use crate::hub::{PartPlayed, Serving, Site, prepare};
use crate::settings::Settings;

/// The hub's place, with its PostgreSQL running.
pub(super) struct Ground {
    // In the order in which they go.
    cluster: Option<PrivateCluster>,
    folder: TempDir,
    database: DatabaseSettings,
    settings: Settings,
}

impl Ground {
    /// Makes the place and starts PostgreSQL. Blocks.
    pub(super) fn prepare(postgresql: Option<PathBuf>) -> anyhow::Result<Self> {
        // PostgreSQL's account has to pass through when the demonstration is run by root; what lies within
        // keeps its own modes.
        let folder = tempfile::Builder::new()
            .prefix("kordon-demo-")
            .permissions(Permissions::from_mode(0o711))
            .tempdir()?;
        let settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            workers: NonZeroUsize::MIN.saturating_add(1),
            tls: None,
            database: crate::settings::Database::default(),
            taxud: None,
            press_office: None,
            support_mail: None,
            fees: kordon_adapters::NbuSettings::default(),
            signing: None,
            limits: LimitSettings::default(),
            streams: StreamSettings::default(),
            board: crate::settings::Board::default(),
            trembita: TrembitaSettings::default(),
            security_server: None,
            subscribers: Vec::new(),
            evidence: EvidenceSettings::default(),
            signatures: None,
        };
        let site = Site { data: folder.path().canonicalize()?, postgresql, database_url: None };
        let (cluster, database) = site.open_database(&settings)?;
        Ok(Self { cluster, folder, database, settings })
    }

    /// Starts parts of the hub, with one sample system per role. It goes by `clock` and asks `bank` for
    /// rates.
    pub(super) async fn serve(
        &self,
        clock: Clock,
        bank: &Bank,
        parts: &[PartPlayed],
    ) -> anyhow::Result<(Serving, Samples)> {
        let mut settings = self.settings.clone();
        settings.fees.nbu_url.clone_from(&bank.url);
        let data = self.folder.path().canonicalize()?;
        let database = prepare(self.database.clone(), &clock).await?;
        let samples = samples::ensure(&database, &data, clock.now()).await?;
        Ok((Serving::start(database, clock, &data, &settings, parts).await?, samples))
    }

    /// The database, for who plays what the hub's timers do.
    pub(super) fn database(&self) -> anyhow::Result<Database> {
        Ok(Database::open(self.database.clone())?)
    }

    /// The data folder, below which notices and letters are put.
    pub(super) fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Stops PostgreSQL and removes everything.
    pub(super) fn remove(self) -> anyhow::Result<()> {
        let Self { cluster, folder, database: _, settings: _ } = self;
        drop(cluster);
        Ok(folder.close()?)
    }
}
