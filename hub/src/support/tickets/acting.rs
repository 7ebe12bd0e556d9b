//! What is done with a ticket after its registration. Each act locks the ticket, is checked against where it
//! stands, is recorded with who and when, and brings the ticket's deadline in the lists up to date.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::ProblemCode;
use kordon_schemas::messages::AnswerKind;
use kordon_schemas::support::{DeadlineClock, Line, TicketStatus};
use kordon_schemas::tickets::{
    PeopleIn, TellingIn, TellingOf, TicketChannel, TicketExtensionIn, TicketMoveIn, TicketPriorityIn,
};

use super::model::{Act, Deed, Ticket, TicketId, answers_user, history, unopposed_since};
use super::officials::check_named;
use super::outcomes::{LONGEST_REASON, Outcome, handled_by, move_refused, outcome, prolongation};
use super::{line_of, reading, store, unknown};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{Actor, SystemId};
use crate::permits;
use crate::support::deadlines::limits::closes_at;
use crate::support::deadlines::{Deadline, DeadlineState, History, deadlines};
use crate::support::letters::{self, Content};
use crate::support::rules;
use crate::support::statuses::{Mover, TicketStanding};
use crate::support::timers::Acted;

/// What somebody wants to do with a ticket.
#[derive(Debug, Clone, Copy)]
pub enum Wish<'i> {
    /// Another status, another line.
    Move(&'i TicketMoveIn),
    /// Another priority.
    Prioritise(&'i TicketPriorityIn),
    /// A later deadline.
    Extend(&'i TicketExtensionIn),
    /// To record that the user was told something.
    Tell(&'i TellingIn),
    /// To write to the user. The letter itself is [`crate::support::letters`]'s.
    Answer(AnswerKind),
    /// To name the people involved.
    Involve(&'i PeopleIn),
}

/// Does something with a ticket that stands at `version`.
///
/// # Errors
/// [`Error::NotFound`] also when the actor does not see the ticket; [`Error::Refused`] with
/// `precondition_failed` when it is not at that version any more, with `ticket_move_refused` when it does not
/// move so; [`Error::Invalid`] naming each fault.
pub async fn act(
    connection: &mut Connection,
    actor: &Actor,
    id: TicketId,
    version: i32,
    wish: Wish<'_>,
    now: DateTime<Utc>,
) -> Result<Ticket> {
    connection
        .transaction(async |connection| {
            let ticket = done_by(connection, actor, id, version, wish, now).await?;
            match wish {
                Wish::Extend(_) | Wish::Move(_) => tell_prolongation(connection, actor, &ticket, now).await?,
                Wish::Involve(PeopleIn { people }) => store::set_people(connection, id, people).await?,
                Wish::Prioritise(_) | Wish::Tell(_) | Wish::Answer(_) => {}
            }
            Ok(ticket)
        })
        .await
}

/// The same within the caller's transaction, and without a word to the user.
///
/// # Errors
/// As [`act`].
pub(crate) async fn done_by(
    connection: &mut Connection,
    actor: &Actor,
    id: TicketId,
    version: i32,
    wish: Wish<'_>,
    now: DateTime<Utc>,
) -> Result<Ticket> {
    let ticket = store::locked(connection, id).await?.ok_or_else(|| unknown(id))?;
    let acts = store::acts(connection, id).await?;
    reading::check_sees(connection, actor, &ticket, &acts, now).await?;
    if version != ticket.version {
        let detail = format!("the ticket is at version {}", ticket.version);
        return Err(Error::refused(ProblemCode::PreconditionFailed, detail));
    }
    let by = line_of(actor.role).map_or(Mover::User, Mover::Line);
    check_settled(connection, id, wish).await?;
    let outcome = outcome(&ticket, &acts, by, wish, now)?;
    if let Wish::Move(_) = wish {
        check_named(by, &acts, outcome.standing, outcome.official.as_ref())?;
    }
    record(connection, ticket, acts, outcome, Some(actor.system), line_of(actor.role), now).await
}

/// Whoever wrote by mail hears by mail that the term was prolonged: by an extension, or because the ticket
/// waits from now on (H3.13). Line 1 tells the others, and records it.
async fn tell_prolongation(
    connection: &mut Connection,
    actor: &Actor,
    ticket: &Ticket,
    now: DateTime<Utc>,
) -> Result<()> {
    match ticket.channel {
        TicketChannel::Email => {}
        TicketChannel::WebModule | TicketChannel::Telephone => return Ok(()),
    }
    let acts = store::acts(connection, ticket.id).await?;
    let Some((until, reason)) = prolongation(&acts, handled_by(ticket, rules::built_in()?)) else {
        return Ok(());
    };
    let number = ticket.registration_number.clone();
    let content = Content::Extension { number, until, reason: reason.to_owned() };
    letters::to_user(connection, ticket, content, None, Some(actor.system), now).await?;
    Ok(())
}

/// Records by itself that the user was told something, when that is still so: a result that reaches a user
/// whose ticket was opened again meanwhile counts for nothing. In the caller's transaction.
///
/// # Errors
/// When the database is away.
pub(crate) async fn told_by_hub(
    connection: &mut Connection,
    id: TicketId,
    of: TellingOf,
    now: DateTime<Utc>,
) -> Result<Option<Ticket>> {
    let ticket = store::locked(connection, id).await?.ok_or_else(|| unknown(id))?;
    let acts = store::acts(connection, id).await?;
    match outcome(&ticket, &acts, Mover::Hub, Wish::Tell(&TellingIn { of }), now) {
        Ok(outcome) => record(connection, ticket, acts, outcome, None, None, now).await.map(Some),
        Err(Error::Refused { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Records that a letter which told the user something came back: the user was not told, and the ten days do
/// not count. In the caller's transaction.
///
/// # Errors
/// When the database is away.
pub(crate) async fn bounced(
    connection: &mut Connection,
    id: TicketId,
    of: TellingOf,
    because: &str,
    now: DateTime<Utc>,
) -> Result<Ticket> {
    let ticket = store::locked(connection, id).await?.ok_or_else(|| unknown(id))?;
    let acts = store::acts(connection, id).await?;
    let reason: String = because.chars().take(LONGEST_REASON).collect();
    let outcome = Outcome {
        deed: Deed::Bounced(of),
        standing: ticket.standing,
        reason: Some(reason).filter(|reason| !reason.is_empty()),
        official: None,
    };
    record(connection, ticket, acts, outcome, None, None, now).await
}

/// Moves a ticket because of something that stands apart from it, by the same table. One that is there
/// already stays as it is.
///
/// # Errors
/// [`Error::Refused`] with `ticket_move_refused` when nobody moves a ticket so from where it stands.
pub(crate) async fn move_along(
    connection: &mut Connection,
    id: TicketId,
    by: Mover,
    actor: Option<&Actor>,
    asked: &TicketMoveIn,
    now: DateTime<Utc>,
) -> Result<()> {
    let ticket = store::locked(connection, id).await?.ok_or_else(|| unknown(id))?;
    let there =
        ticket.standing.status == asked.to && asked.line.is_none_or(|line| line == ticket.standing.line);
    if there {
        return Ok(());
    }
    let acts = store::acts(connection, id).await?;
    let outcome = outcome(&ticket, &acts, by, Wish::Move(asked), now)?;
    let (system, by_line) = actor.map_or((None, None), |actor| (Some(actor.system), line_of(actor.role)));
    record(connection, ticket, acts, outcome, system, by_line, now).await?;
    Ok(())
}

/// Where a ticket stands, locked until the end of the transaction.
pub(crate) async fn standing_of(connection: &mut Connection, id: TicketId) -> Result<TicketStanding> {
    Ok(store::locked(connection, id).await?.ok_or_else(|| unknown(id))?.standing)
}

/// Closes tickets whose user was told the result ten days ago and did not object, but not those of a permit
/// whose uses are to be reported, at most `limit` of them. Any number of replicas may do so at once.
///
/// # Errors
/// When the database is away.
pub async fn close_unopposed(connection: &mut Connection, now: DateTime<Utc>, limit: i64) -> Result<Acted> {
    let mut closed = Acted::default();
    for id in due_to_close(connection, now, limit).await? {
        let did = connection.transaction(async |connection| close_one(connection, id, now).await).await;
        closed.note(id, did)?;
    }
    Ok(closed)
}

/// Closes one, unless that is not due any more.
async fn close_one(connection: &mut Connection, id: TicketId, now: DateTime<Utc>) -> Result<bool> {
    let Some(ticket) = store::locked(connection, id).await? else { return Ok(false) };
    // Since the list was read the user may have objected, or another replica been faster.
    if ticket.closes_at.is_none_or(|at| now < at) || ticket.user_wrote_at.is_some() {
        return Ok(false);
    }
    if permits::unsettled_of(connection, id).await?.is_some() {
        return Ok(false);
    }
    let acts = store::acts(connection, id).await?;
    let close = TicketMoveIn { to: TicketStatus::Closed, line: None, reason: None, official: None };
    let outcome = outcome(&ticket, &acts, Mover::Hub, Wish::Move(&close), now)?;
    record(connection, ticket, acts, outcome, None, None, now).await?;
    Ok(true)
}

/// The tickets whose ten days are over at `now` and whose user wrote nothing since, the longest first, at
/// most `limit` of them.
///
/// # Errors
/// When the database is away.
pub async fn due_to_close(
    connection: &mut Connection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<TicketId>> {
    store::to_close(connection, now, limit).await
}

async fn record(
    connection: &mut Connection,
    mut ticket: Ticket,
    mut acts: Vec<Act>,
    outcome: Outcome,
    by: Option<SystemId>,
    by_line: Option<Line>,
    now: DateTime<Utc>,
) -> Result<Ticket> {
    let Outcome { deed, standing, reason, official } = outcome;
    // A clock of the machine that was set back does not put an act before the one it follows.
    let at = acts.last().map_or(now, |last| last.at.max(now));
    let number = ticket.version + 1;
    let act = Act { number, at, deed, standing, by, by_line, reason, official };
    store::insert_act(connection, ticket.id, &act).await?;
    acts.push(act);
    ticket.version = number;
    ticket.standing = standing;
    if acts.last().is_some_and(answers_user) {
        ticket.user_wrote_at = None;
    }
    if standing.status != TicketStatus::New {
        ticket.taken_at.get_or_insert(at);
    }
    let history = history(&acts)?;
    ticket.closes_at = closes_at(&history, unopposed_since(&ticket, &acts));
    let deadlines = deadlines_of(&ticket, &history, at)?;
    ticket.due_at = due_at(connection, ticket.id, &deadlines).await?;
    ticket.assign_by = assign_by(&deadlines);
    let kept = Kept {
        assigned: kept(DeadlineClock::Assignment, &deadlines),
        resolved: kept(DeadlineClock::Ticket, &deadlines),
    };
    store::update(connection, &ticket, kept).await?;
    Ok(ticket)
}

/// Whether the deadlines that are counted were kept; `None`: that is not decided, or not measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    /// That of assignment.
    pub(super) assigned: Option<bool>,
    /// The ticket's own.
    pub(super) resolved: Option<bool>,
}

fn kept(clock: DeadlineClock, deadlines: &[Deadline]) -> Option<bool> {
    match deadlines.iter().find(|deadline| deadline.clock == clock)?.state {
        DeadlineState::Met => Some(true),
        DeadlineState::Missed => Some(false),
        DeadlineState::Running | DeadlineState::Overdue | DeadlineState::StandsStill { .. } => None,
    }
}

/// When a new ticket is to be assigned at the latest; `None` once it was.
fn assign_by(deadlines: &[Deadline]) -> Option<DateTime<Utc>> {
    let of_assignment = |deadline: &&Deadline| deadline.clock == DeadlineClock::Assignment;
    deadlines.iter().find(of_assignment).and_then(Deadline::binds_until)
}

/// Starts the clocks of a ticket that is registered: that of its assignment runs from this act.
///
/// # Errors
/// [`Error::Internal`] when a deadline lies too far away.
pub(super) fn begin_clocks(ticket: &mut Ticket, registered: &Act) -> Result<()> {
    let deadlines = deadlines_of(ticket, &history(std::slice::from_ref(registered))?, registered.at)?;
    ticket.due_at = deadlines.iter().filter_map(Deadline::binds_until).min();
    ticket.assign_by = assign_by(&deadlines);
    Ok(())
}

fn deadlines_of(ticket: &Ticket, history: &History, at: DateTime<Utc>) -> Result<Vec<Deadline>> {
    let rules = rules::built_in()?;
    deadlines(history, handled_by(ticket, rules), &rules.calendars, at)
        .map_err(|fault| Error::Internal(format!("the deadlines of ticket {}: {fault}", ticket.id)))
}

/// When a ticket is due: by the clocks of its lines and, while its request for a permit waits for the
/// decision, by the four hours of that, whichever ends first (H4.5).
async fn due_at(
    connection: &mut Connection,
    id: TicketId,
    deadlines: &[Deadline],
) -> Result<Option<DateTime<Utc>>> {
    let decide_by = permits::decide_by_of(connection, id).await?;
    Ok(deadlines.iter().filter_map(Deadline::binds_until).chain(decide_by).min())
}

/// Works out anew when a ticket is due, after something that stands apart from it changed. In the caller's
/// transaction.
///
/// # Errors
/// When the database is away.
pub(crate) async fn due_again(connection: &mut Connection, id: TicketId, now: DateTime<Utc>) -> Result<()> {
    let ticket = store::locked(connection, id).await?.ok_or_else(|| unknown(id))?;
    let acts = store::acts(connection, id).await?;
    let at = acts.last().map_or(now, |last| last.at.max(now));
    let deadlines = deadlines_of(&ticket, &history(&acts)?, at)?;
    let due_at = due_at(connection, id, &deadlines).await?;
    store::set_due(connection, id, due_at).await
}

/// A ticket with a request for a permit is resolved and closed by what becomes of the request (H4.8, H4.9).
async fn check_settled(connection: &mut Connection, id: TicketId, wish: Wish<'_>) -> Result<()> {
    let ends = match wish {
        Wish::Move(TicketMoveIn { to, .. }) => {
            matches!(to, TicketStatus::Resolved | TicketStatus::Deferred | TicketStatus::Closed)
        }
        Wish::Prioritise(_) | Wish::Extend(_) | Wish::Tell(_) | Wish::Answer(_) | Wish::Involve(_) => false,
    };
    match if ends { permits::unsettled_of(connection, id).await? } else { None } {
        None => Ok(()),
        Some(request) => Err(move_refused(&format!(
            "permit request {request} of this ticket is not settled; the ticket ends with it"
        ))),
    }
}
