//! `/api/v1/notices`: what is told of outages, to whom, and what came of it.

mod delivery;
mod feed;
