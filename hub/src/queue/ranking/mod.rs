//! The ranking: how the pre-booked, the live and the priority queue of a lane become one (Q3.2, Q24). Pure
//! and fast: no clock, no I/O, the same facts give the same order whatever the order in which they are handed
//! in. It serves the next call, the order that a reader sees, the replay of a history, and the prediction,
//! which works it forward thousands of times.
//!
//! What it decides, in this order:
//!
//! 1. A pre-booked vehicle whose slot has begun goes first: by slot, then by booking, then by id. Its slot
//!    counts as begun as long before as the way to the checkpoint takes (`lead_minutes`), so that it enters
//!    in its slot. Before that it is not called. One that came to its zone after its slot had ended stands in
//!    the live queue from the moment it came.
//! 2. The classes of the priority queue and the live queue take turns by weight: [`Turns`].
//! 3. Within a class, and within the live queue, whoever has stood longer goes first: by `queued_at`, then by
//!    id.
//!
//! **No starvation.** The first of a class (or of the live queue) of weight `w` is called at the latest with
//! turn [`Merge::longest_wait`] after it became first: `4 n W / w + 1`, `W` the weights of all and `n` their
//! number. As long as the same wait, it is called in every round of `W` turns. Calls of pre-booked vehicles
//! come on top; there are at most as many as slots have places, so the rules leave room for turns by giving a
//! slot fewer places than the capacity of its time.
//!
//! [`Merge`] is the rules of a checkpoint, made ready, and says where a booking stands; [`Turns`] are the
//! turns by weight; [`Line`] is who waits in a lane, and who is next.

mod line;
mod merge;
mod turns;

pub use line::{Chosen, ChosenBy, Line};
pub use merge::{Contender, Merge, Place, Queued, Standing};
pub use turns::{StoredTurns, Turns};

#[cfg(test)]
mod tests;
