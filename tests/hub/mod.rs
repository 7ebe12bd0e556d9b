//! A hub of a test's own: a fresh database, the recorder, the door on a free port, one system per role, a
//! clock that the test sets. What it serves is what `kordon serve` serves, without the delivery of notices.

mod clock;
mod database;
mod fees;
mod rates;
mod readings;
mod request;
mod steps;
mod stream;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use kordon_adapters::keys::{FileKey, KeyRing};
use kordon_adapters::{CmsSigner, MailReader, signing_key};
use kordon_api::Hub;
use kordon_api::limits::{LimitSettings, Quota};
use kordon_api::metrics::Metrics;
use kordon_api::server::{self, Running, ServerSettings, TlsSettings};
use kordon_api::shown::Shown;
use kordon_api::signatures::{SignatureSettings, Signatures};
use kordon_api::streams::StreamSettings;
use kordon_api::trembita::TrembitaSettings;
use kordon_hub::crossings::{JournalPositions, RECENT, Recorder, RecorderMetrics};
use kordon_hub::database::DatabaseSettings;
use kordon_hub::fees::Rates;
use kordon_hub::figures::OpenDataDesk;
use kordon_hub::parties::signed_messages::SignedMessages;
use kordon_hub::parties::{self, Actor, Authentication, Member, NewSystem, Role, Scope, SystemId, Zone};
use kordon_hub::queue::feed::Listener;
use kordon_hub::queue::views::places::Places;
use kordon_hub::sealing::ExchangeRecorder;
use kordon_hub::{Database, checkpoints};
use kordon_schemas::{CheckpointCode, Edrpou};
use kordon_testing::TestDatabase;
use reqwest::Method;

pub(crate) use clock::TestClock;
pub(crate) use fees::{payment, tariff};
pub(crate) use rates::TestRates;
pub(crate) use request::{Answer, Request};
pub(crate) use steps::{KRAKIVETS, YAHODYN, changed};
pub(crate) use stream::EventStream;

/// A hub that serves for the length of one test.
pub(crate) struct TestHub {
    /// Its address, without a slash at the end.
    pub(crate) url: String,
    /// Its database, to look behind the door.
    pub(crate) database: Database,
    /// Its clock.
    pub(crate) clock: TestClock,
    /// Who publishes the official rates.
    pub(crate) rates: TestRates,
    /// What records exchanges with members.
    pub(crate) exchanges: ExchangeRecorder,
    /// The folder of the hub's keys, `key.pem` and `certificate.pem`.
    pub(crate) keys: tempfile::TempDir,
    systems: BTreeMap<Role, SystemId>,
    tokens: BTreeMap<Role, String>,
    client: reqwest::Client,
    running: Running,
    _home: TestDatabase,
}

impl TestHub {
    /// A hub over HTTP with one unlimited system per role, at [`clock::NOON`].
    pub(crate) async fn start() -> Self {
        Self::start_with(None, reqwest::Client::new()).await
    }

    /// The same with key pairs; `client` trusts the hub's and may bring a certificate of its own.
    pub(crate) async fn start_with(tls: Option<TlsSettings>, client: reqwest::Client) -> Self {
        Self::start_as(Door { tls, ..Door::default() }, client).await
    }

    /// The same with limits of its own.
    pub(crate) async fn start_limited(limits: LimitSettings, streams: StreamSettings) -> Self {
        Self::start_as(Door { limits, streams, ..Door::default() }, reqwest::Client::new()).await
    }

    /// The same with a door for members of Trembita.
    pub(crate) async fn start_for_members(trembita: TrembitaSettings) -> Self {
        Self::start_as(Door { trembita, ..Door::default() }, reqwest::Client::new()).await
    }

    /// The same with a door for those who sign their messages. Certificates hold by the clock of the machine,
    /// so that of the hub tells the same.
    pub(crate) async fn start_for_partners(believed: Believed) -> Self {
        let door = Door { authorities: Some(believed), ..Door::default() };
        let hub = Self::start_as(door, reqwest::Client::new()).await;
        hub.clock.set(&chrono::Utc::now().to_rfc3339());
        hub
    }

    async fn start_as(door: Door, client: reqwest::Client) -> Self {
        let Door { tls, limits, streams, trembita, authorities } = door;
        let home = TestDatabase::fresh().await;
        let database = Database::open(DatabaseSettings::new(home.url())).unwrap();
        let clock = TestClock::at_noon();
        checkpoints::load(&mut database.connection().await.unwrap(), clock.now()).await.unwrap();
        let rates = TestRates::default();
        let keys = tempfile::tempdir().unwrap();
        let hub = put_together(&database, &clock, &rates, keys.path()).await;
        let exchanges = hub.exchanges.clone();
        let signatures = authorities.map(|believed| believing(&believed, keys.path()));
        let listen = ([127, 0, 0, 1], 0).into();
        let settings = ServerSettings { listen, workers: 1, tls, limits, streams, trembita, signatures };
        let running = server::start(hub, &settings).unwrap();
        let url = running.url.clone();
        let (systems, tokens) = (BTreeMap::new(), BTreeMap::new());
        let mut hub = Self {
            url,
            database,
            clock,
            rates,
            exchanges,
            keys,
            systems,
            tokens,
            client,
            running,
            _home: home,
        };
        for role in Role::ALL {
            let (actor, token) = hub.add_system(role, role.as_str(), Scope::default()).await;
            hub.systems.insert(role, actor.system);
            hub.tokens.insert(role, token);
        }
        hub
    }

    /// Registers another system and issues it a token for a year.
    pub(crate) async fn add_system(&self, role: Role, name: &str, scope: Scope) -> (Actor, String) {
        self.add_system_of("20000090", "Kordon test organisation", role, name, scope).await
    }

    /// The same for an organisation.
    pub(crate) async fn add_system_of(
        &self,
        edrpou: &str,
        organisation_name: &str,
        role: Role,
        name: &str,
        scope: Scope,
    ) -> (Actor, String) {
        let mut connection = self.database.connection().await.unwrap();
        let now = self.clock.now();
        // A zone operator names its zones: where the test does not, those of the tests.
        let zones = scope.zones.or_else(|| (role == Role::ZoneOperator).then(of_the_tests));
        let scope = Scope { zones, ..scope };
        let new = NewSystem {
            edrpou: Edrpou::parse(edrpou).unwrap(),
            organisation_name: organisation_name.into(),
            name: name.into(),
            role,
            scope: scope.clone(),
        };
        let system = parties::add_system(&mut connection, new, now).await.unwrap().id;
        let until = now + TimeDelta::days(365);
        let (_, token) = parties::issue_token(&mut connection, system, until, now).await.unwrap();
        (Actor { system, role, scope }, token.reveal().to_owned())
    }

    /// Binds a member of Trembita to a system for a year.
    pub(crate) async fn bind_member(&self, system: SystemId, member: &str) {
        let member = Member::parse(member).unwrap();
        let (now, mut connection) = (self.clock.now(), self.database.connection().await.unwrap());
        let until = now + TimeDelta::days(365);
        parties::bind_member(&mut connection, system, &member, until, now).await.unwrap();
    }

    /// The token of a role's own system.
    pub(crate) fn token(&self, role: Role) -> &str {
        &self.tokens[&role]
    }

    /// The id of a role's own system.
    pub(crate) fn system(&self, role: Role) -> SystemId {
        self.systems[&role]
    }

    /// Lets it finish what was begun, and ends it.
    pub(crate) async fn drain(self) {
        self.running.drain().await.unwrap();
    }

    /// A request to an address that begins with a slash.
    pub(crate) fn request(&self, method: Method, address: &str) -> Request<'_> {
        Request::new(self, self.client.request(method, format!("{}{address}", self.url)))
    }

    /// A `GET`.
    pub(crate) fn get(&self, address: &str) -> Request<'_> {
        self.request(Method::GET, address)
    }

    /// A `PUT`.
    pub(crate) fn put(&self, address: &str) -> Request<'_> {
        self.request(Method::PUT, address)
    }

    /// A `POST`.
    pub(crate) fn post(&self, address: &str) -> Request<'_> {
        self.request(Method::POST, address)
    }
}

/// How the door of a test's hub is.
struct Door {
    tls: Option<TlsSettings>,
    limits: LimitSettings,
    streams: StreamSettings,
    trembita: TrembitaSettings,
    /// The authorities of those who sign their messages, PEM.
    authorities: Option<Believed>,
}

/// Whose signatures a test's hub believes.
#[derive(Clone)]
pub(crate) struct Believed {
    /// The authorities, PEM.
    pub(crate) authorities: Vec<u8>,
    /// The lists of revoked certificates.
    pub(crate) lists: Vec<PathBuf>,
    /// The names of the hub.
    pub(crate) hosts: Vec<String>,
}

impl Default for Door {
    /// Tests ask more often in a second than anyone in a minute, and their clock stands still.
    fn default() -> Self {
        let quota = Quota { requests: 1_000_000, seconds: 1 };
        let limits = LimitSettings { system: quota, stranger: quota, forwarded: false };
        Self {
            tls: None,
            limits,
            streams: StreamSettings::default(),
            trembita: TrembitaSettings::default(),
            authorities: None,
        }
    }
}

/// The hub's own key pair as its sealing keys.
fn own_keys(keys: &Path) -> KeyRing {
    let key = FileKey::open(&keys.join("key.pem"), &keys.join("certificate.pem"), None).unwrap();
    KeyRing::of(vec![Arc::new(key)]).unwrap()
}

/// Signatures as a hub of the settings has them; answers are signed with the hub's own key.
fn believing(believed: &Believed, keys: &Path) -> Arc<Signatures> {
    let file = keys.join("authorities.pem");
    std::fs::write(&file, &believed.authorities).unwrap();
    let settings = SignatureSettings {
        authorities: file,
        revocation_lists: believed.lists.clone(),
        hosts: believed.hosts.clone(),
        window_seconds: 300,
        clock_skew_seconds: 60,
        keys: Vec::new(),
    };
    Arc::new(settings.open(|| Ok(own_keys(keys))).unwrap())
}

fn of_the_tests() -> Vec<Zone> {
    ["KRAKIVETS-1", "KRAKIVETS-2", "KRAKIVETS-9", "YAHODYN-1", "YAHODYN-2"]
        .map(|zone| Zone(zone.into()))
        .to_vec()
}

/// Limits a system to checkpoints, zones, or both; an empty list sets no limit.
pub(crate) fn limited_to(checkpoints: &[&str], zones: &[&str]) -> Scope {
    let checkpoints: Vec<_> = checkpoints.iter().map(|code| CheckpointCode::parse(code).unwrap()).collect();
    let zones: Vec<_> = zones.iter().map(|code| Zone((*code).to_owned())).collect();
    Scope {
        checkpoints: Some(checkpoints).filter(|own| !own.is_empty()),
        zones: Some(zones).filter(|own| !own.is_empty()),
    }
}

async fn put_together(database: &Database, clock: &TestClock, rates: &TestRates, keys: &Path) -> Hub {
    let metrics = Metrics::register(&prometheus::Registry::new()).unwrap();
    let recorder_metrics = RecorderMetrics::register(&metrics.registry).unwrap();
    let known = checkpoints::checkpoints(&mut database.connection().await.unwrap()).await.unwrap();
    // The task ends with the runtime of the test.
    let (recorder, _recording) = Recorder::start(database.clone(), clock.of_hub(), recorder_metrics);
    let codes: HashSet<CheckpointCode> = known.items.into_iter().map(|known| known.checkpoint).collect();
    let (exchanges, _keeping) =
        ExchangeRecorder::start(database.clone(), clock.of_hub(), true, TimeDelta::hours(4));
    let (signed_messages, _noting) = SignedMessages::start(database.clone());
    let (listener, _listening) = Listener::start(database.clone(), codes.iter().cloned());
    Hub {
        authentication: Authentication::new(database.clone()),
        database: database.clone(),
        clock: clock.of_hub(),
        recorder,
        positions: JournalPositions::start(database.clone(), RECENT),
        shown: Shown::default(),
        places: Places::default(),
        checkpoints: Arc::new(codes),
        rates: Rates::new(rates.clone()),
        open_data: OpenDataDesk::new(database.clone()),
        listener,
        exchanges,
        signed_messages,
        signer: Arc::new(CmsSigner::new(signing_key(None, keys).unwrap()).unwrap()),
        sealing_keys: own_keys(keys),
        mail_reader: Arc::new(MailReader),
        board_plate_characters: 4,
        metrics,
    }
}
