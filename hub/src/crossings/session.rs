//! The connection that batches are recorded on.
//!
//! What is sent on it without waiting arrives in the order in which it was sent, so a batch costs two round
//! trips: `BEGIN`, the locks and the reads; then the writes and `COMMIT`. That holds because every statement
//! is prepared when the session opens: to prepare one is a round trip of its own, and others would overtake
//! it.

use diesel::QueryResult;
use diesel_async::SimpleAsyncConnection;

use super::store;
use crate::database::{Connection, Database};
use crate::error::Result;

/// A connection that nobody else uses, with every statement of a batch prepared.
pub struct Session {
    connection: Connection,
}

impl Session {
    /// Connects and prepares.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] when the database cannot be reached.
    pub async fn open(database: &Database) -> Result<Self> {
        let mut connection = database.own_connection().await?;
        store::plan_by_key(&mut connection).await?;
        store::prepare(&mut connection).await?;
        Ok(Self { connection })
    }

    pub(super) const fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

/// Begins a transaction. Each of its statements sees what was committed before it: what is read behind a lock
/// is what the lock waited for.
pub(super) async fn begin(mut connection: &Connection) -> QueryResult<()> {
    connection.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await
}

/// Commits. After a statement that failed it is a rollback and no error, so what was sent with it has to have
/// succeeded.
pub(super) async fn commit(mut connection: &Connection) -> QueryResult<()> {
    connection.batch_execute("COMMIT").await
}

/// Gives up what was begun, if anything was.
pub(super) async fn roll_back(mut connection: &Connection) -> QueryResult<()> {
    connection.batch_execute("ROLLBACK").await
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Session")
    }
}
