//! `/api/v1/checkpoints`: the places, and what happens at each.

pub(crate) mod admission;
pub(crate) mod admission_list;
pub(crate) mod bookings;
pub(crate) mod call_list;
pub(crate) mod calls;
pub(crate) mod changes;
pub(crate) mod directed;
pub(crate) mod events;
pub(crate) mod fee_quote;
pub(crate) mod holder_secret;
pub(crate) mod list;
pub(crate) mod operator;
pub(crate) mod pauses;
pub(crate) mod petitions;
pub(crate) mod predicted_entries;
pub(crate) mod prediction_accuracy;
pub(crate) mod queue;
pub(crate) mod rules;
pub(crate) mod show;
pub(crate) mod slots;
pub(crate) mod statements;
pub(crate) mod tariff;
pub(crate) mod zone_queue;
