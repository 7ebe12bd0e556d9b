//! `/api/v1/checkpoints`.

mod admission;
mod bookings;
mod call_list;
mod calls;
mod events;
mod fee_quote;
mod list;
mod pauses;
mod petitions;
mod predictions;
mod queue;
pub(crate) mod rules;
mod scope;
mod slots;
mod statements;
mod tariff;
