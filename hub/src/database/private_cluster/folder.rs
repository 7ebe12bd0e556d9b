//! What lies where in the data folder, and how it comes to be there.
//!
//! ```text
//! kordon.lock         held by the hub that works here; names its process
//! postgres/           the database
//! postgres.log        what the server says
//! postgres.password   the password of the one role, mode 0600
//! socket/             the server's socket, mode 0700; a link to a short path where this one is too long
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::Uid;

use super::account::Account;
use super::{ClusterError, Durability, ServerBinaries};

/// The role and the database of the hub.
const NAME: &str = "kordon";
/// The longest path of a unix socket in bytes; the system's structure holds one more, for the zero at the
/// end.
const LONGEST_SOCKET_PATH: usize = 107;
/// The name that PostgreSQL gives its socket.
pub(super) const SOCKET_NAME: &str = ".s.PGSQL.5432";
/// A log that is longer than this when the server starts is put aside as `postgres.log.1`.
const LONGEST_LOG: u64 = 16 * 1024 * 1024;
/// How much of the log an error shows, in lines.
const TAIL_LINES: usize = 12;
/// What a database in the making is called, before it is moved to its place.
const IN_THE_MAKING: &str = "postgres.new-";

/// A hub that root starts works only where nobody else can lay a link in its way: it writes and gives away
/// files there.
fn refuse_foreign(place: &Path) -> Result<(), ClusterError> {
    if !Uid::effective().is_root() {
        return Ok(());
    }
    let metadata = fs::metadata(place).map_err(ClusterError::io("opening the data folder", place))?;
    let others_write = metadata.mode() & 0o022 != 0 && metadata.mode() & 0o1000 == 0;
    if metadata.uid() == 0 && !others_write {
        Ok(())
    } else {
        Err(ClusterError::ForeignFolder { folder: place.to_owned() })
    }
}

/// The data folder of one private server.
#[derive(Debug, Clone)]
pub(super) struct ClusterFolder {
    root: PathBuf,
    account: Account,
}

impl ClusterFolder {
    /// The folder at `path`, made if it is not there.
    pub(super) fn create(path: &Path, account: Option<&str>) -> Result<Self, ClusterError> {
        fs::create_dir_all(path).map_err(ClusterError::io("creating the data folder", path))?;
        Self::open(path, account)
    }

    /// The folder at `path`, which is there.
    pub(super) fn open(path: &Path, account: Option<&str>) -> Result<Self, ClusterError> {
        let root = path.canonicalize().map_err(ClusterError::io("opening the data folder", path))?;
        for place in [Some(root.as_path()), root.parent()].into_iter().flatten() {
            refuse_foreign(place)?;
        }
        let account = Account::choose(account, &root.join("postgres"))?;
        Ok(Self { root, account })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    pub(super) fn data(&self) -> PathBuf {
        self.root.join("postgres")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    fn password_file(&self) -> PathBuf {
        self.root.join("postgres.password")
    }

    /// Takes the folder for this process, for as long as the file is kept. The system releases it when the
    /// process ends, however it ends.
    pub(super) fn lock(&self) -> Result<File, ClusterError> {
        let (mut file, path) = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => sign(&mut file).map_err(ClusterError::io("writing", &path))?,
            Err(fs::TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _unreadable = file.read_to_string(&mut holder);
                let holder = match holder.trim() {
                    "" => "its process is not known".to_owned(),
                    process => format!("process {process}"),
                };
                return Err(ClusterError::FolderHeld { folder: self.root.clone(), holder });
            }
            Err(fs::TryLockError::Error(source)) => return Err(ClusterError::io("locking", &path)(source)),
        }
        Ok(file)
    }

    /// Like [`Self::lock`], waiting for whoever holds the folder now.
    pub(super) fn lock_when_free(&self) -> Result<File, ClusterError> {
        let (mut file, path) = self.lock_file()?;
        file.lock().map_err(ClusterError::io("locking", &path))?;
        sign(&mut file).map_err(ClusterError::io("writing", &path))?;
        Ok(file)
    }

    fn lock_file(&self) -> Result<(File, PathBuf), ClusterError> {
        let path = self.root.join("kordon.lock");
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        Ok((file.map_err(ClusterError::io("opening", &path))?, path))
    }

    /// The major version that wrote the data, or `None` before the first start.
    pub(super) fn data_major(&self) -> Option<u32> {
        fs::read_to_string(self.data().join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// Makes the database unless it is there. It is made beside its place and moved when it is whole, so that
    /// a hub that is killed in the middle leaves nothing half made.
    pub(super) fn initialise(
        &self,
        binaries: &ServerBinaries,
        durability: Durability,
    ) -> Result<(), ClusterError> {
        self.remove_half_made();
        if self.data().exists() {
            return Ok(());
        }
        let making = self.root.join(format!("{IN_THE_MAKING}{}", random_hex::<8>()?));
        self.create_private(&making)?;
        self.write_password()?;
        self.run_initdb(binaries, durability, &making)?;
        self.create_database(binaries, &making)?;
        fs::rename(&making, self.data()).map_err(ClusterError::io("moving into place", &making))?;
        let root = File::open(&self.root).map_err(ClusterError::io("opening", &self.root))?;
        root.sync_all().map_err(ClusterError::io("writing", &self.root))
    }

    fn run_initdb(
        &self,
        binaries: &ServerBinaries,
        durability: Durability,
        data: &Path,
    ) -> Result<(), ClusterError> {
        let initdb = binaries.initdb();
        let (handed_data, handed_password) =
            (self.account.hand(data)?, self.account.hand(&self.password_file())?);
        let mut command = self.account.command(&initdb);
        command.arg("--pgdata").arg(&handed_data.path).arg("--pwfile").arg(&handed_password.path);
        command.args(["--username", NAME, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]);
        // Keys are compared as bytes, which is a seventh less work for each row; what is text for people is
        // sorted by nobody.
        command.arg("--lc-collate=C");
        command.arg("--data-checksums");
        match durability {
            Durability::Durable => {}
            Durability::Fast => drop(command.arg("--no-sync")),
        }
        run(command, &initdb, "")
    }

    /// Creates the hub's database with a server of one user, before anybody can connect.
    fn create_database(&self, binaries: &ServerBinaries, data: &Path) -> Result<(), ClusterError> {
        let postgres = binaries.postgres();
        let handed = self.account.hand(data)?;
        let mut command = self.account.command(&postgres);
        command.arg("--single").arg("-D").arg(&handed.path).args(["-c", "exit_on_error=on", "postgres"]);
        run(command, &postgres, &format!("CREATE DATABASE {NAME}\n"))
    }

    /// Removes what killed hubs began. A leftover `initdb` may still write there, which is why each has a
    /// name of its own and a failure to remove one is no reason to stop.
    fn remove_half_made(&self) {
        for entry in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            if entry.file_name().as_bytes().starts_with(IN_THE_MAKING.as_bytes())
                && let Err(error) = fs::remove_dir_all(entry.path())
            {
                tracing::warn!(%error, folder = %entry.path().display(), "a half-made database can't be removed");
            }
        }
    }

    fn write_password(&self) -> Result<(), ClusterError> {
        let path = self.password_file();
        let password = random_hex::<32>()?;
        let write = || {
            // A file that is there may be open to others, and a mode is only set on a new one.
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            writeln!(file, "{password}")?;
            file.sync_all()
        };
        write().map_err(ClusterError::io("writing", &path))?;
        self.account.own_path(&path)
    }

    /// The URL of the hub's database, for libpq and its relatives. It holds the password.
    pub(super) fn url(&self) -> Result<String, ClusterError> {
        let path = self.password_file();
        let password = fs::read_to_string(&path).map_err(ClusterError::io("reading", &path))?;
        let socket = percent_encoded(&self.socket());
        Ok(format!("postgresql://{NAME}:{}@/{NAME}?host={socket}", password.trim()))
    }

    /// The folder that clients find the socket in.
    pub(super) fn socket(&self) -> PathBuf {
        let here = self.root.join("socket");
        fs::read_link(&here).unwrap_or(here)
    }

    /// Makes the folder for the socket: `socket` in the data folder, or a folder with a short path that it
    /// links to.
    pub(super) fn prepare_socket(&self) -> Result<PathBuf, ClusterError> {
        let here = self.root.join("socket");
        if fits_a_socket(&here) {
            if here.is_symlink() {
                self.release_socket();
            }
            if !here.is_dir() {
                self.create_private(&here)?;
            }
            return Ok(here);
        }
        let linked = self.socket();
        if linked != here && self.account.owns(&linked) && is_private_folder(&linked) {
            return Ok(linked);
        }
        self.release_socket();
        let name = format!("{NAME}-{}", random_hex::<8>()?);
        let short = std::env::temp_dir().join(name);
        if !fits_a_socket(&short) {
            return Err(ClusterError::SocketPathTooLong { path: short });
        }
        self.create_private(&short)?;
        symlink(&short, &here).map_err(ClusterError::io("linking", &here))?;
        Ok(short)
    }

    /// Removes a socket folder that lies outside the data folder, and whatever stands where the link to it
    /// belongs.
    pub(super) fn release_socket(&self) {
        let here = self.root.join("socket");
        if here.is_symlink() {
            let target = self.socket();
            if self.account.owns(&target) && is_private_folder(&target) {
                let _left_to_the_system = fs::remove_dir_all(target);
            }
            let _left = fs::remove_file(&here);
        } else if !fits_a_socket(&here) {
            let _absent = fs::remove_dir_all(&here);
        }
    }

    fn create_private(&self, path: &Path) -> Result<(), ClusterError> {
        DirBuilder::new().mode(0o700).create(path).map_err(ClusterError::io("creating", path))?;
        self.account.own_path(path)
    }

    /// The log, opened for a server to write to.
    pub(super) fn open_log(&self) -> Result<File, ClusterError> {
        let path = self.log();
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LONGEST_LOG) {
            fs::rename(&path, path.with_extension("log.1")).map_err(ClusterError::io("renaming", &path))?;
        }
        let log = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
        log.map_err(ClusterError::io("opening", &path))
    }

    /// The last lines that were logged after the first `from` bytes.
    pub(super) fn log_tail(&self, from: u64) -> String {
        let mut written = Vec::new();
        if let Ok(mut log) = File::open(self.log()) {
            let _unreadable = log.seek(SeekFrom::Start(from)).and_then(|_at| log.read_to_end(&mut written));
        }
        last_lines(&String::from_utf8_lossy(&written))
    }
}

/// Writes the own process id into the lock file, for the one who finds it held.
fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

/// Runs `command` with `input` to its end, which must be a good one.
fn run(mut command: Command, program: &Path, input: &str) -> Result<(), ClusterError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(ClusterError::io("starting", program))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading says why in its output.
        let _unread = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(ClusterError::io("running", program))?;
    if output.status.success() {
        return Ok(());
    }
    let said = last_lines(&format!(
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ));
    Err(ClusterError::InitialisationFailed { program: program.to_owned(), said })
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default().join("\n")
}

fn fits_a_socket(folder: &Path) -> bool {
    folder.join(SOCKET_NAME).as_os_str().len() <= LONGEST_SOCKET_PATH
}

fn is_private_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir() && metadata.mode() & 0o077 == 0)
}

/// `N` random bytes in hexadecimal.
fn random_hex<const N: usize>() -> Result<String, ClusterError> {
    let mut bytes = [0; N];
    openssl::rand::rand_bytes(&mut bytes)
        .map_err(std::io::Error::from)
        .map_err(ClusterError::io("drawing random bytes for", Path::new("the password")))?;
    Ok(hex::encode(bytes))
}

/// A path as the value of a URL's parameter.
fn percent_encoded(path: &Path) -> String {
    let encode = |byte: &u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    path.as_os_str().as_bytes().iter().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_encoded_byte_by_byte() {
        assert_eq!(percent_encoded(Path::new("/дані 1/socket")), "%2F%D0%B4%D0%B0%D0%BD%D1%96%201%2Fsocket");
    }

    #[test]
    fn a_socket_path_holds_107_bytes() {
        let longest = "/".to_owned() + &"x".repeat(LONGEST_SOCKET_PATH - 1 - 1 - SOCKET_NAME.len());
        assert!(fits_a_socket(Path::new(&longest)));
        assert!(!fits_a_socket(Path::new(&(longest + "x"))));
    }

    #[test]
    fn an_error_shows_the_end_of_what_was_said() {
        let text: String = (1..=20).map(|line| format!("line {line}\n\n")).collect();
        let shown = last_lines(&text);
        assert!(shown.starts_with("line 9\n") && shown.ends_with("line 20"));
    }
}
