//! A database of a test's own: a copy of a template that was migrated once.

use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::cluster::SharedCluster;
use crate::migrations;

/// What the names of the tests' databases begin with.
const TEST: &str = "kordon_test_";
/// What the names of the templates begin with.
const TEMPLATE: &str = "kordon_template_";
/// Held by whoever builds a template, so that many test processes build it once.
const TEMPLATE_LOCK: i64 = 0x6b6f_7264_6f6e;

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
        Self::made(copy_of_template).await
    }

    /// A database without any table, for tests of the migrations themselves.
    ///
    /// # Panics
    /// When no database can be had: the test can only fail.
    pub async fn empty() -> Self {
        Self::made(|_runtime, _server, connection| {
            let name = new_name();
            connection.batch_execute(&format!("CREATE DATABASE {name}"))?;
            Ok(name)
        })
        .await
    }

    #[expect(clippy::panic, reason = "a test without its database can only fail")]
    async fn made<Make>(make: Make) -> Self
    where
        Make: FnOnce(&Handle, &str, &mut PgConnection) -> anyhow::Result<String> + Send + 'static,
    {
        let runtime = Handle::current();
        let making = spawn_blocking(move || {
            let server = SharedCluster::url()?;
            let mut connection = administrator(&server)?;
            let name = make(&runtime, &server, &mut connection)?;
            anyhow::Ok(Self { name, server })
        });
        match making.await.map_err(anyhow::Error::from).flatten() {
            Ok(database) => database,
            Err(error) => panic!("no database for the test: {error:#}"),
        }
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
    fn drop(&mut self) {
        // What can't be removed now is stale in a day and removed then.
        if let Ok(mut connection) = administrator(&self.server) {
            let _stale_later = remove(&mut connection, &self.name);
        }
    }
}

/// Copies the template, which is made first if nobody has yet.
fn copy_of_template(runtime: &Handle, server: &str, connection: &mut PgConnection) -> anyhow::Result<String> {
    static KNOWN: Mutex<Option<String>> = Mutex::new(None);
    let template = {
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        match known.as_ref() {
            Some(template) => template.clone(),
            None => known.insert(template(runtime, server, connection)?).clone(),
        }
    };
    let name = new_name();
    connection.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
    Ok(name)
}

/// The name of the template for the migrations as they are now. One of many processes makes it, the others wait.
fn template(runtime: &Handle, server: &str, connection: &mut PgConnection) -> anyhow::Result<String> {
    let template = format!("{TEMPLATE}{}", migrations::digest()?);
    connection.batch_execute(&format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})"))?;
    let made = if databases_like(connection, &format!("datname = '{template}'"))?.is_empty() {
        make_template(runtime, server, connection, &template)
    } else {
        Ok(())
    };
    connection.batch_execute(&format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})"))?;
    made.context("making the template of the test databases")?;
    Ok(template)
}

/// Makes the template under another name first: what bears its name is whole. Nobody may connect to it afterwards,
/// or it could not be copied.
fn make_template(
    runtime: &Handle,
    server: &str,
    connection: &mut PgConnection,
    template: &str,
) -> anyhow::Result<()> {
    let making = format!("{template}_in_the_making");
    remove(connection, &making)?;
    connection.batch_execute(&format!("CREATE DATABASE {making}"))?;
    runtime.block_on(migrations::migrate_template(&url_of(server, &making)))?;
    connection.batch_execute(&format!("ALTER DATABASE {making} ALLOW_CONNECTIONS false"))?;
    connection.batch_execute(&format!("ALTER DATABASE {making} RENAME TO {template}"))?;
    Ok(())
}

/// Removes the databases that tests left behind, and templates of earlier schemas, a day after they were made.
pub(crate) fn remove_stale(server: &str) -> anyhow::Result<()> {
    let mut connection = administrator(server)?;
    let stale = format!(
        "(datname LIKE '{TEST}%' OR datname LIKE '{TEMPLATE}%') AND
         (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification < now() - interval '1 day'"
    );
    for name in databases_like(&mut connection, &stale)? {
        remove(&mut connection, &name)?;
    }
    Ok(())
}

fn remove(connection: &mut PgConnection, name: &str) -> anyhow::Result<()> {
    Ok(connection.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?)
}

#[derive(QueryableByName)]
struct Database {
    #[diesel(sql_type = Text)]
    datname: String,
}

fn databases_like(connection: &mut PgConnection, condition: &str) -> anyhow::Result<Vec<String>> {
    let query = format!("SELECT datname::text FROM pg_database WHERE {condition}");
    let found: Vec<Database> = diesel::sql_query(query).load(connection)?;
    Ok(found.into_iter().map(|database| database.datname).collect())
}

/// A connection to the server's own database, for what concerns other databases.
fn administrator(server: &str) -> anyhow::Result<PgConnection> {
    let connection = PgConnection::establish(&url_of(server, "postgres"));
    connection.context("connecting to the test server; `kordon-testing stop` and a new run make it afresh")
}

fn new_name() -> String {
    format!("{TEST}{}", Uuid::now_v7().simple())
}

/// The URL of another database of the same server. The URL of a private server is `postgresql://…@/kordon?host=…`.
fn url_of(server: &str, database: &str) -> String {
    server.replacen("@/kordon?", &format!("@/{database}?"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(url: &str, query: &str) -> usize {
        let mut connection = PgConnection::establish(url).unwrap();
        diesel::sql_query(format!("SELECT datname::text FROM ({query}) AS answer"))
            .load::<Database>(&mut connection)
            .unwrap()
            .len()
    }

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own_and_it_goes_with_the_test() {
        let (one, other) = tokio::join!(TestDatabase::fresh(), TestDatabase::fresh());
        let mut connection = PgConnection::establish(&one.url()).unwrap();
        connection.batch_execute("CREATE TABLE only_here ()").unwrap();
        let tables = "SELECT relname AS datname FROM pg_class WHERE relname = 'only_here'";
        assert_eq!((count(&one.url(), tables), count(&other.url(), tables)), (1, 0));

        let databases = format!("SELECT datname FROM pg_database WHERE datname = '{}'", one.name());
        drop(one);
        assert_eq!(count(&other.url(), &databases), 0, "removed, although a connection was open");
    }

    #[tokio::test]
    async fn a_database_can_be_had_without_any_table() {
        let empty = TestDatabase::empty().await;
        assert_eq!(
            count(&empty.url(), "SELECT tablename AS datname FROM pg_tables WHERE schemaname = 'public'"),
            0
        );
    }

    #[tokio::test]
    async fn what_is_young_is_not_stale() {
        let database = TestDatabase::empty().await;
        remove_stale(&database.server).unwrap();
        assert_eq!(count(&database.url(), "SELECT current_database() AS datname"), 1);
    }
}
