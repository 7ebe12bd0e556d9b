//! The SQL of keys: what is known under the id that a system gave an event, and what voids it.

use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryResult, QueryableByName};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::events::Placed;
use crate::crossings::voids::Voiding;
use crate::database::{Connection, Statement};
use crate::error::{Result, violates};

/// What is known under an event's key.
#[derive(QueryableByName)]
pub(in crate::crossings) struct Key {
    #[diesel(sql_type = SqlUuid)]
    pub(in crate::crossings) system_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(in crate::crossings) event_id: String,
    /// None: only a void that came before its event is known.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(in crate::crossings) position: Option<i64>,
    /// Where the event is, or else where it was voided.
    #[diesel(sql_type = Text)]
    pub(in crate::crossings) checkpoint: String,
    #[diesel(sql_type = Nullable<Binary>)]
    pub(in crate::crossings) digest: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(in crate::crossings) voided_by: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(in crate::crossings) kind: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(in crate::crossings) crossing_id: Option<Uuid>,
}

pub(in crate::crossings) async fn keys(
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

/// The columns of keys, in the order of the keys: two replicas that write the same ones never wait for each
/// other.
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

/// Writes the keys of new facts. It fails by [`is_raced`] when another replica, or another lane of this one,
/// wrote one of them in the meantime.
pub(in crate::crossings) async fn insert_keys(
    mut connection: &Connection,
    placed: &[&Placed<'_>],
) -> QueryResult<()> {
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
pub(in crate::crossings) fn is_raced(error: &diesel::result::Error) -> bool {
    violates(error, "event_keys_pkey")
}

/// Completes the keys that voids left before their facts came, and tells how many. Fewer than given means
/// that another replica recorded one of them at another checkpoint in the meantime.
pub(in crate::crossings) async fn complete_keys(
    mut connection: &Connection,
    placed: &[&Placed<'_>],
) -> Result<usize> {
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

/// Marks a key as void, also one whose event has not come yet. The first void of an event counts, and only
/// one at the event's own checkpoint.
pub(in crate::crossings) async fn mark_void(
    connection: &mut Connection,
    voiding: &Voiding<'_>,
) -> Result<()> {
    let Voiding { checkpoint, system, event_id, voided_by } = voiding;
    Statement::new(
        "INSERT INTO event_keys AS key (system_id, event_id, checkpoint, voided_by) VALUES (?, ?, ?, ?)
         ON CONFLICT (system_id, event_id) DO UPDATE SET voided_by = excluded.voided_by
         WHERE key.voided_by IS NULL AND key.checkpoint = excluded.checkpoint",
    )
    .bind::<SqlUuid, _>(system)
    .bind::<Text, _>(event_id)
    .bind::<Text, _>(checkpoint)
    .bind::<BigInt, _>(voided_by.0)
    .execute(connection)
    .await?;
    Ok(())
}
