//! The SQL of statements: the ledger, by account.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use kordon_schemas::fees::{AccountKind, PaymentMethod, RefundCase, StatementLine, TransactionKind};
use kordon_schemas::{Amount, CheckpointCode, Money};
use uuid::Uuid;

use crate::database::{Connection, Statement};
use crate::error::{Error, Result};
use crate::fees::statement::Accounts;

/// Whose account a line is of.
pub(in crate::fees) struct Holder {
    pub(in crate::fees) account: AccountKind,
    pub(in crate::fees) operator: String,
    pub(in crate::fees) zone: Option<String>,
}

#[derive(QueryableByName)]
struct LineRow {
    #[diesel(sql_type = Bool)]
    of_zone: bool,
    #[diesel(sql_type = Text)]
    edrpou: String,
    #[diesel(sql_type = Nullable<Text>)]
    zone: Option<String>,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    booking_id: Uuid,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = Nullable<Text>)]
    method: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    refund_case: Option<String>,
    #[diesel(sql_type = BigInt)]
    amount_kopiyky: i64,
    #[diesel(sql_type = Timestamptz)]
    happened_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
}

/// The shares that were recorded in a period, by account and in the order in which they were recorded.
pub(in crate::fees) async fn lines(
    connection: &mut Connection,
    checkpoint: &CheckpointCode,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    accounts: &Accounts,
) -> Result<Vec<(Holder, StatementLine)>> {
    let (operator, zones_only, zones) = match accounts {
        Accounts::OfOperator(system) => (Some(system.0), false, None),
        Accounts::OfZones(zones) => {
            let zones =
                zones.as_ref().map(|zones| zones.iter().map(|zone| zone.0.as_str()).collect::<Vec<_>>());
            (None, true, zones)
        }
    };
    let rows: Vec<LineRow> = Statement::new(
        "SELECT entry.account = 'zone' AS of_zone, organisation.edrpou, entry.zone, entry.position, transaction.kind,
                transaction.booking_id, transaction.reference, payment.method, refund.refund_case, entry.amount_kopiyky,
                transaction.happened_at, transaction.recorded_at
         FROM fee_transactions AS transaction
         JOIN ledger_entries AS entry
           ON entry.checkpoint = transaction.checkpoint AND entry.position = transaction.position
         JOIN organisations AS organisation ON organisation.id = transaction.operator_id
         LEFT JOIN payments AS payment
           ON payment.checkpoint = transaction.checkpoint AND payment.booking_id = transaction.booking_id
          AND payment.position = transaction.position
         LEFT JOIN refunds AS refund
           ON refund.checkpoint = transaction.checkpoint AND refund.booking_id = transaction.booking_id
          AND refund.position = transaction.position
         WHERE transaction.checkpoint = ? AND transaction.recorded_at >= ? AND transaction.recorded_at < ?
           AND entry.account <> 'payer'
           AND (? IS NULL OR transaction.operator_id = (SELECT organisation_id FROM systems WHERE id = ?))
           AND (NOT ? OR entry.account = 'zone')
           AND (? IS NULL OR entry.zone = ANY(?))
         ORDER BY of_zone, organisation.edrpou, entry.zone, entry.position",
    )
    .bind::<Text, _>(checkpoint.as_str())
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(until)
    .bind::<Nullable<SqlUuid>, _>(operator)
    .bind::<Nullable<SqlUuid>, _>(operator)
    .bind::<Bool, _>(zones_only)
    .bind::<Nullable<Array<Text>>, _>(zones.clone())
    .bind::<Nullable<Array<Text>>, _>(zones)
    .load(connection)
    .await?;
    rows.into_iter().map(LineRow::read).collect()
}

impl LineRow {
    fn read(self) -> Result<(Holder, StatementLine)> {
        let Self {
            of_zone,
            edrpou,
            zone,
            position,
            kind,
            booking_id,
            reference,
            method,
            refund_case,
            amount_kopiyky,
            happened_at,
            recorded_at,
        } = self;
        let known = |name: &str| Error::stored_badly("a line of the ledger", name);
        let account = if of_zone { AccountKind::Zone } else { AccountKind::Operator };
        let line = StatementLine {
            position,
            kind: TransactionKind::from_name(&kind).ok_or_else(|| known(&kind))?,
            booking: booking_id,
            reference,
            method: method
                .map(|name| PaymentMethod::from_name(&name).ok_or_else(|| known(&name)))
                .transpose()?,
            case: refund_case
                .map(|name| RefundCase::from_name(&name).ok_or_else(|| known(&name)))
                .transpose()?,
            amount: Money::hryvnias(Amount::of_hundredths(amount_kopiyky)),
            happened_at,
            recorded_at,
        };
        Ok((Holder { account, operator: edrpou, zone }, line))
    }
}
