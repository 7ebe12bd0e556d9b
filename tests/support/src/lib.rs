//! A real PostgreSQL, a real hub and real peers for the tests.
//!
//! - [`TestDatabase`]: a database of a test's own, in about a tenth of a second.
//! - [`TestCluster`]: a whole server of a test's own, for tests that kill it.
//! - [`security_server`]: a peer with TLS that answers what a test says.
//! - [`SharedCluster`]: the server that all test databases live in. The program `kordon-testing` starts and
//!   stops it.

mod cluster;
mod database;
mod migrations;
pub mod security_server;

pub use cluster::{SharedCluster, TestCluster};
pub use database::TestDatabase;
