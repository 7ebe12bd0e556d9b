//! `/api/v1`.

mod checkpoints;
mod notices;
mod outages;
