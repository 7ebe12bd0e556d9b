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
    /// A PostgreSQL URL, with the password in it. `sslmode=require` asks for TLS; the server's certificate is
    /// then always verified.
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

/// How long the database may keep anyone waiting: nobody holds a lock, and no request hangs, for ever. A
/// delivery holds its transaction while it sends, and signatures theirs while they are stamped, for less than
/// a minute each; nothing else is idle in one.
const LIMITS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'";

/// How long the other end may leave what was sent without a word that it came, or may say nothing at all to a
/// connection that is idle: then it is gone, and the connection with it. Longer than a statement may take.
const GONE_AFTER: Duration = Duration::from_secs(35);

/// Connects, within the patience of the settings. A unix socket never uses TLS, TCP does when the URL asks
/// for it or the server offers it.
///
/// # Errors
/// When the URL is malformed, the server away, or its certificate not trusted.
pub async fn connect(settings: &DatabaseSettings) -> ConnectionResult<Connection> {
    let bad = |error: String| ConnectionError::BadConnection(error);
    let mut tls = SslConnector::builder(SslMethod::tls_client()).map_err(|error| bad(error.to_string()))?;
    if let Some(ca_file) = &settings.ca_file {
        tls.set_ca_file(ca_file).map_err(|error| bad(error.to_string()))?;
    }
    let mut config =
        settings.url.parse::<tokio_postgres::Config>().map_err(|error| bad(error.to_string()))?;
    config.connect_timeout(settings.patience).tcp_user_timeout(GONE_AFTER);
    config.keepalives_idle(GONE_AFTER).keepalives_interval(GONE_AFTER / 5).keepalives_retries(3);
    let connecting = async {
        let (client, connection) = config
            .connect(MakeTlsConnector::new(tls.build()))
            .await
            .map_err(|error| bad(error.to_string()))?;
        let mut connection = Connection::try_from_client_and_connection(client, connection).await?;
        connection.batch_execute(LIMITS).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    };
    tokio::time::timeout(settings.patience, connecting)
        .await
        .unwrap_or_else(|_| Err(bad("the server does not answer in time".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_takes_the_connection_and_says_nothing_is_given_up() {
        // The system takes the connection for it; nobody ever reads or answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap();
        let settings = DatabaseSettings {
            patience: Duration::from_millis(50),
            ..DatabaseSettings::new(format!("postgres://kordon@{address}/kordon"))
        };
        let Err(refused) = connect(&settings).await else { panic!("there is no server") };
        assert!(refused.to_string().contains("does not answer in time"), "{refused}");
    }
}
