//! What the tests share: a hub's database with a first line in it, and a recipient that does as it is told.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use kordon_hub::database::{Connection, Database, DatabaseSettings, Lent};
use kordon_hub::notices::{self, Channel, ChannelFault, Dispatch, Receipt};
use kordon_hub::outages::{self, Outage, OutageId};
use kordon_hub::parties::{self, Actor, Role, System};
use kordon_schemas::notices::{Notice, NoticeWithDeliveries};
use kordon_schemas::outages::{
    AffectedSystem, Functionality, OutageChanges, OutageDeclaration, OutageKind, OutageScope,
};
use kordon_schemas::{Bilingual, Edrpou};
use kordon_testing::TestDatabase;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long a test waits for what must come. Long, because it only ever passes when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it comes within a minute")
}

pub(crate) struct Site {
    pub(crate) database: Database,
    pub(crate) first_line: Actor,
    // Last, so that the connections are gone when it is removed.
    _made: TestDatabase,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let made = TestDatabase::fresh().await;
        let database = Database::open(DatabaseSettings::new(made.url())).unwrap();
        let mut connection = database.connection().await.unwrap();
        let edrpou = Edrpou::parse("43115923").unwrap();
        let line = parties::sample(Role::SupportLine1, edrpou, "State Customs Service");
        let System { id, role, scope, .. } = parties::add_system(&mut connection, line, now()).await.unwrap();
        drop(connection);
        Self { database, first_line: Actor { system: id, role, scope }, _made: made }
    }

    pub(crate) async fn connection(&self) -> Lent {
        self.database.connection().await.unwrap()
    }

    /// A connection for a worker: it ends with whoever holds it.
    pub(crate) async fn own_connection(&self) -> Connection {
        self.database.own_connection().await.unwrap()
    }

    pub(crate) async fn declare(&self, declaration: &OutageDeclaration) -> kordon_hub::Result<Outage> {
        let mut connection = self.connection().await;
        let declared = outages::declare(&mut connection, &self.first_line, declaration, None, now()).await?;
        assert!(!declared.repeated);
        Ok(declared.outage)
    }

    pub(crate) async fn amend(&self, id: OutageId, changes: &OutageChanges) -> kordon_hub::Result<Outage> {
        self.amend_at(id, changes, now() + TimeDelta::minutes(1)).await
    }

    pub(crate) async fn amend_at(
        &self,
        id: OutageId,
        changes: &OutageChanges,
        at: DateTime<Utc>,
    ) -> kordon_hub::Result<Outage> {
        outages::amend(&mut *self.connection().await, &self.first_line, id, None, changes, at).await
    }

    pub(crate) async fn feed(&self) -> Vec<Notice> {
        notices::feed(&mut *self.connection().await, 0, 500).await.unwrap().items
    }

    pub(crate) async fn notice(&self, position: usize) -> NoticeWithDeliveries {
        let notice = &self.feed().await[position - 1];
        notices::get(&mut *self.connection().await, notices::NoticeId(notice.id)).await.unwrap()
    }

    /// Waits until another session waits for a lock, which it does from then on until somebody gives that
    /// lock up. It asks again and again: PostgreSQL tells nobody who waits.
    pub(crate) async fn somebody_waits_for_a_lock(&self) {
        let mut connection = self.connection().await;
        let waiting = "SELECT count(*) AS count FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        soon(async { while count(&mut connection, waiting).await == 0 {} }).await;
    }
}

pub(crate) async fn count(connection: &mut Connection, query: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    sql_query(query).get_result::<Counted>(connection).await.unwrap().count
}

/// A recipient that gives scripted answers, then takes everything, and hands over what it was sent.
pub(crate) struct Recipient {
    answers: Mutex<VecDeque<Result<Receipt, ChannelFault>>>,
    sent: UnboundedSender<Dispatch>,
    /// One permit lets one message through.
    gate: Semaphore,
}

impl Recipient {
    /// One that answers at once.
    pub(crate) fn prompt(
        answers: impl IntoIterator<Item = Result<Receipt, ChannelFault>>,
    ) -> (Self, UnboundedReceiver<Dispatch>) {
        Self::with_permits(answers, Semaphore::MAX_PERMITS)
    }

    /// One that hears but never answers.
    pub(crate) fn dead() -> (Self, UnboundedReceiver<Dispatch>) {
        Self::with_permits([], 0)
    }

    fn with_permits(
        answers: impl IntoIterator<Item = Result<Receipt, ChannelFault>>,
        permits: usize,
    ) -> (Self, UnboundedReceiver<Dispatch>) {
        let (sent, received) = unbounded_channel();
        let answers = Mutex::new(answers.into_iter().collect());
        (Self { answers, sent, gate: Semaphore::new(permits) }, received)
    }

    /// Lets a dead one answer once.
    pub(crate) fn answer_once(&self) {
        self.gate.add_permits(1);
    }
}

#[async_trait]
impl Channel for Recipient {
    async fn deliver(&self, dispatch: &Dispatch) -> Result<Receipt, ChannelFault> {
        self.sent.send(dispatch.clone()).ok();
        self.gate.acquire().await.unwrap().forget();
        self.answers.lock().unwrap().pop_front().unwrap_or_else(taken)
    }
}

pub(crate) fn taken() -> Result<Receipt, ChannelFault> {
    Ok(Receipt::of("taken", "application/xml", b"<notice/>".to_vec()))
}

pub(crate) fn away() -> Result<Receipt, ChannelFault> {
    Err(ChannelFault::Transient("away".into()))
}

pub(crate) fn refused() -> Result<Receipt, ChannelFault> {
    Err(ChannelFault::Permanent("refused".into()))
}

/// When the tests take place.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-20T07:05:00Z".parse().unwrap()
}

/// A failure of one functionality of ETS that began `minutes` ago: another number, another outage, which may
/// stand beside it.
pub(crate) fn failure(minutes: i64) -> OutageDeclaration {
    OutageDeclaration {
        kind: OutageKind::Unplanned,
        affected_systems: vec![AffectedSystem::Ets],
        functionalities: vec![functionality(minutes)],
        starts_at: now() - TimeDelta::minutes(minutes),
        expected_end_at: None,
        fallback_allowed: false,
        text: Bilingual { uk: "ЕТС не відповідає.".into(), en: "ETS does not answer.".into() },
        scope: OutageScope::default(),
        press_review_until: None,
    }
}

fn functionality(number: i64) -> Functionality {
    let letters: Vec<char> = ('A'..='Z').chain('a'..='z').collect();
    let letter = letters[usize::try_from(number).unwrap() % letters.len()];
    Functionality::parse(&letter.to_string()).unwrap()
}

pub(crate) fn window() -> OutageDeclaration {
    OutageDeclaration {
        kind: OutageKind::Planned,
        affected_systems: vec![AffectedSystem::Ets, AffectedSystem::DeclarantLink],
        starts_at: "2026-11-28T18:00:00Z".parse().unwrap(),
        functionalities: Vec::new(),
        expected_end_at: Some("2026-11-28T22:00:00Z".parse().unwrap()),
        ..failure(0)
    }
}

pub(crate) fn estimate(hours: i64) -> OutageChanges {
    let end = kordon_schemas::outages::Change::Set(now() + TimeDelta::hours(hours));
    OutageChanges { expected_end_at: end, ..OutageChanges::default() }
}

pub(crate) fn recovery() -> OutageChanges {
    OutageChanges { recovered_at: Some(now() + TimeDelta::seconds(30)), ..OutageChanges::default() }
}

pub(crate) fn withdrawal() -> OutageChanges {
    OutageChanges { cancelled: Some(true), ..OutageChanges::default() }
}
