//! The four clocks of a ticket and their deadlines (H3.12, H3.13).
//!
//! Nothing is counted up and kept: each time the clocks are worked out from the history of the ticket's
//! statuses, the calendar of the line and the table of handling times. So a clock that stands still loses
//! nothing when the priority changes, and what was decided can be explained afterwards.
//!
//! - [`history`]: what happened to the ticket.
//! - [`clocks`]: when each clock ran, stood still, and why.
//! - [`counting`]: working time and due moments around standstills.
//! - [`mod@deadline`]: one clock's deadline, whether it was met, and how it was reached, step by step.
//! - [`limits`]: the limit that is counted by the calendar and not by working time: closing by itself.

pub mod clocks;
pub mod counting;
pub mod deadline;
pub mod explain;
pub mod history;
pub mod limits;
#[cfg(test)]
mod tests;

pub use clocks::{Run, Standstill, Why, prolongs};
pub use counting::Due;
pub use deadline::{Deadline, DeadlineState, deadline, deadlines};
pub use explain::{Step, explain};
pub use history::{Entry, Extension, History};
