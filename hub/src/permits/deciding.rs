//! Line 2 confirms or refutes the failure (H4.5). A confirmed failure becomes a permit, where the procedure
//! was asked for.

use std::collections::BTreeSet;
use std::mem;

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Kyiv;
use diesel_async::AsyncConnection;
use kordon_schemas::ProblemCode;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::outages::{AffectedSystem, OutageLevel, OutageState};
use kordon_schemas::permits::{PermitDecisionIn, PermitOutcome};
use kordon_schemas::support::{Line, TicketStatus};
use kordon_schemas::tickets::TicketMoveIn;

use super::announcing::announce;
use super::model::{
    Confirmed, Decision, Permit, PermitRequestState, PermitState, RefusalGround, Request, RequestId,
};
use super::rules::{PermitAct, RequestAct, confirming, permit_after, request_after};
use super::{checks, locked, number, refused, rules, store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::outages::{self, Outage, OutageId};
use crate::parties::Actor;
use crate::support::statuses::Mover;
use crate::support::tickets::acting::{due_again, move_along, standing_of};

/// Decides a request that line 1 passed to line 2. A decision after the four hours is taken too; that it was
/// late stays visible. A permit of which not both were told is refused, where the incident was solved
/// meanwhile (H4.9).
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Refused`] with `permit_move_refused` when it is decided already, with
/// `ticket_move_refused` when line 2 does not have the ticket; [`Error::Invalid`] naming each fault.
pub async fn decide(
    connection: &mut Connection,
    actor: &Actor,
    id: RequestId,
    found: &PermitDecisionIn,
    now: DateTime<Utc>,
) -> Result<Request> {
    let PermitDecisionIn { outcome, ground, reason, outage } = found;
    let reason = checks::reason(reason)?;
    connection
        .transaction(async |connection| {
            let mut request = locked(connection, actor, id).await?;
            let act = match outcome {
                PermitOutcome::Confirmed => confirming(request.asks),
                PermitOutcome::Refused => RequestAct::Refuse,
            };
            let before = request.state;
            request.state = request_after(before, act).map_err(|refusal| refused(&refusal))?;
            let refused_on = ground_of(*outcome, *ground)?;
            match before {
                // Line 1 has the ticket, to tell both.
                PermitRequestState::Permitted => solved_before_use(&mut request, refused_on, &reason, now)?,
                PermitRequestState::Open
                | PermitRequestState::Confirmed
                | PermitRequestState::Refused
                | PermitRequestState::Closed => check_passed(connection, &request).await?,
            }
            // A clock that was set back does not put the decision before the request.
            let at = now.max(request.first_decided_at().unwrap_or(request.received_at));
            let rests_on = match (act, outage) {
                (RequestAct::ConfirmFailure | RequestAct::Permit, outage) => {
                    running(connection, *outage, &request.systems, at).await?
                }
                (RequestAct::Refuse | RequestAct::Close, None) => None,
                (RequestAct::Refuse | RequestAct::Close, Some(_)) => {
                    return Err(Error::fault("/outage", "belongs to a confirmation: leave it out"));
                }
            };
            let decision = Decision { at, by: actor.system, reason: reason.clone(), refused: refused_on };
            if let Some(decision) = request.decision.replace(decision) {
                // What was confirmed, and who was told of it, stays; both are told of the refusal.
                request.confirmed = Some(Confirmed { decision, told: mem::take(&mut request.told) });
            }
            if act == RequestAct::Permit {
                request.permit = Some(permit(connection, &request, rests_on, at).await?);
            }
            store::update(connection, &request).await?;
            if before == PermitRequestState::Permitted {
                announce(connection, &request, NoticeKind::PermitRevoked, actor.system, now).await?;
            } else {
                hand_on(connection, actor, &request, &reason, now).await?;
            }
            Ok(request)
        })
        .await
}

/// A refusal has a ground, and nothing else has.
fn ground_of(outcome: PermitOutcome, ground: Option<RefusalGround>) -> Result<Option<RefusalGround>> {
    match (outcome, ground) {
        (PermitOutcome::Refused, Some(ground)) => Ok(Some(ground)),
        (PermitOutcome::Confirmed, None) => Ok(None),
        (PermitOutcome::Refused, None) => {
            Err(Error::fault("/ground", "is missing: a refusal has a ground (H4.9)"))
        }
        (PermitOutcome::Confirmed, Some(_)) => {
            Err(Error::fault("/ground", "belongs to a refusal: leave it out"))
        }
    }
}

/// Who goes on solving keeps the ticket, and it is due by its own clocks; what was decided is line 1's to
/// tell.
async fn hand_on(
    connection: &mut Connection,
    actor: &Actor,
    request: &Request,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    if request.state == PermitRequestState::Confirmed {
        return due_again(connection, request.ticket, now).await;
    }
    let hand_back = TicketMoveIn {
        to: TicketStatus::InProgress,
        line: Some(Line::First),
        reason: Some(told_to_line_1(request, reason)),
        // Nobody says who of line 1 tells it; whom it named before is responsible again.
        official: None,
    };
    let by = Mover::Line(Line::Second);
    move_along(connection, request.ticket, by, Some(actor), &hand_back, now).await.map(drop)
}

/// The incident was solved before both were told of the permit, so it does not come into force, and the
/// procedure is refused (H4.9). One that is in force is taken back by its own act.
fn solved_before_use(
    request: &mut Request,
    ground: Option<RefusalGround>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(permit) = &mut request.permit else { return Ok(()) };
    permit_after(rules::state(permit, now), PermitAct::Refuse).map_err(|refusal| refused(&refusal))?;
    if ground != Some(RefusalGround::Solved) {
        return Err(Error::fault("/ground", "is `solved`: the failure was confirmed, and a permit given"));
    }
    permit.revoked = Some((now.max(permit.issued_at), reason.to_owned()));
    Ok(())
}

/// Line 2 decides what line 1 has passed to it (H4.4).
async fn check_passed(connection: &mut Connection, request: &Request) -> Result<()> {
    let standing = standing_of(connection, request.ticket).await?;
    if standing.line == Line::Second && standing.status != TicketStatus::New {
        return Ok(());
    }
    let detail = format!(
        "the ticket of this request is {} with {}: line_1 passes it to line_2 first (H4.4)",
        standing.status, standing.line
    );
    Err(Error::refused(ProblemCode::TicketMoveRefused, detail))
}

/// The outage of Ukraine's own that runs and takes one of these systems away: a permit is for a failure of
/// the systems that clause 1 of section IV names, and no neighbour's are among them.
async fn running(
    connection: &mut Connection,
    outage: Option<uuid::Uuid>,
    systems: &BTreeSet<AffectedSystem>,
    now: DateTime<Utc>,
) -> Result<Option<Outage>> {
    let wrong = |detail: &str| Err(Error::fault("/outage", detail));
    let Some(id) = outage else {
        // A failure between a trader and the customs systems is nobody else's outage.
        return if systems.iter().all(|system| *system == AffectedSystem::DeclarantLink) {
            Ok(None)
        } else {
            wrong("is missing: declare the outage of these systems first, and name it")
        };
    };
    let outage = match outages::get(connection, OutageId(id)).await {
        Ok(outage) => outage,
        Err(Error::NotFound { .. }) => return wrong("is no outage of this hub"),
        Err(other) => return Err(other),
    };
    match outage.scope.level {
        OutageLevel::National => {}
        OutageLevel::Central | OutageLevel::Neighbour => {
            return wrong("is not of Ukraine's own systems: no permit rests on it");
        }
    }
    match outages::rules::state(&outage, now) {
        OutageState::Running if outage.affected_systems.is_disjoint(systems) => {
            wrong("takes none of the systems of the request away")
        }
        OutageState::Running => Ok(Some(outage)),
        OutageState::Scheduled => wrong("has not begun"),
        OutageState::Recovered => wrong("is over: the incident was solved, refuse on the ground `solved`"),
        OutageState::Cancelled => wrong("was withdrawn"),
    }
}

async fn permit(
    connection: &mut Connection,
    request: &Request,
    outage: Option<Outage>,
    at: DateTime<Utc>,
) -> Result<Permit> {
    let before = store::standing(connection, &request.office, &request.trader.code).await?;
    let continues = before
        .into_iter()
        .filter_map(|other| other.permit)
        .find(|permit| matches!(rules::state(permit, at), PermitState::InForce | PermitState::Expired));
    let count = store::next_number(connection, at.with_timezone(&Kyiv).date_naive()).await?;
    Ok(Permit {
        number: number::number(at, count),
        systems: match &outage {
            Some(outage) => rules::confirmed_systems(&request.systems, &outage.affected_systems),
            None => request.systems.clone(),
        },
        outage: outage.map(|outage| outage.id),
        continues: continues.map(|permit| permit.number),
        issued_at: at,
        valid: None,
        raised_fallback: false,
        warned_at: None,
        expiry_noted_at: None,
        revoked: None,
        not_used_because: None,
        closed_at: None,
    })
}

/// What line 1 reads with the ticket that comes back.
fn told_to_line_1(request: &Request, reason: &str) -> String {
    let outcome = match (&request.permit, request.decision.as_ref().and_then(|decision| decision.refused)) {
        (Some(permit), _) => format!("The failure is confirmed, permit {} is given", permit.number),
        (None, Some(ground)) => format!("Refused ({ground})"),
        (None, None) => "The failure is confirmed".to_owned(),
    };
    // A reason of a ticket is as long as that of a decision; the outcome comes first, and may cut the rest.
    format!("{outcome}: {reason}").chars().take(2_000).collect()
}
