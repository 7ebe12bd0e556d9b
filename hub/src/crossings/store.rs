//! Every SQL statement about crossings and the facts that they come of.
//!
//! Recording is one locked read and one multi-row write. Columns go in and come out as arrays, so that a
//! batch of any size is the same few statements. What writes has an `unnest` for each column in its list,
//! which all go on together row by row; as a function over many arrays in `FROM` each would be copied aside
//! first, a quarter of what a small insert costs.

use std::collections::BTreeMap;

use chrono::DateTime;
use diesel_async::SimpleAsyncConnection;
use kordon_schemas::CheckpointCode;
use kordon_schemas::events::EventKind;

use crate::database::Connection;
use crate::error::{Error, Result};

mod comparing;
mod events;
mod journals;
mod keys;
mod placements;
mod projections;

pub(super) use comparing::{Compared, compared, mend};
pub(super) use events::{Placed, StandingFact, events, events_of, insert_events, standing_facts};
pub(super) use journals::{
    advance_journal, advance_journals_silently, announce, commit_without_disk, journal_positions,
    lock_journals,
};
pub(super) use keys::{Key, complete_keys, insert_keys, is_raced, keys, mark_void};
pub(super) use placements::{Adoptable, PlacedEvent, adoptable, event_at, move_events, note_placement};
pub(crate) use projections::crossings;
pub(super) use projections::{ALL, RECENT, crossings_of_plates, update_crossings, whereabouts};

pub(crate) fn stored_checkpoint(code: &str) -> Result<CheckpointCode> {
    CheckpointCode::parse(code).map_err(|error| Error::stored_badly("a checkpoint", error))
}

pub(super) fn stored_kind(name: &str) -> Result<EventKind> {
    EventKind::from_name(name).ok_or_else(|| Error::stored_badly("an event's kind", name))
}

/// Tells the planner what it cannot know: every statement of a batch finds its rows by a key, a few of many.
/// It would plan by the size that a table had when it was last counted, and read the whole of one that was
/// empty then and is not now. Plans are not kept by force: one made while a table was counted as empty would
/// stay in use as it grows.
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
