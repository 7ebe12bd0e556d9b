//! The waiting queue of a checkpoint: who is booked, who is called, who may enter (Resolution 1393, clauses 3, 13, 24, 31).
//!
//! One queue a checkpoint (Q24). Every decision stores the version of the rules that it was made under and what it rested
//! on, so that it can be explained to the person it concerns.
//!
//! - [`model`]: the ids.
//! - [`ranking`]: how the three queues of a lane become one; [`capacity`]: the pace at which it goes on.
//! - [`booking`], [`calling`], [`pauses`]: the acts of a queue operator.
//! - [`timers`]: what happens by itself: calls at the pace of the capacity, [`absence`], [`warnings`].
//! - [`waiting`]: who waits, as decisions and readers need it.
//! - [`rules`]: what a booking must hold, the stay in a zone, admission.
//! - [`read`]: the queue, the list at the gate, admission of a plate.

pub mod absence;
pub mod booking;
pub mod calling;
pub mod capacity;
pub mod model;
pub mod pauses;
pub mod ranking;
pub mod read;
pub mod rules;
mod store;
pub mod timers;
pub mod waiting;
pub mod warnings;

pub use model::BookingId;
