//! Starts, stops and shows the PostgreSQL server that the tests share.

use std::io::{Write, stdout};

use anyhow::bail;
use kordon_testing::SharedCluster;

fn main() -> anyhow::Result<()> {
    let order = std::env::args().nth(1).unwrap_or_default();
    let folder = SharedCluster::folder();
    let state = match order.as_str() {
        "start" => {
            SharedCluster::url()?;
            "runs"
        }
        "stop" if SharedCluster::stop()? => "stopped",
        "stop" => "did not run",
        "status" if SharedCluster::is_running() => "runs",
        "status" => "does not run",
        _ => bail!("say what to do: kordon-testing start|stop|status"),
    };
    writeln!(stdout(), "the test server in {} {state}", folder.display())?;
    Ok(())
}
