//! Services of other members, asked through the hub's own security server: by SOAP, by REST as X-Road has it
//! (`/r1/…`) and as UXP has it (`/restapi/…`).
//!
//! - [`settings`]: the security server, how it is trusted, and how long it may take.
//! - [`address`]: members and services as people write them.
//! - `connection`: one exchange of HTTP: what is tried again, and how much is read.
//! - [`soap`], [`rest`]: the two acts.
//! - [`fault`]: how an act fails, and whether it may have been carried out all the same.
//!
//! An answer counts only if it is to the question: the headers that it says again are compared, and so is the
//! hash of the request where the security servers put one in. What fails so is never handed out as an answer.

pub mod address;
mod connection;
pub mod fault;
pub mod rest;
pub mod settings;
pub mod soap;

use uuid::Uuid;

pub use fault::{CallFault, Fault};
pub use rest::{RestAnswer, RestDialect, RestQuestion};
pub use settings::{RequestHashRule, SecurityServerSettings};
pub use soap::SoapAnswer;

use super::soap::header::RequestHash;
use super::soap::identifiers::{MemberId, ServiceId};
use super::soap::request_hash::HashFault;
use crate::SettingsFault;
use connection::Connection;

/// The way to other members: a security server, and who asks through it.
#[derive(Debug, Clone)]
pub struct Consumer {
    connection: Connection,
    client: MemberId,
    rule: RequestHashRule,
}

/// Who is asked for what, and at whose wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCall {
    /// The service.
    pub service: ServiceId,
    /// The id of the message. The same again tells the service that it is the same message.
    pub id: String,
    /// The person at whose wish it is asked, with the ISO code of the country before.
    pub user_id: Option<String>,
    /// The case or document that is the cause.
    pub issue: Option<String>,
}

impl ServiceCall {
    /// A question of its own, at nobody's wish.
    #[must_use]
    pub fn of(service: ServiceId) -> Self {
        Self { service, id: Uuid::now_v7().to_string(), user_id: None, issue: None }
    }
}

/// What the hash of the request in an answer came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HashOutcome {
    /// It is that of the request, by this algorithm.
    Holds(String),
    /// There is none.
    Absent,
    /// It proves nothing, and the settings say that this is only told.
    Told(HashFault),
}

impl Consumer {
    /// Opens the way that the settings name. Nothing is sent yet.
    ///
    /// # Errors
    /// [`SettingsFault`], for the first setting that can't be right.
    pub fn open(settings: &SecurityServerSettings) -> Result<Self, SettingsFault> {
        let client = address::member(&settings.client).ok_or_else(|| {
            SettingsFault::new("security_server.client", "is INSTANCE/CLASS/CODE[/SUBSYSTEM]")
        })?;
        Ok(Self { connection: Connection::open(settings)?, client, rule: settings.request_hash })
    }

    /// The same way, on which nothing is tried again: for whoever keeps the record of attempts itself.
    #[must_use]
    pub fn trying_once(self) -> Self {
        Self { connection: self.connection.trying_once(), ..self }
    }

    /// Who asks.
    #[must_use]
    pub const fn client(&self) -> &MemberId {
        &self.client
    }

    /// What the check of a hash comes to by the rule of the settings; `None`: the answer brought none.
    fn judged(
        &self,
        checked: Option<(RequestHash, Result<(), HashFault>)>,
    ) -> Result<HashOutcome, CallFault> {
        let fault = match (checked, self.rule) {
            (Some((hash, Ok(()))), _) => return Ok(HashOutcome::Holds(hash.algorithm)),
            (Some((_, Err(fault))), _) => fault,
            (None, RequestHashRule::Required) => HashFault::Missing,
            (None, RequestHashRule::Checked | RequestHashRule::Told) => return Ok(HashOutcome::Absent),
        };
        match self.rule {
            RequestHashRule::Told => Ok(HashOutcome::Told(fault)),
            RequestHashRule::Required | RequestHashRule::Checked => Err(CallFault::Hash(fault)),
        }
    }
}
