//! `/api/v1/checkpoints`: the places, and what happens at each.

pub(crate) mod admission;
pub(crate) mod bookings;
pub(crate) mod call_list;
pub(crate) mod calls;
pub(crate) mod events;
pub(crate) mod list;
pub(crate) mod pauses;
pub(crate) mod predicted_entries;
pub(crate) mod prediction_accuracy;
pub(crate) mod queue;
pub(crate) mod show;
