//! `/api/v1/checkpoints`.

mod admission;
mod admission_list;
mod bookings;
mod call_list;
mod calls;
mod changes;
mod events;
mod list;
mod queue;
mod queue_stream;
mod scope;
mod views;
