//! The hub's own security server, through which it asks other members.

use std::path::PathBuf;

use serde::Deserialize;

/// The security server: where it is, who the hub is to it, how the two prove themselves, and how long it may
/// take.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityServerSettings {
    /// Its address, `https://…`; `http://` only on this machine. Messages of SOAP are sent there; those of
    /// REST below it.
    pub address: String,
    /// Who the hub asks as, `INSTANCE/CLASS/CODE[/SUBSYSTEM]`.
    pub client: String,
    /// The hub's certificate, with those above it, PEM. Without it the server has to know the hub otherwise.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// Its key, PEM.
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// The authorities that may have signed the server's certificate, PEM: these alone are trusted.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The server's own certificate, PEM, where it signed that itself: this one alone is trusted, under
    /// whatever name.
    #[serde(default)]
    pub pinned: Option<PathBuf>,
    /// What is done about the hash of a request.
    #[serde(default)]
    pub request_hash: RequestHashRule,
    /// How long it may take to be reached, in seconds.
    #[serde(default = "connect_seconds")]
    pub connect_seconds: u64,
    /// How long it may take over one question, in seconds.
    #[serde(default = "answer_seconds")]
    pub answer_seconds: u64,
    /// How often a question is sent that was not: no connection was made, or it is a reading (GET) that broke
    /// off. From 1 to 10.
    #[serde(default = "tries")]
    pub tries: u32,
    /// The pause between two tries, in milliseconds, twice as long each time.
    #[serde(default = "pause_milliseconds")]
    pub pause_milliseconds: u64,
    /// Bytes of an answer, with its attachments. What is larger is not read.
    #[serde(default = "largest_answer_bytes")]
    pub largest_answer_bytes: usize,
}

impl SecurityServerSettings {
    /// The defaults, for a server and a client.
    #[must_use]
    pub fn new(address: impl Into<String>, client: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            client: client.into(),
            certificate: None,
            key: None,
            ca_file: None,
            pinned: None,
            request_hash: RequestHashRule::default(),
            connect_seconds: connect_seconds(),
            answer_seconds: answer_seconds(),
            tries: tries(),
            pause_milliseconds: pause_milliseconds(),
            largest_answer_bytes: largest_answer_bytes(),
        }
    }
}

/// What is done about the hash of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestHashRule {
    /// An answer without a hash is refused too.
    Required,
    /// A hash that is there has to hold.
    #[default]
    Checked,
    /// What it came to is told, and nothing is refused: for a server that changes requests on their way.
    Told,
}

/// Near enough to be there at once, or not.
const fn connect_seconds() -> u64 {
    5
}

/// X-Road's servers give a provider a minute by default; a notice on its way has half of one.
const fn answer_seconds() -> u64 {
    20
}

const fn tries() -> u32 {
    3
}

const fn pause_milliseconds() -> u64 {
    200
}

/// What X-Road's message log takes by default.
const fn largest_answer_bytes() -> usize {
    10 << 20
}
