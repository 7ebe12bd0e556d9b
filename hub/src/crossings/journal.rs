//! The journal of one checkpoint in the hands of whoever writes about it: a person's act or a timer's. The
//! recorder, which writes about many at once, has its own way, see [`mod@super::record`].

use chrono::{DateTime, Utc};
use kordon_schemas::CheckpointCode;

use super::model::Position;
use super::store;
use crate::database::Connection;
use crate::error::Result;

/// What comes before the first position.
const BEFORE_FIRST: Position = Position(0);

/// The journal of a checkpoint, locked until the transaction ends. Positions are drawn in memory; one that
/// was drawn and not written back by [`Self::advance`] was never drawn.
#[derive(Debug)]
pub(crate) struct LockedJournal<'a> {
    checkpoint: &'a CheckpointCode,
    /// None: there is no such checkpoint. The doors refuse it before; what is written about it all the same
    /// fails by its reference to the checkpoints.
    last: Option<Position>,
    is_drawn: bool,
}

impl<'a> LockedJournal<'a> {
    /// Locks the journal of a checkpoint. Whoever else writes about it waits until this transaction ends.
    ///
    /// # Errors
    /// When the database is away.
    pub(crate) async fn lock(connection: &Connection, checkpoint: &'a CheckpointCode) -> Result<Self> {
        let journals = store::lock_journals(connection, &[checkpoint.as_str()]).await?;
        let last = journals.into_values().next().map(Position);
        Ok(Self { checkpoint, last, is_drawn: false })
    }

    /// Its last position.
    pub(crate) fn last(&self) -> Position {
        self.last.unwrap_or(BEFORE_FIRST)
    }

    /// Draws the next position.
    pub(crate) fn draw(&mut self) -> Position {
        let Some(last) = &mut self.last else { return BEFORE_FIRST };
        last.0 += 1;
        self.is_drawn = true;
        *last
    }

    /// Writes what was drawn back and, when the transaction is committed, announces it to those who follow
    /// the checkpoint. Without anything drawn nothing has changed, and nobody is told.
    ///
    /// # Errors
    /// When the database is away.
    pub(crate) async fn advance(self, connection: &Connection, now: DateTime<Utc>) -> Result<()> {
        match self.last {
            Some(last) if self.is_drawn => {
                store::advance_journal(connection, self.checkpoint, last, now).await
            }
            Some(_) | None => Ok(()),
        }
    }
}
