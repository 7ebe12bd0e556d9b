//! Fees (Resolution 1393, clauses 14, 19, 37 to 42): what a place costs, that it was paid, what is given
//! back, and the books.
//!
//! The queue operator takes and returns the money; the hub says how much, records it once however often it is
//! told, and keeps a double-entry ledger whose accounts always sum to zero. Serves queue operators, waiting
//! zones, and whoever settles a dispute.
//!
//! - [`model`]: shares, accounts, entries, the facts that a refund rests on.
//! - [`rules`]: the limits of a tariff, conversion and rounding, refunds: pure functions.
//! - [`rates`]: the official rate of a day, kept once it is known; the port to who publishes it.
//! - [`prefetch`]: the rate of a day, asked for when the day begins.
//! - [`tariff`], [`quote`], [`pay`], [`refund`], [`statement`]: the acts.
//! - [`ledger`]: how a payment and a refund stand in the books.

pub mod ledger;
pub mod model;
pub mod pay;
pub mod prefetch;
pub mod quote;
pub mod rates;
pub mod refund;
pub mod rules;
pub mod statement;
mod store;
pub mod tariff;

pub use model::{BookingFacts, Shares};
pub use rates::{ExchangeRates, Published, RateFault, Rates};
