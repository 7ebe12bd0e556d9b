//! `/api/v1`.

mod checkpoints;
mod crossings;
mod customs_offices;
mod notices;
mod outages;
mod tickets;
