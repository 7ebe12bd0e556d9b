//! The SQL of tickets.

mod rows;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use kordon_schemas::control::ControlReason;
use kordon_schemas::support::{Line, Priority};
use kordon_schemas::tickets::PersonInvolved;
use uuid::Uuid;

use self::rows::{ActRow, TicketRow};
use super::acting::Kept;
use super::model::{Act, Deed, Ticket, TicketId};
use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::parties::SystemId;

/// A read of tickets: every column that makes one, and what follows the table's name.
macro_rules! select_tickets {
    ($rest:literal) => {
        concat!(
            "SELECT id, version, registration_number, kind, channel, status, line, priority, received_at, registered_at,
                    taken_at, CASE WHEN isfinite(due_at) THEN due_at END AS due_at, assign_by, closes_at, user_wrote_at, user_last_wrote_at,
                    handling_version, filed_by, contact, substance, recording_reference, recording_kept_until, people,
                    content_digest
             FROM tickets ",
            $rest
        )
    };
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = BigInt)]
    last_number: i64,
}

/// Draws the next registration number of a year. Its row is locked until the end of the transaction.
pub(super) async fn next_number(connection: &mut Connection, year: i32) -> Result<i64> {
    let row: NumberRow = Statement::new(
        "INSERT INTO ticket_numbers (year, last_number) VALUES (?, 1)
         ON CONFLICT (year) DO UPDATE SET last_number = ticket_numbers.last_number + 1
         RETURNING last_number",
    )
    .bind::<Integer, _>(year)
    .get_result(connection)
    .await?;
    Ok(row.last_number)
}

/// Adds a ticket; `false` when its sender has used the key before.
pub(super) async fn insert(
    connection: &mut Connection,
    ticket: &Ticket,
    key: Option<&str>,
    content_digest: [u8; 32],
) -> Result<bool> {
    let contact = serde_json::to_value(&ticket.user).map_err(|error| Error::Internal(error.to_string()))?;
    let recording = ticket.recording.as_ref();
    let added = Statement::new(
        "INSERT INTO tickets (id, version, registration_number, kind, channel, status, line, priority, received_at,
                              registered_at, due_at, assign_by, handling_version, filed_by, edrpou, contact, substance,
                              recording_reference, recording_kept_until, idempotency_key, content_digest)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, 'infinity'), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (filed_by, idempotency_key) DO NOTHING",
    )
    .bind::<SqlUuid, _>(ticket.id.0)
    .bind::<Integer, _>(ticket.version)
    .bind::<Text, _>(&ticket.registration_number)
    .bind::<Text, _>(ticket.kind.as_str())
    .bind::<Text, _>(ticket.channel.as_str())
    .bind::<Text, _>(ticket.standing.status.as_str())
    .bind::<Text, _>(ticket.standing.line.as_str())
    .bind::<Text, _>(ticket.standing.priority.as_str())
    .bind::<Timestamptz, _>(ticket.received_at)
    .bind::<Timestamptz, _>(ticket.registered_at)
    .bind::<Nullable<Timestamptz>, _>(ticket.due_at)
    .bind::<Nullable<Timestamptz>, _>(ticket.assign_by)
    .bind::<Integer, _>(ticket.handling_version)
    .bind::<SqlUuid, _>(ticket.filed_by.0)
    .bind::<Nullable<Text>, _>(ticket.user.edrpou.as_deref())
    .bind::<Jsonb, _>(contact)
    .bind::<Text, _>(&ticket.substance)
    .bind::<Nullable<Text>, _>(recording.map(|recording| recording.reference.as_str()))
    .bind::<Nullable<Timestamptz>, _>(recording.map(|recording| recording.kept_until))
    .bind::<Nullable<Text>, _>(key)
    .bind::<Binary, _>(content_digest.to_vec())
    .execute(connection)
    .await?;
    Ok(added == 1)
}

pub(super) async fn insert_act(connection: &mut Connection, ticket: TicketId, act: &Act) -> Result<()> {
    let (ground, until) = match act.deed {
        Deed::Extended { ground, until } => (Some(ground.as_str()), Some(until)),
        Deed::Registered
        | Deed::Moved
        | Deed::Prioritised
        | Deed::Told(_)
        | Deed::Answered
        | Deed::Involved
        | Deed::Bounced(_) => (None, None),
    };
    let told = match act.deed {
        Deed::Told(of) | Deed::Bounced(of) => Some(of.as_str()),
        Deed::Registered
        | Deed::Moved
        | Deed::Prioritised
        | Deed::Extended { .. }
        | Deed::Answered
        | Deed::Involved => None,
    };
    Statement::new(
        "INSERT INTO ticket_acts (ticket_id, number, at, act, status, line, priority, by_system, by_line, reason,
                                  ground, extended_until, told, official_name, official_position)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<SqlUuid, _>(ticket.0)
    .bind::<Integer, _>(act.number)
    .bind::<Timestamptz, _>(act.at)
    .bind::<Text, _>(act.deed.kind().as_str())
    .bind::<Text, _>(act.standing.status.as_str())
    .bind::<Text, _>(act.standing.line.as_str())
    .bind::<Text, _>(act.standing.priority.as_str())
    .bind::<Nullable<SqlUuid>, _>(act.by.map(|system| system.0))
    .bind::<Nullable<Text>, _>(act.by_line.map(Line::as_str))
    .bind::<Nullable<Text>, _>(act.reason.as_deref())
    .bind::<Nullable<Text>, _>(ground)
    .bind::<Nullable<Timestamptz>, _>(until)
    .bind::<Nullable<Text>, _>(told)
    .bind::<Nullable<Text>, _>(act.official.as_ref().map(|official| official.name.as_str()))
    .bind::<Nullable<Text>, _>(act.official.as_ref().map(|official| official.position.as_str()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what an act may change, and whether the ticket was assigned and resolved in time, if it was. One
/// that was late once stays so, also when it is opened again and its clock begins anew.
pub(super) async fn update(connection: &mut Connection, ticket: &Ticket, kept: Kept) -> Result<()> {
    Statement::new(
        "UPDATE tickets
         SET version = ?, status = ?, line = ?, priority = ?, taken_at = ?, due_at = coalesce(?, 'infinity'),
             assign_by = ?, closes_at = ?, user_wrote_at = ?, assigned_in_time = coalesce(assigned_in_time, ?),
             in_time = coalesce(in_time AND ?, in_time, ?)
         WHERE id = ?",
    )
    .bind::<Integer, _>(ticket.version)
    .bind::<Text, _>(ticket.standing.status.as_str())
    .bind::<Text, _>(ticket.standing.line.as_str())
    .bind::<Text, _>(ticket.standing.priority.as_str())
    .bind::<Nullable<Timestamptz>, _>(ticket.taken_at)
    .bind::<Nullable<Timestamptz>, _>(ticket.due_at)
    .bind::<Nullable<Timestamptz>, _>(ticket.assign_by)
    .bind::<Nullable<Timestamptz>, _>(ticket.closes_at)
    .bind::<Nullable<Timestamptz>, _>(ticket.user_wrote_at)
    .bind::<Nullable<Bool>, _>(kept.assigned)
    .bind::<Nullable<Bool>, _>(kept.resolved)
    .bind::<Nullable<Bool>, _>(kept.resolved)
    .bind::<SqlUuid, _>(ticket.id.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes when a ticket is due.
pub(super) async fn set_due(
    connection: &mut Connection,
    ticket: TicketId,
    due_at: Option<DateTime<Utc>>,
) -> Result<()> {
    Statement::new("UPDATE tickets SET due_at = coalesce(?, 'infinity') WHERE id = ?")
        .bind::<Nullable<Timestamptz>, _>(due_at)
        .bind::<SqlUuid, _>(ticket.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes who is involved.
pub(super) async fn set_people(
    connection: &mut Connection,
    ticket: TicketId,
    people: &[PersonInvolved],
) -> Result<()> {
    let people = serde_json::to_value(people).map_err(|error| Error::Internal(error.to_string()))?;
    Statement::new("UPDATE tickets SET people = ? WHERE id = ?")
        .bind::<Jsonb, _>(people)
        .bind::<SqlUuid, _>(ticket.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// A ticket, locked until the end of the transaction: its acts follow one another.
pub(super) async fn locked(connection: &mut Connection, id: TicketId) -> Result<Option<Ticket>> {
    let statement =
        Statement::new(select_tickets!("WHERE id = ? FOR NO KEY UPDATE")).bind::<SqlUuid, _>(id.0);
    Ok(read_one(connection, statement).await?.map(|(ticket, _)| ticket))
}

pub(super) async fn one(connection: &mut Connection, id: TicketId) -> Result<Option<Ticket>> {
    let statement = Statement::new(select_tickets!("WHERE id = ?")).bind::<SqlUuid, _>(id.0);
    Ok(read_one(connection, statement).await?.map(|(ticket, _)| ticket))
}

/// What a system has filed under a key, with the digest of what it sent.
pub(super) async fn by_key(
    connection: &mut Connection,
    filed_by: SystemId,
    key: &str,
) -> Result<Option<(Ticket, Vec<u8>)>> {
    let statement = Statement::new(select_tickets!("WHERE filed_by = ? AND idempotency_key = ?"))
        .bind::<SqlUuid, _>(filed_by.0)
        .bind::<Text, _>(key);
    read_one(connection, statement).await
}

pub(super) async fn acts(connection: &mut Connection, id: TicketId) -> Result<Vec<Act>> {
    let rows: Vec<ActRow> = Statement::new(
        "SELECT number, at, act, status, line, priority, by_system, by_line, reason, ground, extended_until, told,
                official_name, official_position
         FROM ticket_acts WHERE ticket_id = ? ORDER BY number",
    )
    .bind::<SqlUuid, _>(id.0)
    .load(connection)
    .await?;
    rows.into_iter().map(ActRow::read).collect()
}

/// Whose tickets are listed.
pub(super) enum Whose {
    /// Everybody's: line 1 coordinates.
    All,
    /// Those that a line has now, and those that it may have to take.
    OfLine {
        /// Which line.
        line: Line,
        /// The priorities of new ones.
        new: &'static [Priority],
    },
    /// Those that a system filed, and those of its legal entity.
    Filed {
        /// By which system.
        by: SystemId,
        /// The legal entity.
        edrpou: Option<String>,
    },
}

/// Where a ticket stands in the lists; `-infinity` before all of them.
pub(super) async fn place(connection: &mut Connection, id: Option<TicketId>) -> Result<String> {
    let Some(id) = id else { return Ok("-infinity".to_owned()) };
    let row: Option<PlaceRow> = Statement::new("SELECT due_at::text AS place FROM tickets WHERE id = ?")
        .bind::<SqlUuid, _>(id.0)
        .get_result(connection)
        .await
        .optional()?;
    Ok(row.map_or_else(|| "infinity".to_owned(), |row| row.place))
}

#[derive(QueryableByName)]
struct PlaceRow {
    #[diesel(sql_type = Text)]
    place: String,
}

/// Tickets by deadline whose deadline lies between two moments, after one of them: of lines the open ones, of
/// users all. The moments are text, because only PostgreSQL knows infinity.
pub(super) async fn listed(
    connection: &mut Connection,
    whose: &Whose,
    (from, until): (&str, &str),
    (place, after): (&str, Option<TicketId>),
    limit: i64,
) -> Result<Vec<Ticket>> {
    let page = |statement: Statement<'static>| {
        statement
            .bind::<Text, _>(from.to_owned())
            .bind::<Text, _>(until.to_owned())
            .bind::<Text, _>(place.to_owned())
            .bind::<SqlUuid, _>(after.map_or(Uuid::nil(), |id| id.0))
            .bind::<BigInt, _>(limit)
    };
    let statement = match whose {
        Whose::All => page(Statement::new(select_tickets!(
            "WHERE status IN ('new', 'in_progress', 'extended', 'deferred')
               AND due_at >= ?::text::timestamptz AND due_at <= ?::text::timestamptz
               AND (due_at, id) > (?::text::timestamptz, ?)
             ORDER BY due_at, id LIMIT ?"
        ))),
        Whose::OfLine { line, new } => {
            let of_line = Statement::new(select_tickets!(
                "WHERE (line = ? OR (status = 'new' AND priority = ANY (?))) AND status IN ('new', 'in_progress', 'extended', 'deferred')
                   AND due_at >= ?::text::timestamptz AND due_at <= ?::text::timestamptz
                   AND (due_at, id) > (?::text::timestamptz, ?)
                 ORDER BY due_at, id LIMIT ?"
            ));
            let new: Vec<&str> = new.iter().map(|priority| priority.as_str()).collect();
            page(of_line.bind::<Text, _>(line.as_str()).bind::<Array<Text>, _>(new))
        }
        // Each of the two is walked along its own index, as far as the page goes; an OR would read and sort
        // all that a user ever filed.
        Whose::Filed { by, edrpou } => {
            let own = Statement::new(select_tickets!(
                "WHERE id IN (
                     (SELECT id FROM tickets
                      WHERE filed_by = ? AND due_at >= ?::text::timestamptz AND due_at <= ?::text::timestamptz
                        AND (due_at, id) > (?::text::timestamptz, ?)
                      ORDER BY due_at, id LIMIT ?)
                     UNION
                     (SELECT id FROM tickets
                      WHERE edrpou = ? AND due_at >= ?::text::timestamptz AND due_at <= ?::text::timestamptz
                        AND (due_at, id) > (?::text::timestamptz, ?)
                      ORDER BY due_at, id LIMIT ?))
                 ORDER BY due_at, id LIMIT ?"
            ));
            let filed = page(own.bind::<SqlUuid, _>(by.0));
            page(filed.bind::<Nullable<Text>, _>(edrpou.clone())).bind::<BigInt, _>(limit)
        }
    };
    let rows: Vec<TicketRow> = statement.load(connection).await?;
    rows.into_iter().map(|row| row.read().map(|(ticket, _)| ticket)).collect()
}

/// The tickets of a list of the daily control, the most urgent first. What waits without a deadline comes in
/// the order of ids, which is that of registration.
pub(super) async fn of_control(
    connection: &mut Connection,
    reason: ControlReason,
    now: DateTime<Utc>,
    midnight: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Ticket>> {
    let statement = match reason {
        ControlReason::Overdue => Statement::new(select_tickets!(
            "WHERE status IN ('new', 'in_progress', 'extended', 'deferred') AND due_at < ?
             ORDER BY due_at, id LIMIT ?"
        ))
        .bind::<Timestamptz, _>(now),
        ControlReason::NotAssigned => Statement::new(select_tickets!(
            "WHERE status = 'new' AND assign_by < ? ORDER BY assign_by, id LIMIT ?"
        ))
        .bind::<Timestamptz, _>(now),
        ControlReason::DueToday => Statement::new(select_tickets!(
            "WHERE status IN ('new', 'in_progress', 'extended', 'deferred') AND due_at >= ? AND due_at < ?
             ORDER BY due_at, id LIMIT ?"
        ))
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(midnight),
        ControlReason::UserWrote => Statement::new(select_tickets!(
            "WHERE user_wrote_at IS NOT NULL ORDER BY user_wrote_at, id LIMIT ?"
        )),
        ControlReason::NotTold => Statement::new(select_tickets!(
            "WHERE status = 'resolved' AND closes_at IS NULL
               AND NOT EXISTS (SELECT FROM permit_requests AS request
                               WHERE request.ticket_id = tickets.id AND request.state <> 'closed')
             ORDER BY registered_at, id LIMIT ?"
        )),
        ControlReason::Waiting => Statement::new(select_tickets!(
            "WHERE status IN ('new', 'in_progress', 'extended', 'deferred') AND due_at = 'infinity'
             ORDER BY id LIMIT ?"
        )),
    };
    let rows: Vec<TicketRow> = statement.bind::<BigInt, _>(limit).load(connection).await?;
    rows.into_iter().map(|row| row.read().map(|(ticket, _)| ticket)).collect()
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The tickets whose ten days are over, the longest first. That of a permit is closed by what becomes of the
/// permit.
pub(super) async fn to_close(
    connection: &mut Connection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<TicketId>> {
    let rows: Vec<IdRow> = Statement::new(
        "SELECT id FROM tickets WHERE closes_at <= ? AND user_wrote_at IS NULL
           AND NOT EXISTS (SELECT FROM permit_requests AS request
                           WHERE request.ticket_id = tickets.id AND request.state <> 'closed')
         ORDER BY closes_at LIMIT ?",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|row| TicketId(row.id)).collect())
}

/// Notes on a ticket since when a message of its user waits, and that one came `now`: what the user was told
/// before closes nothing. Locks the ticket.
pub(super) async fn note_written(
    connection: &mut Connection,
    id: TicketId,
    received_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    Statement::new(
        "UPDATE tickets
         SET user_wrote_at = coalesce(user_wrote_at, ?), user_last_wrote_at = greatest(user_last_wrote_at, ?),
             closes_at = NULL
         WHERE id = ?",
    )
    .bind::<Timestamptz, _>(received_at)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(id.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// The registration numbers of tickets.
pub(super) async fn registration_numbers(
    connection: &mut Connection,
    ids: &[TicketId],
) -> Result<HashMap<TicketId, String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Text)]
        registration_number: String,
    }
    let rows: Vec<Row> = Statement::new("SELECT id, registration_number FROM tickets WHERE id = ANY (?)")
        .bind::<Array<SqlUuid>, _>(ids.iter().map(|id| id.0).collect::<Vec<_>>())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (TicketId(row.id), row.registration_number)).collect())
}

async fn read_one(
    connection: &mut Connection,
    statement: Statement<'_>,
) -> Result<Option<(Ticket, Vec<u8>)>> {
    let row: Option<TicketRow> = statement.get_result(connection).await.optional()?;
    row.map(TicketRow::read).transpose()
}
