//! Shares, accounts and the facts about a booking that fees rest on.

use chrono::{DateTime, Utc};
use kordon_schemas::fees::FeeParts;
use kordon_schemas::{Amount, CheckpointCode, Currency, Money};
use uuid::Uuid;

/// A fee as its two shares, in one currency. There is no total beside them that could differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// The operator's.
    pub operator: Amount,
    /// The zone's.
    pub zone: Amount,
}

impl Shares {
    /// Both together. Shares are far below what can be written.
    #[must_use]
    pub const fn total(self) -> Amount {
        Amount::of_hundredths(self.operator.hundredths().saturating_add(self.zone.hundredths()))
    }

    /// As it is told.
    #[must_use]
    pub const fn told_in(self, currency: Currency) -> FeeParts {
        FeeParts {
            operator_share: Money { amount: self.operator, currency },
            zone_share: Money { amount: self.zone, currency },
            total: Money { amount: self.total(), currency },
        }
    }
}

/// An account of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// Those who pay: below zero by all that the shares hold.
    Payer,
    /// The operator's share.
    Operator,
    /// The share of a waiting zone.
    Zone,
}

impl Account {
    /// Every account.
    pub const ALL: [Self; 3] = [Self::Payer, Self::Operator, Self::Zone];

    /// Its name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payer => "payer",
            Self::Operator => "operator",
            Self::Zone => "zone",
        }
    }
}

/// What a transaction adds to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// What is added, in kopiyky; below zero when it is taken away.
    pub amount: Amount,
}

/// Why a booking ended before its vehicle entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// It was cancelled.
    Cancelled,
    /// The vehicle did not come, to its zone or to the checkpoint.
    NoShow,
}

/// A call, as far as the fee is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeCall {
    /// When it was given.
    pub at: DateTime<Utc>,
    /// Whether it called out of the live queue, the only one that clause 19 speaks of. The booking may be in
    /// another since: who misses its call stands in the live one then.
    pub is_live: bool,
}

/// What is known of a booking, as far as its fee is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingFacts {
    /// Its id.
    pub id: Uuid,
    /// The checkpoint.
    pub checkpoint: CheckpointCode,
    /// When it was booked: it decides the tariff and the rate.
    pub booked_at: DateTime<Utc>,
    /// The version of the checkpoint's rules that it was booked under.
    pub rules_version: i32,
    /// The zone that it was booked for, or, where none was named, the one at which it arrived last.
    pub zone: Option<String>,
    /// When its slot begins, if it has one; of one that lost its slot because it did not come, that one.
    pub slot_starts_at: Option<DateTime<Utc>>,
    /// When its vehicle first arrived at a waiting zone.
    pub zone_arrived_at: Option<DateTime<Utc>>,
    /// Its calls, the earliest first.
    pub calls: Vec<FeeCall>,
    /// How and when it ended, if not by an entry.
    pub ended: Option<(Ending, DateTime<Utc>)>,
}
