//! The schema's history, embedded in the program and run at its start.

use diesel_async::{AsyncMigrationHarness, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Connection, DatabaseSettings, connect};
use crate::error::{Error, Result};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// The advisory lock under which migrations run, so that replicas that start together run them once. "kordon"
/// in hex.
const MIGRATION_LOCK: i64 = 0x6b_6f72_646f_6e00;

/// Brings the database to this program's schema and returns the names of what was run. Safe to call from any
/// number of replicas at once: the others wait and find nothing left to do.
///
/// # Errors
/// [`Error::Unavailable`] when the database is away, [`Error::Internal`] when a migration fails.
pub async fn migrate(settings: &DatabaseSettings) -> Result<Vec<String>> {
    under_the_lock(settings, |harness| harness.run_pending_migrations(MIGRATIONS)).await
}

/// Takes every migration back, newest first, and returns their names. For tests of the way down; it drops all
/// data.
///
/// # Errors
/// As [`migrate`].
pub async fn revert_all(settings: &DatabaseSettings) -> Result<Vec<String>> {
    under_the_lock(settings, |harness| harness.revert_all_migrations(MIGRATIONS)).await
}

type Harness = AsyncMigrationHarness<Connection>;
type Ran<'a> = diesel::migration::Result<Vec<diesel::migration::MigrationVersion<'a>>>;

async fn under_the_lock(
    settings: &DatabaseSettings,
    run: impl for<'a> FnOnce(&'a mut Harness) -> Ran<'a> + Send + 'static,
) -> Result<Vec<String>> {
    let mut connection =
        connect(settings).await.map_err(|error| Error::Unavailable(format!("the database: {error}")))?;
    // Another replica's migration, or one over large tables, may take as long as it takes.
    connection
        .batch_execute(&format!(
            "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({MIGRATION_LOCK})"
        ))
        .await?;
    // The harness blocks its thread, so it runs on one that may block.
    let (mut connection, ran) = tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        let ran = run(&mut harness)
            .map(|versions| versions.iter().map(ToString::to_string).collect::<Vec<_>>())
            .map_err(|error| Error::Internal(format!("migrations: {error}")));
        (harness.into_inner(), ran)
    })
    .await
    .map_err(|error| Error::Internal(error.to_string()))?;
    connection.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})")).await?;
    ran
}
