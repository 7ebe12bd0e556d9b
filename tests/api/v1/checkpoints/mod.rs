//! `/api/v1/checkpoints`.

mod admission;
mod bookings;
mod call_list;
mod calls;
mod events;
mod list;
mod petitions;
mod queue;
pub(crate) mod rules;
mod scope;
mod slots;
