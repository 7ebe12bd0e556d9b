//! What the departure office reports of a permit (H4.8), and taking a permit back.

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::Fault;
use kordon_schemas::notices::NoticeKind;
use kordon_schemas::permits::{PermitReportIn, RevocationIn, UseCorrectionIn};

use super::announcing::announce;
use super::model::{Permit, PermitState, PermitUse, Request, RequestId};
use super::rules::{self, PermitAct, RequestAct, permit_after, request_after};
use super::{checks, ending, locked_by_number, move_refused, no_permit, refused, store};
use crate::database::Connection;
use crate::error::{Error, Result};
use crate::parties::Actor;

/// Records uses of a permit, or why there was none, and corrects them. A complete report ends the permit and
/// closes the ticket. The same use again is the same use, and so are the same correction and the same report.
/// A use that was released after the permit's end, or that comes after a complete report, is taken and
/// marked.
///
/// # Errors
/// [`Error::NotFound`] also when the actor does not see the permit; [`Error::Refused`] with
/// `permit_move_refused` when all was reported, and now there shall have been no use; [`Error::Invalid`]
/// naming each fault.
pub async fn report(
    connection: &mut Connection,
    actor: &Actor,
    number: &str,
    report: &PermitReportIn,
    now: DateTime<Utc>,
) -> Result<Request> {
    connection
        .transaction(async |connection| {
            let mut request = locked_by_number(connection, actor, number).await?;
            check_not_refused(&request)?;
            let Some(permit) = &mut request.permit else { return Err(no_permit(number)) };
            let before = rules::state(permit, now);
            check_reportable(permit, report, now)?;
            let (uses, because) =
                checks::report(report, rules::usable(permit), now).map_err(Error::Invalid)?;
            correct(connection, actor, request.id, &report.corrections, now).await?;
            let stand = take_in(connection, actor, request.id, &uses, now).await?;
            if because.is_some() && stand > 0 {
                let detail = format!("{stand} uses of the permit were reported");
                return Err(Error::fault("/not_used_because", detail));
            }
            let is_closed = before == PermitState::Closed;
            let unexplained = stand == 0 && because.is_none() && permit.not_used_because.is_none();
            if (report.complete || is_closed) && unexplained {
                let detail = "is missing: no use stands, say why";
                return Err(Error::fault("/not_used_because", detail));
            }
            if is_closed && because.is_some() && permit.not_used_because.is_none() {
                permit.not_used_because = because;
                store::update(connection, &request).await?;
            } else if report.complete && !is_closed {
                permit.not_used_because = because;
                permit.closed_at = Some(now);
                close(connection, actor, &mut request, before, now).await?;
            }
            Ok(request)
        })
        .await
}

/// Keeps the uses that are new, and tells how many stand now. One that was reported with another day is
/// corrected, not reported again.
async fn take_in(
    connection: &mut Connection,
    actor: &Actor,
    id: RequestId,
    uses: &[PermitUse],
    now: DateTime<Utc>,
) -> Result<usize> {
    store::add_uses(connection, id, uses, actor.system, now).await?;
    let kept = store::uses(connection, id).await?;
    let faults: Vec<Fault> = (0..)
        .zip(uses)
        .filter(|(_, used)| !kept.iter().any(|reported| reported.used == **used))
        .map(|(place, _): (usize, _)| {
            let detail = "was reported with another day of release; correct it with `corrections`";
            Fault::new(format!("/uses/{place}/released_on"), detail)
        })
        .collect();
    if faults.is_empty() { Ok(kept.len()) } else { Err(Error::Invalid(faults)) }
}

/// Ends the request of a permit on which all was reported, and what hangs on it. `before` is what the permit
/// was until then.
async fn close(
    connection: &mut Connection,
    actor: &Actor,
    request: &mut Request,
    before: PermitState,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(permit) = &mut request.permit else { return Ok(()) };
    // The office may be faster than the timer, which looks no more at what is closed.
    let expires = before == PermitState::Expired && permit.expiry_noted_at.is_none();
    if expires {
        permit.expiry_noted_at = Some(now);
    }
    let reason = Some(format!("The office reported all uses of permit {}", permit.number));
    request.closed_at = Some(now);
    request.state = request_after(request.state, RequestAct::Close).map_err(|refusal| refused(&refusal))?;
    store::update(connection, request).await?;
    ending::close_ticket(connection, actor, request, reason, now).await?;
    if before == PermitState::InForce {
        ending::lower_fallback(connection, request, actor.system, now).await?;
    } else if expires {
        ending::tell_expiry(connection, request, now).await?;
    }
    Ok(())
}

/// Puts right what was reported with a wrong number or day; what was reported before stays visible (0044).
async fn correct(
    connection: &mut Connection,
    actor: &Actor,
    id: RequestId,
    asked: &[UseCorrectionIn],
    now: DateTime<Utc>,
) -> Result<()> {
    if asked.is_empty() {
        return Ok(());
    }
    let stand = store::uses(connection, id).await?;
    let made = store::use_corrections(connection, id).await?;
    for change in rules::corrections::changes(&stand, &made, asked).map_err(Error::Invalid)? {
        store::correct_use(connection, id, &change, actor.system, now).await?;
    }
    Ok(())
}

/// What speaks against a report. Uses come before the end of all reporting, whatever else the permit is;
/// those that come after it were uses all the same, and open nothing again. Why there was none is said once:
/// at the end, or when the last one is taken back.
fn check_reportable(permit: &Permit, report: &PermitReportIn, now: DateTime<Utc>) -> Result<()> {
    let state = rules::state(permit, now);
    let because = report.not_used_because.as_deref().map(str::trim);
    let takes_back = permit.not_used_because.is_none() && report.corrections.iter().any(|one| one.never_was);
    let same = because.is_none() || because == permit.not_used_because.as_deref();
    if state == PermitState::Closed && (same || takes_back) {
        return Ok(());
    }
    permit_after(state, PermitAct::Close).map_err(|refusal| refused(&refusal)).map(drop)
}

/// Of a permit that was refused in the end there is nothing to report: line 1 tells both, and that closes the
/// ticket (H4.9).
fn check_not_refused(request: &Request) -> Result<()> {
    if request.decision.as_ref().is_some_and(|decision| decision.refused.is_some()) {
        let detail = "the incident was solved before the permit came into force: there is nothing to report";
        return Err(move_refused(detail));
    }
    Ok(())
}

/// Takes a permit back.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Refused`] with `permit_move_refused` when it is over; [`Error::Invalid`] for
/// a reason that is none.
pub async fn revoke(
    connection: &mut Connection,
    actor: &Actor,
    number: &str,
    revocation: &RevocationIn,
    now: DateTime<Utc>,
) -> Result<Request> {
    let reason = checks::reason(&revocation.reason)?;
    connection
        .transaction(async |connection| {
            let mut request = locked_by_number(connection, actor, number).await?;
            let Some(permit) = &mut request.permit else { return Err(no_permit(number)) };
            let before = rules::state(permit, now);
            permit_after(before, PermitAct::Revoke).map_err(|refusal| refused(&refusal))?;
            permit.revoked = Some((now, reason.clone()));
            store::update(connection, &request).await?;
            if before == PermitState::InForce {
                ending::lower_fallback(connection, &request, actor.system, now).await?;
            }
            announce(connection, &request, NoticeKind::PermitRevoked, actor.system, now).await?;
            Ok(request)
        })
        .await
}
