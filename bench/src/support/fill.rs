//! The tickets, put in by sets under all constraints, keys and indexes of a hub.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::{CLOSING, OPEN};
use crate::ledger::Ledger;

/// How long it took.
pub(super) struct Filled {
    pub(super) tickets: i64,
    pub(super) acts: i64,
    pub(super) took: Duration,
}

/// A ticket of the support service as users file it. `n` counts them; what follows `AS filed` says where each
/// stands.
const TICKETS: &str = "
    INSERT INTO tickets (id, version, registration_number, kind, channel, status, line, priority, received_at, registered_at, taken_at,
                         due_at, closes_at, user_wrote_at, handling_version, filed_by, edrpou, contact, substance, content_digest)
    SELECT gen_random_uuid(), CASE status WHEN 'new' THEN 1 WHEN 'resolved' THEN 4 ELSE 2 END,
           '2026-' || lpad(n::text, 7, '0'), CASE n % 5 WHEN 0 THEN 'consultation' ELSE 'incident' END, 'web_module',
           status, CASE WHEN n % 3 = 0 AND status NOT IN ('new', 'resolved') THEN 'line_2' ELSE 'line_1' END,
           (ARRAY['critical', 'high', 'normal', 'normal', 'low'])[1 + n % 5], registered_at, registered_at,
           CASE WHEN status <> 'new' THEN registered_at + interval '7 minutes' END, due_at, closes_at, user_wrote_at, 1,
           (SELECT id FROM systems WHERE role = 'trader' ORDER BY id LIMIT 1), lpad((n % 90000 + 10000000)::text, 8, '0'),
           jsonb_build_object('kind', 'legal_entity', 'name', 'ТОВ «Перевізник» ' || n % 90000, 'person', 'Олена Шевченко',
                              'edrpou', lpad((n % 90000 + 10000000)::text, 8, '0'), 'email', 'dispatch' || n % 90000 || '@example.com'),
           'ЕТС не приймає декларації, відповідь 500. Номер звернення ' || n, sha256(n::text::bytea)
    FROM (";

/// Resolved and told: they close one by one in the ten days from tomorrow on.
const CLOSING_ONES: &str = "
        SELECT n, 'resolved' AS status, now() - interval '10 days' + n * interval '0.8 seconds' AS registered_at,
               'infinity'::timestamptz AS due_at, now() + interval '1 day' + n * interval '0.8 seconds' AS closes_at,
               NULL::timestamptz AS user_wrote_at
        FROM generate_series(1, ";

/// Open: of each hundred two are overdue, three due today, twenty wait, one has a message of its user; the
/// others are due later. One in a hundred more is resolved and was not told.
const OPEN_ONES: &str = "
        SELECT n, CASE WHEN n % 100 = 99 THEN 'resolved' WHEN n % 100 BETWEEN 5 AND 14 THEN 'new'
                       WHEN n % 100 BETWEEN 15 AND 24 THEN 'extended' ELSE 'in_progress' END AS status,
               now() - interval '9 days' + (n % 100000) * interval '7 seconds' AS registered_at,
               CASE WHEN n % 100 < 2 THEN now() - (n % 100000) * interval '1 second' - interval '1 minute'
                    WHEN n % 100 < 5 THEN least(now() + interval '2 hours', date_trunc('day', now()) + interval '21 hours')
                    WHEN n % 100 < 25 OR n % 100 = 99 THEN 'infinity'
                    ELSE now() + interval '2 days' + (n % 100000) * interval '5 seconds' END AS due_at,
               NULL::timestamptz AS closes_at, CASE WHEN n % 100 = 50 THEN now() - interval '1 hour' END AS user_wrote_at
        FROM generate_series(";

/// The acts by which the tickets came to stand where they do.
const ACTS: [&str; 4] = [
    "INSERT INTO ticket_acts (ticket_id, number, at, act, status, line, priority, by_system)
     SELECT id, 1, registered_at, 'registered', 'new', 'line_1', priority, filed_by FROM tickets",
    "INSERT INTO ticket_acts (ticket_id, number, at, act, status, line, priority, by_system, by_line)
     SELECT id, 2, taken_at, 'moved', CASE status WHEN 'extended' THEN 'extended' ELSE 'in_progress' END, line, priority, filed_by, 'line_1'
     FROM tickets WHERE taken_at IS NOT NULL",
    "INSERT INTO ticket_acts (ticket_id, number, at, act, status, line, priority, by_system, by_line, reason)
     SELECT id, 3, taken_at + interval '3 hours', 'moved', 'resolved', 'line_1', priority, filed_by, 'line_1', 'Виправлено.'
     FROM tickets WHERE status = 'resolved'",
    "INSERT INTO ticket_acts (ticket_id, number, at, act, status, line, priority, by_system, by_line, told)
     SELECT id, 4, taken_at + interval '4 hours', 'told', 'resolved', 'line_1', priority, filed_by, 'line_1', 'result'
     FROM tickets WHERE closes_at IS NOT NULL",
];

/// Fills, and has the planner learn what there is.
pub(super) async fn run(ledger: &Ledger) -> anyhow::Result<Filled> {
    let began = Instant::now();
    ledger.execute(&format!("{TICKETS}{CLOSING_ONES}{CLOSING}) AS n) AS filed")).await?;
    let (first, last) = (CLOSING + 1, CLOSING + OPEN);
    ledger.execute(&format!("{TICKETS}{OPEN_ONES}{first}, {last}) AS n) AS filed")).await?;
    for acts in ACTS {
        ledger.execute(acts).await?;
    }
    let took = began.elapsed();
    // As autovacuum does within a minute or so.
    ledger.execute("VACUUM (ANALYZE)").await?;
    let tickets = ledger.count("SELECT count(*) FROM tickets").await?;
    let acts = ledger.count("SELECT count(*) FROM ticket_acts").await?;
    ensure!(tickets == CLOSING + OPEN, "there are {tickets} tickets");
    Ok(Filled { tickets, acts, took })
}
