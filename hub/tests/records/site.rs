//! A database of a test's own with its reference data, and the usual acts in it. `noon(m)` is m minutes after
//! noon.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use kordon_hub::crossings::{CrossingId, Fact, Recorded, Session, Submission, read, record, rules};
use kordon_hub::database::{Connection, DatabaseSettings, Lent};
use kordon_hub::parties::{self, Actor, NewSystem, Role, Scope, Zone};
use kordon_hub::queue::{booking, calling};
use kordon_hub::{Database, Result, checkpoints};
use kordon_schemas::crossings::CrossingView;
use kordon_schemas::events::{EventIn, EventKind, Outcome};
use kordon_schemas::queue::{BookingIn, Call, CallIn};
use kordon_schemas::tickets::TicketOfficial;
use kordon_schemas::{CheckpointCode, Edrpou, Plate};
use kordon_testing::TestDatabase;
use uuid::Uuid;

/// How long a test waits for what must come. Long, because it only ever passes when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// The plate that most tests use.
pub(crate) const PLATE: &str = "AA 1234 BB";

/// A moment, minutes after noon.
pub(crate) fn noon(minutes: i64) -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

/// When most tests record: an evening that everything in them came before.
pub(crate) fn evening() -> DateTime<Utc> {
    noon(600)
}

pub(crate) fn krakivets() -> CheckpointCode {
    CheckpointCode::parse("UA209030").unwrap()
}

pub(crate) fn yahodyn() -> CheckpointCode {
    CheckpointCode::parse("UA205020").unwrap()
}

/// The database and who acts in it.
pub(crate) struct Site {
    pub(crate) database: Database,
    pub(crate) guard: Actor,
    pub(crate) customs: Actor,
    pub(crate) zone: Actor,
    pub(crate) operator: Actor,
    _home: TestDatabase,
}

impl Site {
    pub(crate) async fn fresh() -> Self {
        let home = TestDatabase::fresh().await;
        // Two hundred may ask at once: they wait for a connection as long as it takes.
        let settings =
            DatabaseSettings { pool_size: 60, patience: PATIENCE, ..DatabaseSettings::new(home.url()) };
        let database = Database::open(settings).unwrap();
        let mut connection = database.connection().await.unwrap();
        checkpoints::load(&mut connection, noon(0)).await.unwrap();
        let mut actors = Vec::new();
        for role in [Role::BorderGuard, Role::Customs, Role::ZoneOperator, Role::QueueOperator] {
            actors.push(add(&mut connection, role, role.as_str()).await);
        }
        let Ok([guard, customs, zone, operator]) = <[Actor; 4]>::try_from(actors) else { unreachable!() };
        drop(connection);
        Self { database, guard, customs, zone, operator, _home: home }
    }

    pub(crate) async fn connection(&self) -> Lent {
        self.database.connection().await.unwrap()
    }

    /// A session as the recorder has.
    pub(crate) async fn session(&self) -> Session {
        Session::open(&self.database).await.unwrap()
    }

    /// Another system of a role.
    pub(crate) async fn another(&self, role: Role, name: &str) -> Actor {
        add(&mut *self.connection().await, role, name).await
    }

    /// The system that states facts of a kind.
    pub(crate) fn stater(&self, kind: EventKind) -> &Actor {
        let all = [&self.guard, &self.customs, &self.zone];
        all.into_iter().find(|actor| rules::may_state(actor.role, kind)).unwrap()
    }

    /// A fact about [`PLATE`] at Krakivets, as the system of its kind states it.
    pub(crate) fn fact(&self, id: &str, kind: EventKind, minutes: i64) -> Fact {
        self.fact_of(id, kind, PLATE, minutes)
    }

    pub(crate) fn fact_of(&self, id: &str, kind: EventKind, plate: &str, minutes: i64) -> Fact {
        stated(self.stater(kind), &krakivets(), event(id, kind, plate, minutes))
    }

    /// That the border guard's own event is void.
    pub(crate) fn void(&self, id: &str, voids: &str) -> Fact {
        void_by(&self.guard, &krakivets(), id, voids)
    }

    /// Records facts at Krakivets in one transaction.
    pub(crate) async fn record(&self, facts: Vec<Fact>) -> Vec<Recorded> {
        self.record_at(&krakivets(), facts).await
    }

    pub(crate) async fn record_at(&self, checkpoint: &CheckpointCode, facts: Vec<Fact>) -> Vec<Recorded> {
        let submissions = [Submission { checkpoint: checkpoint.clone(), facts }];
        record(&mut self.session().await, &submissions, evening()).await.unwrap().remove(0)
    }

    /// Records one fact at Krakivets.
    pub(crate) async fn record_one(&self, fact: Fact) -> Recorded {
        self.record(vec![fact]).await.remove(0)
    }

    /// Books a vehicle at Krakivets.
    pub(crate) async fn book(&self, reference: &str, plate: &str, minutes: i64) -> CrossingId {
        self.try_book(&krakivets(), reference, plate, minutes).await.unwrap()
    }

    pub(crate) async fn try_book(
        &self,
        checkpoint: &CheckpointCode,
        reference: &str,
        plate: &str,
        minutes: i64,
    ) -> Result<CrossingId> {
        let asked = booking_of(reference, plate, minutes);
        let mut connection = self.connection().await;
        let booked = booking::book(&mut connection, &self.operator, checkpoint, &asked, evening()).await?;
        Ok(CrossingId(booked.booking.id))
    }

    /// Calls the next vehicle at Krakivets.
    pub(crate) async fn call(&self, now: DateTime<Utc>) -> Result<Call> {
        self.call_as(&CallIn::default(), now).await
    }

    pub(crate) async fn call_as(&self, asked: &CallIn, now: DateTime<Utc>) -> Result<Call> {
        let mut connection = self.connection().await;
        let called = calling::call(&mut connection, &self.operator, &krakivets(), asked, now).await?;
        Ok(called.call)
    }

    /// A crossing as it is shown.
    pub(crate) async fn view(&self, id: CrossingId) -> CrossingView {
        let mut connection = self.connection().await;
        let at = read::whereabouts(&mut connection, id).await.unwrap();
        read::crossing(&mut connection, &at, id).await.unwrap()
    }

    /// Asks the database for a number.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        number(&mut *self.connection().await, query).await
    }
}

async fn add(connection: &mut Connection, role: Role, name: &str) -> Actor {
    let new = NewSystem {
        edrpou: Edrpou::parse("20000090").unwrap(),
        organisation_name: "Kordon test organisation".into(),
        name: name.into(),
        role,
        scope: Scope {
            checkpoints: None,
            zones: (role == Role::ZoneOperator).then(|| vec![Zone("KRAKIVETS-1".into())]),
        },
    };
    let system = parties::add_system(connection, new, noon(0)).await.unwrap();
    Actor { system: system.id, role, scope: system.scope }
}

pub(crate) async fn number(connection: &mut Connection, query: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let row: Row = diesel::sql_query(format!("SELECT ({query})::bigint AS number"))
        .get_result(connection)
        .await
        .unwrap();
    row.number
}

/// An event with the members that its kind needs.
pub(crate) fn event(id: &str, kind: EventKind, plate: &str, minutes: i64) -> EventIn {
    let in_zone = matches!(kind, EventKind::ZoneArrived | EventKind::ZoneLeft);
    EventIn {
        id: id.into(),
        kind,
        plate: Some(Plate::parse(plate).unwrap()),
        occurred_at: noon(minutes),
        zone: in_zone.then(|| "KRAKIVETS-1".into()),
        confidence: (kind == EventKind::PlateRead).then_some(0.97),
        reason: (kind == EventKind::EntryRefused).then(|| "not called".into()),
        voids: None,
    }
}

/// What a system states, which it may.
pub(crate) fn stated(actor: &Actor, checkpoint: &CheckpointCode, event: EventIn) -> Fact {
    rules::state(actor, checkpoint, None, event, evening()).unwrap()
}

pub(crate) fn void_by(actor: &Actor, checkpoint: &CheckpointCode, id: &str, voids: &str) -> Fact {
    let event = EventIn {
        plate: None,
        reason: Some("misread".into()),
        voids: Some(voids.into()),
        ..event(id, EventKind::Void, PLATE, 590)
    };
    stated(actor, checkpoint, event)
}

pub(crate) fn booking_of(reference: &str, plate: &str, minutes: i64) -> BookingIn {
    serde_json::from_value(serde_json::json!({
        "reference": reference, "plate": plate, "queue": "live", "channel": "web", "booked_at": noon(minutes)
    }))
    .unwrap()
}

/// The outcomes, with the code of a refusal.
pub(crate) fn outcomes(recorded: &[Recorded]) -> Vec<&'static str> {
    let told = |recorded: &Recorded| match (&recorded.outcome, &recorded.refusal) {
        (Outcome::Refused, Some((code, _))) => code.as_str(),
        (outcome, _) => outcome.as_str(),
    };
    recorded.iter().map(told).collect()
}

/// The positions in the journal; none for what was refused.
pub(crate) fn positions(recorded: &[Recorded]) -> Vec<Option<i64>> {
    recorded.iter().map(|recorded| recorded.position.map(|position| position.0)).collect()
}

/// Waits until so many sessions of this database wait for a lock of another. It asks again and again:
/// PostgreSQL tells nobody who waits.
pub(crate) async fn until_blocked(connection: &mut Connection, sessions: i64) {
    let blocked = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0";
    let asking = async { while number(connection, blocked).await < sessions {} };
    tokio::time::timeout(PATIENCE, asking).await.expect("so many wait for a lock within a minute");
}

/// The id of a crossing for those who need one that does not exist.
pub(crate) fn no_crossing() -> CrossingId {
    CrossingId(Uuid::from_u128(1))
}

/// An official to whom a ticket is assigned.
pub(crate) fn official() -> TicketOfficial {
    TicketOfficial { name: "Ірина Бондар".to_owned(), position: "інспектор".to_owned() }
}
