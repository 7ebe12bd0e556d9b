//! Recording that a fee was given back (Q19, Q42).

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::fees::{Refund, RefundIn};
use kordon_schemas::{Currency, ProblemCode};
use uuid::Uuid;

use super::model::{BookingFacts, Shares};
use super::pay::{checked, found};
use super::{ledger, rules, store};
use crate::crossings::LockedJournal;
use crate::database::{Connection, Database};
use crate::error::{Error, Result};
use crate::parties::Actor;
use crate::repeats;

/// A refund, and whether this request recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// The refund.
    pub refund: Refund,
    /// False: it was there, under the same reference and with the same content.
    pub is_new: bool,
}

/// Records a refund. How much it is follows from the facts of the booking and the rules that it was booked
/// under. Each case gives once, and all together never more than was paid.
///
/// # Errors
/// [`Error::NotFound`] for a booking that is not there, elsewhere, or another operator's; [`Error::Invalid`]
/// with every fault; `not_refundable`, which says what stands in the way; `idempotency_conflict`.
pub async fn refund(
    database: &Database,
    actor: &Actor,
    booking: Uuid,
    asked: &RefundIn,
    now: DateTime<Utc>,
) -> Result<Refunded> {
    let RefundIn { reference, case, refunded_at } = asked;
    let refunded_at = checked(reference, *refunded_at, "/refunded_at", now)?;
    let digest = repeats::digest(&(booking, "refund", asked))?;
    let mut connection = database.connection().await?;
    let at = found(&mut connection, actor, booking, now).await?.checkpoint;
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, &at).await?;
            let facts = found(connection, actor, booking, now).await?;
            let earlier = store::refunds(connection, &facts).await?;
            if let Some(known) = store::by_reference(connection, actor.system, reference).await? {
                known.require(digest, reference)?;
                let refund = earlier.into_iter().find(|refund| refund.reference == *reference);
                let refund = refund.ok_or_else(|| Error::Internal("a refund has no record".into()))?;
                return Ok(Refunded { refund, is_new: false });
            }
            let (paid, refunded, zone) = position_of(connection, &facts, asked, &earlier).await?;
            let refund_rules = store::refund_rules(connection, &facts).await?;
            let (percent, grounds) = rules::refundable(*case, &facts, &refund_rules)?;
            let shares = rules::refund_of(paid, refunded, percent)?;
            let position = journal.draw();
            let refund = Refund {
                position: position.0,
                booking,
                checkpoint: facts.checkpoint.clone(),
                reference: reference.clone(),
                case: *case,
                percent,
                grounds,
                uah: shares.told_in(Currency::Hryvnia),
                rules_version: facts.rules_version,
                refunded_at,
                recorded_at: now,
            };
            let new = store::NewTransaction {
                actor,
                facts: &facts,
                position,
                reference,
                digest,
                shares,
                happened_at: refunded_at,
                recorded_at: now,
            };
            store::insert_refund(connection, &new, &refund).await?;
            store::insert_entries(connection, &new, &zone, &ledger::of_refund(shares)).await?;
            journal.advance(connection, now).await?;
            Ok(Refunded { refund, is_new: true })
        })
        .await
}

/// What was paid, what of it was given back, and to which zone its share went.
async fn position_of(
    connection: &mut Connection,
    facts: &BookingFacts,
    asked: &RefundIn,
    earlier: &[Refund],
) -> Result<(Shares, Shares, String)> {
    let not = |detail: String| Error::refused(ProblemCode::NotRefundable, detail);
    let Some(payment) = store::payment(connection, facts).await? else {
        return Err(not("the fee of this booking is not paid".into()));
    };
    if let Some(same) = earlier.iter().find(|refund| refund.case == asked.case) {
        return Err(not(format!("this case is refunded already, under the reference {}", same.reference)));
    }
    let of = |parts: kordon_schemas::fees::FeeParts| Shares {
        operator: parts.operator_share.amount,
        zone: parts.zone_share.amount,
    };
    let mut refunded = Shares { operator: kordon_schemas::Amount::ZERO, zone: kordon_schemas::Amount::ZERO };
    for refund in earlier {
        let more = of(refund.uah);
        let sum = refunded.operator.plus(more.operator).zip(refunded.zone.plus(more.zone));
        let (operator, zone) =
            sum.ok_or_else(|| Error::Internal("refunds beyond what can be written".into()))?;
        refunded = Shares { operator, zone };
    }
    Ok((of(payment.uah), refunded, payment.zone))
}
