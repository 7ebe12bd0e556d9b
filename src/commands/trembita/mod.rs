//! `kordon trembita`: the hub as a member that asks others. Needs the security server, and neither a hub nor
//! a database.

mod call;

use clap::Subcommand;

use super::Place;

/// What to ask of other members of Trembita.
#[derive(Debug, Subcommand)]
pub(super) enum Trembita {
    /// Asks a service once. The answer goes to standard output, its ids and what was verified to standard
    /// error.
    ///
    /// Ends with 0 when the service did what was asked; 1 when nothing was sent; 3 when it was refused; 4
    /// when what came back does not count as an answer; 5 when nothing whole came back. After 4 and 5 it may
    /// have been done all the same.
    Call(Box<call::Call>),
}

impl Trembita {
    /// Carries it out.
    pub(super) fn run(self, place: &Place) -> anyhow::Result<()> {
        match self {
            Self::Call(call) => call.run(place),
        }
    }
}
