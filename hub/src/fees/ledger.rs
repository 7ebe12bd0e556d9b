//! How a payment and a refund stand in the books: entries that sum to zero.

use kordon_schemas::Amount;

use super::model::{Account, Entry, Shares};

/// The entries of a payment: the payer gives, the shares get.
#[must_use]
pub fn of_payment(shares: Shares) -> Vec<Entry> {
    entries(shares, 1)
}

/// The entries of a refund: the shares give, the payer gets.
#[must_use]
pub fn of_refund(shares: Shares) -> Vec<Entry> {
    entries(shares, -1)
}

/// An account to which nothing is added has no entry.
fn entries(shares: Shares, sign: i64) -> Vec<Entry> {
    let signed = |amount: Amount, sign: i64| Amount::of_hundredths(amount.hundredths().saturating_mul(sign));
    let all = [
        Entry { account: Account::Payer, amount: signed(shares.total(), -sign) },
        Entry { account: Account::Operator, amount: signed(shares.operator, sign) },
        Entry { account: Account::Zone, amount: signed(shares.zone, sign) },
    ];
    all.into_iter().filter(|entry| entry.amount != Amount::ZERO).collect()
}
