//! What each right sees of a waiting queue, and no more (Resolution 1393, clauses 23, 25, 33).
//!
//! - [`zone`]: a zone operator sees the vehicles of its own zone.
//! - [`directed`]: the police see the vehicles that were directed.
//! - [`board`]: everybody sees the board, with shortened plates.
//! - [`holder`]: who holds a booking sees that booking; [`places`] are worked out for all of them at once.

pub mod board;
pub mod directed;
pub mod holder;
pub mod places;
pub mod zone;

mod store;
