//! `/api/v1`.

mod checkpoints;
