//! Settings: a TOML file, then the environment, then the command line; the later wins.
//!
//! `KORDON_CONFIG` or `--config` names the file. An environment variable `KORDON_A__B` sets `a.b`.
//! `DATABASE_URL` names the database; without it the hub runs a private one in its data folder.

use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use anyhow::Context;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use kordon_adapters::press_office::PressOfficeRoute;
use kordon_adapters::taxud::TaxudRoute;
use kordon_adapters::trembita::consumer::SecurityServerSettings;
use kordon_adapters::trembita::evidence::sealing::settings::EvidenceSettings;
use kordon_adapters::{
    NbuSettings, PressOfficeSettings, SigningSettings, SubscriberSettings, SupportMailSettings, TaxudSettings,
};
use kordon_api::limits::LimitSettings;
use kordon_api::signatures::SignatureSettings;
use kordon_api::streams::StreamSettings;
use kordon_api::trembita::TrembitaSettings;
use serde::{Deserialize, Serialize};

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Threads that serve requests.
    pub(crate) workers: NonZero<usize>,
    /// The hub's key pair; with it, HTTPS only.
    pub(crate) tls: Option<Tls>,
    /// The database, when it is not the private one.
    #[serde(default)]
    pub(crate) database: Database,
    /// The way to DG TAXUD; by default a folder in the data folder.
    pub(crate) taxud: Option<TaxudSettings>,
    /// The way to the press office; by default a folder in the data folder.
    pub(crate) press_office: Option<PressOfficeSettings>,
    /// The way of letters to users of the support service; by default a folder in the data folder.
    pub(crate) support_mail: Option<SupportMailSettings>,
    /// Where official rates come from; by default the National Bank.
    #[serde(default)]
    pub(crate) fees: NbuSettings,
    /// The key that the hub signs with; by default one of its own in the data folder.
    pub(crate) signing: Option<SigningSettings>,
    /// How often one may ask.
    #[serde(default)]
    pub(crate) limits: LimitSettings,
    /// How much may be followed.
    #[serde(default)]
    pub(crate) streams: StreamSettings,
    /// What the boards show.
    #[serde(default)]
    pub(crate) board: Board,
    /// Which security servers of Trembita are trusted; by default none.
    #[serde(default)]
    pub(crate) trembita: TrembitaSettings,
    /// The hub's own security server, through which it asks other members; by default none.
    pub(crate) security_server: Option<SecurityServerSettings>,
    /// Members of Trembita who are sent notices through it.
    #[serde(default)]
    pub(crate) subscribers: Vec<SubscriberSettings>,
    /// How exchanges with its members are sealed, and what is kept of them.
    #[serde(default)]
    pub(crate) evidence: EvidenceSettings,
    /// Whose signatures of messages are believed; by default nobody's.
    pub(crate) signatures: Option<SignatureSettings>,
}

/// What the boards show.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Board {
    /// Characters of a plate, counted from its end; never more than half of it.
    pub(crate) plate_characters: usize,
}

impl Default for Board {
    fn default() -> Self {
        Self { plate_characters: 4 }
    }
}

/// The hub's own key pair and whose client certificates it accepts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) client_ca: Option<PathBuf>,
}

/// How to reach the database.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// The authority that signed its server's certificate, PEM.
    pub(crate) ca_file: Option<PathBuf>,
    /// Connections of the pool.
    pub(crate) pool_size: Option<NonZero<usize>>,
}

/// The settings' names. Other variables with the hub's prefix are somebody else's business: its tests have
/// some.
const NAMES: [&str; 17] = [
    "listen",
    "workers",
    "tls",
    "database",
    "taxud",
    "press_office",
    "support_mail",
    "fees",
    "signing",
    "limits",
    "streams",
    "board",
    "trembita",
    "security_server",
    "subscribers",
    "evidence",
    "signatures",
];

fn is_setting(variable: &str) -> bool {
    let name = variable.split_once("__").map_or(variable, |(name, _)| name);
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[derive(Serialize)]
struct Defaults {
    listen: SocketAddr,
    workers: NonZero<usize>,
}

impl Settings {
    /// Reads the settings.
    pub(crate) fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let workers = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let defaults = Defaults { listen: SocketAddr::from(([127, 0, 0, 1], 8080)), workers };
        let mut figment = Figment::from(Serialized::defaults(defaults));
        if let Some(file) = file {
            anyhow::ensure!(file.is_file(), "there is no settings file {}", file.display());
            figment = figment.merge(Toml::file(file));
        }
        figment
            .merge(Env::prefixed("KORDON_").filter(|name| is_setting(name.as_str())).split("__"))
            .extract()
            .context("the settings cannot be read")
    }

    /// The way to DG TAXUD: as set, or files below the data folder.
    pub(crate) fn taxud(&self, data: &Path) -> TaxudSettings {
        self.taxud.clone().unwrap_or_else(|| {
            TaxudSettings::new(TaxudRoute::Folder { path: data.join("notices").join("taxud") })
        })
    }

    /// The way of letters to users: as set, or `.eml` files below the data folder.
    pub(crate) fn support_mail(&self, data: &Path) -> SupportMailSettings {
        self.support_mail.clone().unwrap_or_else(|| SupportMailSettings {
            from: "Kordon <support@kordon.invalid>".into(),
            route: PressOfficeRoute::Folder { path: data.join("letters") },
            articles: None,
            mailboxes: Vec::new(),
            records_as: None,
        })
    }

    /// The way to the press office: as set, or `.eml` files below the data folder.
    pub(crate) fn press_office(&self, data: &Path) -> PressOfficeSettings {
        self.press_office.clone().unwrap_or_else(|| PressOfficeSettings {
            from: "Kordon <kordon@kordon.invalid>".into(),
            to: vec!["press@kordon.invalid".into()],
            route: PressOfficeRoute::Folder { path: data.join("notices").join("press-office") },
        })
    }
}
