//! The SQL of letters.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::messages::LetterState;
use kordon_schemas::tickets::TicketChannel;
use uuid::Uuid;

use super::model::{About, Letter, LetterId};
use super::{Answers, LetterBacklog};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::SystemId;
use crate::support::mail::MessageId;
use crate::support::tickets::TicketId;

/// What a worker says to hear of new letters.
pub(super) const LISTEN: &str = "LISTEN kordon_letters";

macro_rules! select_letters {
    ($rest:literal) => {
        concat!(
            "SELECT id, ticket_id, message_id, channel, recipient, subject, in_reply_to, content, created_at, state,
                    attempts, due_at, settled_at, detail
             FROM letters AS letter ",
            $rest
        )
    };
}

#[derive(QueryableByName)]
struct LetterRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    ticket_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    message_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Nullable<Text>)]
    recipient: Option<String>,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Nullable<Text>)]
    in_reply_to: Option<String>,
    #[diesel(sql_type = Jsonb)]
    content: serde_json::Value,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Timestamptz)]
    due_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    settled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    detail: Option<String>,
}

impl LetterRow {
    fn read(self) -> Result<Letter> {
        let stored_badly = |what: &str| Error::stored_badly("a letter", what);
        let about = match (self.ticket_id, self.message_id) {
            (Some(ticket), _) => About::Ticket(TicketId(ticket)),
            (None, Some(message)) => About::Message(MessageId(message)),
            (None, None) => return Err(stored_badly("thread")),
        };
        Ok(Letter {
            id: LetterId(self.id),
            about,
            channel: TicketChannel::from_word(&self.channel).ok_or_else(|| stored_badly("channel"))?,
            recipient: self.recipient,
            subject: self.subject,
            in_reply_to: self.in_reply_to,
            content: serde_json::from_value(self.content).map_err(|_| stored_badly("content"))?,
            created_at: self.created_at,
            state: LetterState::from_word(&self.state).ok_or_else(|| stored_badly("state"))?,
            attempts: self.attempts,
            due_at: self.due_at,
            settled_at: self.settled_at,
            detail: self.detail,
        })
    }
}

/// Writes a letter, and wakes the workers of all replicas once the transaction is committed.
pub(super) async fn insert(
    connection: &mut Connection,
    letter: &Letter,
    caused_by: Option<SystemId>,
) -> Result<()> {
    let content =
        serde_json::to_value(&letter.content).map_err(|error| Error::Internal(error.to_string()))?;
    let (ticket, message) = match letter.about {
        About::Ticket(ticket) => (Some(ticket.0), None),
        About::Message(message) => (None, Some(message.0)),
    };
    Statement::new(
        "INSERT INTO letters (id, thread, ticket_id, message_id, kind, channel, recipient, subject, in_reply_to, content,
                              created_at, caused_by, state, due_at, settled_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<SqlUuid, _>(letter.id.0)
    .bind::<SqlUuid, _>(letter.thread())
    .bind::<Nullable<SqlUuid>, _>(ticket)
    .bind::<Nullable<SqlUuid>, _>(message)
    .bind::<Text, _>(letter.content.kind().as_str())
    .bind::<Text, _>(letter.channel.as_str())
    .bind::<Nullable<Text>, _>(letter.recipient.as_deref())
    .bind::<Text, _>(&letter.subject)
    .bind::<Nullable<Text>, _>(letter.in_reply_to.as_deref())
    .bind::<Jsonb, _>(content)
    .bind::<Timestamptz, _>(letter.created_at)
    .bind::<Nullable<SqlUuid>, _>(caused_by.map(|system| system.0))
    .bind::<Text, _>(letter.state.as_str())
    .bind::<Timestamptz, _>(letter.due_at)
    .bind::<Nullable<Timestamptz>, _>(letter.settled_at)
    .execute(connection)
    .await?;
    if letter.state == LetterState::Pending {
        Statement::new("NOTIFY kordon_letters").execute(connection).await?;
    }
    Ok(())
}

/// Locks the letter that is due and that nobody else has in hand; it has no earlier one of its thread before
/// it. Whoever holds the lock sends it: a later letter of the thread waits until this one is settled.
pub(super) async fn lock_due(connection: &mut Connection, now: DateTime<Utc>) -> Result<Option<Letter>> {
    let row: Option<LetterRow> = Statement::new(select_letters!(
        "WHERE state = 'pending' AND due_at <= ?
           AND NOT EXISTS (
               SELECT FROM letters AS earlier
               WHERE earlier.thread = letter.thread AND earlier.position < letter.position
                 AND earlier.state = 'pending')
         ORDER BY due_at, position LIMIT 1
         FOR NO KEY UPDATE OF letter SKIP LOCKED"
    ))
    .bind::<Timestamptz, _>(now)
    .get_result(connection)
    .await
    .optional()?;
    row.map(LetterRow::read).transpose()
}

/// A letter, locked until the end of the transaction.
pub(super) async fn locked(connection: &mut Connection, id: LetterId) -> Result<Option<Letter>> {
    let row: Option<LetterRow> = Statement::new(select_letters!("WHERE id = ? FOR NO KEY UPDATE"))
        .bind::<SqlUuid, _>(id.0)
        .get_result(connection)
        .await
        .optional()?;
    row.map(LetterRow::read).transpose()
}

/// The letter among these that went to one of these addresses.
pub(super) async fn sent_to(
    connection: &mut Connection,
    ids: &[Uuid],
    recipients: &[String],
) -> Result<Option<LetterId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let row: Option<Row> = Statement::new(
        "SELECT id FROM letters
         WHERE id = ANY (?) AND channel = 'email' AND lower(recipient) = ANY (?) ORDER BY position DESC LIMIT 1",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Text>, _>(recipients.iter().map(|address| address.to_lowercase()).collect::<Vec<_>>())
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|row| LetterId(row.id)))
}

/// Writes how an attempt went.
pub(super) async fn settle(connection: &mut Connection, letter: &Letter) -> Result<()> {
    Statement::new(
        "UPDATE letters SET state = ?, attempts = ?, due_at = ?, settled_at = ?, detail = ? WHERE id = ?",
    )
    .bind::<Text, _>(letter.state.as_str())
    .bind::<Integer, _>(letter.attempts)
    .bind::<Timestamptz, _>(letter.due_at)
    .bind::<Nullable<Timestamptz>, _>(letter.settled_at)
    .bind::<Nullable<Text>, _>(letter.detail.as_deref())
    .bind::<SqlUuid, _>(letter.id.0)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = Timestamptz)]
    due_at: DateTime<Utc>,
}

/// When the next letter is due of those that no earlier one of their thread holds up.
pub(super) async fn next_due(connection: &mut Connection) -> Result<Option<DateTime<Utc>>> {
    let row: Option<DueRow> = Statement::new(
        "SELECT due_at FROM letters AS letter
         WHERE state = 'pending'
           AND NOT EXISTS (
               SELECT FROM letters AS earlier
               WHERE earlier.thread = letter.thread AND earlier.position < letter.position
                 AND earlier.state = 'pending')
         ORDER BY due_at LIMIT 1",
    )
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|row| row.due_at))
}

/// The last letters of a ticket, the oldest first.
pub(super) async fn of_ticket(
    connection: &mut Connection,
    ticket: TicketId,
    limit: i64,
) -> Result<Vec<Letter>> {
    let rows: Vec<LetterRow> =
        Statement::new(select_letters!("WHERE thread = ? ORDER BY position DESC LIMIT ?"))
            .bind::<SqlUuid, _>(ticket.0)
            .bind::<BigInt, _>(limit)
            .load(connection)
            .await?;
    rows.into_iter().rev().map(LetterRow::read).collect()
}

/// Whether a result is on its way to the user of a ticket.
pub(super) async fn result_pending(connection: &mut Connection, ticket: TicketId) -> Result<bool> {
    Ok(count(
        connection,
        Statement::new(
            "SELECT count(*) AS count FROM letters WHERE thread = ? AND kind = 'result' AND state = 'pending'",
        )
        .bind::<SqlUuid, _>(ticket.0),
    )
    .await?
        > 0)
}

/// How often an address was told in the last day that something is missing.
pub(super) async fn told_lately(
    connection: &mut Connection,
    recipient: &str,
    now: DateTime<Utc>,
) -> Result<i64> {
    let statement = Statement::new(
        "SELECT count(*) AS count FROM letters WHERE kind = 'incomplete' AND recipient = ? AND created_at > ?",
    )
    .bind::<Text, _>(recipient)
    .bind::<Timestamptz, _>(now - TimeDelta::days(1));
    count(connection, statement).await
}

/// How often an address was told in the last day that a ticket is registered, of tickets from mails that were
/// recorded in it. They are found by their messages: nothing else leads from an address to such letters.
pub(super) async fn registered_lately(
    connection: &mut Connection,
    recipient: &str,
    now: DateTime<Utc>,
) -> Result<i64> {
    let statement = Statement::new(
        "SELECT count(*) AS count FROM letters
         WHERE kind = 'registration' AND recipient = ? AND created_at > ?
           AND thread IN (SELECT ticket_id FROM ticket_messages
                          WHERE sender = ? AND outcome = 'registered' AND recorded_at > ?)",
    )
    .bind::<Text, _>(recipient)
    .bind::<Timestamptz, _>(now - TimeDelta::days(1))
    .bind::<Text, _>(recipient)
    .bind::<Timestamptz, _>(now - TimeDelta::days(1));
    count(connection, statement).await
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(connection: &mut Connection, statement: Statement<'_>) -> Result<i64> {
    let row: CountRow = statement.get_result(connection).await?;
    Ok(row.count)
}

/// What the user of a ticket wrote last, to be answered.
pub(super) async fn last_written(connection: &mut Connection, ticket: TicketId) -> Result<Option<Answers>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        subject: String,
        #[diesel(sql_type = Text)]
        message_id: String,
    }
    let row: Option<Row> = Statement::new(
        "SELECT subject, message_id FROM ticket_messages
         WHERE ticket_id = ? AND outcome IN ('registered', 'reply') ORDER BY received_at DESC, id DESC LIMIT 1",
    )
    .bind::<SqlUuid, _>(ticket.0)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|Row { subject, message_id }| Answers { subject, message_id: Some(message_id) }))
}

pub(super) async fn standing(connection: &mut Connection, now: DateTime<Utc>) -> Result<LetterBacklog> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        pending: i64,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        oldest_pending_at: Option<DateTime<Utc>>,
        #[diesel(sql_type = BigInt)]
        failed: i64,
    }
    let row: Row = Statement::new(
        "SELECT count(*) AS pending, min(created_at) AS oldest_pending_at,
                (SELECT count(*) FROM letters WHERE state = 'failed' AND settled_at > ?) AS failed
         FROM letters WHERE state = 'pending'",
    )
    .bind::<Timestamptz, _>(now - TimeDelta::days(30))
    .get_result(connection)
    .await?;
    Ok(LetterBacklog { pending: row.pending, failed: row.failed, oldest_pending_at: row.oldest_pending_at })
}
