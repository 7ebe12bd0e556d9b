//! The machine that a run was made on.

use std::fs::read_to_string;

/// What is told of it.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    /// The processor's name.
    pub(crate) processor: String,
    /// How many of its cores this run could use.
    pub(crate) cores: usize,
    /// Its memory in bytes.
    pub(crate) memory: u64,
    /// The kernel.
    pub(crate) kernel: String,
    /// PostgreSQL.
    pub(crate) postgresql: String,
    /// The load of the last minute when it was looked at: with the run just ended, mostly the run's own.
    pub(crate) load: String,
}

impl Machine {
    /// Looks at it. What cannot be seen is said to be unknown.
    pub(crate) fn look(postgresql: &str) -> Self {
        let unknown = || "unknown".to_owned();
        let field = |file: &str, name: &str| {
            let text = read_to_string(file).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim_start_matches(['\t', ' ', ':']).to_owned())
        };
        let memory = field("/proc/meminfo", "MemTotal")
            .and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok())
            .unwrap_or_default();
        let word = |file: &str| {
            read_to_string(file).ok().and_then(|text| text.split_whitespace().next().map(str::to_owned))
        };
        Self {
            processor: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            memory: memory * 1024,
            kernel: word("/proc/sys/kernel/osrelease").unwrap_or_else(unknown),
            postgresql: postgresql.to_owned(),
            load: word("/proc/loadavg").unwrap_or_else(unknown),
        }
    }
}
