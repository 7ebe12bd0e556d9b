//! The one PostgreSQL: connections, migrations, and the private server that runs when none is given.
//!
//! Serves every store. A store takes `&mut Connection`, so that a service decides what is one transaction.

mod connect;
mod language;
mod migrations;
pub mod private_cluster;
mod statement;
mod waking;

use std::ops::{Deref, DerefMut};

pub use diesel_async::AsyncPgConnection as Connection;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolableConnection, RecyclingMethod,
};

pub use connect::{DatabaseSettings, connect};
pub use language::foreign_language;
pub use migrations::{migrate, revert_all};
pub use statement::Statement;
pub(crate) use waking::wake_on;

use crate::error::{Error, Result};

/// A pool of connections to the hub's database.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Connection>,
    settings: DatabaseSettings,
}

/// A connection lent from the pool. It goes back when this is dropped, unless it is in the middle of a
/// transaction: the request was abandoned then, and to the pool it would go with every lock that it holds. It
/// is closed instead, which gives them up.
pub struct Lent(Option<Object<Connection>>);

impl Deref for Lent {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match &self.0 {
            Some(connection) => connection,
            None => unreachable!("the connection is taken out only when this is dropped"),
        }
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Connection {
        match &mut self.0 {
            Some(connection) => connection,
            None => unreachable!("the connection is taken out only when this is dropped"),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(mut connection) = self.0.take()
            && connection.is_broken()
        {
            drop(Object::take(connection));
        }
    }
}

/// How full the pool is, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// Connections that may be open at once.
    pub limit: usize,
    /// Connections that are open.
    pub open: usize,
    /// Open connections that nobody uses.
    pub idle: usize,
    /// Tasks that wait for a connection.
    pub waiting: usize,
}

impl Database {
    /// A pool over the database that `settings` name. Nothing is connected yet.
    ///
    /// # Errors
    /// [`Error::Internal`] when the pool cannot be built.
    pub fn open(settings: DatabaseSettings) -> Result<Self> {
        let mut config = ManagerConfig::default();
        // A broken connection shows at its first statement; a `SELECT 1` at every loan costs a third of a
        // small read.
        config.recycling_method = RecyclingMethod::Fast;
        let connection_settings = settings.clone();
        config.custom_setup = Box::new(move |_| {
            let settings = connection_settings.clone();
            Box::pin(async move { connect(&settings).await })
        });
        let manager = AsyncDieselConnectionManager::new_with_config(settings.url.clone(), config);
        let pool = Pool::builder(manager)
            .max_size(settings.pool_size)
            .wait_timeout(Some(settings.patience))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { pool, settings })
    }

    /// Lends a connection.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when none can be had within the patience of the settings.
    pub async fn connection(&self) -> Result<Lent> {
        let connection =
            self.pool.get().await.map_err(|error| Error::Unavailable(format!("the database: {error}")))?;
        Ok(Lent(Some(connection)))
    }

    /// A connection of one's own, outside the pool: for listeners and the recorder, which hold theirs for
    /// life.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be reached.
    pub async fn own_connection(&self) -> Result<Connection> {
        connect(&self.settings).await.map_err(|error| Error::Unavailable(format!("the database: {error}")))
    }

    /// How full the pool is.
    #[must_use]
    pub fn pool_use(&self) -> PoolUse {
        let status = self.pool.status();
        PoolUse { limit: status.max_size, open: status.size, idle: status.available, waiting: status.waiting }
    }

    /// The settings that it was opened with.
    #[must_use]
    pub const fn settings(&self) -> &DatabaseSettings {
        &self.settings
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Database").field("pool", &self.pool_use()).finish()
    }
}
