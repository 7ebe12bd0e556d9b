//! Fees: tariffs, quotes, payments, refunds, statements (Resolution 1393, clauses 14, 19, 37 to 42).
//!
//! The operator of the queue takes the money; the hub says how much, records that it was taken or given back,
//! and keeps the books.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::codes::CheckpointCode;
use crate::money::{Currency, Money, Rate};
use crate::table::{ToCsv, csv};

/// Sets what a place at a checkpoint costs, by the contract between the operator and the waiting zone (clauses 38 to 40).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TariffIn {
    /// The operator's share in euros: 2.00 to 4.00.
    pub operator_share: Money,
    /// The zone's share in euros. Both shares together are at most 15.00.
    pub zone_share: Money,
    /// The waiting zone that gets the zone's share of a booking whose zone is not known.
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Z0-9-]{1,40}$", example = "KRAKIVETS-1")]
    pub zone: String,
    /// The first day of bookings that it holds for, in Kyiv: tomorrow or later; for the first tariff of a checkpoint from 31 days ago.
    #[serde(deserialize_with = "crate::day::read")]
    pub applies_from: NaiveDate,
    /// The contract or decision that it rests on.
    #[schema(min_length = 1, max_length = 200, example = "Договір № 17 від 02.11.2026")]
    pub decision: String,
}

/// What a place at a checkpoint costs. It is never changed: a new one has a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tariff {
    /// Counts the tariffs of the checkpoint.
    #[schema(minimum = 1)]
    pub version: i32,
    /// The shares and their sum, in euros.
    pub eur: FeeParts,
    /// The waiting zone that gets the zone's share of a booking whose zone is not known.
    #[schema(example = "KRAKIVETS-1")]
    pub zone: String,
    /// The first day of bookings that it holds for, in Kyiv.
    pub applies_from: NaiveDate,
    /// The contract or decision that it rests on.
    pub decision: String,
    /// When it was put.
    pub put_at: DateTime<Utc>,
}

/// The tariffs of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tariffs {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// Today in Kyiv.
    pub day: NaiveDate,
    /// The tariff of bookings of today. None: the checkpoint has none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force: Option<Tariff>,
    /// The latest 100 versions, the newest first: those of the past and those that are announced.
    pub versions: Vec<Tariff>,
}

/// A fee and its two shares, in one currency. The shares sum to the total, to the last hundredth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeeParts {
    /// The operator's share.
    pub operator_share: Money,
    /// The zone's share.
    pub zone_share: Money,
    /// Both.
    pub total: Money,
}

/// The official rate of the National Bank in force at 00:00 in Kyiv of a day (clause 37).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfficialRate {
    /// The currency that one unit is of.
    pub currency: Currency,
    /// The day that the rate is of, in Kyiv.
    pub day: NaiveDate,
    /// How many hryvnias one unit is.
    pub rate: Rate,
    /// Who published it.
    #[schema(example = "bank.gov.ua")]
    pub source: String,
    /// When the hub got it.
    pub fetched_at: DateTime<Utc>,
}

/// What a booking of a day costs (clause 37).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeeQuote {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The day of the booking, in Kyiv.
    pub day: NaiveDate,
    /// The tariff that holds for it.
    #[schema(minimum = 1)]
    pub tariff_version: i32,
    /// The fee in euros.
    pub eur: FeeParts,
    /// The rate.
    pub rate: OfficialRate,
    /// The fee in hryvnias: what is paid. The total is rounded to kopiyky, a half up; so is the operator's share; the zone's is the rest.
    pub uah: FeeParts,
    /// The hours in the waiting zone that it covers, from arrival to call (clause 14).
    #[schema(minimum = 1)]
    pub covers_hours: u32,
}

/// How a fee was paid (clause 42).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// In cash.
    Cash,
    /// Cashless, in advance.
    Cashless,
}

impl PaymentMethod {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Cash, Self::Cashless];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Cashless => "cashless",
        }
    }

    /// The way of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }
}

/// Records that the operator was paid the fee of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentIn {
    /// The payment's id in the operator's system, of payments and refunds together. The same again is the same payment.
    #[schema(min_length = 1, max_length = 100, pattern = "^[0-9A-Za-z][!-~]{0,99}$", example = "PAY-118812")]
    pub reference: String,
    /// What was paid: the total of the quote of the day of the booking, in hryvnias.
    pub amount: Money,
    /// How it was paid.
    pub method: PaymentMethod,
    /// When it was paid, if that was before now: at most 31 days ago.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::instant::read_optional"
    )]
    pub paid_at: Option<DateTime<Utc>>,
}

/// The payment of a booking's fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Payment {
    /// Its position in the checkpoint's journal, which is also its transaction in the ledger.
    #[schema(minimum = 1)]
    pub position: i64,
    /// The booking.
    pub booking: Uuid,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The payment's id in the operator's system.
    pub reference: String,
    /// What was paid, in hryvnias.
    pub uah: FeeParts,
    /// How it was paid.
    pub method: PaymentMethod,
    /// The waiting zone that gets the zone's share.
    pub zone: String,
    /// The tariff that it was paid by.
    #[schema(minimum = 1)]
    pub tariff_version: i32,
    /// The day of the booking and of the rate, in Kyiv.
    pub day: NaiveDate,
    /// The rate that it was paid by.
    pub rate: Rate,
    /// When it was paid.
    pub paid_at: DateTime<Utc>,
    /// When the hub recorded it.
    pub recorded_at: DateTime<Utc>,
}

/// Why a fee is given back (clauses 19 and 42). What each case gives is in the checkpoint's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundCase {
    /// In the live queue the wait from arrival at the zone to the call was short (clause 19).
    LiveWait,
    /// The booking was cancelled.
    Cancellation,
    /// The vehicle did not come.
    NoShow,
}

impl RefundCase {
    /// Every case.
    pub const ALL: [Self; 3] = [Self::LiveWait, Self::Cancellation, Self::NoShow];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LiveWait => "live_wait",
            Self::Cancellation => "cancellation",
            Self::NoShow => "no_show",
        }
    }

    /// The case of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|case| case.as_str() == name)
    }
}

/// Records that the operator gave back what a case gives. How much follows from the rules and the facts of the booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundIn {
    /// The refund's id in the operator's system, of payments and refunds together. The same again is the same refund.
    #[schema(min_length = 1, max_length = 100, pattern = "^[0-9A-Za-z][!-~]{0,99}$", example = "REF-118812")]
    pub reference: String,
    /// Why.
    pub case: RefundCase,
    /// When it was given back, if that was before now: at most 31 days ago.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::instant::read_optional"
    )]
    pub refunded_at: Option<DateTime<Utc>>,
}

/// The facts that a refund rests on, so that it can be explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "case", rename_all = "snake_case")]
pub enum RefundGrounds {
    /// A short wait in the live queue.
    LiveWait {
        /// When the vehicle first arrived at a waiting zone.
        zone_arrived_at: DateTime<Utc>,
        /// When it was first called after that.
        called_at: DateTime<Utc>,
        /// Seconds in the queue: from the one, or from the booking where that was made afterwards, to the other.
        #[schema(minimum = 0)]
        wait_seconds: i64,
        /// The longest wait in minutes that still gives a refund.
        #[schema(minimum = 0)]
        at_most_minutes: u16,
    },
    /// A cancellation.
    Cancellation {
        /// When the booking was cancelled.
        cancelled_at: DateTime<Utc>,
        /// What the hours are counted to: the beginning of its slot, or its first call where it has none. None: it has no slot and
        /// was not called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted_to: Option<DateTime<Utc>>,
        /// The rule that decided: a cancellation at least so many hours before.
        #[schema(minimum = 0)]
        at_least_hours_before: u16,
    },
    /// A no-show.
    NoShow {
        /// When it was settled that the vehicle did not come.
        no_show_at: DateTime<Utc>,
    },
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refund {
    /// Its position in the checkpoint's journal, which is also its transaction in the ledger.
    #[schema(minimum = 1)]
    pub position: i64,
    /// The booking.
    pub booking: Uuid,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The refund's id in the operator's system.
    pub reference: String,
    /// The case.
    pub case: RefundCase,
    /// How much of what was paid the case gives, in percent.
    #[schema(minimum = 1, maximum = 100)]
    pub percent: u8,
    /// The facts that it rests on.
    pub grounds: RefundGrounds,
    /// What was given back, in hryvnias, by whose share bears it. It is less than the percentage where earlier refunds left less.
    pub uah: FeeParts,
    /// The version of the checkpoint's rules that decided.
    pub rules_version: i32,
    /// When it was given back.
    pub refunded_at: DateTime<Utc>,
    /// When the hub recorded it.
    pub recorded_at: DateTime<Utc>,
}

/// Whose share an account of a statement holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// The operator's share.
    Operator,
    /// The share of a waiting zone.
    Zone,
}

impl AccountKind {
    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Zone => "zone",
        }
    }
}

/// What a line of a statement tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransactionKind {
    /// A fee was paid.
    Payment,
    /// A fee was given back, in part or whole.
    Refund,
}

impl TransactionKind {
    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Payment, Self::Refund].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A line of a statement: a share of one payment or refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementLine {
    /// The transaction: its position in the checkpoint's journal.
    #[schema(minimum = 1)]
    pub position: i64,
    /// A payment or a refund.
    pub kind: TransactionKind,
    /// The booking.
    pub booking: Uuid,
    /// The id in the operator's system.
    pub reference: String,
    /// How it was paid; a refund has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    /// Why it was given back; a payment has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<RefundCase>,
    /// The share: above zero for a payment, below for a refund.
    pub amount: Money,
    /// When it was paid or given back.
    pub happened_at: DateTime<Utc>,
    /// When the hub recorded it: which day's statement it stands in.
    pub recorded_at: DateTime<Utc>,
}

/// The account of one holder on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementAccount {
    /// Whose share.
    pub account: AccountKind,
    /// The EDRPOU code of the operator who took the money.
    #[schema(example = "20000090")]
    pub operator: String,
    /// The waiting zone, for its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "KRAKIVETS-1")]
    pub zone: Option<String>,
    /// The sum of the shares of payments.
    pub paid: Money,
    /// The sum of the shares of refunds.
    pub refunded: Money,
    /// What is left of it. Below zero when more was given back than paid that day.
    pub balance: Money,
    /// The lines, in the order in which they were recorded.
    pub lines: Vec<StatementLine>,
}

/// What was recorded of fees at a checkpoint on a day of Kyiv, as far as the reader may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Statement {
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// The day, in Kyiv.
    pub day: NaiveDate,
    /// When the day began.
    pub starts_at: DateTime<Utc>,
    /// When it ended or will end: 23, 24 or 25 hours later.
    pub ends_at: DateTime<Utc>,
    /// Whether the day is over, so that nothing is added any more.
    pub closed: bool,
    /// The accounts: operators first, then zones, each by its code. None without a line.
    pub accounts: Vec<StatementAccount>,
}

/// The columns of a statement as a table: one row a line.
pub const STATEMENT_COLUMNS: [&str; 14] = [
    "checkpoint",
    "day",
    "account",
    "operator",
    "zone",
    "position",
    "kind",
    "booking",
    "reference",
    "method",
    "case",
    "amount",
    "currency",
    "recorded_at",
];

impl ToCsv for Statement {
    fn to_csv(&self) -> Vec<u8> {
        let rows = self.accounts.iter().flat_map(|account| {
            account.lines.iter().map(move |line| -> [Cow<'_, str>; 14] {
                [
                    self.checkpoint.as_str().into(),
                    self.day.to_string().into(),
                    account.account.as_str().into(),
                    account.operator.as_str().into(),
                    account.zone.as_deref().unwrap_or_default().into(),
                    line.position.to_string().into(),
                    line.kind.as_str().into(),
                    line.booking.to_string().into(),
                    line.reference.as_str().into(),
                    line.method.map_or("", PaymentMethod::as_str).into(),
                    line.case.map_or("", RefundCase::as_str).into(),
                    line.amount.amount.to_string().into(),
                    line.amount.currency.code().into(),
                    line.recorded_at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true).into(),
                ]
            })
        });
        csv(STATEMENT_COLUMNS, rows)
    }
}
