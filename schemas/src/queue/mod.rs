//! The waiting queue of a checkpoint: bookings, calls, the list at the gate, admission (Resolution 1393,
//! clauses 3, 13, 24, 31).
//!
//! - `booking`: what is booked. `call`: calls and pauses. `waiting`: the queue as it is read. `gate`: what
//!   the border guard asks. `history`: what became of a booking.

mod booking;
mod call;
mod gate;
mod history;
mod waiting;

pub use booking::{Booking, BookingIn, Channel, Driver, QueueKind};
pub use call::{
    Call, CallExplanation, CallIn, CallKind, CallRule, Pause, PauseIn, PauseList, PausedBy, Stood, TurnCredit,
};
pub use gate::{Admission, AdmissionIn, AdmissionReason, CallList, CallListEntry, Decision};
pub use history::{AbsentFrom, DecidedAbsence, GivenCall};
pub use waiting::{LaneState, Queue, QueueEntry, QueueLane, QueueOutage};
