//! The folders mirror the addresses of the contract.

pub(crate) mod v1;
