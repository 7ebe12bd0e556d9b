//! Reading requests and permits, and checking a permit that somebody shows.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kordon_schemas::Edrpou;
use kordon_schemas::permits as wire;
use kordon_schemas::permits::{
    PermitCheck, PermitConfirmation, PermitRefusal, PermitRequestPage, PermitRequestState,
    PermitRequestSummary, PermitScope, PermitUse, ReportedUse,
};

use super::model::{Confirmed, Permit, Reported, Request, RequestId};
use super::store::Whose;
use super::{misread, no_permit, number, rules, sees, store, unknown};
use crate::database::Connection;
use crate::error::Result;
use crate::parties::{self, Actor, Role};
use crate::support::tickets::reading::{of_itself, registration_numbers};

/// The most requests on a page.
pub const LARGEST_PAGE: i64 = 100;

/// A request with all that belongs to it. It shows contacts: the caller records the reading first.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) also when the actor does not see it.
pub async fn get(
    connection: &mut Connection,
    actor: &Actor,
    id: RequestId,
    now: DateTime<Utc>,
) -> Result<wire::PermitRequest> {
    let request = store::one(connection, id).await?.ok_or_else(|| unknown(id))?;
    if !sees(connection, actor, &request).await? {
        return Err(unknown(id));
    }
    let ticket = of_itself(connection, request.ticket).await?;
    let uses = store::uses(connection, id).await?;
    let not_used_because = request.permit.as_ref().and_then(|permit| permit.not_used_because.clone());
    Ok(wire::PermitRequest {
        summary: summary(&request, ticket.registration_number, late(&request, &uses), now),
        user: ticket.user,
        trader: request.trader.seen(),
        substance: ticket.substance,
        began_at: request.began_at,
        agreed_until: request.agreed_until,
        checks: request.checks,
        seen_by_office: request.seen_by_office,
        to_withdraw: store::data(connection, id).await?,
        use_corrections: store::use_corrections(connection, id).await?,
        uses: uses.into_iter().map(|reported| use_seen(request.permit.as_ref(), reported)).collect(),
        not_used_because,
        corrections: store::corrections(connection, id).await?,
        confirmed_before: request.confirmed.map(|Confirmed { decision, told }| PermitConfirmation {
            confirmed_at: decision.at,
            reason: decision.reason,
            office_told_at: told.office,
            trader_told_at: told.trader,
        }),
    })
}

/// Where a request stands, for a reader at `now`.
///
/// # Errors
/// When the database is away.
pub async fn seen(
    connection: &mut Connection,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<PermitRequestSummary> {
    let ticket = of_itself(connection, request.ticket).await?;
    let uses = store::uses(connection, request.id).await?;
    Ok(summary(request, ticket.registration_number, late(request, &uses), now))
}

/// Requests by the time to decide them: of lines 1 and 2 all, of an office those that its system filed or
/// that line 1 filed for it, of a trader its own. At most `limit` of them and never
/// more than [`LARGEST_PAGE`].
///
/// # Errors
/// When the database is away.
pub async fn list(
    connection: &mut Connection,
    actor: &Actor,
    state: Option<PermitRequestState>,
    after: Option<RequestId>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<PermitRequestPage> {
    let whose = match actor.role {
        Role::SupportLine1 | Role::SupportLine2 => Whose::All,
        Role::Trader => Whose::OfTrader(parties::edrpou_of(connection, actor.system).await?),
        Role::DepartureOffice => {
            Whose::OfOffice(actor.system, parties::edrpou_of(connection, actor.system).await?)
        }
        // Whoever else is let in has what its own system filed.
        Role::SupportLine3
        | Role::BorderGuard
        | Role::Customs
        | Role::QueueOperator
        | Role::ZoneOperator
        | Role::Police
        | Role::Ministry
        | Role::PressOffice
        | Role::Taxud
        | Role::Administrator => Whose::OfOffice(actor.system, None),
    };
    let limit = limit.clamp(1, LARGEST_PAGE);
    let mut requests = store::listed(connection, &whose, state, after, limit + 1).await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = requests.len() > size;
    requests.truncate(size);
    let tickets: Vec<_> = requests.iter().map(|request| request.ticket).collect();
    let numbers = registration_numbers(connection, &tickets).await?;
    let mut uses: BTreeMap<RequestId, Vec<Reported>> = BTreeMap::new();
    let ids: Vec<_> = requests.iter().map(|request| request.id).collect();
    for (id, reported) in store::uses_of(connection, &ids).await? {
        uses.entry(id).or_default().push(reported);
    }
    let next = requests.last().map(|request| request.id.0).filter(|_| more);
    let items = requests.iter().map(|request| {
        let number = numbers.get(&request.ticket).cloned().unwrap_or_default();
        let late = uses.get(&request.id).and_then(|uses| late(request, uses));
        summary(request, number, late, now)
    });
    Ok(PermitRequestPage { items: items.collect(), next })
}

/// Whether a permit holds at `now`, for any office that is shown its number; with a code, also whether it was
/// given to that trader. The answer says no more than that.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) for a number that was never given,
/// [`Error::Invalid`](crate::Error::Invalid) for one that was misread.
pub async fn check(
    connection: &mut Connection,
    written: &str,
    trader: Option<&Edrpou>,
    now: DateTime<Utc>,
) -> Result<PermitCheck> {
    let read = number::read(written).ok_or_else(misread)?;
    let request = store::by_number(connection, read).await?.ok_or_else(|| no_permit(written))?;
    checked(&request, trader, now).ok_or_else(|| no_permit(written))
}

/// What a check tells of a request's permit.
pub(super) fn checked(request: &Request, trader: Option<&Edrpou>, now: DateTime<Utc>) -> Option<PermitCheck> {
    let permit = request.permit.as_ref()?;
    Some(PermitCheck {
        number: permit.number.clone(),
        valid: rules::is_valid(permit, now),
        state: rules::state(permit, now),
        scope: scope(request, permit),
        valid_from: permit.valid.map(|valid| valid.from),
        valid_until: permit.valid.map(|valid| valid.until),
        trader_matches: trader.map(|trader| request.trader.code.legal_entity() == Some(trader)),
        checked_at: now,
    })
}

fn scope(request: &Request, permit: &Permit) -> PermitScope {
    PermitScope { office: request.office.clone(), systems: permit.systems.iter().copied().collect() }
}

/// How many of the uses line 1 is to look at; `None`: none.
fn late(request: &Request, uses: &[Reported]) -> Option<u64> {
    let permit = request.permit.as_ref()?;
    let is_late = |Reported { used, at }: &&Reported| {
        rules::is_after_end(permit, used.released_on) || rules::is_after_report(permit, *at)
    };
    u64::try_from(uses.iter().filter(is_late).count()).ok().filter(|count| *count > 0)
}

fn use_seen(permit: Option<&Permit>, reported: Reported) -> ReportedUse {
    let Reported { used: PermitUse { registration_number, released_on }, at } = reported;
    ReportedUse {
        registration_number,
        released_on,
        reported_at: at,
        after_end: permit.is_some_and(|permit| rules::is_after_end(permit, released_on)),
        after_report: permit.is_some_and(|permit| rules::is_after_report(permit, at)),
    }
}

fn summary(
    request: &Request,
    registration_number: String,
    late_uses: Option<u64>,
    now: DateTime<Utc>,
) -> PermitRequestSummary {
    let decision = request.decision.as_ref();
    PermitRequestSummary {
        id: request.id.0,
        ticket: request.ticket.0,
        registration_number,
        asks: request.asks,
        state: request.state,
        office: request.office.clone(),
        customs_edrpou: request.customs.clone(),
        trader_kind: request.trader.code.kind(),
        trader_name: request.trader.public_name().map(str::to_owned),
        trader_edrpou: request.trader.code.legal_entity().cloned(),
        systems: request.systems.iter().copied().collect(),
        received_at: request.received_at,
        decide_by: rules::decide_by(request.received_at),
        decided_late: rules::is_late(request.received_at, request.first_decided_at(), now),
        decided_at: decision.map(|decision| decision.at),
        refusal: decision.and_then(|decision| {
            decision.refused.map(|ground| PermitRefusal { ground, reason: decision.reason.clone() })
        }),
        office_told_at: request.told.office,
        trader_told_at: request.told.trader,
        permit: request.permit.as_ref().map(|permit| permit_seen(request, permit, now)),
        late_uses,
    }
}

fn permit_seen(request: &Request, permit: &Permit, now: DateTime<Utc>) -> wire::Permit {
    let (revoked_at, revoked_because) = permit.revoked.clone().unzip();
    wire::Permit {
        number: permit.number.clone(),
        state: rules::state(permit, now),
        scope: scope(request, permit),
        outage: permit.outage.map(|outage| outage.0),
        continues: permit.continues.clone(),
        issued_at: permit.issued_at,
        valid_from: permit.valid.map(|valid| valid.from),
        valid_until: permit.valid.map(|valid| valid.until),
        stamp: rules::stamp(permit),
        revoked_at,
        revoked_because,
    }
}
