//! The SQL of payments, refunds and the ledger under them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::result::OptionalExtension;
use diesel::sql_types::{Array, BigInt, Binary, Date, Integer, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::fees::{Payment, PaymentMethod, Refund, RefundCase};
use kordon_schemas::{Currency, ProblemCode, Rate};
use uuid::Uuid;

use super::shares;
use crate::crossings::Position;
use crate::database::{Connection, Statement};
use crate::error::{Error, Result, violates};
use crate::fees::model::{BookingFacts, Entry, Shares};
use crate::parties::{Actor, SystemId};
use crate::repeats;

/// What stands under a reference.
#[derive(QueryableByName)]
pub(in crate::fees) struct Referenced {
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    booking_id: Uuid,
}

impl Referenced {
    /// Whether the same was sent as before.
    pub(in crate::fees) fn require(&self, digest: [u8; 32], reference: &str) -> Result<()> {
        let Self { digest: known, kind, booking_id } = self;
        repeats::require_same(known, digest, || {
            format!(
                "the reference {reference} stands for another content: a {kind} of the booking {booking_id}"
            )
        })
    }
}

pub(in crate::fees) async fn by_reference(
    connection: &mut Connection,
    system: SystemId,
    reference: &str,
) -> Result<Option<Referenced>> {
    Ok(Statement::new(
        "SELECT digest, kind, booking_id FROM fee_transactions WHERE system_id = ? AND reference = ?",
    )
    .bind::<SqlUuid, _>(system.0)
    .bind::<Text, _>(reference)
    .get_result(connection)
    .await
    .optional()?)
}

#[derive(QueryableByName)]
struct PaymentRow {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = BigInt)]
    operator_kopiyky: i64,
    #[diesel(sql_type = BigInt)]
    zone_kopiyky: i64,
    #[diesel(sql_type = Text)]
    method: String,
    #[diesel(sql_type = Text)]
    zone: String,
    #[diesel(sql_type = Integer)]
    tariff_version: i32,
    #[diesel(sql_type = Date)]
    rate_day: NaiveDate,
    #[diesel(sql_type = Text)]
    rate: String,
    #[diesel(sql_type = Timestamptz)]
    happened_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
}

/// The payment of a booking.
pub(in crate::fees) async fn payment(
    connection: &mut Connection,
    facts: &BookingFacts,
) -> Result<Option<Payment>> {
    let row: Option<PaymentRow> = Statement::new(
        "SELECT payment.position, transaction.reference, transaction.operator_kopiyky, transaction.zone_kopiyky,
                payment.method, payment.zone, payment.tariff_version, payment.rate_day, rate.rate::text AS rate,
                transaction.happened_at, transaction.recorded_at
         FROM payments AS payment
         JOIN fee_transactions AS transaction
           ON transaction.checkpoint = payment.checkpoint AND transaction.position = payment.position
         JOIN exchange_rates AS rate ON rate.currency = payment.rate_currency AND rate.day = payment.rate_day
         WHERE payment.checkpoint = ? AND payment.booking_id = ?",
    )
    .bind::<Text, _>(facts.checkpoint.as_str())
    .bind::<SqlUuid, _>(facts.id)
    .get_result(connection)
    .await
    .optional()?;
    row.map(|row| row.read(facts)).transpose()
}

impl PaymentRow {
    fn read(self, facts: &BookingFacts) -> Result<Payment> {
        let Self {
            position,
            reference,
            operator_kopiyky,
            zone_kopiyky,
            method,
            zone,
            tariff_version,
            rate_day,
            rate,
            happened_at,
            recorded_at,
        } = self;
        Ok(Payment {
            position,
            booking: facts.id,
            checkpoint: facts.checkpoint.clone(),
            reference,
            uah: shares(operator_kopiyky, zone_kopiyky).told_in(Currency::Hryvnia),
            method: PaymentMethod::from_name(&method)
                .ok_or_else(|| Error::stored_badly("a way of payment", &method))?,
            zone,
            tariff_version,
            day: rate_day,
            rate: Rate::parse(&rate).map_err(|error| Error::stored_badly("a rate", error))?,
            paid_at: happened_at,
            recorded_at,
        })
    }
}

#[derive(QueryableByName)]
struct RefundRow {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = Text)]
    refund_case: String,
    #[diesel(sql_type = Integer)]
    percent: i32,
    #[diesel(sql_type = Text)]
    grounds: String,
    #[diesel(sql_type = Integer)]
    rules_version: i32,
    #[diesel(sql_type = BigInt)]
    operator_kopiyky: i64,
    #[diesel(sql_type = BigInt)]
    zone_kopiyky: i64,
    #[diesel(sql_type = Timestamptz)]
    happened_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
}

/// The refunds of a booking, the earliest first.
pub(in crate::fees) async fn refunds(
    connection: &mut Connection,
    facts: &BookingFacts,
) -> Result<Vec<Refund>> {
    let rows: Vec<RefundRow> = Statement::new(
        "SELECT refund.position, transaction.reference, refund.refund_case, refund.percent, refund.grounds::text AS grounds,
                refund.rules_version, transaction.operator_kopiyky, transaction.zone_kopiyky, transaction.happened_at,
                transaction.recorded_at
         FROM refunds AS refund
         JOIN fee_transactions AS transaction
           ON transaction.checkpoint = refund.checkpoint AND transaction.position = refund.position
         WHERE refund.checkpoint = ? AND refund.booking_id = ?
         ORDER BY refund.position",
    )
    .bind::<Text, _>(facts.checkpoint.as_str())
    .bind::<SqlUuid, _>(facts.id)
    .load(connection)
    .await?;
    rows.into_iter().map(|row| row.read(facts)).collect()
}

impl RefundRow {
    fn read(self, facts: &BookingFacts) -> Result<Refund> {
        let Self {
            position,
            reference,
            refund_case,
            percent,
            grounds,
            rules_version,
            operator_kopiyky,
            zone_kopiyky,
            happened_at,
            recorded_at,
        } = self;
        Ok(Refund {
            position,
            booking: facts.id,
            checkpoint: facts.checkpoint.clone(),
            reference,
            case: RefundCase::from_name(&refund_case)
                .ok_or_else(|| Error::stored_badly("a refund's case", &refund_case))?,
            percent: u8::try_from(percent).map_err(|error| Error::stored_badly("a percentage", error))?,
            grounds: serde_json::from_str(&grounds)
                .map_err(|error| Error::stored_badly("the grounds of a refund", error))?,
            uah: shares(operator_kopiyky, zone_kopiyky).told_in(Currency::Hryvnia),
            rules_version,
            refunded_at: happened_at,
            recorded_at,
        })
    }
}

/// What a payment and a refund are written with alike.
pub(in crate::fees) struct NewTransaction<'a> {
    pub(in crate::fees) actor: &'a Actor,
    pub(in crate::fees) facts: &'a BookingFacts,
    pub(in crate::fees) position: Position,
    pub(in crate::fees) reference: &'a str,
    pub(in crate::fees) digest: [u8; 32],
    pub(in crate::fees) shares: Shares,
    pub(in crate::fees) happened_at: DateTime<Utc>,
    pub(in crate::fees) recorded_at: DateTime<Utc>,
}

/// A payment is its operator's; a refund stays with the operator who took the payment, whoever gives it back.
async fn insert_transaction(
    connection: &mut Connection,
    new: &NewTransaction<'_>,
    kind: &'static str,
) -> Result<()> {
    let NewTransaction { actor, facts, position, reference, digest, shares, happened_at, recorded_at } = new;
    Statement::new(
        "INSERT INTO fee_transactions (checkpoint, position, kind, booking_id, system_id, operator_id, reference, digest,
                                       operator_kopiyky, zone_kopiyky, happened_at, recorded_at)
         SELECT ?, ?, ?, ?, system.id,
                coalesce((SELECT earlier.operator_id FROM fee_transactions AS earlier
                          WHERE earlier.checkpoint = ? AND earlier.booking_id = ? AND earlier.kind = 'payment'),
                         system.organisation_id),
                ?, ?, ?, ?, ?, ?
         FROM systems AS system WHERE system.id = ?",
    )
    .bind::<Text, _>(facts.checkpoint.as_str())
    .bind::<BigInt, _>(position.0)
    .bind::<Text, _>(kind)
    .bind::<SqlUuid, _>(facts.id)
    .bind::<Text, _>(facts.checkpoint.as_str())
    .bind::<SqlUuid, _>(facts.id)
    .bind::<Text, _>(*reference)
    .bind::<Binary, _>(&digest[..])
    .bind::<BigInt, _>(shares.operator.hundredths())
    .bind::<BigInt, _>(shares.zone.hundredths())
    .bind::<Timestamptz, _>(happened_at)
    .bind::<Timestamptz, _>(recorded_at)
    .bind::<SqlUuid, _>(actor.system.0)
    .execute(connection)
    .await
    .map_err(|error| {
        // At another checkpoint at the same moment: at one checkpoint they take turns.
        if violates(&error, "fee_transactions_by_reference") {
            let detail = format!("the reference {reference} stands for another content");
            Error::refused(ProblemCode::IdempotencyConflict, detail)
        } else {
            error.into()
        }
    })?;
    Ok(())
}

pub(in crate::fees) async fn insert_payment(
    connection: &mut Connection,
    new: &NewTransaction<'_>,
    payment: &Payment,
) -> Result<()> {
    insert_transaction(connection, new, "payment").await?;
    Statement::new(
        "INSERT INTO payments (checkpoint, booking_id, position, method, zone, tariff_version, rate_currency, rate_day)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind::<Text, _>(new.facts.checkpoint.as_str())
    .bind::<SqlUuid, _>(new.facts.id)
    .bind::<BigInt, _>(new.position.0)
    .bind::<Text, _>(payment.method.as_str())
    .bind::<Text, _>(&payment.zone)
    .bind::<Integer, _>(payment.tariff_version)
    .bind::<Text, _>(Currency::Euro.code())
    .bind::<Date, _>(payment.day)
    .execute(connection)
    .await?;
    Ok(())
}

pub(in crate::fees) async fn insert_refund(
    connection: &mut Connection,
    new: &NewTransaction<'_>,
    refund: &Refund,
) -> Result<()> {
    insert_transaction(connection, new, "refund").await?;
    let grounds =
        serde_json::to_string(&refund.grounds).map_err(|error| Error::Internal(error.to_string()))?;
    Statement::new(
        "INSERT INTO refunds (checkpoint, booking_id, refund_case, position, percent, grounds, rules_version)
         VALUES (?, ?, ?, ?, ?, ?::text::jsonb, ?)",
    )
    .bind::<Text, _>(new.facts.checkpoint.as_str())
    .bind::<SqlUuid, _>(new.facts.id)
    .bind::<Text, _>(refund.case.as_str())
    .bind::<BigInt, _>(new.position.0)
    .bind::<Integer, _>(i32::from(refund.percent))
    .bind::<Text, _>(grounds)
    .bind::<Integer, _>(refund.rules_version)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes a transaction into the ledger. The database refuses at the commit what does not sum to zero.
pub(in crate::fees) async fn insert_entries(
    connection: &mut Connection,
    new: &NewTransaction<'_>,
    zone: &str,
    entries: &[Entry],
) -> Result<()> {
    let (accounts, amounts): (Vec<&str>, Vec<i64>) =
        entries.iter().map(|entry| (entry.account.as_str(), entry.amount.hundredths())).unzip();
    let lines: Vec<i16> = (1..).take(entries.len()).collect();
    Statement::new(
        "INSERT INTO ledger_entries (checkpoint, position, line, account, zone, amount_kopiyky)
         SELECT ?, ?, new.line, new.account, CASE new.account WHEN 'zone' THEN ? END, new.amount
         FROM unnest(?, ?, ?) AS new (line, account, amount)",
    )
    .bind::<Text, _>(new.facts.checkpoint.as_str())
    .bind::<BigInt, _>(new.position.0)
    .bind::<Text, _>(zone)
    .bind::<Array<SmallInt>, _>(lines)
    .bind::<Array<Text>, _>(accounts)
    .bind::<Array<BigInt>, _>(amounts)
    .execute(connection)
    .await?;
    Ok(())
}
