//! A checkpoint's journal in the hands of a test: what would write to it waits, so that a test can act in the
//! middle.

use chrono::{SecondsFormat, Utc};
use diesel::QueryableByName;
use diesel::sql_types::Integer;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use kordon_hub::database::{Connection, DatabaseSettings, connect};
use serde_json::{Value, json};

use super::eventually;

/// A fact of a vehicle that is not booked, of a moment ago.
pub(crate) fn event(id: &str, plate: &str) -> Value {
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    json!({"id": id, "kind": "checkpoint-entered", "plate": plate, "occurred_at": now})
}

/// The lock of one checkpoint's journal, until it is released or dropped.
pub(crate) struct HeldJournal {
    holder: Connection,
    watcher: Connection,
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

impl HeldJournal {
    /// Takes it.
    pub(crate) async fn of(checkpoint: &str, database_url: &str) -> Self {
        let settings = DatabaseSettings::new(database_url);
        let (mut holder, watcher) = (connect(&settings).await.unwrap(), connect(&settings).await.unwrap());
        let locking =
            format!("BEGIN; SELECT FROM checkpoint_journals WHERE checkpoint = '{checkpoint}' FOR UPDATE");
        holder.batch_execute(&locking).await.unwrap();
        Self { holder, watcher }
    }

    /// Waits until a transaction waits for it, and returns its process id.
    pub(crate) async fn awaited(&mut self) -> i32 {
        let watcher = &mut self.watcher;
        eventually("a transaction that waits for the journal", async || {
            let waiting = "SELECT pid FROM pg_stat_activity
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let waiting: Vec<Backend> = diesel::sql_query(waiting).load(watcher).await.unwrap();
            waiting.into_iter().next().map(|backend| backend.pid)
        })
        .await
    }

    /// Ends a session as a server does that is shut down.
    pub(crate) async fn terminate(&mut self, pid: i32) {
        self.watcher.batch_execute(&format!("SELECT pg_terminate_backend({pid})")).await.unwrap();
    }

    /// Gives it back.
    pub(crate) async fn release(mut self) {
        self.holder.batch_execute("ROLLBACK").await.unwrap();
    }
}
