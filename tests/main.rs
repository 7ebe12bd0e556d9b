//! The hub from outside: every act over HTTP against a real hub, a real PostgreSQL and real peers.
//!
//! `hub` holds what the tests share; the folders of `api` mirror the addresses.

#[cfg(test)]
mod api;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod rights;
