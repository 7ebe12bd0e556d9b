//! `/api/v1/checkpoints/{checkpoint}/events`.

mod bad_bodies;
mod bad_events;
mod list;
mod place;
mod record;
mod xml;
