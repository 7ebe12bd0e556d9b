//! `/api/v1`.

mod bookings;
mod checkpoints;
mod crossings;
mod customs_offices;
mod notices;
mod outages;
