//! `/api/v1`.

mod articles;
mod bad_input;
mod bookings;
mod checkpoints;
mod continuity_use;
mod crossings;
mod customs_offices;
mod daily_control;
mod exchange;
mod figures;
mod my_booking;
mod notices;
mod open_data;
mod outages;
pub(crate) mod permits;
mod ticket_messages;
mod tickets;
