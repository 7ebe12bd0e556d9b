//! `/api/v1`.

mod bookings;
mod checkpoints;
mod crossings;
mod customs_offices;
mod figures;
mod my_booking;
mod notices;
mod open_data;
mod outages;
mod permits;
mod tickets;
