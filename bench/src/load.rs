//! The generator: wrk with a Lua script that writes every event anew.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::ensure;

use crate::hub::HubProcess;
use crate::vehicles::Vehicle;
use crate::wrk::{REPORT, Seen, Wrk};

/// How the events are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    /// Connections, each with one request under way.
    pub(crate) connections: u32,
    /// Events of one request.
    pub(crate) events: u32,
}

impl Load {
    /// Events a second that were answered.
    pub(crate) fn rate(self, seen: &Seen) -> f64 {
        seen.rate() * f64::from(self.events)
    }

    /// Checks that every request succeeded and that `recorded` is what they stated: all that was answered,
    /// and beyond it at most what was under way when wrk stopped.
    pub(crate) fn check(self, seen: &Seen, recorded: u64) -> anyhow::Result<()> {
        seen.all_succeeded()?;
        let answered = seen.requests * u64::from(self.events);
        let under_way = u64::from(self.connections) * u64::from(self.events);
        ensure!(
            (answered..=answered + under_way).contains(&recorded),
            "{answered} events were answered, but {recorded} are recorded"
        );
        Ok(())
    }
}

/// wrk, ready to run.
pub(crate) struct Generator {
    script: PathBuf,
    address: String,
    runs: u32,
}

impl Generator {
    /// Writes the script, with the tokens and vehicles in front, into `folder`.
    pub(crate) fn prepare(folder: &Path, hub: &HubProcess, vehicles: &[Vehicle]) -> anyhow::Result<Self> {
        let script = folder.join("events.lua");
        let mut text = format!("{REPORT}\naddress = '{}'\ntokens = {{}}\nvehicles = {{\n", hub.address);
        for Vehicle { checkpoint, plate } in vehicles {
            text.push_str(&format!("{{'{checkpoint}', '{plate}'}},\n"));
        }
        text.push_str("}\n");
        for (role, token) in &hub.tokens {
            text.push_str(&format!("tokens.{role} = '{token}'\n"));
        }
        text.push_str(include_str!("../events.lua"));
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&script)?;
        file.write_all(text.as_bytes())?;
        Ok(Self { script, address: hub.address.clone(), runs: 0 })
    }

    /// Sends events for some seconds.
    pub(crate) async fn run(&mut self, load: Load, seconds: u32) -> anyhow::Result<Seen> {
        self.runs += 1;
        let Self { script, address, runs } = self;
        let wrk = Wrk { script, address, connections: load.connections, seconds };
        wrk.run(&[format!("bench-{runs}").as_ref(), load.events.to_string().as_ref()]).await
    }
}
