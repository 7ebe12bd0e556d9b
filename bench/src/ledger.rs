//! The hub's database, seen beside the hub: what is counted there is what was recorded, whatever a client
//! believes.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use kordon_hub::database::private_cluster::PrivateCluster;
use tokio_postgres::{Client, NoTls};

/// The hub has nothing left to record when nothing came for so long.
const QUIET: Duration = Duration::from_millis(500);

/// A connection of one's own to the hub's private database.
pub(crate) struct Ledger {
    client: Client,
    url: String,
}

impl Ledger {
    /// Connects to the database of a running hub.
    pub(crate) async fn open(data: &Path) -> anyhow::Result<Self> {
        let url = PrivateCluster::attach(&data.join("database"))?;
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        tokio::spawn(connection);
        let ledger = Self { client, url };
        ledger.demand_durability().await?;
        ledger.client.batch_execute("CREATE SEQUENCE bench_positions CACHE 1").await?;
        Ok(ledger)
    }

    /// The database's URL, with its password.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The version of the server.
    pub(crate) async fn version(&self) -> anyhow::Result<String> {
        Ok(self.client.query_one("SHOW server_version", &[]).await?.try_get(0)?)
    }

    /// Numbers from a server that may forget would say nothing.
    async fn demand_durability(&self) -> anyhow::Result<()> {
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let value: String = self.client.query_one(&format!("SHOW {setting}"), &[]).await?.try_get(0)?;
            ensure!(value == "on", "the database has {setting} = {value}; it has to be on");
        }
        Ok(())
    }

    /// Waits until the hub has recorded what it still had when its clients went away.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        let mut before = None;
        loop {
            let sum = "SELECT sum(last_position)::bigint FROM checkpoint_journals";
            let positions: i64 = self.client.query_one(sum, &[]).await?.try_get(0)?;
            if before == Some(positions) {
                return Ok(());
            }
            before = Some(positions);
            tokio::time::sleep(QUIET).await;
        }
    }

    /// Empties the tables of events and writes everything to the disk, so that every measurement begins
    /// alike.
    pub(crate) async fn clear_events(&self) -> anyhow::Result<()> {
        self.client
            .batch_execute(
                "ALTER TABLE checkpoint_events DISABLE TRIGGER checkpoint_events_are_not_emptied;
                 TRUNCATE checkpoint_events, event_keys, event_placements;
                 ALTER TABLE checkpoint_events ENABLE TRIGGER checkpoint_events_are_not_emptied",
            )
            .await
            .context("the events cannot be cleared")?;
        self.client.batch_execute("VACUUM ANALYZE crossings").await?;
        Ok(self.client.batch_execute("CHECKPOINT").await?)
    }

    /// Has the planner learn how large the tables are, as autovacuum would in time.
    pub(crate) async fn analyze(&self) -> anyhow::Result<()> {
        Ok(self.client.batch_execute("VACUUM ANALYZE").await?)
    }

    /// Carries a statement out.
    pub(crate) async fn execute(&self, statement: &str) -> anyhow::Result<()> {
        self.client.batch_execute(statement).await.with_context(|| format!("this failed: {statement}"))
    }

    /// The number that a question is answered with.
    pub(crate) async fn count(&self, question: &str) -> anyhow::Result<i64> {
        Ok(self.client.query_one(question, &[]).await?.try_get(0)?)
    }

    /// The texts that a question is answered with.
    pub(crate) async fn texts(&self, question: &str) -> anyhow::Result<Vec<String>> {
        self.client.query(question, &[]).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// How many events are recorded, and how many of them found no crossing.
    pub(crate) async fn count_events(&self) -> anyhow::Result<(u64, u64)> {
        let row = self
            .client
            .query_one(
                "SELECT count(*), count(*) FILTER (WHERE crossing_id IS NULL) FROM checkpoint_events",
                &[],
            )
            .await?;
        Ok((u64::try_from(row.try_get::<_, i64>(0)?)?, u64::try_from(row.try_get::<_, i64>(1)?)?))
    }
}
