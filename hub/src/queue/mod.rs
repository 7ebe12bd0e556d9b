//! The waiting queue of a checkpoint: who is booked, who is called, who may enter (Resolution 1393, clauses
//! 3, 13, 24, 31).
//!
//! One queue a checkpoint (Q24). Every decision stores the version of the rules that it was made under and
//! what it rested on, so that it can be explained to the person it concerns.
//!
//! - [`model`]: the ids.
//! - [`ranking`]: how the three queues of a lane become one; [`capacity`]: the pace at which it goes on.
//! - [`booking`], [`calling`], [`pauses`]: the acts of a queue operator.
//! - [`timers`]: what happens by itself: calls at the pace of the capacity, [`absence`], [`warnings`].
//! - [`waiting`]: who waits, as decisions and readers need it.
//! - [`rules`]: what a booking must hold, the stay in a zone.
//! - `bans`: vehicles that may not book for a time, because they did not come.
//! - [`petitions`]: who asks for the priority queue, and what was decided.
//! - [`changes`]: what is changed about a booking, and how it ends without entry.
//! - `history`: what became of a booking: its calls, and that its vehicle did not come.
//! - [`read`]: the queue, the list at the gate.
//! - [`admission`]: may the vehicle with this plate enter now; [`admission_list`]: the same for the hours
//!   when the line is down.
//! - [`views`]: what a zone, the police, a holder and everybody see.
//! - [`feed`]: what changed, position by position.

pub mod absence;
pub mod admission;
pub mod admission_list;
mod bans;
pub mod booking;
pub mod calling;
pub mod capacity;
pub mod changes;
pub mod feed;
mod history;
pub mod model;
pub mod pauses;
pub mod petitions;
pub mod ranking;
pub mod read;
pub mod rules;
mod store;
pub mod timers;
pub mod views;
pub mod waiting;
pub mod warnings;

pub use model::BookingId;
