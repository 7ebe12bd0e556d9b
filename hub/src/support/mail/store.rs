//! The SQL of messages to the support service.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use kordon_schemas::messages::{IgnoredBecause, Message, MessageAttachment, MessageOutcome, ReceivedMessage};
use uuid::Uuid;

use super::model::MessageId;
use super::rules::Earlier;
use super::{Judged, Kept};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::support::tickets::TicketId;

/// A read of messages: every column that makes one, and what follows the table's name.
macro_rules! select_messages {
    ($rest:literal) => {
        concat!(
            "SELECT id, sender, outcome, ignored_because, received_at, recorded_at, ticket_id, sender_name, subject, body, missing,
                    (SELECT count(*) FROM ticket_message_attachments AS attachment
                     WHERE attachment.message_id = message.id AND content IS NOT NULL) AS kept,
                    (SELECT count(*) FROM ticket_message_attachments AS attachment
                     WHERE attachment.message_id = message.id AND content IS NULL) AS not_kept
             FROM ticket_messages AS message ",
            $rest
        )
    };
}

#[derive(QueryableByName)]
struct MessageRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    sender: String,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<Text>)]
    ignored_because: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    ticket_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    sender_name: Option<String>,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Jsonb)]
    missing: serde_json::Value,
    #[diesel(sql_type = BigInt)]
    kept: i64,
    #[diesel(sql_type = BigInt)]
    not_kept: i64,
}

fn stored_badly(what: &str) -> Error {
    Error::stored_badly("a message", what)
}

impl MessageRow {
    fn read(self) -> Result<Message> {
        let because = self.ignored_because.map(|because| {
            IgnoredBecause::from_word(&because).ok_or_else(|| stored_badly("ignored_because"))
        });
        Ok(Message {
            received: ReceivedMessage {
                id: self.id,
                outcome: MessageOutcome::from_word(&self.outcome).ok_or_else(|| stored_badly("outcome"))?,
                ignored_because: because.transpose()?,
                received_at: self.received_at,
                recorded_at: self.recorded_at,
                ticket: self.ticket_id,
                missing: serde_json::from_value(self.missing).map_err(|_| stored_badly("missing"))?,
                attachments_kept: self.kept,
                attachments_not_kept: self.not_kept,
            },
            sender: self.sender,
            sender_name: self.sender_name,
            subject: self.subject,
            text: self.body,
            attachments: Vec::new(),
        })
    }
}

/// Adds a message; `false` when it is there already.
pub(super) async fn insert(connection: &mut Connection, kept: &Kept<'_>) -> Result<bool> {
    let Kept { id, sender, message_id, digest, received_at, recorded_at, handed_in_by, outcome, .. } = kept;
    let missing = serde_json::to_value(&kept.missing).map_err(|error| Error::Internal(error.to_string()))?;
    let added = Statement::new(
        "INSERT INTO ticket_messages (id, sender, message_id, content_digest, received_at, recorded_at, handed_in_by, outcome,
                                      ignored_because, ticket_id, completes, sender_name, subject, body, missing)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (sender, message_id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<Text, _>(*sender)
    .bind::<Text, _>(message_id.as_str())
    .bind::<Binary, _>(digest.to_vec())
    .bind::<Timestamptz, _>(*received_at)
    .bind::<Timestamptz, _>(*recorded_at)
    .bind::<SqlUuid, _>(handed_in_by.0)
    .bind::<Text, _>(outcome.as_str())
    .bind::<Nullable<Text>, _>(kept.ignored_because.map(IgnoredBecause::as_str))
    .bind::<Nullable<SqlUuid>, _>(kept.ticket.map(|ticket| ticket.0))
    .bind::<Nullable<SqlUuid>, _>(kept.completes.map(|message| message.0))
    .bind::<Nullable<Text>, _>(kept.sender_name)
    .bind::<Text, _>(kept.subject)
    .bind::<Text, _>(kept.text)
    .bind::<Jsonb, _>(missing)
    .execute(connection)
    .await?;
    Ok(added == 1)
}

/// Adds what hung on a message, each with its name and whether its bytes are kept.
pub(super) async fn insert_attachments(
    connection: &mut Connection,
    message: MessageId,
    attachments: &[Judged<'_>],
) -> Result<()> {
    if attachments.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i32> = (1..).take(attachments.len()).collect();
    let names: Vec<&str> = attachments.iter().map(|(_, name, _)| name.as_str()).collect();
    let media_types: Vec<&str> = attachments.iter().map(|(one, ..)| one.media_type.as_str()).collect();
    let sizes: Vec<i64> =
        attachments.iter().map(|(one, ..)| i64::try_from(one.content.len()).unwrap_or(i64::MAX)).collect();
    let contents: Vec<Option<&[u8]>> =
        attachments.iter().map(|(one, _, kept)| kept.then_some(one.content.as_slice())).collect();
    Statement::new(
        "INSERT INTO ticket_message_attachments (message_id, number, name, media_type, size, content)
         SELECT ?, number, name, media_type, size, content
         FROM unnest(?, ?, ?, ?, ?) AS attachment (number, name, media_type, size, content)",
    )
    .bind::<SqlUuid, _>(message.0)
    .bind::<Array<Integer>, _>(numbers)
    .bind::<Array<Text>, _>(names)
    .bind::<Array<Text>, _>(media_types)
    .bind::<Array<BigInt>, _>(sizes)
    .bind::<Array<Nullable<Binary>>, _>(contents)
    .execute(connection)
    .await?;
    Ok(())
}

/// The message of a sender under a Message-ID.
pub(super) async fn by_message_id(
    connection: &mut Connection,
    sender: &str,
    message_id: &str,
) -> Result<Option<Message>> {
    let statement = Statement::new(select_messages!("WHERE sender = ? AND message_id = ?"))
        .bind::<Text, _>(sender)
        .bind::<Text, _>(message_id);
    let row: Option<MessageRow> = statement.get_result(connection).await.optional()?;
    row.map(MessageRow::read).transpose()
}

pub(super) async fn one(connection: &mut Connection, id: MessageId) -> Result<Option<Message>> {
    let statement = Statement::new(select_messages!("WHERE id = ?")).bind::<SqlUuid, _>(id.0);
    let row: Option<MessageRow> = statement.get_result(connection).await.optional()?;
    row.map(MessageRow::read).transpose()
}

/// What a message needs to become a ticket, locked until the end of the transaction.
pub(super) struct Waiting {
    pub(super) id: MessageId,
    pub(super) outcome: MessageOutcome,
    pub(super) sender: String,
    pub(super) message_id: String,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) received_at: DateTime<Utc>,
    pub(super) digest: Vec<u8>,
}

/// A message and what it completes, the oldest first, so it is the last; at most ten. Locked as
/// [`lock_earlier`] locks them.
pub(super) async fn lock_with_earlier(connection: &mut Connection, id: MessageId) -> Result<Vec<Waiting>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Text)]
        outcome: String,
        #[diesel(sql_type = Text)]
        sender: String,
        #[diesel(sql_type = Text)]
        message_id: String,
        #[diesel(sql_type = Text)]
        subject: String,
        #[diesel(sql_type = Text)]
        body: String,
        #[diesel(sql_type = Timestamptz)]
        received_at: DateTime<Utc>,
        #[diesel(sql_type = Binary)]
        content_digest: Vec<u8>,
        #[diesel(sql_type = Integer)]
        depth: i32,
    }
    let mut rows: Vec<Row> = Statement::new(
        "WITH RECURSIVE chain AS (
             SELECT id, completes, 1 AS depth FROM ticket_messages WHERE id = ?
             UNION ALL
             SELECT message.id, message.completes, depth + 1
             FROM chain JOIN ticket_messages AS message ON message.id = chain.completes
             WHERE depth < 10
         )
         SELECT message.id, outcome, sender, message_id, subject, body, received_at, content_digest, depth
         FROM chain JOIN ticket_messages AS message ON message.id = chain.id
         ORDER BY message.id
         FOR NO KEY UPDATE OF message",
    )
    .bind::<SqlUuid, _>(id.0)
    .load(connection)
    .await?;
    rows.sort_by_key(|row| Reverse(row.depth));
    let waiting = rows.into_iter().map(|row| {
        Ok(Waiting {
            id: MessageId(row.id),
            outcome: MessageOutcome::from_word(&row.outcome).ok_or_else(|| stored_badly("outcome"))?,
            sender: row.sender,
            message_id: row.message_id,
            subject: row.subject,
            text: row.body,
            received_at: row.received_at,
            digest: row.content_digest,
        })
    });
    waiting.collect()
}

/// Notes that a ticket was registered from messages that waited. They are locked.
///
/// # Errors
/// [`Error::Internal`] when one of them does not wait any more: there would be two tickets of it.
pub(super) async fn registered(
    connection: &mut Connection,
    messages: &[MessageId],
    ticket: TicketId,
) -> Result<()> {
    let noted = Statement::new(
        "UPDATE ticket_messages SET outcome = 'registered', ticket_id = ? WHERE id = ANY (?) AND outcome = 'incomplete'",
    )
    .bind::<SqlUuid, _>(ticket.0)
    .bind::<Array<SqlUuid>, _>(messages.iter().map(|message| message.0).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    if noted == messages.len() {
        Ok(())
    } else {
        Err(Error::Internal(format!("{noted} of {} messages waited to be registered", messages.len())))
    }
}

pub(super) async fn attachments(
    connection: &mut Connection,
    messages: &[Uuid],
) -> Result<Vec<(Uuid, MessageAttachment)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        message_id: Uuid,
        #[diesel(sql_type = Integer)]
        number: i32,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        media_type: String,
        #[diesel(sql_type = BigInt)]
        size: i64,
        #[diesel(sql_type = Bool)]
        kept: bool,
    }
    let rows: Vec<Row> = Statement::new(
        "SELECT message_id, number, name, media_type, size, content IS NOT NULL AS kept
         FROM ticket_message_attachments WHERE message_id = ANY (?) ORDER BY message_id, number",
    )
    .bind::<Array<SqlUuid>, _>(messages.to_vec())
    .load(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|Row { message_id, number, name, media_type, size, kept }| {
            (message_id, MessageAttachment { number, name, media_type, size, kept })
        })
        .collect())
}

/// The bytes of an attachment that was kept.
pub(super) async fn content(
    connection: &mut Connection,
    message: MessageId,
    number: i32,
) -> Result<Option<Vec<u8>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Binary)]
        content: Vec<u8>,
    }
    let row: Option<Row> = Statement::new(
        "SELECT content FROM ticket_message_attachments
         WHERE message_id = ? AND number = ? AND content IS NOT NULL",
    )
    .bind::<SqlUuid, _>(message.0)
    .bind::<Integer, _>(number)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|row| row.content))
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Whether a letter of ours has this id.
pub(super) async fn is_letter(connection: &mut Connection, id: Uuid) -> Result<bool> {
    let row: Option<IdRow> = Statement::new("SELECT id FROM letters WHERE id = ?")
        .bind::<SqlUuid, _>(id)
        .get_result(connection)
        .await
        .optional()?;
    Ok(row.is_some())
}

/// What a mail names as written before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'m> {
    /// Letters of ours.
    pub(super) letters: &'m [Uuid],
    /// Messages, by their Message-IDs.
    pub(super) message_ids: &'m [String],
    /// Messages, by our ids.
    pub(super) messages: &'m [Uuid],
}

/// The ticket that a mail refers to, by our letters, by messages before it, or by its number, when the sender
/// is a party of it: its contact data or somebody involved has the address, or an earlier message about it
/// came from there. What a reference says counts before a number. A letter about a message that was
/// registered later is about its ticket.
pub(super) async fn referred(
    connection: &mut Connection,
    sender: &str,
    Named { letters, message_ids, messages }: Named<'_>,
    numbers: &[String],
) -> Result<Option<TicketId>> {
    let row: Option<IdRow> = Statement::new(
        "SELECT ticket.id
         FROM (SELECT coalesce(letter.ticket_id, message.ticket_id), 1 AS rank
               FROM letters AS letter LEFT JOIN ticket_messages AS message ON message.id = letter.message_id
               WHERE letter.id = ANY (?)
               UNION ALL
               SELECT ticket_id, 2 FROM ticket_messages WHERE message_id = ANY (?) AND ticket_id IS NOT NULL
               UNION ALL
               SELECT ticket_id, 2 FROM ticket_messages WHERE id = ANY (?) AND ticket_id IS NOT NULL
               UNION ALL
               SELECT id, 3 FROM tickets WHERE registration_number = ANY (?)) AS named (ticket_id, rank)
         JOIN tickets AS ticket ON ticket.id = named.ticket_id
         WHERE lower(ticket.contact ->> 'email') = ?
            OR EXISTS (SELECT FROM ticket_messages AS message
                       WHERE message.ticket_id = ticket.id AND message.sender = ?
                         AND message.outcome IN ('registered', 'reply'))
            OR EXISTS (SELECT FROM jsonb_array_elements(ticket.people) AS person WHERE lower(person ->> 'email') = ?)
         ORDER BY named.rank, ticket.registered_at DESC LIMIT 1",
    )
    .bind::<Array<SqlUuid>, _>(letters.to_vec())
    .bind::<Array<Text>, _>(message_ids.to_vec())
    .bind::<Array<SqlUuid>, _>(messages.to_vec())
    .bind::<Array<Text>, _>(numbers.to_vec())
    .bind::<Text, _>(sender)
    .bind::<Text, _>(sender)
    .bind::<Text, _>(sender)
    .get_result(connection)
    .await
    .optional()?;
    Ok(row.map(|row| TicketId(row.id)))
}

/// What a sender wrote before and was told to complete: the message that is referred to, and what that one
/// completes; the oldest first, at most ten. Locked until the end of the transaction, in the order of their
/// ids. One that somebody else registered while this waited is among them: whether they have a ticket is to
/// be asked after this.
pub(super) async fn lock_earlier(
    connection: &mut Connection,
    sender: &str,
    letters: &[Uuid],
    message_ids: &[String],
) -> Result<Vec<Earlier>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Timestamptz)]
        received_at: DateTime<Utc>,
        #[diesel(sql_type = Text)]
        subject: String,
        #[diesel(sql_type = Text)]
        body: String,
        #[diesel(sql_type = Integer)]
        depth: i32,
    }
    let mut rows: Vec<Row> = Statement::new(
        "WITH RECURSIVE chain AS (
             (SELECT id, completes, 1 AS depth
              FROM ticket_messages AS message
              WHERE sender = ? AND outcome = 'incomplete'
                AND id IN (SELECT message_id FROM letters WHERE id = ANY (?)
                           UNION ALL
                           SELECT id FROM ticket_messages WHERE message_id = ANY (?))
              ORDER BY received_at DESC, id DESC LIMIT 1)
             UNION ALL
             SELECT message.id, message.completes, depth + 1
             FROM chain JOIN ticket_messages AS message ON message.id = chain.completes
             WHERE depth < 10
         )
         SELECT message.id, received_at, subject, body, depth
         FROM chain JOIN ticket_messages AS message ON message.id = chain.id
         ORDER BY message.id
         FOR NO KEY UPDATE OF message",
    )
    .bind::<Text, _>(sender)
    .bind::<Array<SqlUuid>, _>(letters.to_vec())
    .bind::<Array<Text>, _>(message_ids.to_vec())
    .load(connection)
    .await?;
    rows.sort_by_key(|row| Reverse(row.depth));
    Ok(rows
        .into_iter()
        .map(|Row { id, received_at, subject, body, depth: _ }| Earlier {
            id: MessageId(id),
            received_at,
            subject,
            text: body,
        })
        .collect())
}

/// What was not registered, the oldest first.
pub(super) async fn incomplete(
    connection: &mut Connection,
    after: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>> {
    let rows: Vec<MessageRow> = Statement::new(select_messages!(
        "WHERE outcome = 'incomplete'
           AND (received_at, id) > (coalesce((SELECT received_at FROM ticket_messages WHERE id = ?), '-infinity'), ?)
         ORDER BY received_at, id LIMIT ?"
    ))
    .bind::<SqlUuid, _>(after.map_or(Uuid::nil(), |after| after.0))
    .bind::<SqlUuid, _>(after.map_or(Uuid::nil(), |after| after.0))
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?;
    rows.into_iter().map(MessageRow::read).collect()
}

/// What a user wrote about a ticket, the oldest first.
pub(super) async fn of_ticket(
    connection: &mut Connection,
    ticket: TicketId,
    limit: i64,
) -> Result<Vec<Message>> {
    let rows: Vec<MessageRow> =
        Statement::new(select_messages!("WHERE ticket_id = ? ORDER BY received_at DESC, id DESC LIMIT ?"))
            .bind::<SqlUuid, _>(ticket.0)
            .bind::<BigInt, _>(limit)
            .load(connection)
            .await?;
    rows.into_iter().rev().map(MessageRow::read).collect()
}
