//! The SQL of the daily control and the figures.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use kordon_schemas::control::{ControlReason, TicketFigures};
use kordon_schemas::support::{Line, Priority};
use kordon_schemas::tickets::{TicketChannel, TicketKind};

use crate::database::{Connection, Statement};
use crate::error::{Error, Result};

/// How many tickets a list has.
pub(super) async fn count(
    connection: &mut Connection,
    reason: ControlReason,
    now: DateTime<Utc>,
    midnight: DateTime<Utc>,
) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let statement = match reason {
        ControlReason::Overdue => Statement::new(
            "SELECT count(*) AS count FROM tickets
             WHERE status IN ('new', 'in_progress', 'extended', 'deferred') AND due_at < ?",
        )
        .bind::<Timestamptz, _>(now),
        ControlReason::NotAssigned => {
            Statement::new("SELECT count(*) AS count FROM tickets WHERE status = 'new' AND assign_by < ?")
                .bind::<Timestamptz, _>(now)
        }
        ControlReason::DueToday => Statement::new(
            "SELECT count(*) AS count FROM tickets
             WHERE status IN ('new', 'in_progress', 'extended', 'deferred') AND due_at >= ? AND due_at < ?",
        )
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(midnight),
        ControlReason::UserWrote => {
            Statement::new("SELECT count(*) AS count FROM tickets WHERE user_wrote_at IS NOT NULL")
        }
        ControlReason::NotTold => Statement::new(
            "SELECT count(*) AS count FROM tickets WHERE status = 'resolved' AND closes_at IS NULL
               AND NOT EXISTS (SELECT FROM permit_requests AS request
                               WHERE request.ticket_id = tickets.id AND request.state <> 'closed')",
        ),
        ControlReason::Waiting => Statement::new(
            "SELECT count(*) AS count FROM tickets
             WHERE status IN ('new', 'in_progress', 'extended', 'deferred') AND due_at = 'infinity'",
        ),
    };
    let row: Row = statement.get_result(connection).await?;
    Ok(row.count)
}

#[derive(QueryableByName)]
struct FiguresRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Text)]
    priority: String,
    #[diesel(sql_type = Text)]
    line: String,
    #[diesel(sql_type = BigInt)]
    registered: i64,
    #[diesel(sql_type = BigInt)]
    taken: i64,
    #[diesel(sql_type = BigInt)]
    resolved: i64,
    #[diesel(sql_type = BigInt)]
    closed: i64,
    #[diesel(sql_type = BigInt)]
    reopened: i64,
    #[diesel(sql_type = BigInt)]
    measured: i64,
    #[diesel(sql_type = BigInt)]
    in_time: i64,
    #[diesel(sql_type = BigInt)]
    assignment_measured: i64,
    #[diesel(sql_type = BigInt)]
    assigned_in_time: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    to_taken_p50: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    to_taken_p90: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    to_resolved_p50: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    to_resolved_p90: Option<i64>,
}

/// The figures of the tickets that were registered in a period, from the history of their statuses.
pub(super) async fn figures(
    connection: &mut Connection,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<TicketFigures>> {
    let rows: Vec<FiguresRow> = Statement::new(
        "WITH registered AS (
             SELECT id, kind, channel, priority, received_at, taken_at, in_time, assigned_in_time FROM tickets
             WHERE registered_at >= ? AND registered_at < ?
         ), step AS (
             SELECT act.ticket_id, act.at, act.status, act.line,
                    lag(act.status) OVER (PARTITION BY act.ticket_id ORDER BY act.number) AS before
             FROM registered JOIN ticket_acts AS act ON act.ticket_id = registered.id
         ), history AS (
             SELECT ticket_id, max(line) AS line,
                    min(at) FILTER (WHERE status = 'resolved') AS resolved_at,
                    min(at) FILTER (WHERE status = 'closed') AS closed_at,
                    count(*) FILTER (WHERE status = 'in_progress' AND before IN ('resolved', 'closed')) AS reopened
             FROM step GROUP BY ticket_id
         )
         SELECT kind, channel, priority, line, count(*) AS registered, count(taken_at) AS taken,
                count(resolved_at) AS resolved, count(closed_at) AS closed, sum(reopened)::bigint AS reopened,
                count(in_time) AS measured, count(*) FILTER (WHERE in_time) AS in_time,
                count(assigned_in_time) AS assignment_measured,
                count(*) FILTER (WHERE assigned_in_time) AS assigned_in_time,
                (percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM taken_at - received_at)))::bigint AS to_taken_p50,
                (percentile_disc(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM taken_at - received_at)))::bigint AS to_taken_p90,
                (percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM resolved_at - received_at)))::bigint AS to_resolved_p50,
                (percentile_disc(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM resolved_at - received_at)))::bigint AS to_resolved_p90
         FROM registered JOIN history ON history.ticket_id = registered.id
         GROUP BY kind, channel, priority, line
         ORDER BY kind, channel, priority, line",
    )
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(until)
    .load(connection)
    .await?;
    rows.into_iter().map(FiguresRow::read).collect()
}

impl FiguresRow {
    fn read(self) -> Result<TicketFigures> {
        let stored_badly = || Error::stored_badly("a ticket", "one of its words");
        Ok(TicketFigures {
            kind: TicketKind::from_word(&self.kind).ok_or_else(stored_badly)?,
            channel: TicketChannel::from_word(&self.channel).ok_or_else(stored_badly)?,
            priority: Priority::from_word(&self.priority).ok_or_else(stored_badly)?,
            line: Line::from_word(&self.line).ok_or_else(stored_badly)?,
            registered: self.registered,
            taken: self.taken,
            resolved: self.resolved,
            closed: self.closed,
            reopened: self.reopened,
            measured: self.measured,
            in_time: self.in_time,
            in_time_permille: (self.in_time * 1000).checked_div(self.measured),
            assignment_measured: self.assignment_measured,
            assigned_in_time: self.assigned_in_time,
            assigned_in_time_permille: (self.assigned_in_time * 1000).checked_div(self.assignment_measured),
            to_taken_p50_seconds: self.to_taken_p50,
            to_taken_p90_seconds: self.to_taken_p90,
            to_resolved_p50_seconds: self.to_resolved_p50,
            to_resolved_p90_seconds: self.to_resolved_p90,
        })
    }
}
