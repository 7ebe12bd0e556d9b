//! Figures (Resolution 1393, clauses 6 and 26 to 30): throughput, waits, no-shows, use of the priority queue,
//! refunds, by checkpoint and period; for those who oversee the queue, and as open data.
//!
//! They are worked out when asked, from crossings, bookings, calls and the books: nothing is counted twice,
//! and a fact that comes late or is voided is in the next answer. That reads every crossing of a checkpoint
//! that changed since the period began. There is no index by time to help it: one on crossings would be
//! touched by every event, and events come by the hundred a second while figures are asked for now and then.
//!
//! - [`rules`]: the periods of a calendar, what is held back from open data: pure functions.
//! - [`report`], [`open_data`]: the two readings.

pub mod open_data;
pub mod report;
pub mod rules;
mod store;

pub use open_data::OpenDataDesk;
