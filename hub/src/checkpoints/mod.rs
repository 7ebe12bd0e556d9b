//! checkpoints.
