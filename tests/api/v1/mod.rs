//! `/api/v1`.

mod checkpoints;
mod crossings;
mod customs_offices;
mod my_booking;
mod notices;
mod outages;
