//! `/api/v1/checkpoints/{checkpoint}/queue/…`: what changed in a queue, as a feed and as a stream.

pub(crate) mod list;
pub(crate) mod stream;
