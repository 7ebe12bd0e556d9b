//! `/api/v1/checkpoints`.

mod admission;
mod bookings;
mod call_list;
mod calls;
mod events;
mod list;
mod pauses;
mod predictions;
mod queue;
mod scope;
