//! A database of a test's own: a copy of a template that was migrated once.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::cluster::SharedCluster;
use crate::migrations;

/// What the names of the tests' databases begin with.
const TEST: &str = "kordon_test_";
/// What the names of the templates begin with.
const TEMPLATE: &str = "kordon_template_";
/// Held by whoever builds a template, so that many test processes build it once. "template" in hex.
const TEMPLATE_LOCK: i64 = 0x7465_6d70_6c61_7465;
/// How long a test waits for its database to be removed.
const REMOVAL_LIMIT: Duration = Duration::from_secs(5);

/// A database of a test's own in the shared server. It is removed when the value is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    server: String,
}

impl TestDatabase {
    /// A database with the newest schema and no rows.
    ///
    /// # Panics
    /// When no database can be had: the test can only fail.
    pub async fn fresh() -> Self {
        Self::or_fail(Self::copied_from_template().await)
    }

    /// A database without any table, for tests of the migrations themselves.
    ///
    /// # Panics
    /// When no database can be had: the test can only fail.
    pub async fn empty() -> Self {
        Self::or_fail(Self::created("").await)
    }

    #[expect(clippy::panic, reason = "a test without its database can only fail")]
    fn or_fail(made: anyhow::Result<Self>) -> Self {
        made.unwrap_or_else(|error| panic!("no database for the test: {error:#}"))
    }

    async fn copied_from_template() -> anyhow::Result<Self> {
        static KNOWN: OnceCell<String> = OnceCell::const_new();
        let template = KNOWN.get_or_try_init(template).await?;
        Self::created(&format!("TEMPLATE {template}")).await
    }

    async fn created(from: &str) -> anyhow::Result<Self> {
        let server = shared_server().await?;
        let name = format!("{TEST}{}", Uuid::now_v7().simple());
        administrator(&server).await?.batch_execute(&format!("CREATE DATABASE {name} {from}")).await?;
        Ok(Self { name, server })
    }

    /// The URL of the database, with the rights of an administrator.
    #[must_use]
    pub fn url(&self) -> String {
        url_of(&self.server, &self.name)
    }

    /// The name of the database.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestDatabase {
    /// Waits until the database is gone, but not for long: its removal waits for every process of the server
    /// to take note, and one of them may wait for this very thread. On a thread of its own, since the test's
    /// may belong to a runtime.
    fn drop(&mut self) {
        let (name, server) = (std::mem::take(&mut self.name), std::mem::take(&mut self.server));
        let (done, removed) = mpsc::channel();
        thread::spawn(move || {
            let removal = blocking(async { remove(&administrator(&server).await?, &name).await });
            let _nobody_waits = done.send(removal);
        });
        // What is not removed now is stale in a day and removed then.
        let _stale_later = removed.recv_timeout(REMOVAL_LIMIT);
    }
}

async fn shared_server() -> anyhow::Result<String> {
    spawn_blocking(SharedCluster::url).await?
}

/// The name of the template for the migrations as they are now. One of many processes makes it, the others
/// wait.
async fn template() -> anyhow::Result<String> {
    let server = shared_server().await?;
    let client = administrator(&server).await?;
    let template = format!("{TEMPLATE}{}", migrations::digest()?);
    // Released when the connection is closed.
    client.batch_execute(&format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await?;
    if databases_where(&client, &format!("datname = '{template}'")).await?.is_empty() {
        make_template(&server, &client, &template)
            .await
            .context("making the template of the test databases")?;
    }
    Ok(template)
}

/// Makes the template under another name first: what bears its name is whole. Nobody may connect to it
/// afterwards, or it could not be copied.
async fn make_template(server: &str, client: &Client, template: &str) -> anyhow::Result<()> {
    let making = format!("{template}_in_the_making");
    remove(client, &making).await?;
    client.batch_execute(&format!("CREATE DATABASE {making}")).await?;
    migrations::migrate_template(&url_of(server, &making)).await?;
    client.batch_execute(&format!("ALTER DATABASE {making} ALLOW_CONNECTIONS false")).await?;
    client.batch_execute(&format!("ALTER DATABASE {making} RENAME TO {template}")).await?;
    Ok(())
}

/// Removes the databases that tests left behind, and templates of earlier schemas, a day after they were
/// made. Blocks, for those who start the server.
pub(crate) fn remove_stale(server: &str) -> anyhow::Result<()> {
    let stale = format!(
        "(datname LIKE '{TEST}%' OR datname LIKE '{TEMPLATE}%') AND
         (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification < now() - interval '1 day'"
    );
    blocking(async {
        let client = administrator(server).await?;
        for name in databases_where(&client, &stale).await? {
            remove(&client, &name).await?;
        }
        Ok(())
    })
}

/// Makes the running server take its changed files to heart. Blocks.
pub(crate) fn reload(server: &str) -> anyhow::Result<()> {
    blocking(async { Ok(administrator(server).await?.batch_execute("SELECT pg_reload_conf()").await?) })
}

fn blocking<Answer>(work: impl Future<Output = anyhow::Result<Answer>>) -> anyhow::Result<Answer> {
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

async fn remove(client: &Client, name: &str) -> anyhow::Result<()> {
    Ok(client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?)
}

async fn databases_where(client: &Client, condition: &str) -> anyhow::Result<Vec<String>> {
    let query = format!("SELECT datname::text FROM pg_database WHERE {condition}");
    let rows = client.query(&query, &[]).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// A connection to the server's own database, for what concerns other databases. It closes when it is
/// dropped.
async fn administrator(server: &str) -> anyhow::Result<Client> {
    let connected = tokio_postgres::connect(&url_of(server, "postgres"), NoTls).await;
    let (client, connection) = connected
        .context("connecting to the test server; `kordon-testing stop` and a new run start it afresh")?;
    tokio::spawn(connection);
    Ok(client)
}

/// The URL of another database of the same server. The URL of a private server is
/// `postgresql://…@/kordon?host=…`.
fn url_of(server: &str, database: &str) -> String {
    server.replacen("@/kordon?", &format!("@/{database}?"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks the database at `url` how many there are of something.
    async fn count(url: &str, what: &str) -> i64 {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.query_one(&format!("SELECT count(*) FROM {what}"), &[]).await.unwrap().get(0)
    }

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own_and_it_goes_with_the_test() {
        let (one, other) = tokio::join!(TestDatabase::fresh(), TestDatabase::fresh());
        let (client, connection) = tokio_postgres::connect(&one.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("CREATE TABLE only_here ()").await.unwrap();
        let tables = "pg_class WHERE relname = 'only_here'";
        assert_eq!((count(&one.url(), tables).await, count(&other.url(), tables).await), (1, 0));

        let databases = format!("pg_database WHERE datname = '{}'", one.name());
        drop(one);
        assert_eq!(count(&other.url(), &databases).await, 0, "removed, although a connection was open");
    }

    #[tokio::test]
    async fn a_database_can_be_had_with_the_schema_or_without_any_table() {
        let (fresh, empty) = tokio::join!(TestDatabase::fresh(), TestDatabase::empty());
        let tables = "pg_tables WHERE schemaname = 'public'";
        assert!(count(&fresh.url(), tables).await > 0);
        assert_eq!(count(&empty.url(), tables).await, 0);
    }

    #[tokio::test]
    async fn what_is_young_is_not_stale() {
        let database = TestDatabase::empty().await;
        let server = database.server.clone();
        spawn_blocking(move || remove_stale(&server)).await.unwrap().unwrap();
        assert_eq!(count(&database.url(), "pg_database WHERE datname = current_database()").await, 1);
    }
}
