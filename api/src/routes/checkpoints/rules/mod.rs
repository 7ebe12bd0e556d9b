//! `/api/v1/checkpoints/{checkpoint}/rules`.

pub(crate) mod put;
pub(crate) mod show;
pub(crate) mod versions;
