//! Evidence of what was read: who saw personal data, when, of which records, and on which legal basis
//! (Resolution 1393, clause 23; Order 926, section III, clause 8).
//!
//! The entry is committed before the data is shown. An entry is never changed; the database refuses it.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::CheckpointCode;
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::{Actor, Member};

/// The legal basis or purpose that a reader of personal data names: 3 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    named: String,
    exchange: Option<Exchange>,
}

/// What an exchange of Trembita says of a read beside its purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The member that asks.
    pub member: Member,
    /// The id that the member gave its message.
    pub id: Option<String>,
    /// The person at whose wish it is asked.
    pub asked_by: Option<String>,
    /// The person whose data is asked for.
    pub subject: Option<String>,
}

impl Purpose {
    /// Reads a purpose as it was named.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is too short to mean anything, too long, or holds control characters.
    pub fn parse(named: &str) -> Result<Self> {
        let named = named.trim();
        let length = named.chars().count();
        if !(3..=200).contains(&length) || named.chars().any(char::is_control) {
            return Err(Error::fault("header:Kordon-Purpose", "has 3 to 200 characters"));
        }
        Ok(Self { named: named.to_owned(), exchange: None })
    }

    /// The purpose within an exchange of Trembita. Of each text of it the log keeps the first 200 characters.
    #[must_use]
    pub fn within(self, exchange: Exchange) -> Self {
        Self { exchange: Some(exchange), ..self }
    }

    /// The purpose as it was named.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.named
    }
}

/// A read of personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<'a> {
    /// Who reads.
    pub actor: &'a Actor,
    /// By which operation of the contract.
    pub operation: &'static str,
    /// Why.
    pub purpose: &'a Purpose,
    /// At which checkpoint, if at one.
    pub checkpoint: Option<&'a CheckpointCode>,
    /// The crossings or bookings that are shown.
    pub records: Vec<Uuid>,
    /// The first and last position of the checkpoint's journal that is shown, when events are.
    pub positions: Option<(i64, i64)>,
    /// The request.
    pub request_id: Uuid,
}

/// Records a read. Call it before the data is shown; what fails to be recorded is not shown.
///
/// # Errors
/// When the database is away.
pub async fn record_reading(
    connection: &mut Connection,
    reading: Reading<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Reading { actor, operation, purpose, checkpoint, records, positions, request_id } = reading;
    let Purpose { named, exchange } = purpose;
    let of_exchange = |told: fn(&Exchange) -> Option<&str>| exchange.as_ref().and_then(told).and_then(kept);
    Statement::new(
        "INSERT INTO access_log (read_at, system_id, operation, purpose, checkpoint, records, first_position,
                                 last_position, request_id, member, exchange_id, asked_by, subject)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(actor.system.0)
    .bind::<Text, _>(operation)
    .bind::<Text, _>(named)
    .bind::<Nullable<Text>, _>(checkpoint.map(CheckpointCode::as_str))
    .bind::<Array<SqlUuid>, _>(records)
    .bind::<Nullable<BigInt>, _>(positions.map(|(first, _)| first))
    .bind::<Nullable<BigInt>, _>(positions.map(|(_, last)| last))
    .bind::<SqlUuid, _>(request_id)
    .bind::<Nullable<Text>, _>(exchange.as_ref().map(|exchange| exchange.member.to_string()))
    .bind::<Nullable<Text>, _>(of_exchange(|exchange| exchange.id.as_deref()))
    .bind::<Nullable<Text>, _>(of_exchange(|exchange| exchange.asked_by.as_deref()))
    .bind::<Nullable<Text>, _>(of_exchange(|exchange| exchange.subject.as_deref()))
    .execute(connection)
    .await?;
    Ok(())
}

/// The most characters of a text that a member tells and the log keeps.
const KEPT: usize = 200;

/// What the log keeps of a text that a member tells: its beginning, if it says anything.
fn kept(told: &str) -> Option<String> {
    let kept: String = told.chars().filter(|character| !character.is_control()).take(KEPT).collect();
    Some(kept).filter(|kept| !kept.is_empty())
}
