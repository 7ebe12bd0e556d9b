//! The hub from outside: every act over HTTP against a real hub, a real PostgreSQL and real peers.
//!
//! `hub` holds what the tests share; the folders of `api` mirror the addresses.

#[cfg(test)]
mod api;
#[cfg(test)]
mod charts;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod observability;
#[cfg(test)]
mod polls;
#[cfg(test)]
mod process;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod trembita;
#[cfg(test)]
mod views;
