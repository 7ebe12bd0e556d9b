//! `/api/v1/checkpoints`.

mod list;
