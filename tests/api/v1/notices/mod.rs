//! `/api/v1/notices`: what is told of outages, to whom, and what came of it.

pub(super) mod delivery;
mod feed;
mod press_text;
mod publications;
mod rejections;
