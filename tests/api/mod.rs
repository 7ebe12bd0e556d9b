//! The folders mirror the addresses of the contract.

mod v1;
