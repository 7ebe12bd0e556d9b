//! Making one connection, over a unix socket, TCP, or TCP with TLS.

use std::path::PathBuf;
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::SimpleAsyncConnection;
use openssl::ssl::{SslConnector, SslMethod};
use postgres_openssl::MakeTlsConnector;

use super::Connection;

/// Which database, and how patiently.
#[derive(Clone)]
pub struct DatabaseSettings {
    /// A PostgreSQL URL, with the password in it. `sslmode=require` asks for TLS; the server's certificate is then always
    /// verified.
    pub url: String,
    /// The authority that signed the server's certificate, PEM; otherwise those that the machine trusts.
    pub ca_file: Option<PathBuf>,
    /// Connections of the pool.
    pub pool_size: usize,
    /// How long a request waits for a connection before it is told that the database is away.
    pub patience: Duration,
}

impl DatabaseSettings {
    /// The settings for a URL, with a pool of 10 and five seconds of patience.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ca_file: None, pool_size: 10, patience: Duration::from_secs(5) }
    }
}

impl std::fmt::Debug for DatabaseSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { url: _, ca_file, pool_size, patience } = self;
        formatter
            .debug_struct("DatabaseSettings")
            .field("url", &"(secret)")
            .field("ca_file", ca_file)
            .field("pool_size", pool_size)
            .field("patience", patience)
            .finish()
    }
}

/// How long the database may keep anyone waiting: nobody holds a lock, and no request hangs, for ever. A delivery holds its
/// transaction while it sends, for half a minute at most; nothing else is idle in one.
const LIMITS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'";

/// Connects. A unix socket never uses TLS, TCP does when the URL asks for it or the server offers it.
///
/// # Errors
/// When the URL is malformed, the server away, or its certificate not trusted.
pub async fn connect(settings: &DatabaseSettings) -> ConnectionResult<Connection> {
    let bad = |error: String| ConnectionError::BadConnection(error);
    let mut tls = SslConnector::builder(SslMethod::tls_client()).map_err(|error| bad(error.to_string()))?;
    if let Some(ca_file) = &settings.ca_file {
        tls.set_ca_file(ca_file).map_err(|error| bad(error.to_string()))?;
    }
    let (client, connection) = tokio_postgres::connect(&settings.url, MakeTlsConnector::new(tls.build()))
        .await
        .map_err(|error| bad(error.to_string()))?;
    let mut connection = Connection::try_from_client_and_connection(client, connection).await?;
    connection.batch_execute(LIMITS).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}
