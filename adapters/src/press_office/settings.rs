//! From whom the press office gets its mail, and the way there.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// From whom, to whom, and the way there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PressOfficeSettings {
    /// The sender, `Name <address>` or an address. Its domain is that of the message ids.
    pub from: String,
    /// The recipients, each `Name <address>` or an address; at least one.
    pub to: Vec<String>,
    /// The way there.
    pub route: PressOfficeRoute,
}

/// The way to the press office.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum PressOfficeRoute {
    /// `.eml` files in a folder. Nothing is sent.
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// A mail server.
    Smtp {
        /// Its name.
        host: String,
        /// Its port; by default the usual one of the security.
        #[serde(default)]
        port: Option<u16>,
        /// How the connection is protected.
        #[serde(default)]
        security: SmtpSecurity,
        /// An authority that may have signed the server's certificate, PEM, beside those that the machine
        /// trusts.
        #[serde(default)]
        ca_file: Option<PathBuf>,
        /// Who logs in. Without it, nobody does.
        #[serde(default)]
        user: Option<String>,
        /// The password of `user`.
        #[serde(default)]
        password: Option<Password>,
    },
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// Not at all: for a server on the same machine. Port 25.
    None,
    /// STARTTLS, without which nothing is sent. Port 587.
    #[default]
    Starttls,
    /// TLS from the first byte. Port 465.
    Tls,
}

/// A password, which no log shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// Keeps a password.
    #[must_use]
    pub const fn new(password: String) -> Self {
        Self(password)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(secret)")
    }
}
