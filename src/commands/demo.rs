//! placeholder
use super::Place;
/// Demo.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {}
impl Demo {
    pub(super) fn run(self, _place: Place) -> anyhow::Result<()> {
        Ok(())
    }
}
