//! Crossings: what happens to each vehicle at a checkpoint, from its booking to its exit (Resolution 1393,
//! clauses 10, 21, 31, 32).
//!
//! Facts come first. A checkpoint event is what some system states: when it happened and when the hub heard
//! it. Facts are appended and never changed; a crossing is what they come to, and can be folded anew from
//! them at any time.
//!
//! - [`model`]: facts, marks, progress, the crossing.
//! - `packed`: how progress is kept.
//! - [`rules`]: who states what, which crossing a fact belongs to, the stage, contradictions.
//! - [`mod@record`]: one batch of facts, one transaction.
//! - `known`: an event that is sent again, told from another one.
//! - [`session`]: the connection of that, on which much is sent at once.
//! - [`recorder`]: gathers what many callers send into batches, so that they share the cost of a durable
//!   commit.
//! - `replies`: how the answers of a batch go back to those who wait.
//! - `journal`: the journal of one checkpoint, which positions are drawn from.
//! - [`positions`]: where the journals stand, asked by many and read once.
//! - `announcer`: tells those who follow a checkpoint's changes that a batch was recorded.
//! - [`mod@view`]: a crossing as it is shown.
//! - [`read`]: crossings and events for those with the right.
//! - [`rebuild`]: every crossing compared with what its booking, its call and its facts come to, and mended.
//! - [`placement`]: unmatched facts, placed by hand or by a booking that came after them.

mod announcer;
mod journal;
mod known;
pub mod model;
pub(crate) mod packed;
pub mod placement;
pub mod positions;
pub mod read;
pub mod rebuild;
pub mod record;
pub mod recorder;
mod replies;
pub mod rules;
pub mod session;
pub(crate) mod store;
pub mod view;
pub(crate) mod voids;

pub(crate) use journal::LockedJournal;
pub use model::{CallWindow, Crossing, CrossingId, Fact, Mark, Position, Progress, Span};
pub use positions::{JournalPositions, RECENT};
pub use record::{Recorded, Submission, record};
pub use recorder::{Recorder, RecorderMetrics};
pub use session::Session;
