//! `/api/v1/notices`: what the hub tells of outages, and where it was delivered.

pub(crate) mod feed;
pub(crate) mod press_text;
pub(crate) mod publish;
pub(crate) mod reject;
pub(crate) mod show;
