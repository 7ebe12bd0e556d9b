//! The SQL of recording: one locked read, one multi-row write. Columns go in and come out as arrays, so that a batch of any
//! size is the same few statements. What writes has an `unnest` for each column in its list, which all go on together row by row;
//! as a function over many arrays in `FROM` each would be copied aside first, a quarter of what a small insert costs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use diesel::result::DatabaseErrorKind;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Float, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryResult, QueryableByName};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use kordon_schemas::CheckpointCode;
use uuid::Uuid;

use super::model::{CallWindow, Crossing, CrossingId, Fact, Position};
use super::{packed, rules};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result, violates};

pub(super) fn stored_badly(what: &str, error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("{what} is stored badly: {error}"))
}

pub(crate) fn stored_checkpoint(code: &str) -> Result<CheckpointCode> {
    CheckpointCode::parse(code).map_err(|error| stored_badly("a checkpoint", error))
}

/// Tells the planner what it cannot know: every statement of a batch finds its rows by a key, a few of many. It would plan by the
/// size that a table had when it was last counted, and read the whole of one that was empty then and is not now. Plans are not
/// kept by force: one made while a table was counted as empty would stay in use as it grows.
pub(super) async fn plan_by_key(connection: &mut Connection) -> Result<()> {
    Ok(connection
        .batch_execute("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;")
        .await?)
}

/// Runs every statement of a batch once with nothing to do, so that it is prepared.
pub(super) async fn prepare(connection: &mut Connection) -> Result<()> {
    let (nothing, now) = (BTreeMap::<&str, i64>::new(), DateTime::UNIX_EPOCH);
    lock_journals(connection, &[]).await?;
    keys(connection, &[], &[]).await?;
    crossings_of_plates(connection, &[], &[], RECENT).await?;
    complete_keys(connection, &[]).await?;
    insert_keys(connection, &[]).await?;
    insert_events(connection, &[], now).await?;
    update_crossings(connection, &[], now).await?;
    advance_journals_silently(connection, &nothing, now).await
}

/// Locks the journals of the checkpoints, always in the order of their codes so that two replicas never wait for each other,
/// and tells the last position of each.
pub(crate) async fn lock_journals(
    mut connection: &Connection,
    checkpoints: &[&str],
) -> Result<BTreeMap<String, i64>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        checkpoint: String,
        #[diesel(sql_type = BigInt)]
        last_position: i64,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT checkpoint, last_position FROM checkpoint_journals
         WHERE checkpoint = ANY(?) ORDER BY checkpoint FOR UPDATE",
    )
    .bind::<Array<Text>, _>(checkpoints)
    .load(&mut connection)
    .await?;
    Ok(rows.into_iter().map(|Row { checkpoint, last_position }| (checkpoint, last_position)).collect())
}

/// Writes the last positions back and, when the transaction is committed, announces the checkpoints to those who follow their
/// changes. For acts of people and timers, which are rare: an announcement takes a lock of the whole database while it commits.
pub(crate) async fn advance_journals(
    mut connection: &Connection,
    last_positions: &BTreeMap<impl AsRef<str>, i64>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (checkpoints, positions) = columns(last_positions);
    Statement::new(
        "WITH advanced AS (
             UPDATE checkpoint_journals AS journal SET last_position = new.last_position, changed_at = ?
             FROM unnest(?, ?) AS new (checkpoint, last_position)
             WHERE journal.checkpoint = new.checkpoint RETURNING journal.checkpoint)
         SELECT pg_notify('kordon_journals', string_agg(checkpoint, ',')) FROM advanced",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<BigInt>, _>(positions)
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// Writes the last positions back and announces nothing: the recorder does that once its batch is committed.
pub(super) async fn advance_journals_silently(
    mut connection: &Connection,
    last_positions: &BTreeMap<impl AsRef<str>, i64>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (checkpoints, positions) = columns(last_positions);
    Statement::new(
        "UPDATE checkpoint_journals AS journal SET last_position = new.last_position, changed_at = ?
         FROM unnest(?, ?) AS new (checkpoint, last_position)
         WHERE journal.checkpoint = new.checkpoint",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<BigInt>, _>(positions)
    .execute(&mut connection)
    .await?;
    Ok(())
}

fn columns(last_positions: &BTreeMap<impl AsRef<str>, i64>) -> (Vec<&str>, Vec<i64>) {
    last_positions.iter().map(|(checkpoint, position)| (checkpoint.as_ref(), *position)).unzip()
}

/// What is known under an event's key.
#[derive(QueryableByName)]
pub(super) struct Key {
    #[diesel(sql_type = SqlUuid)]
    pub(super) system_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) event_id: String,
    /// None: only a void that came before its event is known.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) position: Option<i64>,
    /// Where the event is, or else where it was voided.
    #[diesel(sql_type = Text)]
    pub(super) checkpoint: String,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(super) digest: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(super) voided_by: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) kind: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(super) crossing_id: Option<Uuid>,
}

pub(super) async fn keys(
    mut connection: &Connection,
    systems: &[Uuid],
    event_ids: &[&str],
) -> Result<Vec<Key>> {
    Ok(Statement::new(
        "SELECT key.system_id, key.event_id, key.position, key.checkpoint, key.digest, key.voided_by,
                event.kind, event.crossing_id
         FROM unnest(?, ?) AS wanted (system_id, event_id)
         JOIN event_keys AS key ON key.system_id = wanted.system_id AND key.event_id = wanted.event_id
         LEFT JOIN checkpoint_events AS event ON event.checkpoint = key.checkpoint AND event.position = key.position",
    )
    .bind::<Array<SqlUuid>, _>(systems)
    .bind::<Array<Text>, _>(event_ids)
    .load(&mut connection)
    .await?)
}

#[derive(QueryableByName)]
struct CrossingRow {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    plate: String,
    #[diesel(sql_type = Timestamptz)]
    booked_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    call_deadline_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Binary)]
    progress: Vec<u8>,
}

impl CrossingRow {
    fn read(self) -> Result<(String, Crossing)> {
        let Self { checkpoint, id, plate, booked_at, called_at, call_deadline_at, ended_at, progress } = self;
        let call = called_at
            .zip(call_deadline_at)
            .map(|(called_at, deadline_at)| CallWindow { called_at, deadline_at });
        let progress = packed::unpack(&progress)?;
        let checkpoint = stored_checkpoint(&checkpoint)?;
        Ok((plate, Crossing { checkpoint, id: CrossingId(id), booked_at, call, ended_at, progress }))
    }
}

/// As many crossings of a plate as place almost every fact; a fact from before them is placed among [`ALL`].
pub(crate) const RECENT: usize = 3;

/// More crossings of one plate at one checkpoint than fit into the days that a fact may be late.
pub(crate) const ALL: usize = 1_000;

/// The crossings of each plate at each checkpoint with their plate, latest booking first, at most `most` of each.
pub(crate) async fn crossings_of_plates(
    mut connection: &Connection,
    checkpoints: &[&str],
    plates: &[&str],
    most: usize,
) -> Result<Vec<(String, Crossing)>> {
    let mut rows: Vec<CrossingRow> = Statement::new(
        "SELECT found.checkpoint, found.id, found.plate, found.booked_at, found.called_at, found.call_deadline_at,
                found.ended_at, found.progress
         FROM unnest(?, ?) AS wanted (checkpoint, plate)
         CROSS JOIN LATERAL (
             SELECT * FROM crossings
             WHERE crossings.checkpoint = wanted.checkpoint AND crossings.plate = wanted.plate
             ORDER BY crossings.booked_at DESC LIMIT ?) AS found",
    )
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<Text>, _>(plates)
    .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
    .load(&mut connection)
    .await?;
    rows.sort_by_key(|row| Reverse(row.booked_at));
    rows.into_iter().map(CrossingRow::read).collect()
}

/// The crossings of those ids, with their plates.
pub(crate) async fn crossings(
    mut connection: &Connection,
    checkpoints: &[&str],
    ids: &[Uuid],
) -> Result<Vec<(String, Crossing)>> {
    let rows: Vec<CrossingRow> = Statement::new(
        "SELECT found.checkpoint, found.id, found.plate, found.booked_at, found.called_at, found.call_deadline_at,
                found.ended_at, found.progress
         FROM unnest(?, ?) AS wanted (checkpoint, id)
         JOIN crossings AS found ON found.checkpoint = wanted.checkpoint AND found.id = wanted.id",
    )
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(&mut connection)
    .await?;
    rows.into_iter().map(CrossingRow::read).collect()
}

/// A fact with its place: what the batch writes.
pub(super) struct Placed<'a> {
    pub(super) checkpoint: &'a str,
    pub(super) position: Position,
    pub(super) crossing: Option<CrossingId>,
    /// Whether a void of it came before it: its key is there already.
    pub(super) foretold: bool,
    pub(super) fact: &'a Fact,
}

/// The columns of keys, in the order of the keys: two replicas that write the same ones never wait for each other.
struct KeyColumns<'a> {
    systems: Vec<Uuid>,
    event_ids: Vec<&'a str>,
    checkpoints: Vec<&'a str>,
    positions: Vec<i64>,
    digests: Vec<&'a [u8]>,
}

impl<'a> KeyColumns<'a> {
    fn of(placed: &[&'a Placed<'a>]) -> Self {
        let mut ordered = placed.to_vec();
        ordered.sort_unstable_by_key(|placed| (placed.fact.system.0, placed.fact.event_id.as_str()));
        Self {
            systems: ordered.iter().map(|placed| placed.fact.system.0).collect(),
            event_ids: ordered.iter().map(|placed| placed.fact.event_id.as_str()).collect(),
            checkpoints: ordered.iter().map(|placed| placed.checkpoint).collect(),
            positions: ordered.iter().map(|placed| placed.position.0).collect(),
            digests: ordered.iter().map(|placed| placed.fact.digest.as_slice()).collect(),
        }
    }
}

/// Writes the keys of new facts. It fails by [`is_raced`] when another replica, or another lane of this one, wrote one of them in
/// the meantime.
pub(super) async fn insert_keys(mut connection: &Connection, placed: &[&Placed<'_>]) -> QueryResult<()> {
    let KeyColumns { systems, event_ids, checkpoints, positions, digests } = KeyColumns::of(placed);
    Statement::new(
        "INSERT INTO event_keys (system_id, event_id, checkpoint, position, digest)
         SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)",
    )
    .bind::<Array<SqlUuid>, _>(systems)
    .bind::<Array<Text>, _>(event_ids)
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<BigInt>, _>(positions)
    .bind::<Array<Binary>, _>(digests)
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// Whether writing keys failed because one of them was there.
pub(super) fn is_raced(error: &diesel::result::Error) -> bool {
    violates(error, DatabaseErrorKind::UniqueViolation)
}

/// Completes the keys that voids left before their facts came, and tells how many. Fewer than given means that another replica
/// recorded one of them at another checkpoint in the meantime.
pub(super) async fn complete_keys(mut connection: &Connection, placed: &[&Placed<'_>]) -> Result<usize> {
    let KeyColumns { systems, event_ids, checkpoints, positions, digests } = KeyColumns::of(placed);
    Ok(Statement::new(
        "UPDATE event_keys AS key
         SET checkpoint = new.checkpoint, position = new.position, digest = new.digest,
             voided_by = CASE WHEN key.checkpoint = new.checkpoint THEN key.voided_by END
         FROM unnest(?, ?, ?, ?, ?) AS new (system_id, event_id, checkpoint, position, digest)
         WHERE key.system_id = new.system_id AND key.event_id = new.event_id AND key.position IS NULL",
    )
    .bind::<Array<SqlUuid>, _>(systems)
    .bind::<Array<Text>, _>(event_ids)
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<BigInt>, _>(positions)
    .bind::<Array<Binary>, _>(digests)
    .execute(&mut connection)
    .await?)
}

/// Writes the facts.
pub(super) async fn insert_events(
    mut connection: &Connection,
    placed: &[Placed<'_>],
    now: DateTime<Utc>,
) -> Result<()> {
    let column = placed.len();
    let mut checkpoints = Vec::with_capacity(column);
    let mut positions = Vec::with_capacity(column);
    let mut systems = Vec::with_capacity(column);
    let mut event_ids = Vec::with_capacity(column);
    let mut kinds = Vec::with_capacity(column);
    let mut plates = Vec::with_capacity(column);
    let mut plates_written = Vec::with_capacity(column);
    let mut zones = Vec::with_capacity(column);
    let mut confidences = Vec::with_capacity(column);
    let mut reasons = Vec::with_capacity(column);
    let mut voids_columns = Vec::with_capacity(column);
    let mut crossings = Vec::with_capacity(column);
    let mut occurred = Vec::with_capacity(column);
    for Placed { checkpoint, position, crossing, foretold: _, fact } in placed {
        let Fact { system, event_id, kind, plate, zone, confidence, reason, voids, occurred_at, digest: _ } =
            fact;
        checkpoints.push(*checkpoint);
        positions.push(position.0);
        systems.push(system.0);
        event_ids.push(event_id.as_str());
        kinds.push(kind.as_str());
        plates.push(plate.as_ref().map(|plate| plate.folded().as_str()));
        plates_written.push(plate.as_ref().map(kordon_schemas::Plate::as_written));
        zones.push(zone.as_deref());
        confidences.push(*confidence);
        reasons.push(reason.as_deref());
        voids_columns.push(voids.as_deref());
        crossings.push(crossing.map(|crossing| crossing.0));
        occurred.push(*occurred_at);
    }
    Statement::new(
        "INSERT INTO checkpoint_events (checkpoint, position, system_id, event_id, kind, plate, plate_written, zone,
                                        confidence, reason, voids, crossing_id, occurred_at, recorded_at)
         SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?),
                unnest(?), unnest(?), unnest(?), ?::timestamptz",
    )
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<BigInt>, _>(positions)
    .bind::<Array<SqlUuid>, _>(systems)
    .bind::<Array<Text>, _>(event_ids)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Nullable<Text>>, _>(plates)
    .bind::<Array<Nullable<Text>>, _>(plates_written)
    .bind::<Array<Nullable<Text>>, _>(zones)
    .bind::<Array<Nullable<Float>>, _>(confidences)
    .bind::<Array<Nullable<Text>>, _>(reasons)
    .bind::<Array<Nullable<Text>>, _>(voids_columns)
    .bind::<Array<Nullable<SqlUuid>>, _>(crossings)
    .bind::<Array<Timestamptz>, _>(occurred)
    .bind::<Timestamptz, _>(now)
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// Writes what has become of crossings.
pub(crate) async fn update_crossings(
    mut connection: &Connection,
    changed: &[&Crossing],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut checkpoints = Vec::with_capacity(changed.len());
    let mut ids = Vec::with_capacity(changed.len());
    let mut progresses = Vec::with_capacity(changed.len());
    let mut stages = Vec::with_capacity(changed.len());
    let mut awaits = Vec::with_capacity(changed.len());
    let mut waits = Vec::with_capacity(changed.len());
    let mut contradictory = Vec::with_capacity(changed.len());
    for crossing in changed {
        let stage = rules::stage(crossing);
        checkpoints.push(crossing.checkpoint.as_str());
        ids.push(crossing.id.0);
        progresses.push(packed::pack(&crossing.progress));
        stages.push(stage.as_str());
        awaits.push(rules::is_awaited(crossing));
        waits.push(rules::waits(crossing));
        contradictory.push(!rules::contradictions(&crossing.progress).is_empty());
    }
    Statement::new(
        "UPDATE crossings AS crossing
         SET progress = new.progress, stage = new.stage, awaits_entry = new.awaits_entry,
             waits = new.waits, contradictory = new.contradictory, changed_at = ?
         FROM (SELECT unnest(?) AS checkpoint, unnest(?) AS id, unnest(?) AS progress, unnest(?) AS stage,
                      unnest(?) AS awaits_entry, unnest(?) AS waits, unnest(?) AS contradictory) AS new
         WHERE crossing.checkpoint = new.checkpoint AND crossing.id = new.id",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(checkpoints)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Binary>, _>(progresses)
    .bind::<Array<Text>, _>(stages)
    .bind::<Array<Bool>, _>(awaits)
    .bind::<Array<Bool>, _>(waits)
    .bind::<Array<Bool>, _>(contradictory)
    .execute(&mut connection)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct JournalPosition {
    #[diesel(sql_type = Text)]
    checkpoint: String,
    #[diesel(sql_type = BigInt)]
    last_position: i64,
}

/// Where every journal stands. Nothing is locked.
pub(super) async fn journal_positions(connection: &mut Connection) -> Result<HashMap<String, i64>> {
    let rows: Vec<JournalPosition> =
        Statement::new("SELECT checkpoint, last_position FROM checkpoint_journals").load(connection).await?;
    let of = |JournalPosition { checkpoint, last_position }| (checkpoint, last_position);
    Ok(rows.into_iter().map(of).collect())
}
