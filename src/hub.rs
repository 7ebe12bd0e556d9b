//! A hub put together from its settings: the database, the recorder, the delivery of notices, the timer, the
//! door.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use futures_util::future::select_all;
use kordon_adapters::keys::{KeyRing, Signer};
use kordon_adapters::support_mail::mailboxes;
use kordon_adapters::trembita::evidence::sealing::ContainerSealer;
use kordon_adapters::{CmsSigner, Letters, MailReader, Nbu, SettingsFault, SupportMailSettings, signing_key};
use kordon_api::metrics::Metrics;
use kordon_api::server::{self, Running, ServerSettings, TlsSettings};
use kordon_api::shown::Shown;
use kordon_api::signatures::Signatures;
use kordon_api::{Hub, Vitals};
use kordon_hub::crossings::{JournalPositions, RECENT, Recorder, RecorderMetrics};
use kordon_hub::database::private_cluster::{ClusterError, ClusterOptions, PrivateCluster, ServerBinaries};
use kordon_hub::database::{self, DatabaseSettings};
use kordon_hub::fees::{Rates, prefetch};
use kordon_hub::figures::OpenDataDesk;
use kordon_hub::notices::{self, DeliveryMetrics, subscribers};
use kordon_hub::outages::timer as outages;
use kordon_hub::parties::signed_messages::{self, SignedMessages};
use kordon_hub::parties::{Authentication, SystemId};
use kordon_hub::permits::timer as permits;
use kordon_hub::prediction::timer::{self as prediction, PredictionMetrics};
use kordon_hub::queue::feed::Listener;
use kordon_hub::queue::timers::{self, TimerMetrics};
use kordon_hub::queue::views::places::Places;
use kordon_hub::sealing::{ExchangeRecorder, SealingMetrics, worker as sealing};
use kordon_hub::support::letters::{LetterMetrics, delivery as letters};
use kordon_hub::support::mail::metrics::MailboxMetrics;
use kordon_hub::support::mail::polling::{Poller, SetAside};
use kordon_hub::support::tickets::closing;
use kordon_hub::support::timers::SupportTimerMetrics;
use kordon_hub::{Clock, Database, checkpoints};
use kordon_schemas::CheckpointCode;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::settings::Settings;

/// Where the data folder is, and which PostgreSQL programs to use.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The folder of the PostgreSQL programs, when they are not to be found.
    pub(crate) postgresql: Option<PathBuf>,
    /// The database, when it is not the private one.
    pub(crate) database_url: Option<String>,
}

impl Site {
    /// Opens the database: the one that is named, or the private one, which is started. Blocks.
    pub(crate) fn open_database(
        &self,
        settings: &Settings,
    ) -> anyhow::Result<(Option<PrivateCluster>, DatabaseSettings)> {
        if let Some(url) = &self.database_url {
            return Ok((None, database_settings(url, settings)));
        }
        let binaries = ServerBinaries::find(self.postgresql.as_deref())?;
        let cluster =
            PrivateCluster::start(&self.data.join("database"), binaries, ClusterOptions::default())?;
        let database = database_settings(cluster.url(), settings);
        Ok((Some(cluster), database))
    }

    /// The database for a command beside a hub: the one that is named, the private one of a running hub, or
    /// the private one, started for the command.
    pub(crate) fn reach_database(
        &self,
        settings: &Settings,
    ) -> anyhow::Result<(Option<PrivateCluster>, DatabaseSettings)> {
        if self.database_url.is_none() {
            match PrivateCluster::attach(&self.data.join("database")) {
                Ok(url) => return Ok((None, database_settings(&url, settings))),
                Err(ClusterError::NotRunning { .. }) => {}
                Err(other) => return Err(other.into()),
            }
        }
        self.open_database(settings)
    }
}

fn database_settings(url: &str, settings: &Settings) -> DatabaseSettings {
    let crate::settings::Database { ca_file, pool_size } = &settings.database;
    let mut database = DatabaseSettings::new(url);
    database.ca_file.clone_from(ca_file);
    if let Some(pool_size) = pool_size {
        database.pool_size = pool_size.get();
    }
    database
}

/// Brings the database to this program's schema and reference data.
pub(crate) async fn prepare(settings: DatabaseSettings, clock: &Clock) -> anyhow::Result<Database> {
    let ran = database::migrate(&settings)
        .await
        .context("the database cannot be brought to this program's schema")?;
    if !ran.is_empty() {
        tracing::info!(migrations = ran.join(" "), "the schema was brought up to date");
    }
    let database = Database::open(settings)?;
    let mut connection = database.connection().await?;
    checkpoints::load(&mut connection, clock.now()).await?;
    if let Some(language) = database::foreign_language(&mut connection).await? {
        tracing::warn!(
            language,
            "the database tells its failures in a language that the hub does not read, so some that pass will look like defects: \
             run ALTER ROLE ... SET lc_messages = 'C' for the hub's role, as a superuser"
        );
    }
    drop(connection);
    Ok(database)
}

/// The key that the hub signs with: as set, or one of its own in the data folder, made if it is not there.
fn own_key(settings: &Settings, data: &Path) -> Result<Arc<dyn Signer>, SettingsFault> {
    signing_key(settings.signing.as_ref(), &data.join("signing"))
}

/// The signature of the hub.
fn signer(settings: &Settings, data: &Path) -> anyhow::Result<CmsSigner> {
    Ok(CmsSigner::new(own_key(settings, data)?)?)
}

/// The keys that exchanges are sealed with: those that are set for it, or that of the hub's signature.
fn sealing_keys(settings: &Settings, data: &Path) -> anyhow::Result<KeyRing> {
    let own = &settings.evidence;
    Ok(if own.keys.is_empty() {
        KeyRing::of(vec![own_key(settings, data)?])?
    } else {
        KeyRing::open(&own.keys)?
    })
}

/// What seals exchanges.
fn sealer(settings: &Settings, data: &Path) -> anyhow::Result<ContainerSealer> {
    let keys = sealing_keys(settings, data)?;
    Ok(ContainerSealer::open(&settings.evidence, keys, &data.join("evidence"))?)
}

/// What fetches the mailboxes, when there are any.
fn poller(
    database: &Database,
    clock: &Clock,
    settings: &SupportMailSettings,
    metrics: MailboxMetrics,
) -> anyhow::Result<Option<Poller>> {
    if settings.mailboxes.is_empty() {
        return Ok(None);
    }
    let records_as = settings.records_as.context(
        "`support_mail.records_as` is missing: the id of a system of line 1, in whose name fetched mail is recorded",
    )?;
    Ok(Some(Poller {
        database: database.clone(),
        clock: clock.clone(),
        reader: Arc::new(MailReader),
        records_as: SystemId(records_as),
        set_aside: SetAside::default(),
        metrics,
    }))
}

/// Where and how to listen.
fn server_settings(settings: &Settings) -> ServerSettings {
    ServerSettings {
        listen: settings.listen,
        workers: settings.workers.get(),
        tls: settings.tls.as_ref().map(|tls| TlsSettings {
            certificate: tls.certificate.clone(),
            key: tls.key.clone(),
            client_ca: tls.client_ca.clone(),
        }),
        limits: settings.limits,
        streams: settings.streams,
        trembita: settings.trembita.clone(),
        signatures: None,
    }
}

/// Whose signatures of messages are believed, and the key for the answers: as set, or that of the hub's
/// signature.
fn signatures(settings: &Settings, data: &Path) -> anyhow::Result<Option<Arc<Signatures>>> {
    let Some(own) = &settings.signatures else { return Ok(None) };
    let usual = || {
        let failed = |fault: SettingsFault| kordon_hub::Error::Internal(fault.to_string());
        KeyRing::of(vec![own_key(settings, data).map_err(failed)?]).map_err(failed)
    };
    Ok(Some(Arc::new(own.open(usual)?)))
}

/// How long what was begun may take to end. A notice on its way has half a minute.
const DRAINING: Duration = Duration::from_secs(40);

/// A part of a hub that a process may play. Any number of processes may play each on one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub(crate) enum PartPlayed {
    /// The door: requests, and the recorder behind it.
    Api,
    /// Brings notices to their recipients.
    Delivery,
    /// Gives the calls that are due, decides absences, warns, predicts entries.
    Timers,
    /// Fetches the mailboxes of the support service, when there are any.
    Mail,
    /// Signs, time-stamps and archives what was exchanged with members of Trembita.
    Sealing,
}

impl PartPlayed {
    /// All of a hub.
    pub(crate) const ALL: [Self; 5] = [Self::Api, Self::Delivery, Self::Timers, Self::Mail, Self::Sealing];
}

/// A hub that serves, or the parts of one.
pub(crate) struct Serving {
    running: Option<Running>,
    tasks: Vec<(&'static str, JoinHandle<()>)>,
    /// Wakes those who follow changes, for as long as the door is open. It has nothing to finish.
    listening: Option<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Serving {
    /// Starts parts of a hub over a prepared database.
    pub(crate) async fn start(
        database: Database,
        clock: Clock,
        data: &Path,
        settings: &Settings,
        parts: &[PartPlayed],
    ) -> anyhow::Result<Self> {
        let metrics = Metrics::register(&prometheus::Registry::new())?;
        let (stop, stopped) = watch::channel(false);
        let mut serving = Self { running: None, tasks: Vec::new(), listening: None, stop };
        if parts.contains(&PartPlayed::Delivery) {
            let delivery_metrics = DeliveryMetrics::register(&metrics.registry)?;
            let channels = kordon_adapters::channels(settings.taxud(data), settings.press_office(data))?;
            let server = settings.security_server.as_ref();
            let (channels, subscriptions) =
                kordon_adapters::subscribed(channels, server, &settings.subscribers)?;
            subscribers::keep(&mut *database.connection().await?, &subscriptions, clock.now()).await?;
            let letter_metrics = LetterMetrics::register(&metrics.registry)?;
            let way = Letters::open(&settings.support_mail(data))?;
            let sending = letters::run(database.clone(), way, clock.clone(), letter_metrics, stopped.clone());
            serving.tasks.push(("the sending of letters has ended", tokio::spawn(sending)));
            let delivery =
                notices::run(database.clone(), channels, clock.clone(), delivery_metrics, stopped.clone());
            serving.tasks.push(("the delivery of notices has ended", tokio::spawn(delivery)));
        }
        if parts.contains(&PartPlayed::Mail) {
            let mail = settings.support_mail(data);
            let boxes = mailboxes(&mail.mailboxes)?;
            let names = boxes.iter().map(|mailbox| mailbox.name());
            let mailbox_metrics = MailboxMetrics::register(&metrics.registry, names)?;
            if let Some(poller) = poller(&database, &clock, &mail, mailbox_metrics)? {
                let fetching = poller.run(boxes, stopped.clone());
                serving.tasks.push(("the fetching of mail has ended", tokio::spawn(fetching)));
            }
            anyhow::ensure!(
                parts.len() > 1 || !serving.tasks.is_empty(),
                "there is no mailbox to fetch: set `support_mail.mailboxes`"
            );
        }
        if parts.contains(&PartPlayed::Sealing) {
            let sealer = Arc::new(sealer(settings, data)?);
            let sealing_metrics = SealingMetrics::register(&metrics.registry)?;
            let windows = settings.evidence.windows();
            let (database, clock, stopped) = (database.clone(), clock.clone(), stopped.clone());
            let sealing = sealing::run(database, sealer, windows, clock, sealing_metrics, stopped);
            serving.tasks.push(("the sealing of exchanges has ended", tokio::spawn(sealing)));
        }
        if parts.contains(&PartPlayed::Timers) {
            let rates = Rates::new(Nbu::open(&settings.fees)?);
            let asking = prefetch::run(database.clone(), rates, clock.clone(), stopped.clone());
            serving.tasks.push(("the asking for rates has ended", tokio::spawn(asking)));
            let timer_metrics = TimerMetrics::register(&metrics.registry)?;
            let forgetting = signed_messages::run(database.clone(), clock.clone(), stopped.clone());
            serving.tasks.push(("the forgetting of signed messages has ended", tokio::spawn(forgetting)));
            let of_support = SupportTimerMetrics::register(&metrics.registry)?;
            let closing = closing::run(database.clone(), clock.clone(), of_support.clone(), stopped.clone());
            serving.tasks.push(("the timer of the tickets has ended", tokio::spawn(closing)));
            let ending = permits::run(database.clone(), clock.clone(), of_support.clone(), stopped.clone());
            serving.tasks.push(("the timer of the permits has ended", tokio::spawn(ending)));
            let reminding = outages::run(database.clone(), clock.clone(), of_support, stopped.clone());
            serving.tasks.push(("the timer of the outages has ended", tokio::spawn(reminding)));
            let timers = timers::run(database.clone(), clock.clone(), timer_metrics, stopped.clone());
            serving.tasks.push(("the timer has ended", tokio::spawn(timers)));
            let prediction_metrics = PredictionMetrics::register(&metrics.registry)?;
            let predicting = prediction::run(database.clone(), clock.clone(), prediction_metrics, stopped);
            serving.tasks.push(("the timer of predictions has ended", tokio::spawn(predicting)));
        }
        if parts.contains(&PartPlayed::Api) {
            serving.open(database, clock, data, settings, metrics).await?;
        } else {
            let stamps = settings.evidence.windows().stamps;
            let vitals = Vitals { database, clock, metrics, stamps };
            serving.running = Some(server::watch(vitals, &server_settings(settings))?);
        }
        Ok(serving)
    }

    /// Opens the door.
    async fn open(
        &mut self,
        database: Database,
        clock: Clock,
        data: &Path,
        settings: &Settings,
        metrics: Metrics,
    ) -> anyhow::Result<()> {
        let recorder_metrics = RecorderMetrics::register(&metrics.registry)?;
        let known = checkpoints::checkpoints(&mut *database.connection().await?).await?;
        let (recorder, recording) = Recorder::start(database.clone(), clock.clone(), recorder_metrics);
        self.tasks.push(("the recorder has ended", recording));
        let windows = settings.evidence.windows();
        let (exchanges, keeping) =
            ExchangeRecorder::start(database.clone(), clock.clone(), windows.stamps, windows.refuse_after);
        self.tasks.push(("the recorder of exchanges has ended", keeping));
        let (signed_messages, noting) = SignedMessages::start(database.clone());
        self.tasks.push(("the noting of signed messages has ended", noting));
        let rates = Rates::new(Nbu::open(&settings.fees)?);
        let positions = JournalPositions::start(database.clone(), RECENT);
        let codes: HashSet<CheckpointCode> = known.items.into_iter().map(|known| known.checkpoint).collect();
        let (listener, listening) = Listener::start(database.clone(), codes.iter().cloned());
        self.listening = Some(listening);
        let hub = Hub {
            authentication: Authentication::new(database.clone()),
            open_data: OpenDataDesk::new(database.clone()),
            database,
            clock,
            recorder,
            positions,
            shown: Shown::default(),
            places: Places::default(),
            checkpoints: Arc::new(codes),
            rates,
            listener,
            exchanges,
            signed_messages,
            sealing_keys: sealing_keys(settings, data)?,
            signer: Arc::new(signer(settings, data)?),
            mail_reader: Arc::new(MailReader),
            board_plate_characters: settings.board.plate_characters,
            metrics,
        };
        let signatures = signatures(settings, data)?;
        self.running = Some(server::start(hub, &ServerSettings { signatures, ..server_settings(settings) })?);
        Ok(())
    }

    /// The address for people: of the door, or of health and metrics alone.
    pub(crate) fn url(&self) -> Option<&str> {
        self.running.as_ref().map(|running| running.url.as_str())
    }

    /// Waits until a task of the hub ends, which none does while it serves.
    pub(crate) async fn broken(&mut self) -> &'static str {
        let listening = self.listening.iter_mut().map(|task| ("the listener for changes has ended", task));
        let tasks = self.tasks.iter_mut().map(|(ended, task)| (*ended, task));
        let ends = tasks.chain(listening).map(|(ended, task)| {
            Box::pin(async move {
                let _how_is_in_the_log = task.await;
                ended
            })
        });
        select_all(ends).await.0
    }

    /// Takes no new work, finishes what was begun, and ends.
    pub(crate) async fn drain(self) -> anyhow::Result<()> {
        let Self { running, tasks, listening, stop } = self;
        if let Some(running) = running {
            running.drain().await?;
        }
        if let Some(listening) = listening {
            listening.abort();
        }
        // The door held the recorder; with it gone, the recorder ends after its last batch.
        stop.send_replace(true);
        let ended = async {
            for (_, task) in tasks {
                if !task.is_finished() {
                    task.await?;
                }
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(DRAINING, ended).await.context("what was begun did not end in time")?
    }
}
