//! `/api/v1/checkpoints/{checkpoint}/events`: what systems state.

pub(crate) mod list;
pub(crate) mod place;
pub(crate) mod record;
