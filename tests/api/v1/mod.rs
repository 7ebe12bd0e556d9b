//! `/api/v1`.

mod bookings;
mod checkpoints;
mod crossings;
mod customs_offices;
mod figures;
mod notices;
mod open_data;
mod outages;
mod tickets;
