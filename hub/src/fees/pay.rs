//! Recording that a fee was paid (Q37, Q42).

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_schemas::fees::{Payment, PaymentIn};
use kordon_schemas::{Currency, Fault, ProblemCode};
use uuid::Uuid;

use super::model::BookingFacts;
use super::quote::{Due, due};
use super::rates::Rates;
use super::{ledger, rules, store};
use crate::crossings::{LockedJournal, Position};
use crate::database::{Connection, Database};
use crate::error::{Error, Result};
use crate::parties::{Actor, reaches};
use crate::queue::booking::view;
use crate::repeats;

/// A payment, and whether this request recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// The payment.
    pub payment: Payment,
    /// False: it was there, under the same reference and with the same content.
    pub is_new: bool,
}

/// Records the payment of a booking's fee. What is due follows from the tariff and the rate of the day of the
/// booking, whenever it was paid. The same reference with the same content is the same payment.
///
/// # Errors
/// [`Error::NotFound`] for a booking that is not there, elsewhere, or another operator's; [`Error::Invalid`]
/// with every fault, also when another amount was paid; `already_paid`, `idempotency_conflict`, `no_tariff`,
/// `rate_unavailable`.
pub async fn pay(
    database: &Database,
    rates: &Rates,
    actor: &Actor,
    booking: Uuid,
    asked: &PaymentIn,
    now: DateTime<Utc>,
) -> Result<Paid> {
    let PaymentIn { reference, amount, method: _, paid_at } = asked;
    let paid_at = checked(reference, *paid_at, "/paid_at", now)?;
    let facts = found(&mut *database.connection().await?, actor, booking, now).await?;
    let day = rules::day_of(facts.booked_at);
    let due = due(database, rates, &facts.checkpoint, day, now).await?;
    let digest = repeats::digest(&(booking, "payment", asked))?;
    let mut connection = database.connection().await?;
    connection
        .transaction(async |connection| {
            let mut journal = LockedJournal::lock(connection, &facts.checkpoint).await?;
            if let Some(known) = store::by_reference(connection, actor.system, reference).await? {
                known.require(digest, reference)?;
                let payment = store::payment(connection, &facts).await?;
                let payment = payment.ok_or_else(|| Error::Internal("a payment has no record".into()))?;
                return Ok(Paid { payment, is_new: false });
            }
            if let Some(earlier) = store::payment(connection, &facts).await? {
                let detail =
                    format!("the fee of this booking is paid, under the reference {}", earlier.reference);
                return Err(Error::refused(ProblemCode::AlreadyPaid, detail));
            }
            rules::check_amount(*amount, due.uah.total(), due.rate.rate, day)?;
            let position = journal.draw();
            let payment = payment(asked, &facts, &due, position, paid_at, now);
            let new = store::NewTransaction {
                actor,
                facts: &facts,
                position,
                reference,
                digest,
                shares: due.uah,
                happened_at: paid_at,
                recorded_at: now,
            };
            store::insert_payment(connection, &new, &payment).await?;
            store::insert_entries(connection, &new, &payment.zone, &ledger::of_payment(due.uah)).await?;
            journal.advance(connection, now).await?;
            Ok(Paid { payment, is_new: true })
        })
        .await
}

fn payment(
    asked: &PaymentIn,
    facts: &BookingFacts,
    due: &Due,
    position: Position,
    paid_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Payment {
    Payment {
        position: position.0,
        booking: facts.id,
        checkpoint: facts.checkpoint.clone(),
        reference: asked.reference.clone(),
        uah: due.uah.told_in(Currency::Hryvnia),
        method: asked.method,
        zone: facts.zone.clone().unwrap_or_else(|| due.tariff.zone.clone()),
        tariff_version: due.tariff.version,
        day: due.rate.day,
        rate: due.rate.rate,
        paid_at,
        recorded_at: now,
    }
}

/// The booking, if it is there and the actor runs it.
pub(super) async fn found(
    connection: &mut Connection,
    actor: &Actor,
    booking: Uuid,
    now: DateTime<Utc>,
) -> Result<BookingFacts> {
    let facts = store::booking_facts(connection, booking)
        .await?
        .filter(|facts| reaches(actor, &facts.checkpoint))
        .ok_or_else(|| Error::NotFound { what: "booking", id: booking.to_string() })?;
    view::check_own(connection, actor, &facts.checkpoint, booking, now).await?;
    Ok(facts)
}

/// When money changed hands, if the reference and the moment can be.
pub(super) fn checked(
    reference: &str,
    stated: Option<DateTime<Utc>>,
    path: &str,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>> {
    let mut faults = Vec::new();
    if !rules::is_reference(reference) {
        let form = "has 1 to 100 printable ASCII characters without spaces and begins with a letter or digit";
        faults.push(Fault::new("/reference", form));
    }
    match rules::moment_of(stated, path, now) {
        Ok(at) if faults.is_empty() => Ok(at),
        Ok(_) => Err(Error::Invalid(faults)),
        Err(fault) => {
            faults.push(fault);
            Err(Error::Invalid(faults))
        }
    }
}
