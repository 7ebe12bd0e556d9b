//! `/api/v1/checkpoints`.

mod admission;
mod admission_list;
mod bookings;
mod call_list;
mod calls;
mod changes;
mod events;
mod fee_quote;
mod list;
mod pauses;
mod petitions;
mod predictions;
mod queue;
mod queue_stream;
pub(crate) mod rules;
mod scope;
mod slots;
mod statements;
mod tariff;
mod views;
