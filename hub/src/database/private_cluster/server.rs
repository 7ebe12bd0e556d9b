//! The server process: how it is started, when it is ready, and how it is ended, whoever started it.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::folder::{ClusterFolder, SOCKET_NAME};
use super::{ClusterError, ClusterOptions, Durability, ServerBinaries};

/// How often a file or a process is looked at while it is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// A start that takes long is mentioned after so many looks, and again after as many.
const LOOKS_UNTIL_TOLD: u32 = 1_000;
/// How long to wait before a start is tried again while processes of an earlier server still work.
const LEFTOVER_PAUSE: Duration = Duration::from_millis(200);
/// How long a server may take to end at once (SIGQUIT): it kills what doesn't end by itself after 5 s.
const QUIT_LIMIT: Duration = Duration::from_secs(10);
/// How long the system may take to end a process that it was told to kill.
const KILL_LIMIT: Duration = Duration::from_secs(5);
/// What PostgreSQL says while processes of a killed server still hold its shared memory.
const LEFTOVER_TEXT: &str = "is still in use";
/// The setting that tells whose server a process is. PostgreSQL ignores it.
const MARK: &str = "kordon.folder";

/// All that is needed to start the server of a folder, again and again.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) folder: ClusterFolder,
    pub(super) binaries: ServerBinaries,
    pub(super) options: ClusterOptions,
}

/// How a started process came to answer.
enum Start {
    Ready,
    Ended,
    Late,
    Halted,
}

impl Server {
    /// Makes the folder whole: the database and the socket's place. The caller holds the folder's lock.
    pub(super) fn prepare(
        folder: ClusterFolder,
        binaries: ServerBinaries,
        options: ClusterOptions,
    ) -> Result<Self, ClusterError> {
        folder.initialise(&binaries, options.durability)?;
        let binaries = match folder.data_major() {
            Some(data) => {
                let newest = binaries.major();
                binaries.for_data_of(data).ok_or_else(|| ClusterError::OtherMajor {
                    folder: folder.data(),
                    data,
                    binaries: newest,
                })?
            }
            None => binaries,
        };
        Ok(Self { folder, binaries, options })
    }

    /// Starts the server and waits until it accepts connections; `None` if `halted` became true meanwhile.
    pub(super) fn launch(&self, halted: &dyn Fn() -> bool) -> Result<Option<Child>, ClusterError> {
        self.clear_the_way()?;
        let limit = self.options.start_limit;
        let deadline = Instant::now() + limit;
        loop {
            let log_start = fs::metadata(self.folder.log()).map_or(0, |metadata| metadata.len());
            let mut child = self.spawn()?;
            let start = self.until_ready(&mut child, deadline, halted);
            let (tail, log) = (self.folder.log_tail(log_start), self.folder.log());
            match start {
                Start::Ready => return Ok(Some(child)),
                Start::Ended => {}
                Start::Late => {
                    end_own(&mut child, self.options.stop_limit);
                    return Err(ClusterError::StartTooSlow { waited: limit, log, tail });
                }
                Start::Halted => {
                    end_own(&mut child, self.options.stop_limit);
                    return Ok(None);
                }
            }
            if !tail.contains(LEFTOVER_TEXT) {
                return Err(ClusterError::StartFailed { log, tail });
            }
            if Instant::now() + LEFTOVER_PAUSE > deadline {
                return Err(ClusterError::LeftoverProcesses { folder: self.folder.data(), waited: limit });
            }
            tracing::info!(folder = %self.folder.root().display(), "waiting for processes of a killed server");
            thread::sleep(LEFTOVER_PAUSE);
        }
    }

    /// Ends a server that a killed hub left behind. Where the process id that it noted is in use all the
    /// same, by somebody else by now or by a dead process that nobody has reaped yet, PostgreSQL would take
    /// that for a living server and not start, so the notes are removed. What still works on the data is
    /// found by its shared memory.
    fn clear_the_way(&self) -> Result<(), ClusterError> {
        let Some(noted) = noted_process(&self.folder)? else { return Ok(()) };
        if let Some(orphan) = Postmaster::of_folder(noted, &self.folder) {
            tracing::warn!(process = noted, "ending the PostgreSQL server that an earlier hub left behind");
            if !orphan.end(self.options.stop_limit) {
                return Err(ClusterError::OrphanStays { folder: self.folder.data(), process: noted });
            }
        }
        if fs::exists(format!("/proc/{noted}")).unwrap_or(true) {
            let (data, socket) = (self.folder.data(), self.folder.socket());
            for note in [data.join("postmaster.pid"), socket.join(format!("{SOCKET_NAME}.lock"))] {
                let _absent = fs::remove_file(note);
            }
        }
        Ok(())
    }

    fn spawn(&self) -> Result<Child, ClusterError> {
        let postgres = self.binaries.postgres();
        let account = self.folder.account();
        let data = account.hand(&self.folder.data())?;
        let socket = account.hand(&self.folder.prepare_socket()?)?;
        let log = self.folder.open_log()?;
        let log_too = log.try_clone().map_err(ClusterError::io("opening", &self.folder.log()))?;
        let mut command = account.command(&postgres);
        command.arg("-D").arg(&data.path);
        set(&mut command, "unix_socket_directories", &socket.path.display().to_string());
        set(&mut command, MARK, &self.folder.root().display().to_string());
        for (name, value) in settings(&self.options) {
            set(&mut command, name, &value);
        }
        // A group of its own: Ctrl-C at a terminal reaches the hub, which then ends the server in its own
        // time.
        command.stdout(log).stderr(log_too).process_group(0);
        command.spawn().map_err(ClusterError::io("starting", &postgres))
    }

    /// Waits until the server notes in its process file that it is ready, or ends.
    fn until_ready(&self, child: &mut Child, deadline: Instant, halted: &dyn Fn() -> bool) -> Start {
        for look in 1_u32.. {
            if !matches!(child.try_wait(), Ok(None)) {
                return Start::Ended;
            }
            if is_ready(&self.folder, child.id()) {
                return Start::Ready;
            }
            if halted() {
                return Start::Halted;
            }
            if Instant::now() > deadline {
                break;
            }
            if look.is_multiple_of(LOOKS_UNTIL_TOLD) {
                tracing::info!("PostgreSQL is still recovering what the last server had not written");
            }
            thread::sleep(LOOK_AGAIN);
        }
        Start::Late
    }
}

/// The server's settings: those of a small machine that the hub shares.
fn settings(options: &ClusterOptions) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("listen_addresses", String::new()),
        ("unix_socket_permissions", "0700".to_owned()),
        ("cluster_name", "kordon".to_owned()),
        ("max_connections", options.max_connections.to_string()),
        ("shared_buffers", format!("{}MB", options.shared_buffers_mb)),
        // Fewer, longer checkpoints: each writes every changed page to the log in full once more.
        ("checkpoint_timeout", "15min".to_owned()),
        // Compiling a query costs more than any query of the hub.
        ("jit", "off".to_owned()),
        ("timezone", "UTC".to_owned()),
        ("log_timezone", "UTC".to_owned()),
        ("log_line_prefix", "%m [%p] ".to_owned()),
        // The details of an error quote values of the row, which may be those of a person.
        ("log_error_verbosity", "terse".to_owned()),
    ];
    match options.durability {
        Durability::Durable => {
            settings.push(("max_wal_size", "2GB".to_owned()));
            settings.push(("wal_compression", "on".to_owned()));
        }
        Durability::Fast => {
            settings.push(("max_wal_size", "512MB".to_owned()));
            for name in ["fsync", "synchronous_commit", "full_page_writes"] {
                settings.push((name, "off".to_owned()));
            }
        }
    }
    settings
}

fn set(command: &mut Command, name: &str, value: &str) {
    command.arg("-c").arg(format!("{name}={value}"));
}

/// Ends a process that this one started.
pub(super) fn end_own(child: &mut Child, limit: Duration) {
    let ended = Postmaster::started_as(child).is_none_or(|postmaster| postmaster.end(limit));
    if ended {
        let _reaped = child.wait();
    }
}

/// The server process, told from any later one with the same process id by the moment of its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Postmaster {
    process: Pid,
    started: u64,
}

impl Postmaster {
    /// The living server of `folder`.
    pub(super) fn find(folder: &ClusterFolder) -> Result<Option<Self>, ClusterError> {
        Ok(noted_process(folder)?.and_then(|process| Self::of_folder(process, folder)))
    }

    /// The server that was just started as `child`.
    pub(super) fn started_as(child: &Child) -> Option<Self> {
        Self::living(i32::try_from(child.id()).ok()?)
    }

    /// The process `process` if it is the server of `folder`: it works in the folder of the data, or bears
    /// the mark.
    fn of_folder(process: i32, folder: &ClusterFolder) -> Option<Self> {
        let found = Self::living(process)?;
        let works_there =
            fs::read_link(format!("/proc/{process}/cwd")).is_ok_and(|place| place == folder.data());
        let mark = format!("{MARK}={}", folder.root().display());
        let arguments = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let marked = arguments.split(|byte| *byte == 0).any(|argument| argument == mark.as_bytes());
        (works_there || marked).then_some(found)
    }

    fn living(process: i32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        Some(Self { process: Pid::from_raw(process), started: start_of_the_living(&status)? })
    }

    fn lives(self) -> bool {
        Self::living(self.process.as_raw()) == Some(self)
    }

    pub(super) fn process_id(self) -> i32 {
        self.process.as_raw()
    }

    pub(super) fn is_ready(self, folder: &ClusterFolder) -> bool {
        u32::try_from(self.process.as_raw()).is_ok_and(|process| is_ready(folder, process))
    }

    /// Ends the server: politely, so that nothing is left to recover, and if that takes longer than `limit`,
    /// at once. Says whether it is gone.
    pub(super) fn end(self, limit: Duration) -> bool {
        let steps = [(Signal::SIGINT, limit), (Signal::SIGQUIT, QUIT_LIMIT), (Signal::SIGKILL, KILL_LIMIT)];
        steps.into_iter().any(|(signal, limit)| {
            if self.lives() {
                let _gone_or_refused = kill(self.process, signal);
            }
            let deadline = Instant::now() + limit;
            while self.lives() && Instant::now() < deadline {
                thread::sleep(LOOK_AGAIN);
            }
            !self.lives()
        })
    }
}

/// The process that the server noted in `postmaster.pid`, alive or not.
fn noted_process(folder: &ClusterFolder) -> Result<Option<i32>, ClusterError> {
    let path = folder.data().join("postmaster.pid");
    match fs::read_to_string(&path) {
        Ok(note) => Ok(note.lines().next().and_then(|line| line.trim().parse().ok())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ClusterError::io("reading", &path)(error)),
    }
}

/// Whether the server noted, as `process`, that it accepts connections: the eighth line of `postmaster.pid`.
fn is_ready(folder: &ClusterFolder, process: u32) -> bool {
    let note = fs::read_to_string(folder.data().join("postmaster.pid")).unwrap_or_default();
    let mut lines = note.lines().map(str::trim);
    lines.next() == Some(process.to_string().as_str()) && lines.nth(6) == Some("ready")
}

/// The moment a process started, in clock ticks since the system did, from its `/proc/<pid>/stat`; `None` if
/// it has ended and only waits to be reaped. The second field, the program's name, may itself hold spaces and
/// brackets.
fn start_of_the_living(status: &str) -> Option<u64> {
    let (_, after_name) = status.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace();
    match fields.next()? {
        "Z" | "X" => None,
        _alive => fields.nth(18)?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str =
        "4711 (a) name) S 1 4711 4711 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 179529 1 2 3 4 5 6 7 8";

    #[test]
    fn a_process_is_known_by_the_moment_of_its_start() {
        assert_eq!(start_of_the_living(STATUS), Some(179_529));
    }

    #[test]
    fn a_process_that_waits_to_be_reaped_is_dead() {
        assert_eq!(start_of_the_living(&STATUS.replace(") S", ") Z")), None);
    }

    #[test]
    fn only_a_test_server_forgoes_durability() {
        let off = |durability| {
            let options = ClusterOptions { durability, ..ClusterOptions::default() };
            settings(&options).into_iter().filter(|(name, _)| name.contains("sync")).count()
        };
        assert_eq!((off(Durability::Durable), off(Durability::Fast)), (0, 2));
    }
}
