//! Reading tickets: one, its deadlines with how they were reached, and lists by deadline. A trader sees its
//! own tickets, an office its own, line 1 all, lines 2 and 3 those that they have or had, line 2's duty new
//! ones; what one does not see is not there.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use kordon_schemas::support::{Line, TicketStatus};
use kordon_schemas::tickets::{
    DeadlineStep, DeadlineStepKind, StandstillReason, TicketDeadline, TicketDeadlineState, TicketDeadlines,
    TicketDue, TicketPage,
};

use super::model::{Act, Ticket, TicketId, history};
use super::outcomes::{handled_by, line_1_works};
use super::store::Whose;
use super::{line_of, officials, store, unknown};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::{self, Actor, Role};
use crate::support::calendar::CalendarFault;
use crate::support::deadlines::{Deadline, DeadlineState, Extension, Step, Why, deadlines, explain};
use crate::support::rules;
use crate::support::statuses::new_ones_seen;

/// The most tickets on a page.
pub const LARGEST_PAGE: i64 = 100;

/// A ticket with its acts, at `now`: by night line 2 sees more of them.
///
/// # Errors
/// [`Error::NotFound`] also when the actor does not see it.
pub async fn get(
    connection: &mut Connection,
    actor: &Actor,
    id: TicketId,
    now: DateTime<Utc>,
) -> Result<(Ticket, Vec<Act>)> {
    let ticket = store::one(connection, id).await?.ok_or_else(|| unknown(id))?;
    let acts = store::acts(connection, id).await?;
    check_sees(connection, actor, &ticket, &acts, now).await?;
    Ok((ticket, acts))
}

/// A ticket, for what stands on it and has checked who sees it.
pub(crate) async fn of_itself(connection: &mut Connection, id: TicketId) -> Result<Ticket> {
    store::one(connection, id).await?.ok_or_else(|| unknown(id))
}

/// The registration numbers of tickets.
pub(crate) async fn registration_numbers(
    connection: &mut Connection,
    ids: &[TicketId],
) -> Result<HashMap<TicketId, String>> {
    store::registration_numbers(connection, ids).await
}

/// The ticket as a reader gets it, with the contact data of its user.
#[must_use]
pub fn seen(ticket: &Ticket, acts: &[Act]) -> kordon_schemas::tickets::Ticket {
    kordon_schemas::tickets::Ticket {
        summary: ticket.summary(),
        user: ticket.user.clone(),
        substance: ticket.substance.clone(),
        recording: ticket.recording.clone(),
        people: ticket.people.clone(),
        official: officials::responsible(acts),
        acts: acts.iter().map(Act::seen).collect(),
    }
}

/// The deadlines of a ticket at `now`, step by step.
///
/// # Errors
/// [`Error::NotFound`] also when the actor does not see the ticket.
pub async fn deadlines_of(
    connection: &mut Connection,
    actor: &Actor,
    id: TicketId,
    now: DateTime<Utc>,
) -> Result<TicketDeadlines> {
    let (ticket, acts) = get(connection, actor, id, now).await?;
    let rules = rules::built_in()?;
    let version = handled_by(&ticket, rules);
    let defect = |fault: CalendarFault| Error::Internal(format!("the deadlines of ticket {id}: {fault}"));
    let now = acts.last().map_or(now, |last| last.at.max(now));
    let deadlines = deadlines(&history(&acts)?, version, &rules.calendars, now).map_err(defect)?;
    let told = deadlines.iter().map(|deadline| {
        let steps = explain(deadline, &rules.calendars, now).map_err(defect)?;
        Ok(deadline_seen(deadline, &steps))
    });
    Ok(TicketDeadlines {
        ticket: ticket.id.0,
        registration_number: ticket.registration_number,
        deadlines: told.collect::<Result<_>>()?,
    })
}

/// Tickets by deadline, those without one last: for line 1 all open ones, for another line the open ones that
/// it has and the new ones of line 2's duty, for users their own. At most `limit` of them and never more than
/// [`LARGEST_PAGE`].
///
/// # Errors
/// When the database is away.
pub async fn list(
    connection: &mut Connection,
    actor: &Actor,
    due: Option<TicketDue>,
    after: Option<TicketId>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<TicketPage> {
    let whose = match line_of(actor.role) {
        Some(Line::First) => Whose::All,
        Some(line @ (Line::Second | Line::Third)) => {
            Whose::OfLine { line, new: new_ones_seen(line, line_1_works(now)?) }
        }
        None => Whose::Filed { by: actor.system, edrpou: edrpou(connection, actor).await? },
    };
    let just_before = now - TimeDelta::microseconds(1);
    let (from, until) = match due {
        None => ("-infinity".to_owned(), "infinity".to_owned()),
        // Later than any deadline that can be worked out, and not infinite.
        Some(TicketDue::Due) => (now.to_rfc3339(), "9999-12-31T00:00:00Z".to_owned()),
        Some(TicketDue::Overdue) => ("-infinity".to_owned(), just_before.to_rfc3339()),
        Some(TicketDue::Waiting) => ("infinity".to_owned(), "infinity".to_owned()),
    };
    let limit = limit.clamp(1, LARGEST_PAGE);
    let place = store::place(connection, after).await?;
    let mut tickets = store::listed(connection, &whose, (&from, &until), (&place, after), limit + 1).await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = tickets.len() > size;
    tickets.truncate(size);
    let next = tickets.last().map(|ticket| ticket.id.0).filter(|_| more);
    Ok(TicketPage { items: tickets.iter().map(Ticket::summary).collect(), next })
}

/// Refuses a ticket to an actor who does not see it, as if it were not there.
pub(super) async fn check_sees(
    connection: &mut Connection,
    actor: &Actor,
    ticket: &Ticket,
    acts: &[Act],
    now: DateTime<Utc>,
) -> Result<()> {
    let standing = ticket.standing;
    let sees = match line_of(actor.role) {
        Some(Line::First) => true,
        Some(line) => {
            let is_new = standing.status == TicketStatus::New;
            acts.iter().any(|act| act.standing.line == line)
                || is_new && new_ones_seen(line, line_1_works(now)?).contains(&standing.priority)
        }
        None => {
            ticket.filed_by == actor.system
                || (ticket.user.edrpou.is_some() && ticket.user.edrpou == edrpou(connection, actor).await?)
        }
    };
    if sees { Ok(()) } else { Err(unknown(ticket.id)) }
}

/// The legal entity whose tickets a trader sees, also those that line 1 entered for it. Customs offices share
/// one code, so an office sees what its own system filed.
async fn edrpou(connection: &mut Connection, actor: &Actor) -> Result<Option<String>> {
    if actor.role != Role::Trader {
        return Ok(None);
    }
    Ok(parties::edrpou_of(connection, actor.system).await?.map(String::from))
}

fn deadline_seen(deadline: &Deadline, steps: &[Step]) -> TicketDeadline {
    let (state, standing) = match deadline.state {
        DeadlineState::Running => (TicketDeadlineState::Running, None),
        DeadlineState::Overdue => (TicketDeadlineState::Overdue, None),
        DeadlineState::StandsStill { since, why } => (TicketDeadlineState::StandsStill, Some((since, why))),
        DeadlineState::Met => (TicketDeadlineState::Met, None),
        DeadlineState::Missed => (TicketDeadlineState::Missed, None),
    };
    TicketDeadline {
        clock: deadline.clock,
        state,
        started_at: deadline.run.started_at,
        stopped_at: deadline.run.stopped.map(|(at, _)| at),
        stands_still_since: standing.map(|(since, _)| since),
        stands_still_because: standing.map(|(_, why)| reason(why)),
        due_at: deadline.due_at,
        given_minutes: deadline.target.time.num_minutes(),
        worked_minutes: deadline.worked.num_minutes(),
        priority: deadline.priority,
        calendar: deadline.target.calendar.as_str().to_owned(),
        handling_version: deadline.version,
        steps: steps.iter().map(step_seen).collect(),
    }
}

const fn reason(why: Why) -> StandstillReason {
    match why {
        Why::InformationNeeded => StandstillReason::InformationNeeded,
        Why::ContractorInvolved => StandstillReason::ContractorInvolved,
        Why::SoftwareMustChange => StandstillReason::SoftwareMustChange,
        Why::AtAnotherLine => StandstillReason::AtAnotherLine,
    }
}

fn step_seen(step: &Step) -> DeadlineStep {
    let seen = |step, from: Option<&DateTime<Utc>>, until: Option<&DateTime<Utc>>| DeadlineStep {
        step,
        from: from.copied(),
        until: until.copied(),
        left_minutes: None,
        because: None,
    };
    match step {
        Step::Started { at, target } => DeadlineStep {
            left_minutes: Some(target.time.num_minutes()),
            ..seen(DeadlineStepKind::Started, Some(at), None)
        },
        Step::Counted { from, until, left, because } => DeadlineStep {
            left_minutes: Some(left.num_minutes()),
            because: because.clone(),
            ..seen(DeadlineStepKind::Counted, Some(from), Some(until))
        },
        Step::Closed { from, until, because } => DeadlineStep {
            because: because.clone(),
            ..seen(DeadlineStepKind::Closed, Some(from), Some(until))
        },
        Step::StoodStill { from, until, why, spared: _ } => DeadlineStep {
            because: Some(reason(*why).as_str().to_owned()),
            ..seen(DeadlineStepKind::StoodStill, Some(from), until.as_ref())
        },
        Step::UsedUp { at } => {
            DeadlineStep { left_minutes: Some(0), ..seen(DeadlineStepKind::UsedUp, Some(at), None) }
        }
        Step::Extended(Extension { at, ground, until, by: _ }) => DeadlineStep {
            because: Some(ground.as_str().to_owned()),
            ..seen(DeadlineStepKind::Extended, Some(at), Some(until))
        },
        Step::Stopped { at, by } => DeadlineStep {
            because: Some(by.as_str().to_owned()),
            ..seen(DeadlineStepKind::Stopped, Some(at), None)
        },
        Step::AndMore => seen(DeadlineStepKind::AndMore, None, None),
    }
}
