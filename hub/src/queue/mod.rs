//! The waiting queue of a checkpoint: who is booked, who is called, who may enter (Resolution 1393, clauses 3, 13, 24, 31).
//!
//! One queue a checkpoint (Q24). Every decision stores the version of the rules that it was made under and what it rested
//! on, so that it can be explained to the person it concerns.
//!
//! - [`model`]: bookings, who waits.
//! - [`rules`]: the order, the next call, admission.
//! - [`booking`], [`calling`]: the two acts of a queue operator.
//! - [`read`]: the queue, the list at the gate.
//! - [`admission`]: may the vehicle with this plate enter now; [`admission_list`]: the same for the hours when the line is down.
//! - [`views`]: what a zone, the police, a holder and everybody see.
//! - [`feed`]: what changed, position by position.

pub mod admission;
pub mod admission_list;
pub mod booking;
pub mod calling;
pub mod feed;
pub mod model;
pub mod read;
pub mod rules;
mod store;
pub mod views;

pub use model::{BookingId, Waiting};
